# SPDX-License-Identifier: Apache-2.0
"""月 — as it stands in an address, and the first day of another month."""

from __future__ import annotations

from datetime import date

from django.http import Http404

# What is of our time; a month before or after them is a date as well.
YEARS = range(2000, 2200)


def month_named(text: str, usual: date) -> date:
    """月の読取り — YYYY-MM, the usual one when nothing is said; 404 when it is no month, or none of our time."""
    if not text:
        return usual
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError as wrong:
        raise Http404("month") from wrong
    if month.year not in YEARS:
        raise Http404("month")
    return month


def shift(month: date, count: int) -> date:
    """月数の加減 — the first day of another month.

    >>> shift(date(2026, 1, 31), -2), shift(date(2026, 12, 1), 1)
    (datetime.date(2025, 11, 1), datetime.date(2027, 1, 1))
    """
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1)
