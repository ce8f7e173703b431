# SPDX-License-Identifier: Apache-2.0
"""通知の申込みの保存と、通知の記入 — in the transaction of the write they tell of: both stand, or neither.

Headers are sealed for their own row (0707) under a key that comes from the installation's secret.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from tasuki.security.sealed_fields import DataKey, Place, open_sealed, seal
from tasuki_server.database.places import installation_secrets
from tasuki_server.exchange.hook_reading import HookWish, criteria_query
from tasuki_server.exchange.outcome import Refused, refuse
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.sight import Sight
from tasuki_server.institutions.ids import new_id

log = logging.getLogger("tasuki.exchange")
HOOKS_OF = (
    "SELECT h.id, h.writer_id, h.type, h.criteria, h.base FROM exchange_hook h"
    " WHERE h.status = 'active' AND h.type = ANY($1::text[])"
)
_NUMBER = 1
_HELD = "SELECT id, headers FROM exchange_hook WHERE key = $1 FOR UPDATE"
_KEEP = """
    INSERT INTO exchange_hook (id, key, logical_id, writer_id, client_id, scopes, type, criteria, base, endpoint, payload,
      headers, status, ends_at, tries, next_at)
    VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, $12, $13, $14, 0, now())
    ON CONFLICT (key) DO UPDATE SET client_id = excluded.client_id, scopes = excluded.scopes, type = excluded.type,
      criteria = excluded.criteria, base = excluded.base, endpoint = excluded.endpoint, payload = excluded.payload,
      headers = excluded.headers, status = excluded.status, ends_at = excluded.ends_at, tries = 0, next_at = now()
"""
MOST_HOOKS = 30
_OTHERS = "SELECT count(*) FROM exchange_hook WHERE writer_id = $1 AND key <> $2 AND status IN ('requested', 'active')"
_FORGET = "DELETE FROM exchange_notice n USING exchange_hook h WHERE n.hook_id = h.id AND h.key = $1"
_QUEUE = """
    INSERT INTO exchange_notice (hook_id, key, version, at)
    SELECT $1::uuid, r.key, r.version, r.updated FROM exchange_resource r
    WHERE r.key = ANY($2::bigint[]) AND {terms} ORDER BY array_position($2::bigint[], r.key)
"""


async def keep_hook(
    connection: asyncpg.Connection,
    sight: Sight,
    key: int,
    logical_id: str,
    wish: HookWish | None,
    *,
    is_ours: bool,
) -> None:
    """申込みの保存 — of a Subscription that was written; a changed one begins anew, a deleted one is gone."""
    if is_ours:
        return
    await connection.execute(_FORGET, key)
    if wish is None:
        await connection.execute("DELETE FROM exchange_hook WHERE key = $1", key)
        return
    held = await connection.fetchrow(_HELD, key)
    if wish.headers is None and (held is None or held["headers"] is None):
        raise refuse(
            "hook", "Subscription.channel.header", found="********", wanted="見出しの値を書いてください。"
        )
    number = new_id() if held is None else held["id"]
    if wish.headers is None:
        assert held is not None
        headers = held["headers"]
    else:
        headers = sealed_headers(number, wish.headers) if wish.headers else None
    if not wish.is_off and await connection.fetchval(_OTHERS, sight.caller, key) >= MOST_HOOKS:
        # Each is asked of every write of its type.
        raise refuse(
            "hook",
            "Subscription",
            found=f"{MOST_HOOKS}件あります",
            wanted="使わないものを off にしてください。",
        )
    scopes = None if sight.scopes is None else json.dumps(sight.scopes)
    await connection.execute(
        _KEEP, number, key, logical_id, sight.caller, sight.client, scopes, wish.type, wish.criteria, wish.base,
        wish.endpoint, wish.payload, headers, "off" if wish.is_off else "requested", wish.ends_at,
    )  # fmt: skip


async def queue_notices(
    connection: asyncpg.Connection, hooks: Iterable[Any], written: Sequence[tuple[int, str]]
) -> None:
    """通知の記入 — of what was written and meets the conditions, as far as the subscriber's institution may see it."""
    for hook in hooks:
        keys = [key for key, type_name in written if type_name == hook["type"]]
        try:
            query = criteria_query(hook["criteria"], hook["base"])
        except Refused:
            # It was readable when it was accepted; nobody's write fails for it.
            log.error("criteria of %s", hook["id"])
            continue
        writing = Writing(hook["writer_id"], [hook["id"], keys])
        terms = [writing.seen("r", "rs", query.type)]
        terms += [writing.condition(query.type, each, "r") for each in query.conditions]
        await connection.execute(_QUEUE.format(terms=" AND ".join(terms)), *writing.arguments)


def sealed_headers(hook: UUID, headers: Sequence[tuple[str, str]]) -> bytes:
    """見出しの封印 — opens at this row only."""
    return seal(DataKey(_NUMBER, _key()), _place(hook), msgspec.json.encode(headers))


def opened_headers(hook: UUID, sealed: bytes | None) -> dict[str, str]:
    """見出しの開封 — raises :class:`tasuki.security.sealed_fields.BrokenSeal`."""
    if sealed is None:
        return {}
    plain = open_sealed({_NUMBER: _key()}.get, _place(hook), bytes(sealed))
    return dict(msgspec.json.decode(plain, type=list[tuple[str, str]]))


def _place(hook: UUID) -> Place:
    return Place(UUID(int=0), "exchange_hook", "headers", hook)


def _key() -> bytes:
    return installation_secrets().derived("exchange-hook-headers")
