# SPDX-License-Identifier: Apache-2.0
"""リソースの読取り — many reads in one statement, which also records each of them: no body leaves without its record."""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from tasuki_server.exchange.access_log import COLUMNS
from tasuki_server.exchange.sight import institution_sees
from tasuki_server.operations.line import own_share

# Reads that wait while others are answered go together; more statements at once would only share the same cores.
MOST_TOGETHER, STATEMENTS = 200, 2
# The arrays stand behind a subquery: how long they are is no reason to plan the statement anew each time.
_READ = f"""
    WITH asked AS (
      SELECT a.* FROM (SELECT $1::int[] AS a, $2::text[] AS b, $3::text[] AS c, $4::uuid[] AS d, $5::timestamptz[] AS e OFFSET 0) g,
        unnest(g.a, g.b, g.c, g.d, g.e) AS a(nth, type, id, caller, at)
    ), found AS (
      SELECT a.nth, a.type, a.id, a.caller, a.at, r.version, r.updated, r.body, r.patient, r.writer_id,
        CASE WHEN r.key IS NULL OR NOT ({institution_sees("r", "a.caller")}) THEN 404 WHEN r.is_deleted THEN 410 ELSE 200 END AS status
      FROM asked a LEFT JOIN exchange_resource r ON r.type = a.type AND r.id = a.id
    ), noted AS (
      INSERT INTO exchange_access ({COLUMNS})
      SELECT at, caller, 'read', type, id, version, patient, writer_id, status, '' FROM found
    )
    SELECT nth, version, updated, CASE WHEN status = 200 THEN body END AS body, status FROM found
"""


class Read(NamedTuple):
    """読取りの結果 — the status it ends with; a body only when it may be seen."""

    nth: int
    version: int | None
    updated: datetime | None
    body: bytes | None
    status: int


class Reads:
    """読取りの組 — of one pool of connections, in the loop that serves."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[tuple[str, str, UUID, datetime], asyncio.Future[Read]]] = []
        self._running = 0
        # Of all processes together: the fewer statements, the more go together in each.
        self._statements = own_share(STATEMENTS)

    async def read(self, type_name: str, logical_id: str, caller: UUID, at: datetime) -> Read:
        """読取り — of the current version; returns when the record of it is durable."""
        done: asyncio.Future[Read] = asyncio.get_running_loop().create_future()
        self._waiting.append(((type_name, logical_id, caller, at), done))
        if self._running < self._statements:
            self._running += 1
            # After the requests that have arrived by now have joined.
            asyncio.get_running_loop().call_soon(self._begin)
        return await done

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                try:
                    rows = await self._fetch([asked for asked, _ in taken])
                except Exception as fault:  # noqa: BLE001 - whoever waits is told, and nobody waits for ever
                    for _, done in taken:
                        if not done.done():
                            done.set_exception(fault)
                    continue
                for row in rows:
                    done = taken[row[0]][1]
                    if not done.done():
                        done.set_result(Read(*row))
        finally:
            self._running -= 1

    async def _fetch(self, asked: Sequence[tuple[str, str, UUID, datetime]]) -> list[Any]:
        types, ids, callers, ats = zip(*asked, strict=True)
        found: list[Any] = await self._pool.fetch(_READ, range(len(asked)), types, ids, callers, ats)
        return found
