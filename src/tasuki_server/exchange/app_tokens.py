# SPDX-License-Identifier: Apache-2.0
"""連携アプリのトークン — a code for tokens, a refresh token for new ones; each serves once, and a second time ends the permit.

Everything is looked up with every use: an app, a permit or an institution that was stopped is refused at once.

Cite: SMART App Launch 2.2, RFC 6749 4.1 and 6, RFC 7636 (S256), RFC 9700 2.1.1 and 4.14 (one use, rotation), RFC 7009
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from tasuki_server.api.token_form import NoToken
from tasuki_server.exchange.app_scopes import (
    OFFLINE,
    OPENID,
    USER,
    Wanted,
    bound,
    is_within,
    read_wanted,
    within,
)
from tasuki_server.exchange.app_secrets import ACCESS, REFRESH, challenge_of, digest_of
from tasuki_server.exchange.scopes import BadScope
from tasuki_server.platform.engine import Call, Caller
from tasuki_server.platform.removal_clock import BELIEVED

ACCESS_SECONDS = 300
CODE_GRANT, REFRESH_GRANT = "authorization_code", "refresh_token"
_LOOK = """
    SELECT s.kind, s.redirect_uri, s.challenge, s.nonce, s.scopes::text AS scopes, s.expires_at, s.used_at,
      p.id AS permit, p.patient, p.allowed_by, p.scopes::text AS allowed, p.ended_at, p.expires_at AS until,
      a.id AS app, a.scopes::text AS registered, a.revoked_at AS stopped, i.revoked_at AS closed,
      i.id AS institution, i.prefecture || i.fee_table || i.code AS number, i.fee_table, i.name
    FROM exchange_appsecret s JOIN exchange_apppermit p ON p.id = s.permit_id
    JOIN exchange_launchapp a ON a.id = p.app_id JOIN platform_connectedinstitution i ON i.id = a.connected_id
    WHERE s.digest = $1 AND s.kind = $2
"""
_END = "UPDATE exchange_apppermit SET ended_at = $2, why = $3 WHERE id = $1 AND ended_at IS NULL"
_USE = "UPDATE exchange_appsecret SET used_at = $2 WHERE digest = $1 AND used_at IS NULL RETURNING digest"
_USED = "UPDATE exchange_apppermit SET used_at = $2 WHERE id = $1"
_GIVE = """
    INSERT INTO exchange_appsecret (digest, permit_id, kind, redirect_uri, challenge, nonce, scopes, expires_at)
    VALUES ($1, $2, $3, '', '', '', $4::jsonb, $5)
"""
# A code or refresh token that was used must be known for as long as it could come again.
_FORGET = f"""
    DELETE FROM exchange_appsecret s USING exchange_apppermit p WHERE p.id = s.permit_id AND s.expires_at < $1
      AND (s.kind = 'access' OR p.ended_at IS NOT NULL OR p.expires_at < $1) AND {BELIEVED}
"""  # noqa: S608 - made of constants


class Given(NamedTuple):
    """発行したもの — what the app is told, and for whom an identity is stated (None: for nobody)."""

    told: dict[str, Any]
    allowed_by: UUID | None
    app: UUID
    nonce: str
    names_user: bool


async def recognise_app(call: Call, token: str) -> Caller | None:
    """アプリのトークンの照合 — of a request: the app, the permit and the institution stand now."""
    row = await call.pool.fetchrow(_LOOK, digest_of(token), "access")
    now = datetime.now(UTC)
    if row is None or not _stands(row, now) or now >= row["expires_at"]:
        return None
    wanted = within(_wanted(row["scopes"]), _wanted(row["registered"]))
    scopes = bound(wanted.data, row["patient"])
    if USER in wanted.words:
        # Who allowed it may be read by name, as the identity says.
        scopes = (*scopes, f"system/Practitioner.r?_id={row['allowed_by']}")
    return Caller(row["institution"], row["number"], row["fee_table"], row["name"], None, scopes, row["app"])


async def exchange_code(pool: asyncpg.Pool, form: Mapping[str, str]) -> Given:
    """コードとトークンの交換 — raises :class:`NoToken`; whatever does not fit uses the code up."""
    client = _client(form)
    now = datetime.now(UTC)
    digest = digest_of(form.get("code", ""))
    async with pool.acquire() as connection:
        row = await _spend(connection, digest, "code", client, now)
        verified = challenge_of(form.get("code_verifier", ""))
        if verified is None or not hmac.compare_digest(verified, row["challenge"]):
            await connection.execute(_END, row["permit"], now, "pkce")
            raise NoToken("invalid_grant", "code_verifier が code_challenge（S256）と合いません。")
        if form.get("redirect_uri", "") != row["redirect_uri"]:
            await connection.execute(_END, row["permit"], now, "redirect")
            raise NoToken("invalid_grant", "redirect_uri が、許可を求めたときのものと違います。")
        return await _give(connection, row, _wanted(row["scopes"]), now)


async def refresh(pool: asyncpg.Pool, form: Mapping[str, str]) -> Given:
    """トークンの更新 — the new ones take the place of the old; nothing wider than what was allowed."""
    client = _client(form)
    now = datetime.now(UTC)
    digest = digest_of(form.get("refresh_token", ""))
    async with pool.acquire() as connection:
        allowed = await _wider(connection, digest, form.get("scope", ""))
        row = await _spend(connection, digest, "refresh", client, now)
        return await _give(connection, row, allowed or _wanted(row["scopes"]), now)


async def revoke(pool: asyncpg.Pool, form: Mapping[str, str]) -> None:
    """トークンの取消し — with everything else of its permit; a token that nobody knows is as good as revoked."""
    client, now = _client(form), datetime.now(UTC)
    token = form.get("token", "")
    kind = "refresh" if token.startswith(REFRESH) else "access"
    row = await pool.fetchrow(_LOOK, digest_of(token), kind)
    if row is not None and row["app"] == client:
        await pool.execute(_END, row["permit"], now, "app")


async def _wider(connection: Any, digest: str, text: str) -> Wanted | None:
    """What a refresh asks for where it asks; wider than before is refused, and the token is not used up."""
    row = await connection.fetchrow(_LOOK, digest, "refresh")
    if row is None or not text:
        return None
    try:
        wanted = read_wanted(text.split())
    except BadScope as bad:
        raise NoToken("invalid_scope", str(bad)) from None
    if not is_within(wanted, _wanted(row["scopes"])):
        raise NoToken("invalid_scope", "許可されたよりも広い利用範囲は求められません。")
    return wanted


async def _spend(connection: Any, digest: str, kind: str, client: UUID, now: datetime) -> Any:
    """The one use: who comes second ends the permit, for one of the two has stolen it."""
    row = await connection.fetchrow(_LOOK, digest, kind)
    if row is None or row["app"] != client:
        raise NoToken("invalid_grant", "コードかトークンが分かりません。許可を求め直してください。")
    if await connection.fetchval(_USE, digest, now) is None:
        await connection.execute(_END, row["permit"], now, "replay")
        raise NoToken("invalid_grant", "一度使われています。この許可のトークンはすべて止めました。")
    if not _stands(row, now) or now >= row["expires_at"]:
        raise NoToken("invalid_grant", "期限が切れたか、許可が終わっています。許可を求め直してください。")
    return row


async def _give(connection: Any, row: Any, wanted: Wanted, now: datetime) -> Given:
    wanted = within(wanted, _wanted(row["registered"]))
    if not wanted.data:
        raise NoToken("invalid_scope", "許可された利用範囲は、もうこのアプリに登録されていません。")
    texts = msgspec.json.encode(wanted.texts).decode()
    access, again = ACCESS + secrets.token_urlsafe(32), REFRESH + secrets.token_urlsafe(32)
    until = min(now + timedelta(seconds=ACCESS_SECONDS), row["until"])
    async with connection.transaction():
        await connection.execute(_GIVE, digest_of(access), row["permit"], "access", texts, until)
        if OFFLINE in wanted.words:
            await connection.execute(_GIVE, digest_of(again), row["permit"], "refresh", texts, row["until"])
        await connection.execute(_USED, row["permit"], now)
        await connection.execute(_FORGET, now)
    told: dict[str, Any] = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": int((until - now).total_seconds()),
        "scope": " ".join(wanted.texts),
        "patient": row["patient"],
        "need_patient_banner": True,
    }
    if OFFLINE in wanted.words:
        told["refresh_token"] = again
    whose = row["allowed_by"] if OPENID in wanted.words else None
    return Given(told, whose, row["app"], row["nonce"], USER in wanted.words)


def _client(form: Mapping[str, str]) -> UUID:
    try:
        return UUID(form.get("client_id", ""))
    except ValueError:
        raise NoToken("invalid_client", "client_id が要ります。") from None


def _stands(row: Any, now: datetime) -> bool:
    is_over = row["stopped"] is not None or row["closed"] is not None or row["ended_at"] is not None
    return not is_over and now < row["until"]


def _wanted(text: str) -> Wanted:
    return read_wanted(msgspec.json.decode(text, type=list[str]))
