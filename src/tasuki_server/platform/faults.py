# SPDX-License-Identifier: Apache-2.0
"""障害 — what a connector must live through, switched on by the operator and drawn from a seed, so that it comes again."""

from __future__ import annotations

import random

import msgspec


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """障害 — shares are percents of requests; none of them is on by default."""

    seed: int = 0
    delay_percent: int = 0
    delay_milliseconds: int = 0
    # 処理前の切断: nothing was done. 処理後の切断: it was done and the answer is lost, the harder of the two.
    cut_before_percent: int = 0
    cut_after_percent: int = 0
    truncate_percent: int = 0
    error_percent: int = 0
    error_code: str = ""
    error_text: str = ""
    is_maintenance: bool = False
    maintenance_text: str = "ただいまメンテナンス中です。"


NO_FAULTS = Faults()


class Drawn(msgspec.Struct, frozen=True):
    """引いた障害 — what happens to one request."""

    delay_seconds: float = 0.0
    is_cut_before: bool = False
    is_cut_after: bool = False
    is_truncated: bool = False
    is_error: bool = False


NOTHING_DRAWN = Drawn()


def draw(faults: Faults, place: int) -> Drawn:
    """障害を引く — for the request of that place since the setting was made; the same seed and place draw the same.

    >>> draw(NO_FAULTS, 1) == NOTHING_DRAWN
    True
    >>> draw(Faults(cut_after_percent=100), 7).is_cut_after
    True
    """
    if faults == NO_FAULTS:
        return NOTHING_DRAWN
    chance = random.Random(f"{faults.seed}:{place}")  # noqa: S311 - a rehearsal that must come again the same

    def falls(percent: int) -> bool:
        return chance.random() * 100 < percent

    return Drawn(
        delay_seconds=faults.delay_milliseconds / 1000 if falls(faults.delay_percent) else 0.0,
        is_cut_before=falls(faults.cut_before_percent),
        is_cut_after=falls(faults.cut_after_percent),
        is_truncated=falls(faults.truncate_percent),
        is_error=falls(faults.error_percent),
    )
