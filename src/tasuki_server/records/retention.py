# SPDX-License-Identifier: Apache-2.0
"""保存期間 — what is past its days is removed: letters, informations, checkups; looked for once an hour by who asks.

Whoever reads is not shown what is past its days even before it is removed.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from tasuki_server.exchange.storing import Change, store
from tasuki_server.platform.engine import Call
from tasuki_server.platform.removal_clock import Unbelievable, require_belief_of
from tasuki_server.records.asked import Asked
from tasuki_server.records.rules import Rules

log = logging.getLogger("tasuki.platform")
SECONDS_BETWEEN, MOST = 3600.0, 500
DAYS_OF_YEAR = 365.25
_tidied: dict[int, float] = {}
_LETTERS = """
    WITH gone AS (
      SELECT id FROM records_document WHERE body IS NOT NULL
        AND (fetched_at < $1 OR (fetched_at IS NULL AND sent_at < $2)) LIMIT $4 FOR UPDATE SKIP LOCKED
    ), attachments AS (DELETE FROM records_attachment WHERE document_id IN (SELECT id FROM gone)), steps AS (
      INSERT INTO records_step (id, document_id, at, act, institution) SELECT gen_random_uuid(), id, $3, 'removed', '' FROM gone
    )
    UPDATE records_document SET body = NULL, discharge = NULL, removed_at = $3, changed_at = $3
    WHERE id IN (SELECT id FROM gone)
"""
_CHECKUPS = """
    UPDATE records_checkup SET body = NULL, name = '', kana = '', words = '', removed_at = $2
    WHERE id IN (
      SELECT id FROM records_checkup WHERE body IS NOT NULL AND registered_at < $1 LIMIT $3 FOR UPDATE SKIP LOCKED
    )
"""
_ITEMS = """
    SELECT i.id, i.type, i.logical_id, u.caller_id FROM records_item i JOIN records_unit u ON u.id = i.unit_id
    WHERE NOT ({}) LIMIT $4
"""
_LEFT = "SELECT type, logical_id FROM records_item WHERE (type, logical_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))"


class Limits:
    """保存の限り — the first moments that are still kept, in the order of :data:`KEPT`'s parameters."""

    def __init__(self, rules: Rules, at: datetime) -> None:
        self.usual = at - timedelta(days=round_days(rules.years_kept))
        self.long = at - timedelta(days=round_days(rules.long_years_kept))
        self.prescription = at - timedelta(days=rules.prescription_days)

    @property
    def arguments(self) -> tuple[datetime, datetime, datetime]:
        """引数 — usual, long, prescriptions."""
        return self.usual, self.long, self.prescription


def kept(item: str, first: int) -> str:
    """保存期間内の条件 — SQL over a row of ``records_item``, with the limits from that parameter on."""
    return (
        f"CASE WHEN {item}.kind = 'prescription' THEN {item}.registered_at >= ${first + 2}"
        f" WHEN {item}.is_long_kept THEN {item}.registered_at >= ${first + 1}"
        f" ELSE {item}.registered_at >= ${first} END"
    )


def round_days(years: int) -> int:
    """年の日数 — never a day short of it.

    >>> round_days(5), round_days(1)
    (1827, 366)
    """
    return int(years * DAYS_OF_YEAR) + 1


async def tidy(asked: Asked) -> None:
    """片付け — once an hour in each process, before a request is answered.

    Where the clock cannot be believed nothing goes; the keeper of `up` says so to the operator.
    """
    key = id(asked.call.pool)
    if time.monotonic() - _tidied.get(key, -SECONDS_BETWEEN) < SECONDS_BETWEEN:
        return
    _tidied.clear()
    _tidied[key] = time.monotonic()
    try:
        await remove_old(asked.call, asked.rules, asked.at)
    except Unbelievable as doubt:
        log.warning("%s", doubt)


async def remove_old(call: Call, rules: Rules, at: datetime) -> int:
    """保存期間を過ぎたものの削除 — as many as one round takes; gives how many informations went. Raises :class:`Unbelievable`."""
    limits = Limits(rules, at)
    async with call.pool.acquire() as connection:
        # By itself, so that the mark is held for no longer than this.
        await require_belief_of(connection, at)
        async with connection.transaction():
            return await _removed(connection, rules, limits, at)


async def _removed(connection: asyncpg.Connection, rules: Rules, limits: Limits, at: datetime) -> int:
    received = at - timedelta(days=rules.letter_days_after_receipt)
    waiting = at - timedelta(days=rules.letter_days_waiting)
    await connection.execute(_LETTERS, received, waiting, at, MOST)
    await connection.execute(_CHECKUPS, limits.usual, at, MOST)
    # A row that is locked elsewhere is being replaced, and has new days.
    rows = await connection.fetch(
        _ITEMS.format(kept("i", 1)) + " FOR UPDATE OF i SKIP LOCKED", *limits.arguments, MOST
    )
    if not rows:
        return 0
    await connection.execute(
        "DELETE FROM records_item WHERE id = ANY($1::uuid[])", [row["id"] for row in rows]
    )
    places = {(row["type"], row["logical_id"]): row["caller_id"] for row in rows}
    left = await connection.fetch(_LEFT, *zip(*places, strict=True))
    for row in left:
        places.pop((row["type"], row["logical_id"]), None)
    await _delete(connection, places, at)
    return len(places)


async def _delete(connection: asyncpg.Connection, places: dict[tuple[str, str], UUID], at: datetime) -> None:
    for writer in sorted(set(places.values())):
        changes = [
            Change("DELETE", kind, logical_id, None, "expire")
            for (kind, logical_id), by in places.items()
            if by == writer
        ]
        await store(connection, writer, changes, at, "")
