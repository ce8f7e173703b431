# SPDX-License-Identifier: Apache-2.0
"""接続プログラムの登録・停止・範囲の変更 — by whoever runs the exchange; nothing secret of a program is ever kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tasuki_server.api.proofs import NoProof, public_key
from tasuki_server.exchange.client_models import ExchangeClient, ExchangeClientKey, Narrowing
from tasuki_server.exchange.scopes import read_scopes
from tasuki_server.exchange.sending_models import Hook
from tasuki_server.exchange.token_point import CURVES
from tasuki_server.platform.models import ConnectedInstitution

KEY_DAYS = 365
MOST_KEYS = 3


class NotRegistered(ValueError):
    """登録できない — says why, in Japanese."""


def register_client(
    institution: ConnectedInstitution,
    name: str,
    scopes: Sequence[str],
    key_text: str,
    at: datetime,
    *,
    is_bearer: bool = False,
) -> ExchangeClient:
    """接続プログラムの登録 — with its first public key. Raises :class:`NotRegistered` and BadScope."""
    if not 0 < len(name.strip()) <= 60:
        raise NotRegistered("名前を入れてください（60文字まで）。")
    kept = [each.text for each in read_scopes(scopes)]
    if not kept:
        raise NotRegistered("利用範囲を一つ以上入れてください。")
    public, thumbprint = _read_key(key_text)
    client = ExchangeClient.objects.create(
        connected=institution, name=name.strip(), scopes=kept, is_bearer=is_bearer, made_at=at
    )
    _keep_key(client, public, thumbprint, at)
    return client


def add_key(client: ExchangeClient, key_text: str, at: datetime) -> ExchangeClientKey:
    """鍵の追加 — beside the old one, so that a program changes over without a pause."""
    if client.revoked_at is not None:
        raise NotRegistered("停止した接続プログラムには鍵を加えられません。")
    usable = client.keys.filter(revoked_at=None, expires_at__gt=at).count()  # type: ignore[attr-defined]
    if usable >= MOST_KEYS:
        raise NotRegistered(f"使える鍵は{MOST_KEYS}つまでです。先に古い鍵を停止してください。")
    return _keep_key(client, *_read_key(key_text), at)


def revoke_key(client: ExchangeClient, thumbprint: str, at: datetime) -> bool:
    """鍵の停止 — with every token that was made by it, at the next request. False when there is no such key in use.

    Subscriptions of the program end too: which key asked for one is not kept. Whoever has another key writes them again.
    """
    found = ExchangeClientKey.objects.filter(client=client, thumbprint=thumbprint, revoked_at=None)
    with transaction.atomic():
        if not found.update(revoked_at=at):
            return False
        asked = Hook.objects.filter(client_id=client.pk, status__in=("requested", "active"))
        asked.update(ends_at=at, next_at=at)
    return True


def revoke_client(client: ExchangeClient, at: datetime) -> bool:
    """接続プログラムの停止 — at the next request; False when it was stopped before."""
    return bool(ExchangeClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=at))


def set_scopes(client: ExchangeClient, scopes: Sequence[str]) -> list[str]:
    """利用範囲の変更 — counts for tokens that are out already, within a second."""
    kept = [each.text for each in read_scopes(scopes)]
    if not kept:
        raise NotRegistered("利用範囲を一つ以上入れてください。止めるには stop を使ってください。")
    ExchangeClient.objects.filter(pk=client.pk).update(scopes=kept)
    return kept


def narrow(institution: ConnectedInstitution, scopes: Sequence[str] | None, at: datetime) -> list[str] | None:
    """利用範囲の限定 — of everything that an institution does here; None takes the bound away again."""
    if scopes is None:
        Narrowing.objects.filter(connected=institution).delete()
        return None
    kept = [each.text for each in read_scopes(scopes)]
    Narrowing.objects.update_or_create(connected=institution, defaults={"scopes": kept, "made_at": at})
    return kept


def _keep_key(
    client: ExchangeClient, public: dict[str, str], thumbprint: str, at: datetime
) -> ExchangeClientKey:
    if ExchangeClientKey.objects.filter(thumbprint=thumbprint).exists():
        raise NotRegistered("この鍵は登録済みです。接続プログラムごとに別の鍵を作ってください。")
    return ExchangeClientKey.objects.create(
        client=client, thumbprint=thumbprint, public=public, added_at=at, expires_at=at + timedelta(days=KEY_DAYS)
    )  # fmt: skip


def _read_key(text: str) -> tuple[dict[str, str], str]:
    try:
        given: Any = json.loads(text[:4096])
    except (ValueError, RecursionError):
        raise NotRegistered("公開鍵をJSONとして読めません。") from None
    if isinstance(given, dict) and isinstance(given.get("keys"), list) and len(given["keys"]) == 1:
        given = given["keys"][0]
    if isinstance(given, dict) and "d" in given:
        raise NotRegistered(
            "秘密鍵が含まれています。この鍵は捨て、新しい鍵の公開鍵だけを渡してもらってください。"
        )
    try:
        key, bare = public_key(given, CURVES)
    except NoProof:
        raise NotRegistered("公開鍵を読めません。P-384 か P-256 の公開鍵を JWK で入れてください。") from None
    return bare, key.thumbprint()
