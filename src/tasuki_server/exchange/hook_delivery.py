# SPDX-License-Identifier: Apache-2.0
"""通知の送信 — one round: endpoints are asked whether they are there, and what waits is told, in its order.

A notice is judged once more before it goes: consent, scopes and conditions as they are now. It is recorded before it
is sent, and gone when the other side has said 2xx; told twice it may be, left out it is not. One that cannot be told
keeps the others of its subscription waiting, until the subscription is given up as an error.

Cite: HL7 FHIR R4 subscription.html (rest-hook, errors)
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple

import asyncpg

from tasuki.security.sealed_fields import BrokenSeal
from tasuki_server.exchange.access_log import Access
from tasuki_server.exchange.asked import Room
from tasuki_server.exchange.bodies import instant, read_kept
from tasuki_server.exchange.exported import sight_now
from tasuki_server.exchange.hook_addresses import Unreachable, send
from tasuki_server.exchange.hook_keeping import opened_headers
from tasuki_server.exchange.hook_reading import criteria_query
from tasuki_server.exchange.outcome import FHIR_JSON
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.sight import Sight
from tasuki_server.exchange.storing import Change, now, store
from tasuki_server.platform.retrying import wait_after

log = logging.getLogger("tasuki.exchange")
FIRST_WAIT = timedelta(seconds=2)
# あきらめるまで: 2, 4, 8 … seconds, five minutes at most between two: about three quarters of an hour.
MOST_TRIES = 16
MOST_IN_ROUND = 200
# 一巡の時間: of one subscription; a slow endpoint is told of a few, and the others' next round is not kept waiting.
MOST_SECONDS = 10.0
_DUE = """
    SELECT h.id FROM exchange_hook h WHERE h.next_at <= $1 AND (
      h.status = 'requested' OR (h.status = 'active' AND (
        h.ends_at <= $1 OR EXISTS (SELECT 1 FROM exchange_notice n WHERE n.hook_id = h.id)
      ))) ORDER BY h.next_at LIMIT 100
"""
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('exchange-hook:' || $1::text, 0))"
_HOOK = """
    SELECT id, key, logical_id, writer_id AS caller_id, client_id, scopes::text AS scopes, type, criteria, base, endpoint,
      payload, headers, status, ends_at, tries, next_at FROM exchange_hook WHERE id = $1
"""
_FIRST = "SELECT number, key, version, at FROM exchange_notice WHERE hook_id = $1 ORDER BY number LIMIT 1"
_TOLD = """
    SELECT r.type, r.id, r.patient, r.writer_id, v.version, v.body, r.version = v.version AS is_newest
    FROM exchange_resource r JOIN LATERAL (
      SELECT r.version, r.body WHERE r.version = $2
      UNION ALL SELECT o.version, o.body FROM exchange_version o WHERE o.key = r.key AND o.version = $2
    ) v ON true
    WHERE r.key = $1 AND v.body IS NOT NULL AND {seen} AND {as_it_was} AND (r.version <> $2 OR ({met}))
"""
_IN_SERVICE = """
    SELECT EXISTS (SELECT 1 FROM platform_connectedinstitution WHERE id = $1 AND revoked_at IS NULL) AND ($2::uuid IS NULL
      OR EXISTS (SELECT 1 FROM exchange_exchangeclient c JOIN exchange_exchangeclientkey k ON k.client_id = c.id
        WHERE c.id = $2 AND c.revoked_at IS NULL AND k.revoked_at IS NULL AND k.expires_at > now()))
"""
_ORPHANS = (
    "DELETE FROM exchange_notice n WHERE NOT EXISTS (SELECT 1 FROM exchange_hook h WHERE h.id = n.hook_id)"
)
# 変わっていなければ: whoever writes a Subscription sets its next time anew.
_AS_READ = "WHERE id = $1 AND next_at = $2"
# あとの番: whoever used up its time stands behind those that had none.
_LATER = "UPDATE exchange_hook SET next_at = $2 WHERE id = $1 AND next_at < $2"


class Round(NamedTuple):
    """一巡の結果 — how many were told, and what could not be reached, in Japanese."""

    told: int
    faults: tuple[str, ...]


async def attend(room: Room, at: datetime | None = None) -> Round:
    """一巡 — of every subscription whose time has come; whatever one endpoint does, the others are served."""
    at = now() if at is None else at
    await room.pool.execute(_ORPHANS)
    due = [row["id"] for row in await room.pool.fetch(_DUE, at)]
    done = await asyncio.gather(*(_attend_one(room, each, at) for each in due), return_exceptions=True)
    told, faults = 0, []
    for each in done:
        if isinstance(each, BaseException):
            log.error(
                "hook %s", type(each).__name__, exc_info=each if log.isEnabledFor(logging.DEBUG) else None
            )
            faults.append(type(each).__name__)
        else:
            told += each.told
            faults.extend(each.faults)
    return Round(told, tuple(faults))


async def _attend_one(room: Room, hook_id: Any, at: datetime) -> Round:
    told, used = 0, 0.0
    while told < MOST_IN_ROUND:
        if used > MOST_SECONDS:
            await room.pool.execute(_LATER, hook_id, at)
            break
        async with room.deliveries, room.pool.acquire() as connection, connection.transaction():
            # Nobody else tells of this one meanwhile; its rows stay free for whoever writes.
            if not await connection.fetchval(_LOCK, str(hook_id)):
                return Round(told, ())
            hook = await connection.fetchrow(_HOOK, hook_id)
            if hook is None or hook["next_at"] > at:
                return Round(told, ())
            began = monotonic()
            try:
                if not await _step(room, connection, hook, at):
                    return Round(told, ())
            except (Unreachable, BrokenSeal) as wrong:
                why = str(wrong) if isinstance(wrong, Unreachable) else "見出しを開けません"
                await _failed(room, connection, hook, at, why)
                return Round(told, (f"Subscription/{hook['logical_id']}: {why}",))
            told += hook["status"] == "active"
            used += monotonic() - began
    return Round(told, ())


async def _step(room: Room, connection: asyncpg.Connection, hook: Any, at: datetime) -> bool:
    """A handshake or one notice; False when nothing is left."""
    is_over = hook["ends_at"] is not None and hook["ends_at"] <= at
    if is_over or not await connection.fetchval(_IN_SERVICE, hook["caller_id"], hook["client_id"]):
        if hook["status"] in ("requested", "active"):
            await _become(
                room,
                connection,
                hook,
                "off",
                "期限が過ぎたか、鍵が停止されました。" if is_over else "接続が停止されています。",
            )
        return False
    if hook["status"] == "requested":
        await _sent("POST", hook, "", b"")
        await _become(room, connection, hook, "active", "")
        return True
    notice = await connection.fetchrow(_FIRST, hook["id"]) if hook["status"] == "active" else None
    if notice is None:
        return False
    sight = await sight_now(room, hook)
    row = await _visible(connection, sight, hook, notice)
    if row is not None:
        access = Access(
            at, sight.caller, "operation", row["type"], row["id"], row["version"], row["patient"], row["writer_id"],
            query=f"Subscription/{hook['logical_id']}",
        )  # fmt: skip
        await room.log.kept([access])
        if hook["payload"]:
            await _sent("PUT", hook, f"/{row['type']}/{row['id']}", bytes(row["body"]))
        else:
            await _sent("POST", hook, "", b"")
    await connection.execute("DELETE FROM exchange_notice WHERE number = $1", notice["number"])
    await connection.execute("UPDATE exchange_hook SET tries = 0 WHERE id = $1 AND tries > 0", hook["id"])
    return True


async def _visible(connection: asyncpg.Connection, sight: Sight, hook: Any, notice: Any) -> Any:
    """What a notice is of, if the subscriber may see it now; None when it is not to be told."""
    query = criteria_query(hook["criteria"], hook["base"])
    writing = Writing(sight, [notice["key"], notice["version"]])
    met = [writing.condition(query.type, each, "r") for each in query.conditions]
    sql = _TOLD.format(
        seen=writing.seen("r", "rs", query.type),
        as_it_was=writing.as_it_was("r", "v.version"),
        met=" AND ".join(met) or "true",
    )
    row = await connection.fetchrow(sql, *writing.arguments)
    if row is not None and not row["is_newest"] and sight.grant.sets:
        value = read_kept(row["body"])
        if not (sight.grant.holds(value, "r") and sight.grant.holds(value, "s")):
            return None
    return row


async def _sent(method: str, hook: Any, path: str, body: bytes) -> None:
    headers: Mapping[str, str] = opened_headers(hook["id"], hook["headers"])
    if body:
        headers = {**headers, "Content-Type": FHIR_JSON}
    await asyncio.to_thread(send, method, hook["endpoint"], path, body, headers)


async def _failed(room: Room, connection: asyncpg.Connection, hook: Any, at: datetime, why: str) -> None:
    tries = hook["tries"] + 1
    if tries < MOST_TRIES:
        wait = wait_after(tries, FIRST_WAIT)
        await connection.execute(
            f"UPDATE exchange_hook SET tries = $3, next_at = $4 {_AS_READ}",
            hook["id"],
            hook["next_at"],
            tries,
            at + wait,
        )
        return
    first = await connection.fetchrow(_FIRST, hook["id"])
    told = f"{why}。"
    if first is not None:
        told += f"{instant(first['at'])} からの変更は届いていません。_lastUpdated で検索し直してください。"
    await _become(room, connection, hook, "error", told)


async def _become(room: Room, connection: asyncpg.Connection, hook: Any, status: str, error: str) -> None:
    """A new status is a new version of the Subscription, by this side; what waits goes unless it is active."""
    row = await connection.fetchrow(
        "SELECT key, body FROM exchange_resource WHERE key = $1 AND NOT is_deleted FOR UPDATE", hook["key"]
    )
    done = await connection.execute(
        f"UPDATE exchange_hook SET status = $3, tries = 0 {_AS_READ}", hook["id"], hook["next_at"], status
    )
    if done == "UPDATE 0":
        return
    if status != "active":
        await connection.execute("DELETE FROM exchange_notice WHERE hook_id = $1", hook["id"])
    if row is None:
        return
    value = {name: each for name, each in read_kept(row["body"]).items() if name != "error"}
    value |= {"status": status, **({"error": error} if error else {})}
    change = Change("PUT", "Subscription", hook["logical_id"], value, "update", key=hook["key"], is_ours=True)
    await store(connection, hook["caller_id"], [change], now(), hook["base"])
