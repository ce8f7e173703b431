# SPDX-License-Identifier: Apache-2.0
"""送信元の鍵 — `./tasuki platform own-key`, `platform|receiving key add|stop ID`: how institutions and services know each other without tokens."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from tasuki_server.cli.given_files import read_given
from tasuki_server.cli.words import Stop, progress, say

Add = Callable[[UUID, str, int], str]
Halt = Callable[[UUID, str], bool]


def add_own_key(verbs: Any) -> None:
    """引数 — `own-key`: what is handed to whoever runs the services."""
    own = verbs.add_parser(
        "own-key",
        help=say(
            "この設置の医療機関が外のサービスに名乗る公開鍵を表示する",
            "print the public key by which an institution here names itself elsewhere",
        ),
    )
    own.add_argument(
        "institution",
        metavar="INSTITUTION",
        help=say("都道府県番号-コード、または portal（本人の画面）", "prefecture-code, or portal"),
    )
    own.add_argument(
        "--generation", type=int, help=say("世代（なしで今の設定）", "generation; none: as it is set")
    )
    own.set_defaults(verb=_own_key)


def add_key_verbs(verbs: Any, add: Add, stop: Halt) -> None:
    """引数 — `key add ID --key FILE`, `key stop ID THUMBPRINT`."""
    acts = verbs.add_parser(
        "key", help=say("名乗りの鍵の登録・停止", "keys that senders name themselves with")
    ).add_subparsers(required=True, metavar="ACT")
    adding = acts.add_parser("add", help=say("公開鍵を登録する", "register a public key"))
    adding.add_argument("--key", required=True, type=Path, metavar="FILE", help=say("公開鍵（JWK）", "JWK"))
    adding.add_argument("--days", type=int, default=365, help=say("鍵の有効日数", "days the key is good for"))
    stopping = acts.add_parser("stop", help=say("公開鍵を停止する", "stop a public key, at once"))
    for each in (adding, stopping):
        each.add_argument("id", type=UUID, metavar="ID", help=say("登録の識別子", "its identifier"))
    stopping.add_argument("thumbprint", metavar="KEY", help=say("鍵の拇印", "thumbprint of the key"))
    adding.set_defaults(verb=lambda args: _added(args, add))
    stopping.set_defaults(verb=lambda args: _stopped(args, stop))


def add_to_platform(row_id: UUID, text: str, days: int) -> str:
    """接続機関の鍵の登録 — gives its thumbprint."""
    from django.utils import timezone

    from tasuki_server.platform.keys_registered import add_key
    from tasuki_server.platform.models import ConnectedInstitution
    from tasuki_server.platform.operator_acts import note_act

    row = ConnectedInstitution.objects.filter(pk=row_id).first()
    if row is None:
        raise _nobody(row_id)
    now = timezone.now()
    added = add_key(row, text, now, days).thumbprint
    note_act("key-add", row, now, key=added)
    return added


def stop_at_platform(row_id: UUID, thumbprint: str) -> bool:
    """接続機関の鍵の停止 — at the next request."""
    from django.utils import timezone

    from tasuki_server.platform.keys_registered import revoke_key
    from tasuki_server.platform.models import ConnectedInstitution
    from tasuki_server.platform.operator_acts import note_act

    now = timezone.now()
    if not revoke_key(row_id, thumbprint, now):
        return False
    note_act("key-stop", ConnectedInstitution.objects.get(pk=row_id), now, key=thumbprint)
    return True


def add_to_receiving(row_id: UUID, text: str, days: int) -> str:
    """送信元の鍵の登録 — gives its thumbprint."""
    from django.utils import timezone

    from tasuki_server.receiving.models import SendingClient
    from tasuki_server.receiving.senders import add_key

    row = SendingClient.objects.filter(pk=row_id).first()
    if row is None:
        raise _nobody(row_id)
    return add_key(row, text, timezone.now(), days).thumbprint


def stop_at_receiving(row_id: UUID, thumbprint: str) -> bool:
    """送信元の鍵の停止 — at the next request."""
    from django.utils import timezone

    from tasuki_server.receiving.senders import revoke_key

    return revoke_key(row_id, thumbprint, timezone.now())


def _added(args: argparse.Namespace, add: Add) -> int:
    text = read_given(args.key).decode("utf-8", "replace")

    def act() -> int:
        from tasuki_server.api.service_clients import REASONS, NotRegistered

        try:
            thumbprint = add(args.id, text, args.days)
        except NotRegistered as wrong:
            raise Stop(REASONS[wrong.why], f"Refused ({wrong.why}).") from wrong
        if args.format == "json":
            print(json.dumps({"id": str(args.id), "key": thumbprint}))
        else:
            print(say(f"鍵を登録しました: {thumbprint}", f"registered: {thumbprint}"))
        return 0

    return _connected(act)


def _stopped(args: argparse.Namespace, stop: Halt) -> int:
    def act() -> int:
        if not stop(args.id, args.thumbprint):
            raise Stop("使える鍵にその拇印はありません。", "No key in use has that thumbprint.")
        print(say("鍵を停止しました。", "The key is stopped."))
        return 0

    return _connected(act)


def _own_key(args: argparse.Namespace) -> int:
    def show() -> int:
        from tasuki_server.api.own_sender import own_key
        from tasuki_server.api.service_call import public_jwk
        from tasuki_server.cli.staff import _institution
        from tasuki_server.portal.data import PORTAL
        from tasuki_server.settings_table import number

        generation = args.generation or number("TASUKI_SENDER_KEY")
        if not 0 < generation < 2**31:
            raise Stop("世代は1からの整数です。", "A generation is a whole number from 1.")
        whose = PORTAL if args.institution == "portal" else _institution(args.institution)
        key = own_key(whose, generation)
        print(json.dumps({**public_jwk(key), "kid": key.thumbprint(), "alg": "ES256", "use": "sig"}))
        return 0

    return _connected(show)


def _nobody(row_id: UUID) -> Stop:
    return Stop(f"「{row_id}」という登録はありません。", f"There is no registration “{row_id}”.")


def _connected(act: Callable[[], int]) -> int:
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        from tasuki_server.institutions.migrating import migrate

        migrate()
        return act()
