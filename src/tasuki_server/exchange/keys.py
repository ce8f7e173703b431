# SPDX-License-Identifier: Apache-2.0
"""鍵の払出し — numbers of resources, a thousand at a time, so that one statement can write a resource and what finds it."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg

_BLOCK = 1000
_TAKE = """
    INSERT INTO exchange_keyblock (id, next) VALUES ($1, $2 + 1)
    ON CONFLICT (id) DO UPDATE SET next = exchange_keyblock.next + $2 RETURNING next - $2
"""
_ONLY = UUID(int=0)


class Keys:
    """鍵の払出し — of one process; what is not used when it ends stays unused."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._lock = asyncio.Lock()
        self._next = self._end = 0

    async def take(self, count: int) -> range:
        """鍵を取る — so many in a row; before a connection is held, for this takes one of its own."""
        async with self._lock:
            if self._end - self._next < count:
                wanted = max(_BLOCK, count)
                self._next = await self._pool.fetchval(_TAKE, _ONLY, wanted)
                self._end = self._next + wanted
            taken = range(self._next, self._next + count)
            self._next += count
            return taken
