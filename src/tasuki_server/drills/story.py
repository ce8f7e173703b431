# SPDX-License-Identifier: Apache-2.0
"""訓練の時系列 — what happened at which second of a drill, and how long it took from one moment to another."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple


class Side(StrEnum):
    """誰の行為か — as the report shows it."""

    CLINIC = "診療"
    ATTACKER = "攻撃"
    DETECTION = "検知"
    RESPONSE = "初動"
    DOWNTIME = "停止中"
    RECOVERY = "復旧"
    AFTER = "事後"


class Moment(NamedTuple):
    """時系列の一行 — ``key`` names the moment where something is measured from or to it."""

    key: str
    seconds: float
    at: datetime
    side: Side
    words: str


class Story:
    """訓練の時系列 — the clock runs from the first moment."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self.moments: list[Moment] = []

    def tell(self, key: str, side: Side, words: str) -> Moment:
        """記入 — now."""
        moment = Moment(key, time.monotonic() - self._begin, datetime.now(UTC), side, words)
        self.moments.append(moment)
        return moment

    def at(self, key: str) -> float:
        """その時 — seconds of the first moment of this name."""
        return next(each.seconds for each in self.moments if each.key == key)

    def between(self, begin: str, end: str) -> float:
        """経過 — seconds from one moment to another."""
        return round(self.at(end) - self.at(begin), 2)

    def has(self, key: str) -> bool:
        """あったか — whether the moment came."""
        return any(each.key == key for each in self.moments)
