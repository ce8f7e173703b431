# SPDX-License-Identifier: Apache-2.0
"""在宅精神療法 — the codes of I002 2 by the minutes at the patient's home, and their halves (I002 2, 注6)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tasuki.calculation.case import Case

R8 = date(2026, 6, 1)
SHORTEST, HALF_HOUR, HOUR = 5, 30, 60


class HomeTherapy(NamedTuple):
    """在宅精神療法の区分 — its codes by 精神保健指定医 and by others, their halves, and the least minutes."""

    designated: str
    others: str
    designated_half: str
    others_half: str
    least: int


FIRST_HOUR = HomeTherapy("180070610", "180068010", "180071830", "180068130", HOUR)
LONGEST = HomeTherapy("180070710", "180068210", "180073030", "180073130", HOUR)
LONG = HomeTherapy("180070810", "180067910", "180071930", "180068630", HALF_HOUR)
SHORT = HomeTherapy("180070910", "180068310", "180072030", "180068530", 0)
# 令和8年度: a first visit of thirty minutes and more by 精神保健指定医, and its half.
FIRST_HALF_HOUR, FIRST_HALF_HOUR_HALF = "180774910", "180775130"
_ALL = (FIRST_HOUR, LONGEST, LONG, SHORT)
HOME_CODES = frozenset(
    (*(each.designated for each in _ALL), *(each.others for each in _ALL), FIRST_HALF_HOUR)
)
HOME_BY_OTHERS = tuple(each.others for each in _ALL)
HOME_SHORTEST = {True: SHORT.designated, False: SHORT.others}
HOME_HALVED = {
    **{each.designated: each.designated_half for each in _ALL},
    **{each.others: each.others_half for each in _ALL},
    FIRST_HALF_HOUR: FIRST_HALF_HOUR_HALF,
}
HOME_LEAST = {
    **{code: each.least for each in _ALL for code in (each.designated, each.others)},
    FIRST_HALF_HOUR: HALF_HOUR,
}


def home_code(case: Case, *, is_first: bool, is_designated: bool) -> str | None:
    """在宅精神療法のコード — by the minutes; None where five are not exceeded, at a first visit thirty.

    Cite: 医科点数表 I002 2, 注2; 通知 I002 (4)・(5)
    """
    minutes = case.visit.minutes or 0
    if is_first:
        if minutes <= HALF_HOUR:
            return None
        if minutes < HOUR and is_designated and case.day >= R8:
            return FIRST_HALF_HOUR
        chosen = FIRST_HOUR if minutes >= HOUR else LONG
    elif minutes <= SHORTEST:
        return None
    else:
        chosen = LONGEST if minutes >= HOUR else LONG if minutes >= HALF_HOUR else SHORT
    return chosen.designated if is_designated else chosen.others
