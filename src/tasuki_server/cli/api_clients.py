# SPDX-License-Identifier: Apache-2.0
"""接続先（API） — `./tasuki api client add|list|revoke`, `api key add|revoke`: what the administrator's page does."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tasuki_server.cli.words import Stop, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki_server.api.models import ServiceClient

    InInstitution = Callable[[str, Callable[[], int]], int]


def add_arguments(nouns: Any, keys: Any, work: InInstitution) -> None:
    """引数 — below `api` and `api key`; ``work`` runs an act inside an institution."""
    client = nouns.add_parser("client", help=say("接続先（公開鍵で名乗る）", "clients that prove a key"))
    verbs = client.add_subparsers(required=True, metavar="VERB")
    adding = verbs.add_parser("add", help=say("登録する", "register one with its public key"))
    adding.add_argument(
        "--name", required=True, help=say("名前（どのシステムが使うか）", "the other system's name")
    )
    adding.add_argument(
        "--scope",
        action="append",
        choices=("calculate", "copay"),
        help=say("利用範囲（なしで両方）", "scope; none: both"),
    )
    listing = verbs.add_parser("list", help=say("一覧", "list them"))
    stopping = verbs.add_parser("revoke", help=say("停止する", "stop one, at once"))
    more = keys.add_parser("add", help=say("接続先に公開鍵を加える", "add a public key to a client"))
    ending = keys.add_parser("revoke", help=say("公開鍵を停止する", "stop a public key, at once"))
    for each in (adding, more):
        each.add_argument(
            "--key", required=True, type=Path, metavar="FILE", help=say("公開鍵（JWK）", "public JWK")
        )
        each.add_argument(
            "--days", type=int, default=365, help=say("鍵の有効日数", "days the key is good for")
        )
    for each in (stopping, more):
        each.add_argument(
            "client", type=UUID, metavar="CLIENT", help=say("一覧に出るID", "its id in the list")
        )
    ending.add_argument("thumbprint", metavar="KEY", help=say("鍵の拇印", "thumbprint of the key"))
    for parser, act in (
        (adding, _add),
        (listing, _list),
        (stopping, _revoke),
        (more, _add_key),
        (ending, _revoke_key),
    ):
        parser.add_argument(
            "--institution", required=True, help=say("医療機関（都道府県番号-コード）", "prefecture-code")
        )
        parser.set_defaults(verb=_bound(act, work))


def _bound(
    act: Callable[[argparse.Namespace], int], work: InInstitution
) -> Callable[[argparse.Namespace], int]:
    return lambda args: work(args.institution, lambda: act(args))


def _add(args: argparse.Namespace) -> int:
    from tasuki_server.api.models import SCOPES
    from tasuki_server.api.service_clients import public_name, register_client

    row: ServiceClient = _made(
        lambda: register_client(args.name, args.scope or list(SCOPES), _read(args.key), args.days)
    )
    name = public_name(row)
    if args.format == "json":
        print(json.dumps({"id": str(row.id), "client_id": name}))
    else:
        print(say(f"接続先の番号（client_id）: {name}", f"client_id: {name}"))
    return 0


def _add_key(args: argparse.Namespace) -> int:
    from tasuki_server.api.service_clients import add_key

    key = _made(lambda: add_key(_client(args.client), _read(args.key), args.days))
    print(say(f"鍵 {key.thumbprint} を加えました。", f"The key {key.thumbprint} is added."))
    return 0


def _list(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from tasuki_server.api.client_access import access_clients

    rows = access_clients(timezone.now())
    if args.format == "json":
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return 0
    for row in rows:
        print(
            f"{row['id']}\t{row['name']}\t{row['client_id']}\t{row['scopes']}\t{row['state_label']}\t{row['use_count']}"
        )
        for key in row["keys"]:
            print(f"\t{key['thumbprint']}\t{key['state_label']}\t{key['expires_at']:%Y-%m-%d}")
    return 0


def _revoke(args: argparse.Namespace) -> int:
    from tasuki_server.api.service_clients import revoke_client

    row = _client(args.client)
    revoke_client(row)
    print(say(f"{row.name} を停止しました。", f"{row.name} is stopped."))
    return 0


def _revoke_key(args: argparse.Namespace) -> int:
    from tasuki_server.api.models import ClientKey
    from tasuki_server.api.service_clients import revoke_key

    row = ClientKey.objects.select_related("client").filter(thumbprint=args.thumbprint).first()
    if row is None:
        raise Stop("その鍵はこの医療機関にありません。", "This institution has no such key.")
    revoke_key(row)
    print(say(f"鍵 {row.thumbprint} を停止しました。", f"The key {row.thumbprint} is stopped."))
    return 0


def _client(client_id: UUID) -> ServiceClient:
    from tasuki_server.api.service_clients import client_of

    row = client_of(client_id)
    if row is None:
        raise Stop(
            f"接続先 {client_id} はこの医療機関にありません。", f"This institution has no client {client_id}."
        )
    return row


def _made(act: Callable[[], Any]) -> Any:
    from tasuki_server.api.service_clients import REASONS, NotRegistered

    try:
        return act()
    except NotRegistered as refusal:
        raise Stop(REASONS[refusal.why], f"refused: {refusal.why}") from None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{path} を読めません。", f"{path} cannot be read: {error}") from None
