# SPDX-License-Identifier: Apache-2.0
"""在宅の算定歴 — visits to the home that were billed before, by month, week and days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.decide_visit_kind import HOME_VISIT_CODES, REFERRED_VISIT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.case import Case
    from tasuki.chart.visit import PastLine

HOUSE_CALL = "114000110"
SPECIAL_HOUSE_CALL = "114001610"
HOUSE_CALLS = frozenset((HOUSE_CALL, SPECIAL_HOUSE_CALL))
ALONE, SHARED, ATTACHED = "114001110", "114030310", "114042810"
PLANNED_VISITS = HOME_VISIT_CODES
REFERRED_ALONE, REFERRED_SHARED, REFERRED_ATTACHED = "114042110", "114042210", "114046310"
REFERRED_VISITS = REFERRED_VISIT_CODES
HOME_VISITS = PLANNED_VISITS | REFERRED_VISITS
CANCER_CARE = frozenset(("114019510", "114019610", "114019710", "114019810", "114007610", "114007710"))


def days_of(case: Case, codes: Iterable[str], since: date, until: date | None = None) -> list[date]:
    """算定日 — the days on which one of the codes was billed, each line once, in order."""
    last = case.day if until is None else until
    return sorted(line.day for code in codes for line in case.history.of(code) if since <= line.day <= last)


def month_start(case: Case) -> date:
    """月の初日 — of the month of the visit."""
    return case.day.replace(day=1)


def week_start(case: Case) -> date:
    """週の初日 — the Sunday on or before the visit."""
    return case.day - timedelta(days=(case.day.weekday() + 1) % 7)


def last_line(case: Case, codes: Iterable[str]) -> PastLine | None:
    """直近の算定 — the last line of one of the codes on any day before or of the visit."""
    found = [line for code in codes for line in case.history.of(code)]
    return max(found, key=lambda line: (line.day, line.code), default=None)
