# SPDX-License-Identifier: Apache-2.0
"""交換の利用の記録の書込み — many in one insert, and nobody is answered before the insert is durable.

What arrives while one insert commits goes together in the next. When an insert fails, everyone in it is refused.
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from tasuki_server.exchange.indexing import NUMBERS, column_sql, joined, numbers, parting_of

COLUMNS = "at, caller_id, interaction, type, id, version, patient, writer_id, status, query"
# Texts go as one text a column, as those of the index do; numbers and times as arrays.
KINDS = ("timestamptz", "text", "text", "text", "text", "int", "text", "text", "smallint", "text")
_ARRAYS = ", ".join(column_sql(n, kind, 1) for n, kind in enumerate(KINDS, 2))
_WRITE = (
    f"INSERT INTO exchange_access ({COLUMNS}) SELECT at, caller::uuid, interaction, type, id, version,"
    " nullif(patient, ''), nullif(writer, '')::uuid, status, query"
    f" FROM unnest({_ARRAYS}) AS a(at, caller, interaction, type, id, version, patient, writer, status, query)"
)
MOST = 500
LONGEST_QUERY = 2000


class Access(NamedTuple):
    """交換の利用 — who did what to which resource, how it ended; in the order of the table's columns."""

    at: datetime
    caller: UUID
    interaction: str
    type: str = ""
    id: str = ""
    version: int | None = None
    patient: str | None = None
    writer: UUID | None = None
    status: int = 200
    query: str = ""


class AccessLog:
    """交換の利用の記録 — one of a pool of connections, in the loop that serves."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Sequence[Access], asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def kept(self, accesses: Sequence[Access]) -> None:
        """記録 — returns when they are durable; raises when they could not be written."""
        if not accesses:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((accesses, done))
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                async with self._pool.acquire() as connection:
                    await write_accesses(connection, [each for accesses, _ in taken for each in accesses])
            except Exception as fault:  # noqa: BLE001 - whoever waits is told, and nobody waits for ever
                for _, done in taken:
                    if not done.done():
                        done.set_exception(fault)
            else:
                for _, done in taken:
                    if not done.done():
                        done.set_result(None)


async def write_accesses(connection: asyncpg.Connection, accesses: Sequence[Access]) -> None:
    """利用の記録の書込み — in the transaction of this connection, or at once."""
    if accesses:
        await connection.execute(_WRITE, *columns(accesses))


def columns(accesses: Sequence[Access]) -> list[Any]:
    """列 — for one statement, after what parts the texts."""
    made: list[Any] = list(zip(*accesses, strict=True))
    texts = {
        place: ["" if each is None else str(each) for each in made[place]]
        for place, kind in enumerate(KINDS)
        if kind == "text"
    }
    for place, kind in enumerate(KINDS):
        if kind in NUMBERS:
            made[place] = numbers(made[place])
    parting = parting_of(list(texts.values()))
    for place, column in texts.items():
        made[place] = joined(column, parting)
    return [parting, *made]
