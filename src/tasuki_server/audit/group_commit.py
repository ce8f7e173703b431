# SPDX-License-Identifier: Apache-2.0
"""まとめ書き — events of many machine requests in one transaction; none is answered before its own is kept.

While one transaction commits, the next requests gather and go together in the following one: nobody waits for a clock,
and under load one commit serves many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar
from uuid import UUID

Noted = TypeVar("Noted")
# What one transaction takes; more waits for the next.
MOST = 500


class GroupCommit(Generic[Noted]):
    """まとめ書き — ``write`` keeps the events of one institution durably, or raises, and then all of them are refused."""

    def __init__(self, write: Callable[[UUID, Sequence[Noted]], None], threads: Executor) -> None:
        self._write = write
        self._threads = threads
        self._waiting: dict[UUID, list[tuple[Noted, asyncio.Future[None]]]] = {}
        self._draining: asyncio.Task[None] | None = None

    async def kept(self, institution_id: UUID, noted: Noted) -> None:
        """記録の完了 — returns once the event is durable; raises what kept it from being so."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(institution_id, []).append((noted, done))
        if self._draining is None:
            self._draining = asyncio.ensure_future(self._drain())
        await done

    async def settled(self) -> None:
        """書込みの待合せ — until nothing waits; at the end of the service."""
        if self._draining is not None:
            await self._draining

    async def _drain(self) -> None:
        try:
            while self._waiting:
                institution_id = next(iter(self._waiting))
                waiting = self._waiting.pop(institution_id)
                if len(waiting) > MOST:
                    # To the end of the line, so that one busy institution does not keep the others waiting.
                    self._waiting[institution_id] = waiting[MOST:]
                await self._keep(institution_id, waiting[:MOST])
        finally:
            self._draining = None

    async def _keep(self, institution_id: UUID, group: list[tuple[Noted, asyncio.Future[None]]]) -> None:
        events = [noted for noted, _ in group]
        fault: Exception | None = None
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._threads, self._write, institution_id, events
            )
        except Exception as error:  # noqa: BLE001 - whatever it was, each request is told of it
            fault = error
        for _, done in group:
            if done.done():
                continue
            if fault is None:
                done.set_result(None)
            else:
                done.set_exception(fault)
