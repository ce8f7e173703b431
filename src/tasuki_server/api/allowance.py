# SPDX-License-Identifier: Apache-2.0
"""要求の割当て — how many requests a token, or failures an address, may make; a bucket that refills."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from time import monotonic

from allauth.core.internal.ratelimit import truncate_ip

from tasuki_server.operations.shared_table import ALLOWANCES, SharedTable

# What dividing and adding leaves over is no request.
_GRAIN = 1e-6
# How a socket of both families names an IPv4 address: all of them are one IPv6 network.
_MAPPED = "::ffff:"


@lru_cache(maxsize=1024)
def place_of(address: str) -> str:
    """数える接続元 — of an address, by which failures are counted: of IPv6 its network, for whoever has one has them all.

    An IPv4 address stays one however it is written.
    """
    return str(truncate_ip(address.removeprefix(_MAPPED)))


class Allowance:
    """要求の割当て — ``rate`` a second, with ``burst`` at once; over all processes of the page server.

    Kept is when the bucket will be full again, on the clock that all processes of a machine share. Where the table is full,
    whoever would be full first is forgotten.
    """

    def __init__(
        self,
        purpose: str,
        rate: float,
        burst: float,
        clock: Callable[[], float] = monotonic,
        table: SharedTable | None = None,
    ) -> None:
        self.purpose = purpose
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._full_at = table or SharedTable(ALLOWANCES)

    def take(self, key: Hashable) -> bool:
        """割当ての使用 — False when none is left."""
        now = self._clock()
        is_taken = False

        def taking(full_at: float) -> float:
            nonlocal is_taken
            is_taken = self._left(full_at, now) >= 1 - _GRAIN
            return max(now, full_at) + 1 / self.rate if is_taken else full_at

        self._full_at.change(self._named(key), taking)
        return is_taken

    def has(self, key: Hashable) -> bool:
        """割当ての有無 — without using any."""
        return self._left(self._full_at.value(self._named(key)), self._clock()) >= 1 - _GRAIN

    def forget(self) -> None:
        """忘却 — of everyone, whatever the purpose; for tests."""
        self._full_at.clear()

    def _left(self, full_at: float, now: float) -> float:
        return self.burst - max(0.0, full_at - now) * self.rate

    def _named(self, key: Hashable) -> bytes:
        return f"{self.purpose}\0{key}".encode()
