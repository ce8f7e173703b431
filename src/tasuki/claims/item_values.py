# SPDX-License-Identifier: Apache-2.0
"""項目の値 — months, days, whole numbers and amounts as claim files write them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from tasuki.kernel.eras import from_era

# Python refuses to turn thousands of digits into a number; no item of a claim file holds more than 30.
_LONGEST_NUMBER = 40


class Month(NamedTuple):
    """年月 — a calendar month.

    >>> Month(2026, 6).text, Month(2026, 1).plus(-1), Month(2024, 2).last_day
    ('202606', Month(year=2025, month=12), 29)
    """

    year: int
    month: int

    @property
    def text(self) -> str:
        """年月 — YYYYMM."""
        return f"{self.year:04}{self.month:02}"

    @property
    def last_day(self) -> int:
        """月の日数 — 28 to 31."""
        return monthrange(self.year, self.month)[1]

    def plus(self, count: int) -> Month:
        """月数の加減 — the month so many months later or earlier."""
        year, month = divmod(self.year * 12 + self.month - 1 + count, 12)
        return Month(year, month + 1)

    def day(self, number: int) -> date:
        """月内の日 — a day of the month."""
        return date(self.year, self.month, number)


def parse_day(text: str) -> date | None:
    """年月日の解釈 — YYYYMMDD, or GYYMMDD of files made before the 2020 change; None when it is no day.

    A day before 明治 is none, no era can write it; nor is one after 2199, a slip of the hand.

    >>> parse_day("20181101"), parse_day("4301101"), parse_day("20260231"), parse_day("")
    (datetime.date(2018, 11, 1), datetime.date(2018, 11, 1), None, None)
    >>> parse_day("18000101"), parse_day("99991231"), parse_month("999912")
    (None, None, None)
    """
    return _day(text) if len(text) in (7, 8) else None


@lru_cache(maxsize=8_192)
def _day(text: str) -> date | None:
    if not (text.isascii() and text.isdigit()):
        return None
    try:
        if len(text) == 8:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        else:
            day = from_era(int(text[0]), int(text[1:3]), int(text[3:5]), int(text[5:]))
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


# 明治元年1月1日 of the old calendar, the first day an era of the claim files names.
FIRST_DAY = date(1868, 1, 25)
LAST_DAY = date(2199, 12, 31)


def parse_month(text: str) -> Month | None:
    """年月の解釈 — YYYYMM, or GYYMM of old files; None when it is no month.

    >>> parse_month("202606"), parse_month("43101"), parse_month("202613")
    (Month(year=2026, month=6), Month(year=2019, month=1), None)
    """
    day = parse_day(text + "28") if len(text) in (5, 6) else None
    return Month(day.year, day.month) if day else None


def parse_whole(text: str) -> int | None:
    """整数の解釈 — None for an empty or malformed item, or one longer than any item of a claim file.

    >>> parse_whole("0120"), parse_whole(""), parse_whole("9" * 5000)
    (120, None, None)
    """
    return int(text) if len(text) <= _LONGEST_NUMBER and text.isascii() and text.isdigit() else None


def is_receipt_number(text: str) -> bool:
    """レセプト番号か — one to six digits.

    >>> is_receipt_number("000012"), is_receipt_number(""), is_receipt_number("1234567"), is_receipt_number("1a")
    (True, False, False, False)
    """
    return len(text) <= 6 and parse_whole(text) is not None


def parse_amount(text: str) -> Decimal | None:
    """数量の解釈 — digits with at most one decimal point, None otherwise.

    >>> parse_amount("1.5"), parse_amount("1e3"), parse_amount("-1"), parse_amount("")
    (Decimal('1.5'), None, None, None)
    """
    if len(text) > _LONGEST_NUMBER or not text.isascii() or not text.replace(".", "", 1).isdigit():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
