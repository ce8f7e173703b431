# SPDX-License-Identifier: Apache-2.0
"""年齢制限 — the two-character ages of the masters, read as days."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from tasuki.kernel.days import age_on, is_preschool

_DAYS = {"AA": 28, "AE": 90}
_YEARS = {f"{years:02}": years for years in range(1, 100)}
_MONTH_AFTER = {"B3": 3, "B6": 6, "BF": 15, "BK": 20}


def is_within_ages(born: date, day: date, age_from: str, age_to: str) -> bool:
    """年齢の適否 — whether 下限 ≤ age < 上限 on the day; "00" is no limit.

    AA and AE are 28 and 90 days after birth; B3, B6, BF, BK the first day of the month after the 3rd, 6th,
    15th or 20th birthday; MG school age.

    Cite: マスターファイル仕様説明書 R6 医科診療行為マスター 41・42 下限年齢・上限年齢

    >>> is_within_ages(date(2020, 7, 1), date(2026, 6, 30), "00", "06")
    True
    >>> is_within_ages(date(2020, 7, 1), date(2026, 7, 1), "00", "06")
    False
    """
    if age_from in _YEARS and age_to in _YEARS:
        return _YEARS[age_from] <= age_on(born, day).years < _YEARS[age_to]
    return _has_reached(born, day, age_from, when_open=True) and not _has_reached(
        born, day, age_to, when_open=False
    )


@lru_cache(maxsize=4096)
def oldest(age_to: str) -> int:
    """上限年齢 — completed years that nobody below the limit has reached.

    >>> oldest("06"), oldest("AE"), oldest("00")
    (6, 1, 1000)
    """
    if age_to in ("00", "0", ""):
        return 1000
    if age_to in _DAYS:
        return 1
    if age_to in _MONTH_AFTER:
        return _MONTH_AFTER[age_to] + 1
    return 8 if age_to == "MG" else int(age_to)


def _has_reached(born: date, day: date, limit: str, *, when_open: bool) -> bool:
    if limit in ("00", "0", ""):
        return when_open
    if limit in _DAYS:
        return day >= born + timedelta(days=_DAYS[limit])
    if limit in _MONTH_AFTER:
        month = born.year * 12 + born.month + _MONTH_AFTER[limit] * 12
        return day >= date(month // 12, month % 12 + 1, 1)
    if limit == "MG":
        return not is_preschool(born, day)
    return age_on(born, day).years >= int(limit)
