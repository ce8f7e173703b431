# SPDX-License-Identifier: Apache-2.0
"""計測値 — one JSON line a figure, with what it is held against and how busy the machine was."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable


def report(
    name: str, value: float, unit: str, peer: float | str | None = None, ratio: float | None = None
) -> None:
    """計測値の一行 — ``peer`` is another's figure of the same unit, or names it; then ``ratio`` is given."""
    if ratio is None and isinstance(peer, float | int) and peer:
        ratio = value / peer
    line = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "peer": round(peer, 3) if isinstance(peer, float) else peer,
        "ratio": None if ratio is None else round(ratio, 4),
        "load": round(os.getloadavg()[0], 2),
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """プロセッサ時間（秒） — the fastest of some runs; it tells of one core even where others share it."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def in_turn(one: Callable[[], object], other: Callable[[], object], times: int) -> tuple[float, float]:
    """交互の計測 — CPU seconds of two ways that take turns, the fastest of as many turns of each; who begins changes."""
    found: tuple[list[float], list[float]] = ([], [])
    for turn in range(times):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            found[side].append(seconds((one, other)[side], 1))
    return min(found[0]), min(found[1])
