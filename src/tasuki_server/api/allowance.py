# SPDX-License-Identifier: Apache-2.0
"""要求の割当て — how many requests a token, or failures an address, may make; a bucket that refills."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import monotonic

MOST = 8192


class Allowance:
    """要求の割当て — ``rate`` a second, with ``burst`` at once; per web process, in memory."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = monotonic) -> None:
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._left: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable) -> bool:
        """割当ての使用 — False when none is left."""
        now = self._clock()
        left = self._at(key, now)
        if left < 1:
            return False
        if len(self._left) >= MOST:
            self._drop_full(now)
        self._left[key] = (left - 1, now)
        return True

    def has(self, key: Hashable) -> bool:
        """割当ての有無 — without using any."""
        return self._at(key, self._clock()) >= 1

    def _at(self, key: Hashable, now: float) -> float:
        left, since = self._left.get(key, (self.burst, now))
        return min(self.burst, left + (now - since) * self.rate)

    def _drop_full(self, now: float) -> None:
        self._left = {key: kept for key, kept in self._left.items() if self._at(key, now) < self.burst}
        if len(self._left) >= MOST:
            self._left.clear()
