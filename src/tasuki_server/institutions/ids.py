# SPDX-License-Identifier: Apache-2.0
"""識別子 — row identifiers that sort by the time they were made."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

_clocks: list[Callable[[], int]] = [lambda: time.time_ns() // 1_000_000]


def new_id() -> UUID:
    """新しい識別子 — a UUID of version 7 (RFC 9562): 48 bits of milliseconds, then chance, so that indexes stay dense."""
    value = (_clocks[-1]() & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


@contextmanager
def milliseconds_of(clock: Callable[[], int]) -> Iterator[None]:
    """識別子の時計の差替え — for a simulation, in this whole process."""
    _clocks.append(clock)
    try:
        yield
    finally:
        _clocks.remove(clock)
