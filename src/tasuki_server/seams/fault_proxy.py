# SPDX-License-Identifier: Apache-2.0
"""障害の中継 — a TCP proxy that harms real connections: refuses, delays, cuts there or back, holds, or sends in crumbs.

The simulator decides what production code does with a harmed request; this shows that real sockets harm it so.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

CHUNK = 4096


class Harm(StrEnum):
    """障害の種類 — of one connection."""

    NONE = "none"
    REFUSE = "refuse"
    CUT_THERE = "cut_there"
    CUT_BACK = "cut_back"
    CUT_BACK_AT_ONCE = "cut_back_at_once"
    HOLD = "hold"
    SLOW = "slow"
    CRUMBS = "crumbs"


class FaultProxy:
    """障害の中継 — ``harm`` says, connection by connection, what happens to it; ``after`` bytes pass before a cut."""

    def __init__(
        self,
        target: tuple[str, int],
        harm: Callable[[int], Harm],
        *,
        after: int = 16,
        seconds: float = 0.2,
    ) -> None:
        self._target, self._harm = target, harm
        self._after, self._seconds = after, seconds
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.harmed: Counter[Harm] = Counter()
        self.count = 0

    async def start(self) -> tuple[str, int]:
        """開始 — gives the address to speak to."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def stop(self) -> None:
        """終了 — what is still held is let go."""
        assert self._server is not None
        self._server.close()
        for each in self._open:
            each.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        harm, self.count = self._harm(self.count), self.count + 1
        self.harmed[harm] += 1
        try:
            await self._carry(harm, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            self._open.discard(task)
            with suppress(OSError):
                writer.transport.abort()

    async def _carry(self, harm: Harm, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if harm is Harm.REFUSE:
            return
        if harm is Harm.SLOW:
            await asyncio.sleep(self._seconds)
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        there = asyncio.ensure_future(
            self._pump(reader, there_writer, self._after if harm is Harm.CUT_THERE else None)
        )
        try:
            if harm is Harm.HOLD:
                await there_reader.read(1)
                await asyncio.sleep(3600)
            most = {Harm.CUT_BACK: self._after, Harm.CUT_BACK_AT_ONCE: 0}.get(harm)
            if most == 0:
                await there_reader.read(1)
                return
            back = asyncio.ensure_future(
                self._pump(there_reader, writer, most, 1 if harm is Harm.CRUMBS else CHUNK)
            )
            await asyncio.wait({back} if harm is not Harm.CUT_THERE else {there})
            back.cancel()
        finally:
            there.cancel()
            there_writer.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None, size: int = CHUNK
    ) -> None:
        """Bytes one way, at most so many; the end of one side is told to the other."""
        left = most
        with suppress(OSError):
            while piece := await reader.read(size if left is None else min(size, left)):
                writer.write(piece)
                await writer.drain()
                if left is not None:
                    left -= len(piece)
                    if left <= 0:
                        return
            if writer.can_write_eof():
                writer.write_eof()
