# SPDX-License-Identifier: Apache-2.0
"""控えた答え — what the database said counts for a second, and is asked once however many wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
SECONDS = 1.0
MOST = 10_000


class Remembered(Generic[K, V]):
    """控えた答え — of one loop. The second begins when the question is asked; an answer that failed is not kept."""

    def __init__(self, ask: Callable[[K], Awaitable[V]], clock: Callable[[], float] = monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._known: dict[K, tuple[asyncio.Future[V], float]] = {}

    async def of(self, key: K) -> V:
        """答え — raises what the question raised, to everyone who waited for it."""
        now = self._clock()
        known = self._known.get(key)
        if known is None or known[1] <= now:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[key] = (asyncio.ensure_future(self._ask(key)), now + SECONDS)
            known[0].add_done_callback(lambda asked: self._forget_failed(key, asked))
        asked = known[0]
        # Whoever leaves while others wait does not take their answer along.
        return asked.result() if asked.done() else await asyncio.shield(asked)

    def forget(self) -> None:
        """控えを捨てる — the next question goes to the database."""
        self._known.clear()

    def _forget_failed(self, key: K, asked: asyncio.Future[V]) -> None:
        known = self._known.get(key)
        if (asked.cancelled() or asked.exception() is not None) and known is not None and known[0] is asked:
            del self._known[key]
