# SPDX-License-Identifier: Apache-2.0
"""改定 — the days on which the fee table and the drug prices are revised.

Fees and drug prices have changed on different days since 2024: fees on 1 June, prices on 1 April.
"""

from __future__ import annotations

from datetime import date, timedelta

from tasuki.kernel.validity import Validity
from tasuki.masters.book import Revision

# 診療報酬改定 (本体): 告示 of each year, first day in force.
FEE_REVISIONS: tuple[tuple[str, date], ...] = (
    ("R2", date(2020, 4, 1)),
    ("R4", date(2022, 4, 1)),
    ("R6", date(2024, 6, 1)),
    ("R8", date(2026, 6, 1)),
)
# 薬価改定, the years between the fee revisions included.
PRICE_REVISIONS: tuple[date, ...] = (
    date(2020, 4, 1),
    date(2021, 4, 1),
    date(2022, 4, 1),
    date(2023, 4, 1),
    date(2024, 4, 1),
    date(2025, 4, 1),
    date(2026, 4, 1),
)


def revision_validity(name: str) -> Validity:
    """改定の期間 — from its first day to the day before the next one."""
    starts = dict(FEE_REVISIONS)
    later = [since for _, since in FEE_REVISIONS if since > starts[name]]
    return Validity(starts[name], min(later) - timedelta(days=1) if later else None)


def revision_name(day: date) -> str | None:
    """改定名 — the fee revision in force on a day, None before the first one known."""
    names = [name for name, since in FEE_REVISIONS if since <= day]
    return names[-1] if names else None


def revision(name: str, source: str) -> Revision:
    """改定 — a loaded revision and where its rows came from."""
    return Revision(name, revision_validity(name), source)


def price_revision_on(day: date) -> date:
    """薬価改定日 — the last price revision on or before a day.

    >>> price_revision_on(date(2025, 8, 14))
    datetime.date(2025, 4, 1)
    """
    return max((since for since in PRICE_REVISIONS if since <= day), default=PRICE_REVISIONS[0])


def is_price_confirmed(price_on: date | None, day: date) -> bool:
    """薬価の確認 — whether a price was read from a list of the price revision in force on the day.

    >>> is_price_confirmed(date(2025, 8, 14), date(2026, 6, 1))
    False
    """
    return price_on is not None and price_on >= price_revision_on(day)
