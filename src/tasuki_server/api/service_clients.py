# SPDX-License-Identifier: Apache-2.0
"""接続先の登録・鍵の入替え・停止・照合 — inside a transaction of the institution."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from joserfc.jwk import ECKey

from tasuki_server.api.bound_tokens import client_name, named_client, read_bound_token
from tasuki_server.api.models import SCOPES, ClientKey, ServiceClient, SpentProof
from tasuki_server.api.proofs import NoProof, Proof, public_key
from tasuki_server.api.tokens import Client, facts_of, forget_everywhere
from tasuki_server.audit.trail import record
from tasuki_server.database.prepared import execute_prepared
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.work import Actor, as_institution, current_institution_id, current_work

KEY_DAYS = 365
LONGEST_KEY_DAYS = 730
# The old key beside the new one while a client changes over, and one to spare.
MOST_KEYS = 3


class NotRegistered(ValueError):
    """登録できない — ``why`` is a code of :data:`REASONS`."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


REASONS = {
    "name": "名前を入れてください（60文字まで）。",
    "scopes": "利用範囲を選んでください。",
    "days": f"鍵の有効日数は1〜{LONGEST_KEY_DAYS}日です。",
    "key": "公開鍵を読めません。P-256 の公開鍵を JWK（JSON）で入れてください。",
    "private": "秘密鍵が含まれています。この鍵は使わずに捨て、新しい鍵の組を作って、公開鍵だけを渡してもらってください。",
    "taken": "この鍵はこの医療機関に登録済みです。",
    "many": f"使える鍵は{MOST_KEYS}つまでです。先に古い鍵を停止してください。",
    "stopped": "停止した接続先には鍵を加えられません。",
}


def register_client(name: str, scopes: Sequence[str], key_text: str, days: int = KEY_DAYS) -> ServiceClient:
    """接続先の登録 — with its first public key. Raises :class:`NotRegistered`."""
    _check(0 < len(name.strip()) <= 60, "name")
    _check(bool(scopes) and not set(scopes) - set(SCOPES), "scopes")
    public, thumbprint = read_key(key_text, days)
    work = current_work()
    client = ServiceClient.objects.create(
        name=name.strip(),
        scopes=[scope for scope in SCOPES if scope in scopes],
        made_by_id=work.actor.staff_id,
        made_at=work.at,
    )
    _keep_key(client, public, thumbprint, days)
    record("api_client.make", client, detail={"scopes": client.scopes, "key": thumbprint, "days": days})
    return client


def add_key(client: ServiceClient, key_text: str, days: int = KEY_DAYS) -> ClientKey:
    """鍵の追加 — beside the others, so that a client changes over without a pause. Raises :class:`NotRegistered`."""
    _check(client.revoked_at is None, "stopped")
    public, thumbprint = read_key(key_text, days)
    now = current_work().at
    _check(
        ClientKey.objects.filter(client=client, revoked_at=None, expires_at__gt=now).count() < MOST_KEYS,
        "many",
    )
    key = _keep_key(client, public, thumbprint, days)
    record("api_client.key", client, detail={"key": thumbprint, "days": days})
    return key


def revoke_key(key: ClientKey) -> None:
    """鍵の停止 — with every token that was made by it, at once."""
    if key.revoked_at is not None:
        return
    key.revoked_at = current_work().at
    key.save(update_fields=["revoked_at"])
    record("api_client.key_revoke", key.client, detail={"key": key.thumbprint})
    forget_everywhere()


def revoke_client(client: ServiceClient) -> None:
    """接続先の停止 — at once, in every web process; it stays stopped."""
    if client.revoked_at is not None:
        return
    client.revoked_at = current_work().at
    client.save(update_fields=["revoked_at"])
    record("api_client.revoke", client)
    forget_everywhere()


def usable_keys(client: ServiceClient, moment: datetime) -> dict[str, ECKey]:
    """使える鍵 — by thumbprint; none of a client that is stopped."""
    if client.revoked_at is not None:
        return {}
    rows = ClientKey.objects.filter(client=client, revoked_at=None, expires_at__gt=moment)
    return {each.thumbprint: ECKey.import_key(each.public) for each in rows}


def find_bound(plain: str) -> Client | None:
    """短期トークンの照合 — None unless we made it and client and key are usable at this moment."""
    token = read_bound_token(plain, timezone.now().timestamp())
    name = named_client(token.client_id) if token else None
    if token is None or name is None:
        return None
    with as_institution(name.institution_id, Actor(label="API")):
        row = ClientKey.objects.select_related("client").filter(thumbprint=token.key).first()
        if row is None or row.client_id != name.client_id or row.client.revoked_at is not None:
            return None
        if row.state_at(timezone.now()) != "usable":
            return None
        packed = facts_of(name.institution_id)
    return Client(
        row.client_id,
        name.institution_id,
        row.client.name,
        token.scopes & frozenset(row.client.scopes),
        min(token.expires_at, row.expires_at),
        packed,
        kind="api.serviceclient",
        bound_to=token.bound_to,
    )


def spend(proofs: Sequence[Proof]) -> set[str]:
    """証明の使用 — the digests that were not spent before, in any process; two of one digest here count once."""
    if not proofs:
        return set()
    found = execute_prepared(
        "INSERT INTO api_spentproof (id, institution_id, digest, expires_at)"
        " SELECT id, %s, digest, expires_at FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[])"
        " AS given (id, digest, expires_at) ON CONFLICT (institution_id, digest) DO NOTHING RETURNING digest",
        [
            current_institution_id(),
            [new_id() for _ in proofs],
            [each.digest for each in proofs],
            [datetime.fromtimestamp(each.expires_at, UTC) for each in proofs],
        ],
    )
    return {str(row[0]) for row in found.fetchall()}


def forget_spent(moment: datetime) -> int:
    """使用済みの証明の掃除 — of this institution, those that time alone refuses by now."""
    return int(SpentProof.objects.filter(expires_at__lt=moment).delete()[0])


def public_name(client: ServiceClient) -> str:
    """接続先の番号 — what the other system sends as its name (``client_id``)."""
    return client_name(client.institution_id, client.id)


def _keep_key(client: ServiceClient, public: dict[str, str], thumbprint: str, days: int) -> ClientKey:
    _check(not ClientKey.objects.filter(thumbprint=thumbprint).exists(), "taken")
    work = current_work()
    return ClientKey.objects.create(
        client=client,
        thumbprint=thumbprint,
        public=public,
        added_by_id=work.actor.staff_id,
        added_at=work.at,
        expires_at=work.at + timedelta(days=days),
    )


def read_key(text: str, days: int = KEY_DAYS) -> tuple[dict[str, str], str]:
    """公開鍵の読取り — its bare members and its thumbprint. Raises :class:`NotRegistered`."""
    _check(1 <= days <= LONGEST_KEY_DAYS, "days")
    try:
        given: Any = json.loads(text[:4096])
    except (ValueError, RecursionError):
        raise NotRegistered("key") from None
    if isinstance(given, dict) and isinstance(given.get("keys"), list) and len(given["keys"]) == 1:
        given = given["keys"][0]
    if isinstance(given, dict) and "d" in given:
        raise NotRegistered("private")
    try:
        key, bare = public_key(given)
    except NoProof:
        raise NotRegistered("key") from None
    return bare, key.thumbprint()


def _check(is_so: bool, why: str) -> None:
    if not is_so:
        raise NotRegistered(why)


def client_of(client_id: UUID) -> ServiceClient | None:
    """接続先 — of this institution, by its row; None when there is none."""
    return ServiceClient.objects.filter(id=client_id).first()
