# SPDX-License-Identifier: Apache-2.0
"""食事療養標準負担額 — what a patient pays per meal in hospital, by date and class."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from tasuki.kernel.validity import Validity


class MealClass(StrEnum):
    """食事の負担区分 — the classes of 標準負担額."""

    GENERAL = "一般"
    RARE_DISEASE = "指定難病・小児慢性"
    LOW_2_SHORT = "低所得Ⅱ・オ（90日まで）"
    LOW_2_LONG = "低所得Ⅱ・オ（90日超）"
    LOW_1 = "低所得Ⅰ"


class MealRow(NamedTuple):
    """標準負担額の行 — yen per meal by class in one period; unconfirmed classes are named."""

    validity: Validity
    yen: dict[MealClass, int]
    unconfirmed: frozenset[MealClass] = frozenset()


_M = MealClass
MEALS: tuple[MealRow, ...] = (
    MealRow(
        Validity(date(2024, 6, 1), date(2025, 3, 31)),
        {_M.GENERAL: 490, _M.RARE_DISEASE: 280, _M.LOW_2_SHORT: 230, _M.LOW_2_LONG: 180, _M.LOW_1: 110},
    ),
    MealRow(
        Validity(date(2025, 4, 1), date(2026, 5, 31)),
        {_M.GENERAL: 510, _M.RARE_DISEASE: 300, _M.LOW_2_SHORT: 240, _M.LOW_2_LONG: 190, _M.LOW_1: 110},
        frozenset({_M.RARE_DISEASE, _M.LOW_2_SHORT, _M.LOW_2_LONG}),
    ),
)
MEALS_PER_DAY = 3


class MealUnknown(LookupError):
    """標準負担額未収載 — no confirmed amount for the day."""

    def __init__(self, day: date) -> None:
        self.day = day
        super().__init__(f"no meal charge loaded for {day}")


def meal_charge(day: date, meal_class: MealClass, count: int) -> int:
    """食事療養標準負担額 — yen for meals of one day or one period of one amount.

    Neither rounded to ten yen nor part of any limit. The amounts from 2026-06 are not confirmed and
    raise :class:`MealUnknown`.

    Cite: 健康保険法 第85条第2項

    >>> meal_charge(date(2025, 5, 1), MealClass.GENERAL, 15)
    7650
    """
    if count < 0:
        raise ValueError(f"{count} meals")
    for row in MEALS:
        if day in row.validity:
            return row.yen[meal_class] * count
    raise MealUnknown(day)
