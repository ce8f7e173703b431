# SPDX-License-Identifier: Apache-2.0
"""What was found out at one visit is kept for the next ones of the day, but never who paid for it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tasuki.calculation import calculate
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import History, Person, Sex, Visit
from tasuki.facility.institution import Institution
from tasuki.masters.starter import load_starter

FIRST_VISIT_OF_WORK_ACCIDENT = "101110010"
AT = datetime(2025, 4, 10, 10, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_an_act_of_work_accidents_alone_stays_closed_to_health_insurance_after_a_work_accident() -> None:
    """労災診療行為マスター: the same institution, day and book, the work accident first."""
    book, clinic = load_starter(), Institution("9999999", "13")

    def granted(kind: InsuranceKind) -> bool:
        order = Order("o1", OrderKind.ACT, (Item(FIRST_VISIT_OF_WORK_ACCIDENT),))
        person = Person(date(1980, 5, 5), Sex.FEMALE)
        visit = Visit(kind.value, person, AT, Coverage(Insurance(kind, "01990010")), orders=(order,))
        lines = calculate(visit, clinic, History(), book).granted()
        return FIRST_VISIT_OF_WORK_ACCIDENT in {line.code for line in lines}

    assert not granted(InsuranceKind.EMPLOYEES)
    assert granted(InsuranceKind.WORK_ACCIDENT)
    assert not granted(InsuranceKind.EMPLOYEES)
