# SPDX-License-Identifier: Apache-2.0
"""From a calculated visit to its payment: whose points are whose."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tasuki.calculation.copayment.from_statement import copay_visit
from tasuki.calculation.statement import Statement, Unit
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.visit import Person, Sex, Visit, VisitKind

AT = datetime(2026, 6, 15, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
CARD = Insurance(InsuranceKind.EMPLOYEES, "01990010")
MIND = PublicProgramme("21990011", month_cap_yen=5_000, id="21")
ATOMIC = PublicProgramme("18990010", id="18")
WELFARE = PublicProgramme("12990010", id="12")


def calculated(coverage: Coverage, *units: Unit) -> dict[tuple[str, ...], int]:
    visit = Visit("v", Person(date(1944, 5, 5), Sex.MALE), AT, coverage)
    statement = Statement("v", AT.date(), "R8", VisitKind.FIRST, (), "01", units, (), ())
    made = copay_visit(visit, statement)
    assert (made.day, made.is_first_visit, made.id) == (AT.date(), True, "v")
    return dict(made.points_by_payer_set)


def unit(points: int, times: int = 1, programmes: tuple[str, ...] | None = None) -> Unit:
    return Unit("11", "", (), points, times, programme_ids=programmes)


@pytest.mark.parametrize(
    ("coverage", "units", "expected"),
    [
        (Coverage(CARD), (unit(291), unit(42, 14)), {(): 879}),
        (Coverage(CARD, (MIND,)), (unit(291), unit(60, programmes=())), {("21",): 291, (): 60}),
        (
            Coverage(CARD, (MIND, ATOMIC)),
            (unit(291), unit(60, programmes=("18",))),
            {("21",): 291, ("18",): 60},
        ),
        (Coverage(CARD, (ATOMIC,)), (unit(291),), {(): 291}),
        (Coverage(None, (WELFARE,)), (unit(291),), {("12",): 291}),
        (Coverage(None, (ATOMIC,)), (unit(291),), {("18",): 291}),
    ],
)
def test_points_by_payer_set(
    coverage: Coverage, units: tuple[Unit, ...], expected: dict[tuple[str, ...], int]
) -> None:
    assert calculated(coverage, *units) == expected
