# SPDX-License-Identifier: Apache-2.0
"""停止時の写し — `./tasuki downtime card|snapshot|status|view|merge`: charts that can be read without the server."""

from __future__ import annotations

import argparse
import json
import sys
import time
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.words import Stop, progress, say
from tasuki_server.downtime.places import FOLDER, copies_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki_server.institutions.models import Institution

NAME = "downtime"
HELP = ("停止時に読むカルテの写しを作り、開きます", "copies of the charts that open without the server")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    card = verbs.add_parser(
        "card", help=say("職員の開封カードを発行・停止する", "issue or stop a card of a member of staff")
    )
    card.add_argument("user", help=say("利用者名", "user name"))
    card.add_argument("--stop", action="store_true", help=say("停止する", "stop it"))
    card.set_defaults(verb=_card)
    snapshot = verbs.add_parser("snapshot", help=say("写しを今すぐ作る", "make the copies now"))
    status = verbs.add_parser("status", help=say("写しの時刻と古さを表示する", "tell how old the copies are"))
    view = verbs.add_parser(
        "view",
        help=say("写しを開く（サーバもネットワークも使わない）", "open a copy, without server or network"),
    )
    view.add_argument("--log", type=Path, help=say("閲覧記録を書くフォルダ", "folder of the view log"))
    view.add_argument(
        "--no-browser", action="store_true", help=say("アドレスだけを表示する", "print the address only")
    )
    merge = verbs.add_parser(
        "merge", help=say("閲覧記録を監査記録に取り込む", "enter the view logs in the trail")
    )
    for each, verb in ((snapshot, _snapshot), (status, _status), (view, _view), (merge, _merge)):
        each.add_argument(
            "folder",
            nargs="?",
            type=Path,
            help=say(f"写しのフォルダ（省けば {FOLDER}）", f"folder of the copies, else {FOLDER}"),
        )
        each.set_defaults(verb=verb)


def run(args: argparse.Namespace) -> int:
    """実行 — 1 when a copy is older than five minutes, or a log was altered."""
    return int(args.verb(args))


def _institutions() -> Iterator[Institution]:
    from tasuki_server.audit.bringing import all_institutions

    yield from all_institutions()


def _card(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        from tasuki.security.permissions import Permission
        from tasuki_server.accounts.models import User
        from tasuki_server.continuity.cards import issue_card, stop_card
        from tasuki_server.institutions.models import Staff
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution

        user = User.objects.using("owner").filter(username=args.user).first()
        if user is None or user.institution_id is None:
            raise Stop(f"利用者 {args.user} はいません。", f"There is no user {args.user}.")
        with as_institution(user.institution_id, system_actor(user.institution_id)):
            staff = Staff.objects.filter(user_id=user.pk).first()
            if staff is None:
                raise Stop(f"{args.user} は職員ではありません。", f"{args.user} is no member of staff.")
            if args.stop:
                if not stop_card(staff):
                    raise Stop(f"{staff.name} の開封カードはありません。", "There is no card to stop.")
                print(
                    say(f"{staff.name} の開封カードを停止しました。次の写しから開けなくなります。", "stopped")
                )
                return 0
            if not staff.may(Permission.CHART_VIEW):
                raise Stop(f"{staff.name} にはカルテを見る権限がありません。", "No right to read charts.")
            code = issue_card(staff)
        print(code)
        progress(
            f"{staff.name} の開封カードのコードです。一度しか表示しません。紙に書き、鍵のかかる場所に置いてください。",
            "The code of the card, shown once: write it on paper and lock it away.",
        )
    return 0


def _snapshot(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    base, told, missing = copies_folder(args.folder), [], False
    with connected(progress, with_owner=True):
        from tasuki_server.downtime.copying import folder_of, refresh

        for institution in _institutions():
            begin = time.monotonic()
            made = refresh(institution, folder_of(base, institution))
            missing |= made is None
            told.append({
                "institution": institution.code, "name": institution.name,
                "charts": made.cover.charts if made else 0, "written": made.written if made else 0,
                "seconds": round(time.monotonic() - begin, 2), "has_cards": made is not None,
            })  # fmt: skip
    if args.format == "json":
        print(json.dumps(told, ensure_ascii=False))
        return int(missing)
    for each in told:
        line = (
            say(f"{each['charts']} 人、書き直し {each['written']}（{each['seconds']}秒）",
                f"{each['charts']} charts, {each['written']} written ({each['seconds']} s)")
            if each["has_cards"]
            else say("開封カードが一枚もないので、写しを作りません（./tasuki downtime card 利用者名）",
                     "no copy, as nobody has a card (./tasuki downtime card USER)")
        )  # fmt: skip
        print(f"{each['institution']} {each['name']}: {line}")
    return int(missing)


def _status(args: argparse.Namespace) -> int:
    """How old each copy is, by its cover alone: no database, and no card."""
    from tasuki_server.downtime.files import NoCopy, copies_in, read_cover
    from tasuki_server.downtime.looks import words_of
    from tasuki_server.downtime.viewing import FRESH

    told = []
    for folder in copies_in(copies_folder(args.folder)):
        try:
            cover = read_cover(folder)
        except NoCopy:
            told.append({"folder": str(folder), "readable": False, "stale": True})
            continue
        age = datetime.now(UTC) - cover.made_at
        told.append({
            "folder": str(folder), "readable": True, "institution": cover.code, "name": cover.name,
            "made_at": cover.made_at.isoformat(), "age_seconds": int(age.total_seconds()), "charts": cover.charts,
            "holders": len(cover.holders), "stale": age > FRESH, "age": words_of(age),
        })  # fmt: skip
    if args.format == "json":
        print(json.dumps(told, ensure_ascii=False))
        return int(not told or any(each["stale"] for each in told))
    if not told:
        print(say("写しがありません。", "There is no copy."))
    for each in told:
        if not each["readable"]:
            print(f"{each['folder']}: " + say("表紙を読めません", "its cover cannot be read"))
            continue
        mark = say("古い（5分より前）", "STALE (over 5 minutes)") if each["stale"] else say("新しい", "fresh")
        print(
            f"{each['institution']} {each['name']}: {mark} {datetime.fromisoformat(each['made_at']).astimezone():%Y-%m-%d %H:%M:%S}（{each['age']}前）、"
            + say(
                f"{each['charts']} 人、開封カード {each['holders']} 枚",
                f"{each['charts']}, {each['holders']} cards",
            )
        )
    return int(not told or any(each["stale"] for each in told))


def _view(args: argparse.Namespace) -> int:
    from tasuki_server.downtime.desk import Desk
    from tasuki_server.downtime.files import copies_in

    base = copies_folder(args.folder)
    found = copies_in(base)
    if not found:
        raise Stop(f"{base} に写しがありません。", f"There is no copy in {base}.")
    if len(found) > 1:
        names = "、".join(str(each) for each in found)
        raise Stop(f"写しが二つ以上あります。一つを指定してください: {names}", f"Name one of: {names}")
    desk = Desk(found[0], lambda: datetime.now(UTC), args.log)
    print(
        say(
            f"停止時ビューア: {desk.address}\n  この端末のブラウザだけで開けます。終わるには Ctrl-C（15分使わなければ自動で終わります）。",
            f"Downtime viewer: {desk.address}\n  Ctrl-C to stop; ends by itself after 15 idle minutes.",
        ),
        flush=True,
    )
    if not args.no_browser and sys.stdout.isatty():
        webbrowser.open(desk.address)
    desk.end_when_idle()
    try:
        desk.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    finally:
        desk.server_close()
    return 0


def _merge(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    base, told = copies_folder(args.folder), []
    if not base.exists():
        raise Stop(f"{base} がありません。", f"There is no {base}.")
    with connected(progress, with_owner=True):
        from tasuki_server.downtime.merging import merge_folder

        for institution in _institutions():
            for each in merge_folder(institution, base):
                told.append({"institution": institution.code, **each._asdict()})
    if args.format == "json":
        print(json.dumps(told, ensure_ascii=False))
    else:
        new = sum(int(each["new"]) for each in told)
        files = len({each["file"] for each in told})
        print(
            say(
                f"閲覧記録 {files} 本から {new} 行を取り込みました。", f"{new} lines of {files} logs entered."
            )
        )
        for each in told:
            if each["fault"]:
                print(f"  {each['file']}: {each['fault']}")
    return int(any(each["fault"] for each in told))
