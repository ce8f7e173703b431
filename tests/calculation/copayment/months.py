# SPDX-License-Identifier: Apache-2.0
"""Invented months for the copayment tests: one person, one coverage, visits by points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tasuki.calculation.copayment import (
    CopaymentSettings,
    CopayVisit,
    MonthLedger,
    VisitCharge,
    visit_copayment,
)
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.visit import Person, Sex

EMPLOYEES = Insurance(InsuranceKind.EMPLOYEES, "01990010")
ADULT = date(1980, 5, 5)
ELDER = date(1952, 5, 5)
Points = int | Mapping[tuple[str, ...], int]


def visits_of(
    points: Sequence[Points],
    insurance: Insurance | None = EMPLOYEES,
    programmes: tuple[PublicProgramme, ...] = (),
    month: tuple[int, int] = (2026, 6),
    born: date = ADULT,
) -> list[CopayVisit]:
    """One visit a day from the first of the month; a plain number is care of the insurer alone."""
    coverage = Coverage(insurance, programmes)
    return [
        CopayVisit(
            date(*month, day), Person(born, Sex.FEMALE), coverage, {(): one} if isinstance(one, int) else one
        )
        for day, one in enumerate(points, 1)
    ]


def run_month(
    visits: Sequence[CopayVisit], settings: CopaymentSettings | None = None
) -> tuple[list[VisitCharge], MonthLedger]:
    """The charges of a month, visit by visit, and its ledger."""
    first = visits[0].day
    ledger = MonthLedger((first.year, first.month), settings or CopaymentSettings())
    charges = []
    for visit in visits:
        charge, ledger = visit_copayment(ledger, visit)
        charges.append(charge)
    return charges, ledger


def collected(visits: Sequence[CopayVisit], settings: CopaymentSettings | None = None) -> list[int]:
    """What each visit pays."""
    return [charge.collect_yen for charge in run_month(visits, settings)[0]]
