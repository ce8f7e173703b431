# SPDX-License-Identifier: Apache-2.0
"""医療機関 — opens one, with its first administrator, and lists those there are."""

from __future__ import annotations

import argparse
import json

from tasuki_server.cli.words import Stop, progress, say

NAME = "institution"
HELP = ("医療機関を開設・一覧します", "open an institution, or list them")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — `institution open|list`."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    opening = verbs.add_parser(
        "open", help=say("開設し、最初の管理者を作る", "open one, with its first administrator")
    )
    opening.add_argument("--code", required=True, help=say("医療機関コード（7桁）", "code of seven digits"))
    opening.add_argument(
        "--prefecture", required=True, help=say("都道府県番号（2桁）", "prefecture, two digits")
    )
    opening.add_argument("--name", required=True, help=say("名称", "name"))
    opening.add_argument(
        "--admin", required=True, help=say("管理者の利用者名", "user name of the administrator")
    )
    opening.add_argument("--admin-name", required=True, help=say("管理者の氏名", "the administrator's name"))
    opening.set_defaults(verb=_open)
    listing = verbs.add_parser("list", help=say("一覧", "list them"))
    listing.set_defaults(verb=_list)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        from tasuki_server.institutions.migrating import migrate

        migrate()
        return int(args.verb(args))


def _open(args: argparse.Namespace) -> int:
    from tasuki.security.permissions import Role
    from tasuki_server.accounts.joining import join
    from tasuki_server.institutions.ids import new_id
    from tasuki_server.institutions.models import Institution
    from tasuki_server.institutions.opening import open_institution

    _refuse_digits(args.code, 7, "--code")
    _refuse_digits(args.prefecture, 2, "--prefecture")
    if Institution.objects.using("owner").filter(code=args.code, prefecture=args.prefecture).exists():
        raise Stop(
            f"医療機関コード {args.prefecture}-{args.code} は、もう開設されています。",
            f"The institution {args.prefecture}-{args.code} is open already.",
        )
    institution_id = new_id()
    # The administrator first: a user name that is taken must not leave an institution nobody can enter.
    joined = join(institution_id, args.admin, args.admin_name, [Role.ADMIN], staff_later=True)
    open_institution(institution_id, code=args.code, prefecture=args.prefecture, name=args.name)
    joined.enter_staff()
    if args.format == "json":
        print(json.dumps({"institution": str(institution_id), **joined.as_dict()}, ensure_ascii=False))
    else:
        print(say(f"{args.name} を開設しました。", f"{args.name} is open."))
        print(joined.paper())
    return 0


def _list(args: argparse.Namespace) -> int:
    from tasuki_server.institutions.models import Institution

    rows = [
        {"prefecture": each.prefecture, "code": each.code, "name": each.name, "demo": each.is_demo}
        for each in Institution.objects.using("owner").order_by("prefecture", "code")
    ]
    if args.format == "json":
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            mark = say("（お試し）", " (demo)") if row["demo"] else ""
            print(f"{row['prefecture']}-{row['code']} {row['name']}{mark}")
    return 0


def _refuse_digits(value: str, length: int, option: str) -> None:
    if not (value.isascii() and value.isdecimal() and len(value) == length):
        raise Stop(
            f"{option} は{length}桁の数字で指定してください（今は「{value}」）。",
            f"{option} takes {length} digits, not “{value}”.",
        )
