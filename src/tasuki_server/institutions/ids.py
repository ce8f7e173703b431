# SPDX-License-Identifier: Apache-2.0
"""識別子 — row identifiers that sort by the time they were made."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

_clocks: list[Callable[[], int]] = [lambda: time.time_ns() // 1_000_000]
_CLOCK = (1 << 48) - 1
# 版と変種: 7 and 2 where RFC 9562 has them, and what is left to chance.
_VERSION = 0x7 << 76 | 0x2 << 62
_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_CHANCE = (1 << 80) - 1 & ~(0xF << 76 | 0x3 << 62)


def new_id() -> UUID:
    """新しい識別子 — a UUID of version 7 (RFC 9562): 48 bits of milliseconds, then chance, so that indexes stay dense."""
    chance = int.from_bytes(os.urandom(10), "big") & _CHANCE
    return UUID(int=(_clocks[-1]() & _CLOCK) << 80 | _VERSION | chance)


def new_name() -> str:
    """新しい識別子（文字） — as :func:`new_id`, where the text alone is wanted and many are made for one answer."""
    return new_names(1)[0]


def new_names(count: int) -> list[str]:
    """新しい識別子（文字） — as many as are wanted of one moment, whose chance the system is asked for once.

    >>> len(set(new_names(1000)))
    1000
    """
    clock, chance = f"{_clocks[-1]() & _CLOCK:012x}", os.urandom(10 * count).hex()
    front = f"{clock[:8]}-{clock[8:]}-7"
    return [
        f"{front}{chance[at : at + 3]}-{_VARIANTS[chance[at + 3]]}{chance[at + 4 : at + 7]}-{chance[at + 8 : at + 20]}"
        for at in range(0, 20 * count, 20)
    ]


@contextmanager
def milliseconds_of(clock: Callable[[], int]) -> Iterator[None]:
    """識別子の時計の差替え — for a simulation, in this whole process."""
    _clocks.append(clock)
    try:
        yield
    finally:
        _clocks.remove(clock)
