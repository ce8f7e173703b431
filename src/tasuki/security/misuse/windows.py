# SPDX-License-Identifier: Apache-2.0
"""窓と平常 — sliding windows, and what is usual for someone, kept as plain lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# So many past days or months tell what is usual.
MOST_KEPT = 90


def slide(entries: list[Any], since: int) -> None:
    """窓を進める — drops what is older than a second; the first value of each entry is its second."""
    gone = 0
    for each in entries:
        if each[0] >= since:
            break
        gone += 1
    if gone:
        del entries[:gone]


def percentile(values: Sequence[int], hundredths: int) -> int:
    """百分位数 — nearest rank; 0 of nothing.

    >>> percentile([5, 1, 9, 3], 99), percentile([], 99), percentile(range(1, 101), 95)
    (9, 0, 95)
    """
    if not values:
        return 0
    ordered = sorted(values)
    return ordered[-(-len(ordered) * hundredths // 100) - 1]


def keep(values: list[int], value: int) -> None:
    """平常に加える — the newest are kept."""
    values.append(value)
    if len(values) > MOST_KEPT:
        del values[0]


class Baseline:
    """平常値 — a highest value each day of someone, and from the days before the limit that is theirs.

    A day that raised an alert teaches no more than its limit: the limit can rise with someone's work, but each step
    up is seen by a person.
    """

    def __init__(self, state: dict[str, Any], key: str) -> None:
        self.own: dict[str, Any] = state.setdefault(key, {"day": 0, "top": 0, "told": 0, "past": []})

    def turn(self, day: int) -> None:
        """日替わり — the day before goes into what is usual."""
        own = self.own
        if own["day"] == day:
            return
        if own["top"]:
            keep(own["past"], min(own["top"], own["told"]) if own["told"] else own["top"])
        own.update(day=day, top=0, told=0)
        own.pop("limit", None)

    def limit(self, floor: int, times: int) -> int:
        """上限 — the larger of a floor and a multiple of one's own 99th percentile; the same all day."""
        own = self.own
        key = f"{floor}:{times}"
        if own.get("limit", ("", 0))[0] != key:
            own["limit"] = [key, max(floor, percentile(own["past"], 99) * times)]
        return int(own["limit"][1])

    def see(self, value: int, limit: int) -> bool:
        """値を見る — the top of the day; True above the limit."""
        if value > self.own["top"]:
            self.own["top"] = value
        if value <= limit:
            return False
        self.own["told"] = limit
        return True
