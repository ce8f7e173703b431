# SPDX-License-Identifier: Apache-2.0
"""FHIRの接続プログラム — `./tasuki fhir client add|list|scopes|key|stop` and `fhir narrow`: who may do what in the exchange."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tasuki_server.cli.fhir_load import institution_of
from tasuki_server.cli.words import Stop, progress, say

_SCOPE = say(
    "利用範囲（system/Observation.rs?category=laboratory など。何度でも）",
    "a scope such as system/Observation.rs?category=laboratory; may be repeated",
)
_INSTITUTION = say(
    "接続機関（./tasuki platform institution list の識別子）",
    "the institution, as ./tasuki platform institution list shows it",
)


def add_verbs(verbs: Any) -> None:
    """引数 — the verbs."""
    client = verbs.add_parser(
        "client", help=say("接続プログラムの登録・一覧・範囲・鍵・停止", "programs that connect by a key")
    )
    acts = client.add_subparsers(required=True, metavar="ACT")
    add = acts.add_parser("add", help=say("公開鍵（JWK）で登録する", "register with a public key (JWK)"))
    add.add_argument("--institution", metavar="ID", required=True, help=_INSTITUTION)
    add.add_argument("--name", required=True, help=say("名前", "name"))
    add.add_argument(
        "--key", metavar="FILE", required=True, help=say("公開鍵のファイル", "file of the public key")
    )
    add.add_argument("--scope", action="append", default=[], required=True, help=_SCOPE)
    add.add_argument(
        "--bearer",
        action="store_true",
        help=say(
            "持っているだけで使えるトークンを渡す（DPoPのない相手のため）",
            "give tokens that serve their holder, for a program without DPoP",
        ),
    )
    add.set_defaults(verb=_connected(_add))
    acts.add_parser("list", help=say("一覧", "list them")).set_defaults(verb=_connected(_list))
    scopes = acts.add_parser("scopes", help=say("利用範囲を入れ替える", "replace the scopes"))
    scopes.add_argument("id", metavar="ID")
    scopes.add_argument("--scope", action="append", default=[], required=True, help=_SCOPE)
    scopes.set_defaults(verb=_connected(_scopes))
    key = acts.add_parser("key", help=say("鍵を加える、または止める", "add a key, or stop one"))
    key.add_argument("id", metavar="ID")
    either = key.add_mutually_exclusive_group(required=True)
    either.add_argument("--add", metavar="FILE", help=say("公開鍵のファイル", "file of the public key"))
    either.add_argument("--stop", metavar="THUMBPRINT", help=say("止める鍵の拇印", "thumbprint of the key"))
    key.set_defaults(verb=_connected(_key))
    stop = acts.add_parser("stop", help=say("停止する（戻せない）", "stop it, for good"))
    stop.add_argument("id", metavar="ID")
    stop.set_defaults(verb=_connected(_stop))
    narrow = verbs.add_parser(
        "narrow", help=say("接続機関そのものの利用範囲を限る", "bound what an institution may do at all")
    )
    narrow.add_argument("--institution", metavar="ID", required=True, help=_INSTITUTION)
    either = narrow.add_mutually_exclusive_group(required=True)
    either.add_argument("--scope", action="append", help=_SCOPE)
    either.add_argument("--whole", action="store_true", help=say("限りを外す", "take the bound away"))
    narrow.set_defaults(verb=_connected(_narrow))


def _connected(act: Callable[[argparse.Namespace], None]) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        from tasuki_server.database.session import connected
        from tasuki_server.exchange.clients import NotRegistered
        from tasuki_server.exchange.scopes import BadScope
        from tasuki_server.institutions.migrating import migrate

        with connected(progress, with_owner=True):
            migrate()
            try:
                act(args)
            except (NotRegistered, BadScope) as wrong:
                raise Stop(str(wrong), f"Refused: {wrong}") from wrong
        return 0

    return run


def _add(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from tasuki_server.exchange.clients import register_client

    client = register_client(
        institution_of(args.institution), args.name, args.scope, _read(args.key), timezone.now(), is_bearer=args.bearer
    )  # fmt: skip
    _tell(args, {"id": str(client.id), "scopes": client.scopes}, f"client_id: {client.id}")


def _list(args: argparse.Namespace) -> None:
    from tasuki_server.exchange.models import ExchangeClient

    rows = ExchangeClient.objects.select_related("connected").order_by("revoked_at", "name")
    told = [
        {
            "id": str(row.id),
            "name": row.name,
            "institution": row.connected.institution_number,
            "scopes": row.scopes,
            "is_bearer": row.is_bearer,
            "is_stopped": row.revoked_at is not None,
            "keys": [each.thumbprint for each in row.keys.filter(revoked_at=None)],  # type: ignore[attr-defined]
        }
        for row in rows
    ]
    lines = [
        f"{each['id']}  {each['institution']}  {each['name']}{say('（停止）', ' (stopped)') if each['is_stopped'] else ''}\n"
        f"  {' '.join(each['scopes'])}\n  {' '.join(each['keys'])}"
        for each in told
    ]
    _tell(args, told, "\n".join(lines) or say("登録はありません。", "There is none."))


def _scopes(args: argparse.Namespace) -> None:
    from tasuki_server.exchange.clients import set_scopes

    kept = set_scopes(_client(args.id), args.scope)
    _tell(args, {"scopes": kept}, " ".join(kept))


def _key(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from tasuki_server.exchange.clients import add_key, revoke_key

    client = _client(args.id)
    if args.add:
        thumbprint = add_key(client, _read(args.add), timezone.now()).thumbprint
        _tell(args, {"key": thumbprint}, thumbprint)
    elif revoke_key(client, args.stop, timezone.now()):
        _tell(args, {"stopped": args.stop}, say("鍵を停止しました。", "The key is stopped."))
    else:
        raise Stop("その拇印の使える鍵はありません。", "There is no such key in use.")


def _stop(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from tasuki_server.exchange.clients import revoke_client

    if not revoke_client(_client(args.id), timezone.now()):
        raise Stop("すでに停止しています。", "It was stopped before.")
    _tell(args, {"stopped": args.id}, say("停止しました。", "It is stopped."))


def _narrow(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from tasuki_server.exchange.clients import narrow

    kept = narrow(institution_of(args.institution), None if args.whole else args.scope, timezone.now())
    told = say("利用範囲の限りを外しました。", "It may do all that it sees.")
    _tell(args, {"scopes": kept}, told if kept is None else " ".join(kept))


def _client(text: str) -> Any:
    from uuid import UUID

    from tasuki_server.exchange.models import ExchangeClient

    try:
        found = ExchangeClient.objects.filter(pk=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise Stop(
            f"接続プログラム「{text}」はありません。./tasuki fhir client list で確かめてください。",
            f"There is no program “{text}”; see ./tasuki fhir client list.",
        )
    return found


def _read(name: str) -> str:
    try:
        return Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{name} を読めません（{error}）。", f"{name} cannot be read ({error}).") from error


def _tell(args: argparse.Namespace, value: Any, text: str) -> None:
    print(json.dumps(value, ensure_ascii=False) if args.format == "json" else text)
