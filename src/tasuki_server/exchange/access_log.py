# SPDX-License-Identifier: Apache-2.0
"""交換の利用の記録の書込み — many in one insert, and nobody is answered before the insert is durable.

What arrives while one insert commits goes together in the next. When an insert fails, everyone in it is refused.
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

COLUMNS = "at, caller_id, interaction, type, id, version, patient, writer_id, status, query"
ARRAYS = (
    "timestamptz[]", "uuid[]", "text[]", "text[]", "text[]", "int[]", "text[]", "uuid[]", "smallint[]", "text[]",
)  # fmt: skip
_WRITE = (
    f"INSERT INTO exchange_access ({COLUMNS}) SELECT * FROM unnest("
    + ", ".join(f"${n}::{kind}" for n, kind in enumerate(ARRAYS, 1))
    + ")"
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


def columns(accesses: Sequence[Access]) -> list[tuple[object, ...]]:
    """列 — as arrays for one statement."""
    return list(zip(*accesses, strict=True))
