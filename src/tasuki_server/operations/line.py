# SPDX-License-Identifier: Apache-2.0
"""世代との連絡 — a line between ``up`` and each process of a generation: "ready" or "failed" comes up, "drain" goes down."""

from __future__ import annotations

import os
import socket

# Which of the inherited files the lines are, by comma, one for each process; set by ``up`` for the page server alone.
VARIABLE = "TASUKI_GENERATION_LINE"
# Which of the processes this one is, from 0; set by the page server when it makes them.
PLACE = "TASUKI_GENERATION_PLACE"
READY, FAILED, DRAIN = b"ready\n", b"failed\n", b"drain\n"


def lines() -> tuple[int, ...]:
    """連絡の線 — one a process; none when the page server was started by hand."""
    told = os.environ.get(VARIABLE, "").split(",")
    return tuple(int(each) for each in told) if all(each.isdecimal() for each in told) else ()


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
