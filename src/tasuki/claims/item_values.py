# SPDX-License-Identifier: Apache-2.0
"""項目の値 — months, days, whole numbers and amounts as claim files write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from tasuki.kernel.eras import from_era


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
        following = self.plus(1)
        return (date(following.year, following.month, 1) - date(self.year, self.month, 1)).days

    def plus(self, count: int) -> Month:
        """月数の加減 — the month so many months later or earlier."""
        year, month = divmod(self.year * 12 + self.month - 1 + count, 12)
        return Month(year, month + 1)

    def day(self, number: int) -> date:
        """月内の日 — a day of the month."""
        return date(self.year, self.month, number)


def parse_day(text: str) -> date | None:
    """年月日の解釈 — YYYYMMDD, or GYYMMDD of files made before the 2020 change; None when it is no day.

    >>> parse_day("20181101"), parse_day("4301101"), parse_day("20260231"), parse_day("")
    (datetime.date(2018, 11, 1), datetime.date(2018, 11, 1), None, None)
    """
    if not (text.isascii() and text.isdigit()):
        return None
    try:
        if len(text) == 8:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if len(text) == 7:
            return from_era(int(text[0]), int(text[1:3]), int(text[3:5]), int(text[5:]))
    except ValueError:
        return None
    return None


def parse_month(text: str) -> Month | None:
    """年月の解釈 — YYYYMM, or GYYMM of old files; None when it is no month.

    >>> parse_month("202606"), parse_month("43101"), parse_month("202613")
    (Month(year=2026, month=6), Month(year=2019, month=1), None)
    """
    day = parse_day(text + "01") if len(text) in (5, 6) else None
    return Month(day.year, day.month) if day else None


def parse_whole(text: str) -> int | None:
    """整数の解釈 — None for an empty or malformed item."""
    return int(text) if text.isascii() and text.isdigit() else None


def parse_amount(text: str) -> Decimal | None:
    """数量の解釈 — digits with at most one decimal point, None otherwise.

    >>> parse_amount("1.5"), parse_amount("1e3"), parse_amount("-1"), parse_amount("")
    (Decimal('1.5'), None, None, None)
    """
    if not text.isascii() or not text.replace(".", "", 1).isdigit():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
