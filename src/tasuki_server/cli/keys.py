# SPDX-License-Identifier: Apache-2.0
"""鍵 — `./tasuki keys status|rotate|rewrap`: with which keys rows are sealed, and new keys for all of them."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

NAME = "keys"
HELP = ("項目の暗号化の鍵を確かめ、交換します", "show and rotate the keys of sealed columns")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    status = verbs.add_parser("status", help=say("鍵ごとの行数を表示する", "rows by key"))
    status.set_defaults(verb=_status)
    rotate = verbs.add_parser(
        "rotate",
        help=say("新しい鍵を作り、すべての行を封じ直す", "make a new key and seal every row with it"),
    )
    rotate.add_argument(
        "--resume", action="store_true", help=say("途中で止まった交換を続ける", "go on with one that stopped")
    )
    rotate.set_defaults(verb=_rotate)
    rewrap = verbs.add_parser(
        "rewrap",
        help=say(
            "データ鍵を今の鍵（TASUKI_KEY_FILE）で包み直す",
            "wrap data keys with the present key (TASUKI_KEY_FILE)",
        ),
    )
    rewrap.set_defaults(verb=_rewrap)
    for each in (status, rotate, rewrap):
        each.add_argument("--institution", metavar="CODE", help=say("医療機関コード", "one institution only"))


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        return int(args.verb(args))


def _owners(args: argparse.Namespace) -> Iterator[tuple[UUID, str, str]]:
    """Whose keys: institutions by code, then the services that belong to none."""
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.keys.ring import NO_INSTITUTION

    found = [each for each in all_institutions() if args.institution in (None, each.code)]
    if args.institution is not None and not found:
        raise Stop(
            f"医療機関コード {args.institution} はこの設置にありません。",
            f"There is no institution {args.institution} here.",
        )
    yield from ((each.id, each.code, each.name) for each in found)
    if args.institution is None:
        yield NO_INSTITUTION, "-", say("受付サービス", "receiving service")


def _status(args: argparse.Namespace) -> int:
    from tasuki_server.keys.rotation import live_keys, usage

    told, is_clean = [], True
    for owner, code, name in _owners(args):
        keys, used = live_keys(owner), usage(owner)
        newest = keys[-1].number if keys else 0
        older = sum(count for by_key in used.values() for number, count in by_key.items() if number != newest)
        is_clean &= older == 0 and len(keys) == 1
        told.append({
            "institution": code, "name": name, "newest": newest, "waiting": older,
            "keys": [{"number": each.number, "wrapped_with": each.wrapped_with, "made_at": each.made_at.isoformat()} for each in keys],
            "columns": used,
        })  # fmt: skip
    if args.format == "json":
        print(json.dumps(told, ensure_ascii=False))
        return 0 if is_clean else 1
    for each in told:
        total = sum(count for by_key in each["columns"].values() for count in by_key.values())
        print(
            f"{each['institution']} {each['name']}: "
            + say(
                f"鍵 {each['newest']}、{total} 値、うち古い鍵 {each['waiting']}",
                f"key {each['newest']}, {total} values, {each['waiting']} under older keys",
            )
        )
        if each["waiting"] or len(each["keys"]) > 1:
            print(
                "  "
                + say("`./tasuki keys rotate --resume` で続けてください。", "go on with keys rotate --resume")
            )
    return 0 if is_clean else 1


def _rotate(args: argparse.Namespace) -> int:
    from tasuki_server.keys.rotation import begin, go_on, live_keys

    failed = False
    unfinished = [code for owner, code, _ in _owners(args) if len(live_keys(owner)) > 1]
    if unfinished and not args.resume:
        raise Stop(
            f"途中で止まった鍵の交換があります（{'、'.join(unfinished)}）。`./tasuki keys rotate --resume` で続けてください。",
            f"A rotation stopped half-way ({', '.join(unfinished)}); go on with --resume.",
        )
    for owner, code, name in _owners(args):
        if args.resume and code not in unfinished:
            continue
        number = live_keys(owner)[-1].number if args.resume else begin(owner)
        _note(owner, "keys.resume" if args.resume else "keys.rotate", {"number": number})

        def tell(line: str, code: str = code) -> None:
            progress(f"{code} {line}", f"{code} {line}")

        done = go_on(owner, tell)
        _note(
            owner,
            "keys.retire",
            {"retired": done.retired, "changed": done.changed, "broken": len(done.broken)},
        )
        failed |= bool(done.broken)
        print(
            f"{code} {name}: "
            + say(
                f"鍵 {done.number}、封じ直し {done.changed} 値、引退した鍵 {done.retired or 'なし'}",
                f"key {done.number}, {done.changed} values sealed anew, retired {done.retired or 'none'}",
            )
        )
        for place in done.broken:
            print(
                "  "
                + say(
                    f"開けない値（そのまま残しました）: {place}", f"cannot be opened, left as it is: {place}"
                )
            )
    return 1 if failed else 0


def _rewrap(args: argparse.Namespace) -> int:
    from tasuki_server.keys.rotation import rewrap

    for owner, code, name in _owners(args):
        count = rewrap(owner)
        if count:
            _note(owner, "keys.rewrap", {"count": count})
        print(f"{code} {name}: " + say(f"{count} 個の鍵を包み直しました", f"{count} keys wrapped anew"))
    return 0


def _note(owner: UUID, action: str, detail: dict[str, object]) -> None:
    from tasuki_server.audit.trail import record
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.keys.ring import NO_INSTITUTION

    if owner == NO_INSTITUTION:
        return
    with as_institution(owner, system_actor(owner)):
        record(action, detail=detail)
