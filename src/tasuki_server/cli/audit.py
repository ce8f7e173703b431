# SPDX-License-Identifier: Apache-2.0
"""監査 — verifies the trail of every institution, brings its checkpoints to a witness, and hands it out."""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli import audit_export
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from uuid import UUID

    from tasuki.security.checkpoint import Checkpoint

NAME = "audit"
HELP = ("監査記録の検証、証人への提出、出力", "verify, witness and export the audit trail")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — `audit verify`."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    verify = verbs.add_parser(
        "verify", help=say("すべての医療機関の連鎖を検証する", "check the chain of every institution")
    )
    verify.add_argument(
        "--witness-folder",
        type=Path,
        help=say("証人のフォルダ（写し）と照らす", "compare with the folder of a witness, or a copy of it"),
    )
    verify.add_argument(
        "--witness-key",
        action="append",
        default=[],
        metavar="KEY",
        help=say(
            "副署を確かめる証人の検証鍵（なければ TASUKI_WITNESS_KEYS）",
            "verifier key of a witness whose cosignatures are checked; none: TASUKI_WITNESS_KEYS",
        ),
    )
    verify.set_defaults(verb=_verify)
    checkpoint = verbs.add_parser(
        "checkpoint", help=say("チェックポイントを証人に届ける", "bring a checkpoint to the witness")
    )
    where = checkpoint.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--witness",
        metavar="URL",
        help=say("証人のアドレス（コンマ区切りで複数）", "address of the witness, several by comma"),
    )
    where.add_argument(
        "--key",
        action="store_true",
        help=say("証人に登録する名前と鍵を表示する", "what the witness must trust"),
    )
    checkpoint.set_defaults(verb=_checkpoint)
    audit_export.add_arguments(verbs)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _verify(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    results = []
    with connected(progress, with_owner=True):
        from tasuki_server.audit.bringing import all_institutions
        from tasuki_server.audit.cosignatures import check_cosignatures, known_witnesses, witnesses_of
        from tasuki_server.audit.trail import verify_chain
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution

        known = witnesses_of(args.witness_key) or known_witnesses()
        for institution in all_institutions():
            seen = None if args.witness_folder is None else _witnessed(args.witness_folder, institution.id)
            with as_institution(institution.id, system_actor(institution.id)):
                count, last, breaks = verify_chain(institution.id, seen)
                signed, unsigned = check_cosignatures(known)
            results.append((institution, count, last, sorted([*breaks, *unsigned]), seen, signed))
    if args.format == "json":
        print(
            json.dumps(
                [
                    {
                        "institution": institution.code,
                        "events": count,
                        "last_link": last,
                        "witnessed": None if seen is None else seen.size,
                        "cosigned": {each.verifier.name: each.size for each in signed},
                        "cosigned_at": {each.verifier.name: _time(each.at) for each in signed},
                        "breaks": [each._asdict() for each in breaks],
                    }
                    for institution, count, last, breaks, seen, signed in results
                ],
                ensure_ascii=False,
            )
        )
        return 1 if any(breaks for _, _, _, breaks, *_ in results) else 0
    for institution, count, last, breaks, seen, signed in results:
        state = (
            say("正常", "intact") if not breaks else say(f"破れ {len(breaks)} 件", f"{len(breaks)} breaks")
        )
        print(f"{institution.code} {institution.name}: {count} {say('件', 'events')}, {state}, {last[:16]}")
        if seen is not None:
            print(
                "  "
                + say(f"証人が見た {seen.size} 件と照合", f"compared with {seen.size} events a witness saw")
            )
        for each in signed:
            name, at = each.verifier.name, _time(each.at) or say("なし", "never")
            print(
                "  "
                + say(
                    f"証人 {name} の副署: {each.size} 件まで（最後: {at}）",
                    f"cosigned by {name}: {each.size} events, last at {at}",
                )
            )
        for each in breaks:
            print(f"  #{each.number} {say(*_KINDS[each.kind])}")
    return 1 if any(breaks for _, _, _, breaks, *_ in results) else 0


_KINDS = {
    "gap": ("番号が続いていません", "the numbers do not follow"),
    "link": ("前の記録とつながっていません", "does not follow from the one before"),
    "seal": ("この設置の封印ではありません", "the seal is not ours"),
    "patients": (
        "閲覧された患者の一覧が、記録した要約と違います",
        "the patients shown are not those of its digest",
    ),
    "checkpoint": ("署名したチェックポイントと違います", "is not what our checkpoint signed"),
    "witness": ("証人が見た記録と違います", "is not what the witness saw"),
    "cosignature": (
        "証人の副署が、今のチェックポイントのものではありません",
        "the cosignature is of another checkpoint",
    ),
    "behind": (
        "証人の副署がここで止まり、1日より前のチェックポイントに及んでいません。証人に届いているか、副署が消されていないかを確かめてください",
        "the witness signed no further, although there are checkpoints above of more than a day ago; is it reached, was anything removed?",
    ),
    "unwitnessed": ("証人の副署が一つもありません", "a witness signed none of the checkpoints"),
}


def _time(at: int) -> str:
    """When a witness signed, in local time; empty for never."""
    return datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds") if at else ""


def _witnessed(folder: Path, institution_id: UUID) -> Checkpoint:
    """What the witness keeps of a trail; a trail it never saw cannot be compared."""
    from tasuki_server.audit.checkpoints import checkpoint_in, log_public, origin_of
    from tasuki_server.audit.notes import is_signed_by
    from tasuki_server.audit.witness import Witness

    origin = origin_of(institution_id)
    note = Witness(folder, "").last(origin) if (folder / "logs").is_dir() else None
    if note is None or not is_signed_by(note, origin, log_public()):
        raise Stop(
            f"{folder} に {origin} のチェックポイントがありません。証人のフォルダを確かめてください。",
            f"There is no checkpoint of {origin} in {folder}.",
        )
    return checkpoint_in(note)


def _checkpoint(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    failed = 0
    with connected(progress, with_owner=True):
        from tasuki_server.audit.bringing import bring_all, logs
        from tasuki_server.audit.witness_desk import DistantWitness

        if args.key:
            for origin, public in logs():
                print(f"{origin} {public.hex()}")
            return 0
        try:
            desks = [DistantWitness(each.strip()) for each in args.witness.split(",")]
        except ValueError as error:
            raise Stop(
                f"「{args.witness}」は証人のアドレスではありません（例: https://証人のホスト:8790）。",
                f"{args.witness} is no address of a witness (like https://host:8790).",
            ) from error
        for institution, size, fault in (
            brought for desk in desks for brought in bring_all(desk, int(time.time()))
        ):
            failed += bool(fault)
            print(
                say(
                    f"{institution.code}: 証人に受け付けられませんでした（{fault}）。`./tasuki audit verify` で確かめてください。",
                    f"{institution.code}: not witnessed ({fault})",
                )
                if fault
                else say(
                    f"{institution.code}: {size} 件までを証人が確認しました。",
                    f"{institution.code}: {size} witnessed",
                )
            )
    return 1 if failed else 0
