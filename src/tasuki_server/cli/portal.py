# SPDX-License-Identifier: Apache-2.0
"""本人の画面 — `./tasuki portal people` (the demo's people and their codes), `code CARD [--child]` (a registration code to hand over)."""

from __future__ import annotations

import argparse
import json

from tasuki_server.cli.words import Stop, progress, say

NAME = "portal"
HELP = (
    "本人の画面（ポータル）の登録コードと、お試しの利用者",
    "codes for the portal of persons, and its demo people",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — see the module."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    people = verbs.add_parser(
        "people",
        help=say("お試しの利用者とサインインのコードを表示する", "show the demo's people and their codes"),
    )
    people.set_defaults(verb=_people)
    code = verbs.add_parser(
        "code",
        help=say(
            "本人確認をした人の登録コードを作る（一度だけ表示し、前のコードは使えなくなる）",
            "make a registration code for a person who was seen; shown once, it ends the one before",
        ),
    )
    code.add_argument("card", metavar="CARD", help=say("架空のカードの番号", "number of the made-up card"))
    code.add_argument(
        "--child",
        action="store_true",
        help=say(
            "親などの法定代理人が、子の記録を見るためのコード", "for a parent, to see the child's record"
        ),
    )
    code.set_defaults(verb=_code)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _people(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    with connected(progress):
        from tasuki_server.demo.portal_people import portal_people
        from tasuki_server.portal.registering import is_rehearsal

        if not is_rehearsal():
            raise Stop(
                "お試しのコードは、HTTPSや中継サーバを使う設置では使えません。",
                "The demo's codes do not serve where HTTPS or a proxy is used.",
            )
        found = portal_people()
    if args.format == "json":
        print(
            json.dumps([{"name": each.person.name, "part": each.part, "code": each.code} for each in found])
        )
        return 0
    parts = {
        "grown": ("大人（代理人）", "grown, a proxy"),
        "elder": ("高齢者", "elder"),
        "child": ("子", "child"),
    }
    for each in found:
        print(
            f"{each.code}  {each.person.name}  {say(*parts[each.part])}  {each.person.card}  {each.person.born}"
        )
    return 0


def _code(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    with connected(progress):
        from tasuki_server.eligibility.models import InsuredPerson
        from tasuki_server.portal.codes import issue_code
        from tasuki_server.portal.models import CodeKind
        from tasuki_server.portal.proxies import may_be_child

        person = InsuredPerson.objects.filter(card=args.card).first()
        if person is None:
            raise Stop(
                f"カード「{args.card}」の人はいません。", f"There is nobody with the card “{args.card}”."
            )
        if args.child and not may_be_child(person):
            raise Stop(
                "この人は、法定代理ができる年齢を過ぎています。",
                "This person is past the age at which a parent may stand in.",
            )
        code = issue_code(person, CodeKind.CHILD if args.child else CodeKind.OWN)
    print(json.dumps({"code": code}) if args.format == "json" else code)
    return 0
