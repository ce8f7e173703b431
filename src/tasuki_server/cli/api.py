# SPDX-License-Identifier: Apache-2.0
"""接続（API） — `./tasuki api client|key|call`, `api token` for this machine alone, and `api openapi`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tasuki_server.cli import api_call, api_clients
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Callable

# The same limit as on the page (tasuki_server.api.tokens), which needs a database to be imported.
LONGEST_DAYS = 730

NAME = "api"
HELP = (
    "ほかのシステムとの接続（接続先・鍵・接続仕様）",
    "connections of other systems: clients, keys and description",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — clients and keys, a call, tokens of this machine, and `openapi`."""
    nouns = parser.add_subparsers(required=True, metavar="OPERATION")
    described = nouns.add_parser("openapi", help=say("OpenAPI 3.1 文書を出す", "print the OpenAPI document"))
    described.set_defaults(verb=_openapi)
    keys = nouns.add_parser("key", help=say("鍵（接続する側で作り、公開鍵を登録する）", "keys of clients"))
    key_verbs = keys.add_subparsers(required=True, metavar="VERB")
    api_clients.add_arguments(nouns, key_verbs, _in_institution)
    api_call.add_arguments(nouns, key_verbs)
    token = nouns.add_parser("token", help=say("この機械の中だけのトークン", "tokens of this machine alone"))
    verbs = token.add_subparsers(required=True, metavar="VERB")
    making = verbs.add_parser("create", help=say("発行する（一度だけ表示）", "make one, shown once"))
    making.add_argument(
        "--name", required=True, help=say("名前（どのシステムが使うか）", "what for: the other system's name")
    )
    making.add_argument(
        "--scope",
        action="append",
        choices=("calculate", "copay"),
        help=say("利用範囲（なしで両方）", "scope; none: both"),
    )
    making.add_argument("--days", type=int, default=365, help=say("有効日数", "days until it expires"))
    making.set_defaults(verb=_create)
    listing = verbs.add_parser("list", help=say("一覧", "list them"))
    listing.set_defaults(verb=_list)
    stopping = verbs.add_parser("revoke", help=say("停止する", "stop one, at once"))
    stopping.add_argument("token", type=UUID, metavar="ID", help=say("一覧に出るID", "its id in the list"))
    stopping.set_defaults(verb=_revoke)
    for each in (making, listing, stopping):
        each.add_argument(
            "--institution", required=True, help=say("医療機関（都道府県番号-コード）", "prefecture-code")
        )


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _openapi(args: argparse.Namespace) -> int:
    from tasuki.calculation.openapi import openapi_document

    print(json.dumps(openapi_document(), ensure_ascii=False, indent=2))
    return 0


def _create(args: argparse.Namespace) -> int:
    if not 1 <= args.days <= LONGEST_DAYS or not args.name.strip() or len(args.name) > 60:
        raise Stop(
            f"--days は1〜{LONGEST_DAYS}、--name は60文字までで指定してください。",
            f"--days takes 1 to {LONGEST_DAYS}, --name up to 60 characters.",
        )

    def make() -> int:
        from tasuki_server.api.models import SCOPES
        from tasuki_server.api.tokens import make_token

        row, plain = make_token(args.name, args.scope or list(SCOPES), args.days)
        if args.format == "json":
            print(json.dumps({"id": str(row.id), "token": plain, "expires_at": row.expires_at.isoformat()}))
        else:
            print(say(f"トークン（表示は今だけ）: {plain}", f"token (shown this once): {plain}"))
        return 0

    return _in_institution(args.institution, make)


def _list(args: argparse.Namespace) -> int:
    def show() -> int:
        from django.utils import timezone

        from tasuki_server.api.access import access_tokens

        rows = access_tokens(timezone.now())
        if args.format == "json":
            print(json.dumps([{key: _plain(value) for key, value in row.items()} for row in rows], ensure_ascii=False))  # fmt: skip
            return 0
        for row in rows:
            last = f"{row['last_used_at']:%Y-%m-%d %H:%M}" if row["last_used_at"] else "-"
            print(
                f"{row['id']}\t{row['name']}\t…{row['ending']}\t{row['scopes']}\t{row['state_label']}"
                f"\t{row['expires_at']:%Y-%m-%d}\t{last}\t{row['use_count']}"
            )
        return 0

    return _in_institution(args.institution, show)


def _revoke(args: argparse.Namespace) -> int:
    def stop() -> int:
        from tasuki_server.api.models import ApiToken
        from tasuki_server.api.tokens import revoke_token

        row = ApiToken.objects.filter(id=args.token).first()
        if row is None:
            raise Stop(
                f"トークン {args.token} はこの医療機関にありません。",
                f"This institution has no token {args.token}.",
            )
        revoke_token(row)
        print(say(f"{row.name} を停止しました。", f"{row.name} is stopped."))
        return 0

    return _in_institution(args.institution, stop)


def _in_institution(text: str, act: Callable[[], int]) -> int:
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        from tasuki_server.cli.staff import _institution
        from tasuki_server.institutions.migrating import migrate
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution

        migrate()
        institution_id = _institution(text)
        with as_institution(institution_id, system_actor(institution_id)):
            return act()


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | None) else str(value)
