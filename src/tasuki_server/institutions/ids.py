# SPDX-License-Identifier: Apache-2.0
"""識別子 — row identifiers that sort by the time they were made."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """新しい識別子 — a UUID of version 7 (RFC 9562): 48 bits of milliseconds, then chance, so that indexes stay dense."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
