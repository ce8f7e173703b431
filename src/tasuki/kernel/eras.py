# SPDX-License-Identifier: Apache-2.0
"""元号 — Japanese eras, for codecs and print only."""

from __future__ import annotations

from datetime import date

# Era number of the claim formats (1 明治 … 5 令和), name, and first day.
_ERAS = (
    (5, "令和", date(2019, 5, 1)),
    (4, "平成", date(1989, 1, 8)),
    (3, "昭和", date(1926, 12, 25)),
    (2, "大正", date(1912, 7, 30)),
    (1, "明治", date(1868, 1, 25)),
)


def era_of(day: date) -> tuple[int, str, int]:
    """元号 — the era's number, name and year of a day.

    Raises ``ValueError`` for a day before 明治.

    >>> era_of(date(2026, 6, 1)), era_of(date(2019, 4, 30))
    ((5, '令和', 8), (4, '平成', 31))
    """
    for number, name, since in _ERAS:
        if day >= since:
            return number, name, day.year - since.year + 1
    raise ValueError(f"{day} lies before 明治")


def era_text(day: date) -> str:
    """和暦表記 — as printed on forms.

    >>> era_text(date(2026, 6, 1)), era_text(date(2019, 5, 1))
    ('令和8年6月1日', '令和元年5月1日')
    """
    _, name, year = era_of(day)
    return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def from_era(number: int, year: int, month: int, day: int) -> date:
    """西暦変換 — the day of an era date as the old claim files write it (GYYMMDD).

    Raises ``ValueError`` when the era or the day does not exist.

    >>> from_era(4, 30, 11, 1)
    datetime.date(2018, 11, 1)
    """
    for known, _, since in _ERAS:
        if known == number:
            return date(since.year + year - 1, month, day)
    raise ValueError(f"era {number} is unknown")
