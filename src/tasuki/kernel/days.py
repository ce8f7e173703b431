# SPDX-License-Identifier: Apache-2.0
"""年齢・年月・休日 — ages, months and holidays, all from days given by the caller."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import jpholiday


class Age(NamedTuple):
    """年齢 — completed years and months and the days since the last completed month."""

    years: int
    months: int
    days: int


def age_on(born: date, day: date) -> Age:
    """年齢 — on a day, a year being completed on the birthday itself.

    The fee table's "6歳未満" asks for the birthday, not its eve. A birthday of 29 February is
    completed on 1 March of a common year.

    Raises ``ValueError`` when the day lies before birth.

    >>> age_on(date(2020, 7, 1), date(2026, 6, 30)).years
    5
    >>> age_on(date(2020, 7, 1), date(2026, 7, 1)).years
    6
    """
    if day < born:
        raise ValueError(f"{day} lies before birth {born}")
    months = (day.year - born.year) * 12 + day.month - born.month
    if day.day >= born.day:
        return Age(months // 12, months % 12, day.day - born.day)
    months -= 1
    last = _plus_months(born, months)
    return Age(months // 12, months % 12, (day - last).days)


def _plus_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    while True:
        try:
            return date(year, month + 1, day.day)
        except ValueError:
            return date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)


def reached_on(born: date, years: int) -> date:
    """年齢到達日 — the day before the birthday, when an age is reached in law.

    Cite: 年齢計算ニ関スル法律; 民法 第143条

    >>> reached_on(date(1956, 6, 1), 70)
    datetime.date(2026, 5, 31)
    """
    return _plus_months(born, years * 12) - timedelta(days=1)


def a_month_after(day: date) -> date:
    """1月経過日 — the first day after a month counted from and including the day.

    Cite: 民法 第143条; 通知 A000 (14) (1月の期間は例えば2月10日〜3月9日)

    >>> a_month_after(date(2026, 2, 10)), a_month_after(date(2026, 1, 31))
    (datetime.date(2026, 3, 10), datetime.date(2026, 3, 1))
    """
    return _plus_months(day, 1)


def months_after(day: date, count: int) -> date:
    """経過日 — the first day after a number of months counted from and including the day.

    >>> months_after(date(2026, 6, 1), 2), months_after(date(2026, 12, 31), 2)
    (datetime.date(2026, 8, 1), datetime.date(2027, 3, 1))
    """
    return _plus_months(day, count)


def is_preschool(born: date, day: date) -> bool:
    """未就学者 — until the 31 March on or after the day the sixth year is reached.

    Cite: 健康保険法 第74条; 記録条件仕様 別表5

    >>> is_preschool(date(2020, 4, 1), date(2026, 4, 1)), is_preschool(date(2020, 4, 2), date(2026, 4, 1))
    (False, True)
    """
    reached = reached_on(born, 6)
    end = date(reached.year + (reached > date(reached.year, 3, 31)), 3, 31)
    return day <= end


@lru_cache(maxsize=4096)
def is_holiday(day: date) -> bool:
    """休日 — Sundays, national holidays and 29 December to 3 January.

    Cite: 医科点数表 A000 注7 通知 (休日とは日曜日及び国民の祝日に関する法律に規定する休日、1月2日・3日、12月29日〜31日)

    >>> is_holiday(date(2026, 11, 23)), is_holiday(date(2026, 12, 29)), is_holiday(date(2026, 11, 24))
    (True, True, False)
    """
    if day.weekday() == 6 or (day.month, day.day) in _YEAR_END:
        return True
    return bool(jpholiday.is_holiday(day))


_YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


def month_of(day: date) -> tuple[int, int]:
    """暦月 — the calendar month of a day as (year, month)."""
    return day.year, day.month


def months_before(day: date, count: int) -> date:
    """遡及月 — the first day of the calendar month ``count - 1`` months before, for "n月に1回".

    The month of service counts as the first.

    >>> months_before(date(2026, 6, 15), 3)
    datetime.date(2026, 4, 1)
    """
    index = day.year * 12 + day.month - count
    return date(index // 12, index % 12 + 1, 1)
