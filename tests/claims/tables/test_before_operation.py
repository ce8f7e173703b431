# SPDX-License-Identifier: Apache-2.0
"""手術前1週間 — the calculation, its twin in frames and the check of claims read the window of 02 alike.

No row of the starter set has members of this unit, so one is made here as 告示 B001-4 注5 イ gives it.
"""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

pytest.importorskip("polars", reason="polars (the extra tasuki[dev]) is not installed")

from calculation.twin.compare import differences
from calculation.twin.table_twin import Month
from claims.tables.partitions import act, table
from tasuki.calculation.apply_inclusions import apply_inclusions
from tasuki.calculation.case import Case
from tasuki.calculation.draft import Draft
from tasuki.calculation.read_orders import read_orders
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import History, PastLine, Person, Sex, Visit
from tasuki.claims.tables.master_tables import write_master_tables
from tasuki.claims.tables.masters import table_rows
from tasuki.claims.tables.partition import check_tables
from tasuki.facility.institution import Institution
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book
from tasuki.masters.rows import InclusionMember, InclusionParent, InclusionUnit
from tasuki.masters.starter.loading import starter_tables

MANAGEMENT, URINE = "113004110", "160000310"
OPERATION = date(2026, 6, 20)
ALWAYS = Validity(date(2024, 6, 1), None)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
def book() -> Book:
    tables = starter_tables()
    parent = InclusionParent(MANAGEMENT, InclusionUnit.WEEK_BEFORE_OPERATION, "B001041", ALWAYS)
    return Book(
        tables._replace(
            inclusion_parents=(*tables.inclusion_parents, parent),
            inclusion_members=(
                *tables.inclusion_members,
                InclusionMember("B001041", URINE, False, ALWAYS),
            ),
        )
    )


def visit(day: date, *codes: str) -> Visit:
    orders = tuple(Order(f"o{at}", OrderKind.ACT, (Item(code),)) for at, code in enumerate(codes))
    person = Person(date(1970, 4, 15), Sex.FEMALE, "p1")
    return Visit(
        f"v{day}",
        person,
        datetime.combine(day, time(10), TOKYO),
        Coverage(Insurance(InsuranceKind.EMPLOYEES)),
        orders=orders,
    )


def weighed(book: Book, day: date, *codes: str, past: dict[date, str]) -> Draft:
    lines = tuple(PastLine(each, code, 1, str(each)) for each, code in past.items())
    case = Case(visit(day, *codes), Institution("9999999", "13"), History(lines), book.at(day))
    return apply_inclusions(read_orders(Draft(case)))


def reasons(draft: Draft) -> list[tuple[str, str]]:
    return [(line.code, line.because[-1].rule_id) for line in draft.advised]


@pytest.mark.parametrize(("day", "is_contained"), [(12, False), (13, True), (19, True), (20, True)])
def test_what_was_billed_in_the_week_before_is_shown_at_the_operation(
    book: Book, day: int, *, is_contained: bool
) -> None:
    draft = weighed(book, OPERATION, MANAGEMENT, past={date(2026, 6, day): URINE})
    assert draft.denied == ()
    assert reasons(draft) == [(MANAGEMENT, "table/included_before")] * is_contained


def test_what_follows_the_operation_is_not_contained(book: Book) -> None:
    for day in (20, 21, 27):
        draft = weighed(book, date(2026, 6, day), URINE, past={OPERATION: MANAGEMENT})
        assert (draft.denied, draft.advised) == ((), ())


def test_of_the_day_itself_a_human_tells_what_came_before(book: Book) -> None:
    draft = weighed(book, OPERATION, MANAGEMENT, URINE, past={})
    assert draft.denied == ()
    assert reasons(draft) == [(URINE, "table/inclusion")]


def test_the_second_of_a_test_is_billed_apart(book: Book) -> None:
    draft = weighed(book, OPERATION, MANAGEMENT, URINE, past={date(2026, 6, 15): URINE})
    assert reasons(draft) == [(MANAGEMENT, "table/included_before")]


def test_the_twin_agrees(book: Book) -> None:
    clinic = Institution("9999999", "13")
    months = [
        Month(clinic, (visit(date(2026, 6, first), URINE), visit(OPERATION, MANAGEMENT, URINE)))
        for first in (12, 13, 20)
    ] + [Month(clinic, (visit(OPERATION, MANAGEMENT), visit(date(2026, 6, 22), URINE)))]
    assert differences(months, book) == []


def test_the_check_of_claims_agrees(book: Book, tmp_path: Path) -> None:
    write_master_tables(table_rows(book), tmp_path)

    def found(*days: int) -> list[tuple[int, bool]]:
        acts = [act(1, MANAGEMENT, OPERATION)]
        acts += [act(line, URINE, date(2026, 6, day)) for line, day in enumerate(days, 2)]
        rows = check_tables(table(acts), str(tmp_path)).to_pylist()
        return [(row["line"], bool(row["is_doubtful"])) for row in rows if row["win"] == 5]

    assert found(12) == []
    assert found(13) == [(2, False)]
    assert found(20) == [(2, True)]
    assert found(21) == []
    # The second one in the week may be billed.
    assert found(14, 18) == [(2, False)]
