# SPDX-License-Identifier: Apache-2.0
"""世代との連絡 — a line between ``up`` and each process of a generation: "ready" or "failed" comes up, "drain" goes down."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence

# Which of the inherited files the first line is, and, by comma, all of them; set by ``up`` for the page server alone. A
# version that knows the first name only makes one process and is understood.
VARIABLE, EVERY = "TASUKI_GENERATION_LINE", "TASUKI_GENERATION_LINES"
# Which of the processes this one is, from 0; set by the page server when it makes them.
PLACE = "TASUKI_GENERATION_PLACE"
READY, FAILED, DRAIN = b"ready\n", b"failed\n", b"drain\n"
_ONE_OF = re.compile(rb"one of (\d+)\n")


def lines() -> tuple[int, ...]:
    """連絡の線 — one a process; none when the page server was started by hand."""
    told = (os.environ.get(EVERY) or os.environ.get(VARIABLE, "")).split(",")
    return tuple(int(each) for each in told) if all(each.isdecimal() for each in told) else ()


def ready_words() -> bytes:
    """用意ができたことば — with how many processes say so; a version that knew of one said "ready" alone."""
    return b"one of %d\n" % process_count() + READY


def are_ready(told: Sequence[bytes]) -> bool:
    """用意ができたか — whether as many processes have said so as the generation has.

    >>> are_ready([b"ready\\n", b""]), are_ready([b"one of 2\\nready\\n", b""])
    (True, False)
    """
    numbers = [int(found[1]) for each in told if (found := _ONE_OF.search(each))]
    return sum(READY in each for each in told) >= max(numbers, default=1)


def process_count() -> int:
    """プロセスの数 — of this generation."""
    return max(1, len(lines()))


def own_share(whole: int) -> int:
    """このプロセスの分 — of what a generation has in all; one at least.

    >>> own_share(2)
    2
    """
    return -(-whole // process_count())


def own_place() -> int:
    """何番目のプロセスか — from 0."""
    return int(os.environ.get(PLACE, "0"))


def own_end() -> socket.socket | None:
    """こちらの端 — of this process; None when it was started by hand."""
    every = lines()
    if not every:
        return None
    # A copy: a process that is made again in this one's place finds the line open.
    end = socket.socket(fileno=os.dup(every[own_place()]))
    end.setblocking(False)
    return end
