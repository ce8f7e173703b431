# SPDX-License-Identifier: Apache-2.0
"""審査支払機関（試行環境） — `./tasuki receiving operator USER`, and `receiving client` for a sender from elsewhere, `receiving key` for its keys."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from tasuki_server.cli.sender_keys import add_key_verbs, add_to_receiving, stop_at_receiving
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "receiving"
HELP = (
    "審査支払機関の試行環境（担当者と送信元の登録）",
    "the rehearsal service of claims: its operators and senders",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — `operator USER` and `client --prefecture --code --name`."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    operator = verbs.add_parser(
        "operator", help=say("審査担当者にする（役割 examiner も必要）", "let a user sit at the desk")
    )
    operator.add_argument("user", metavar="USER", help=say("利用者名", "user name"))
    operator.set_defaults(verb=_operator)
    client = verbs.add_parser(
        "client",
        help=say("送信元を登録し、トークンを一度だけ表示する", "register a sender; its token is shown once"),
    )
    client.add_argument("--prefecture", required=True, help=say("都道府県番号", "prefecture, two digits"))
    client.add_argument("--code", required=True, help=say("医療機関コード", "institution code, seven digits"))
    client.add_argument("--name", required=True, help=say("名称", "name"))
    client.set_defaults(verb=_client)
    add_key_verbs(verbs, add_to_receiving, stop_at_receiving)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _operator(args: argparse.Namespace) -> int:
    def add() -> int:
        from tasuki_server.accounts.models import User
        from tasuki_server.receiving.opening import add_operator

        user = User.objects.filter(username=args.user).first()
        if user is None:
            raise Stop(f"利用者「{args.user}」はいません。", f"There is no user “{args.user}”.")
        add_operator(user.pk, args.user)
        print(say(f"{args.user} を審査担当者にしました。", f"{args.user} may sit at the desk."))
        return 0

    return _connected(add)


def _client(args: argparse.Namespace) -> int:
    if not (args.prefecture.isdecimal() and len(args.prefecture) == 2):
        raise Stop("都道府県番号は2桁の数字です。", "The prefecture has two digits.")
    if not (args.code.isdecimal() and len(args.code) == 7):
        raise Stop("医療機関コードは7桁の数字です。", "The institution code has seven digits.")

    def add() -> int:
        from tasuki_server.receiving.clients import register_client

        row, token = register_client(args.prefecture, args.code, args.name[:100])
        if args.format == "json":
            print(json.dumps({"id": str(row.id), "token": token}))
        else:
            print(say(f"トークン（表示は今だけ）: {token}", f"token (shown this once): {token}"))
        return 0

    return _connected(add)


def _connected(act: Callable[[], int]) -> int:
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        from tasuki_server.institutions.migrating import migrate

        migrate()
        return act()
