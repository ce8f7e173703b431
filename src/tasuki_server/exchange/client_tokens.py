# SPDX-License-Identifier: Apache-2.0
"""接続プログラムのトークン — a signed statement of a few minutes; client, key and scopes are looked up with every use.

It serves beside proofs of the key it was asked with (DPoP); only of a program registered as such it serves its holder.

Cite: SMART App Launch 2.2 Backend Services, RFC 9449 DPoP, RFC 9068 JWT access tokens
"""

from __future__ import annotations

import json
import secrets
import time
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from tasuki_server.api.proofs import NoProof, Target, read_proof
from tasuki_server.api.sender_door import own_host
from tasuki_server.database.places import installation_secrets
from tasuki_server.exchange.app_secrets import ACCESS
from tasuki_server.exchange.app_tokens import recognise_app
from tasuki_server.exchange.scopes import WHOLE, Grant, Scope, kept_scopes
from tasuki_server.platform.engine import Call, Caller
from tasuki_server.platform.remembered import Remembered
from tasuki_server.platform.spent import spent

PREFIX = "tsks_"
TOKEN_SECONDS = 300
LONGEST = 16_384
_ALGORITHM, _TYPE = "HS256", "at+jwt"
_CLIENT = """
    SELECT i.id, i.prefecture || i.fee_table || i.code AS number, i.fee_table, i.name,
      c.is_bearer, c.scopes::text AS scopes
    FROM exchange_exchangeclient c JOIN platform_connectedinstitution i ON i.id = c.connected_id
    JOIN exchange_exchangeclientkey k ON k.client_id = c.id
    WHERE c.id = $1 AND k.thumbprint = $2 AND c.revoked_at IS NULL AND k.revoked_at IS NULL
      AND k.expires_at > now() AND i.revoked_at IS NULL
"""


class Shown(NamedTuple):
    """トークンの内容 — whose, by which of its keys, for what, and for the holder of which key ("" for any)."""

    client: UUID
    key: str
    scopes: tuple[str, ...]
    bound_to: str


def make_token(client: UUID, key: str, scopes: tuple[Scope, ...], bound_to: str) -> str:
    """トークンの発行 — see the module."""
    now = int(time.time())
    said = {
        "sub": str(client), "key": key, "scopes": [each.text for each in scopes], "jkt": bound_to,
        "iat": now, "exp": now + TOKEN_SECONDS, "jti": secrets.token_urlsafe(9),
    }  # fmt: skip
    header = {"alg": _ALGORITHM, "typ": _TYPE}
    signed = jws.serialize_compact(header, json.dumps(said).encode(), _secret(), algorithms=[_ALGORITHM])
    return PREFIX + signed


def read_token(text: str) -> Shown | None:
    """トークンの読取り — None for what this installation did not make, or what has run out."""
    if not text.startswith(PREFIX) or len(text) > LONGEST:
        return None
    try:
        found = jws.deserialize_compact(text.removeprefix(PREFIX), _secret(), algorithms=[_ALGORITHM])
    except (JoseError, ValueError, TypeError):
        return None
    said = json.loads(found.payload)
    if found.headers().get("typ") != _TYPE or time.time() >= said["exp"]:
        return None
    return Shown(UUID(said["sub"]), said["key"], tuple(said["scopes"]), said["jkt"])


async def recognise(call: Call, token: str) -> Caller | None:
    """トークンの照合 — of a request: client and key are usable now, and the proof beside it is its holder's."""
    if token.startswith(ACCESS):
        return await recognise_app(call, token)
    shown = read_token(token)
    if shown is None:
        return None
    row = await call.pool.fetchrow(_CLIENT, shown.client, shown.key)
    if row is None:
        return None
    if shown.bound_to:
        if call.headers.get("authorization", "DPoP")[:4].lower() != "dpop":
            return None
        try:
            with call.turn.judged(str(shown.client)):
                target = Target(call.method, address_of(call))
                proof = read_proof(call.headers.get("dpop", ""), target, time.time(), token)
                if proof.thumbprint != shown.bound_to:
                    raise NoProof("other_sender")
                if not await spent(call.pool, [proof]):
                    raise NoProof("replayed")
        except NoProof:
            return None
    elif not row["is_bearer"]:
        return None
    return Caller(row["id"], row["number"], row["fee_table"], row["name"], shown.client, shown.scopes)


def address_of(call: Call) -> str:
    """要求のアドレス — as whoever asks reached it, without the query. Raises :class:`NoProof` as :func:`own_host` does."""
    from tasuki_server.exchange.asked import base_of

    base = base_of(call)
    own_host(urlsplit(base).netloc)
    return "/".join((base, *call.parts))


class Registered(NamedTuple):
    """登録された範囲 — of institutions that were narrowed and of their programs."""

    narrowings: dict[UUID, tuple[Scope, ...]]
    clients: dict[UUID, tuple[Scope, ...]]


class Grants:
    """範囲の照合 — what a caller may do now."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.told: Remembered[None, Registered] = Remembered(self._read)

    async def of(self, caller: UUID, client: UUID | None, scopes: tuple[str, ...] | None) -> Grant:
        """認められた範囲 — the institution's narrowing, the client's registration and the token: all three bound."""
        told = await self.told.of(None)
        sets = []
        if caller in told.narrowings:
            sets.append(told.narrowings[caller])
        if client is not None:
            sets.append(told.clients.get(client, ()))
        if scopes is not None:
            sets.append(kept_scopes(scopes))
        return Grant(tuple(dict.fromkeys(sets))) if sets else WHOLE

    async def _read(self, _: None) -> Registered:
        narrowed = await self._pool.fetch("SELECT connected_id, scopes::text FROM exchange_narrowing")
        clients = await self._pool.fetch(
            "SELECT id, scopes::text FROM exchange_exchangeclient WHERE revoked_at IS NULL"
        )
        return Registered(
            {row[0]: _scopes(row[1]) for row in narrowed}, {row[0]: _scopes(row[1]) for row in clients}
        )


def _scopes(text: str) -> tuple[Scope, ...]:
    told: Any = msgspec.json.decode(text)
    return kept_scopes(each for each in told if isinstance(each, str)) if isinstance(told, list) else ()


@lru_cache(maxsize=4)
def _key_from(derived: bytes) -> OctKey:
    return OctKey.import_key(derived)


def _secret() -> OctKey:
    return _key_from(installation_secrets().derived("exchange-client-token"))
