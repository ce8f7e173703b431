# SPDX-License-Identifier: Apache-2.0
"""復元 — `./tasuki restore`: into a clean place, with the offline key, to the last act or to a second; proved before it is called good."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.restoring import Restored

NAME = "restore"
HELP = ("控えから、空の場所に復元します", "restore a backup into an empty place")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — from where, with which key, to where and to when."""
    parser.add_argument(
        "--folder",
        type=Path,
        help=say("控えの置き場所（省けば TASUKI_BACKUPS）", "the repository; TASUKI_BACKUPS if absent"),
    )
    parser.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help=say("復元の鍵のファイル", "file of the offline key"),
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--into", type=Path, metavar="FOLDER", help=say("復元先（空のフォルダ）", "an empty folder")
    )
    where.add_argument(
        "--rehearse",
        action="store_true",
        help=say(
            "訓練: 一時の場所に復元して検証し、時間を計って記録する",
            "rehearsal: restore into a passing place, prove it, measure and note it",
        ),
    )
    parser.add_argument(
        "--to",
        metavar="TIME",
        help=say(
            "戻す時刻（2026-06-15T10:30:00。省けば最後まで）",
            "the second to go back to (ISO 8601); the last act if absent",
        ),
    )
    parser.add_argument(
        "--before-damage",
        action="store_true",
        help=say(
            "攻撃の後: 記録の書換えの痕を探し、その直前まで戻す。後の監査記録は引き継ぐ",
            "after an attack: find the first damage in the log and go back to just before it; the trail is carried over",
        ),
    )
    parser.add_argument(
        "--suspected-since",
        metavar="TIME",
        help=say(
            "痕を探し始める時刻（省けば控えの7日前から）",
            "look for damage from this second on; seven days before the base if absent",
        ),
    )
    parser.add_argument(
        "--again",
        type=Path,
        metavar="FILE",
        help=say(
            "記録の戻らなかった行為の一覧を書くCSVファイル",
            "CSV file of the acts whose records did not return",
        ),
    )
    parser.add_argument(
        "--base",
        default="",
        help=say("もとにする控え（省けば最も新しいもの）", "the base; the newest if absent"),
    )
    parser.add_argument(
        "--received",
        type=Path,
        metavar="FOLDER",
        help=say("同期受信の置き場所", "folder of the synchronous receiver"),
    )
    parser.add_argument(
        "--witness-folder",
        type=Path,
        metavar="FOLDER",
        help=say("証人のフォルダ（写し）と照らす", "compare with a witness's folder"),
    )


def run(args: argparse.Namespace) -> int:
    """実行 — 1 when what came back is not what was kept."""
    if not args.rehearse:
        restored = _restored(args, args.into)
        _tell(args, restored)
        if args.format == "text":
            print(
                say(
                    f"起動するには: TASUKI_DATA={args.into.resolve()} ./tasuki up",
                    f"To start it: TASUKI_DATA={args.into.resolve()} ./tasuki up",
                )
            )
        return 1 if restored.faults else 0
    folder = Path(tempfile.mkdtemp(prefix="tasuki-restore-"))
    folder.chmod(0o755)
    try:
        from tasuki_server.recovery.rehearsing import rehearse

        restored = rehearse(lambda: _restored(args, folder / "house"), until=_second(args.to))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _tell(args, restored)
    return 1 if restored.faults else 0


def _restored(args: argparse.Namespace, target: Path) -> Restored:
    from tasuki_server.cli.backup import repository_of
    from tasuki_server.recovery.offline_key import BrokenObject, read_offline_key
    from tasuki_server.recovery.proving import prove
    from tasuki_server.recovery.restoring import restore

    key = read_offline_key(args.key)
    target = target.expanduser().resolve()
    try:
        if args.before_damage:
            return _before_damage(args, key, target)
        restored = restore(
            repository_of(args),
            key,
            target,
            base=args.base,
            until=_second(args.to),
            received=args.received,
            tell=progress,
        )
    except BrokenObject as error:
        raise Stop(
            f"控えが壊れているか、すり替えられています: {error}",
            f"The backup is broken or was exchanged: {error}",
        ) from error
    progress("監査記録・表・索引を検証しています…", "Proving trails, tables and indexes…")
    prove(restored, target, args.witness_folder)
    return restored


def _before_damage(args: argparse.Namespace, key: OfflineKey, target: Path) -> Restored:
    """To the last clean point, with the trail that follows it; what to enter again is a list."""
    from tasuki_server.cli.backup import repository_of
    from tasuki_server.recovery.carrying import acts_as_csv, carry_trail
    from tasuki_server.recovery.clean_point import restore_clean
    from tasuki_server.recovery.proving import prove

    if args.to or args.base or args.rehearse:
        raise Stop(
            "--before-damage は、--to・--base・--rehearse と一緒には使えません。",
            "--before-damage goes without --to, --base and --rehearse.",
        )
    repository, since = repository_of(args), _second(args.suspected_since)
    restored = restore_clean(repository, key, target, since=since, received=args.received, tell=progress)
    for each in restored.damages[:20]:
        progress(
            f"{each.at.astimezone():%Y-%m-%d %H:%M:%S} {each.words}", f"{each.at} {each.kinds} {each.tables}"
        )
    if restored.damages:
        again = [
            each
            for each in carry_trail(repository, key, target, restored, args.received)
            if each.is_to_be_entered_again
        ]
        progress(
            f"記録の戻らなかった行為は {len(again)} 件です。"
            + (f"{args.again} に書きました。" if args.again else "--again FILE で一覧を書き出せます。"),
            f"{len(again)} acts did not return.",
        )
        if args.again:
            args.again.write_bytes(acts_as_csv(again))
    else:
        progress(
            "書換えの痕はありません。最後まで戻しました。", "There is no damage: restored to the last act."
        )
    progress("監査記録・表・索引を検証しています…", "Proving trails, tables and indexes…")
    prove(restored, target, args.witness_folder)
    return restored


def _second(given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError as error:
        raise Stop(
            f"「{given}」は時刻として読めません（例: 2026-06-15T10:30:00）。",
            f"{given} is no time (like 2026-06-15T10:30:00).",
        ) from error
    return at.astimezone()


def _tell(args: argparse.Namespace, restored: Restored) -> None:
    last = restored.last_commit_at
    if args.format == "json":
        told = {
            "base": restored.manifest.base,
            "seconds": restored.seconds,
            "total_seconds": round(restored.total_seconds, 1),
            "last_commit_at": last.isoformat() if last else None,
            "faults": restored.faults,
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    for fault in restored.faults:
        print(fault)
    print(
        say(
            f"控え {restored.manifest.base} から {restored.total_seconds:.1f} 秒で復元しました"
            f"（最後の記録 {last.astimezone() if last else '—'}）。"
            + ("検証に通りました。" if not restored.faults else "検証に通りません。使わないでください。"),
            f"Restored from {restored.manifest.base} in {restored.total_seconds:.1f} s (last commit {last}), "
            + ("proved." if not restored.faults else "NOT proved: do not use it."),
        )
    )
