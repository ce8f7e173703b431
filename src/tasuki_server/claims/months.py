# SPDX-License-Identifier: Apache-2.0
"""月の加減 — the first day of another month."""

from __future__ import annotations

from datetime import date


def shift(month: date, count: int) -> date:
    """月数の加減 — the first day of another month.

    >>> shift(date(2026, 1, 31), -2), shift(date(2026, 12, 1), 1)
    (datetime.date(2025, 11, 1), datetime.date(2027, 1, 1))
    """
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1)
