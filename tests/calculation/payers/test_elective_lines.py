# SPDX-License-Identifier: Apache-2.0
"""選定療養の明細 — from the twin code of an order to a charge with its tax, or why there is none."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from tasuki.calculation.payers.elective_lines import elective_lines
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import Person, Sex, Visit
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book
from tasuki.masters.rows import Drug
from tasuki.masters.starter.loading import starter_tables

OLD, NEW = Validity(date(2024, 10, 1), date(2026, 5, 31)), Validity(date(2026, 6, 1), None)
BRAND, TWIN, ORPHAN = "610000001", "670000001", "670000002"
DAY = date(2026, 10, 5)


@cache
def book_with_twin() -> Book:
    """The starter with an invented brand of 100 yen whose dearest generic costs 40: 85 yen insured in R6, 70 in R8."""
    ever = Validity(date(2024, 10, 1), None)
    drugs = (
        Drug(code=BRAND, name="架空錠", validity=ever, unit_name="錠", price=Decimal(100), elective_pair=TWIN),
        Drug(code=TWIN, name="架空錠（選）", validity=OLD, unit_name="錠", price=Decimal(85), elective_pair=BRAND, elective_kind="2"),
        Drug(code=TWIN, name="架空錠（選）", validity=NEW, unit_name="錠", price=Decimal(70), elective_pair=BRAND, elective_kind="2"),
        Drug(code=ORPHAN, name="旧価錠（選）", validity=ever, unit_name="錠", price=Decimal(85), elective_pair=BRAND, elective_kind="2"),
    )  # fmt: skip
    tables = starter_tables()
    return Book(tables._replace(drugs=tables.drugs + drugs))


def visit_with(day: date, orders: tuple[Order, ...], *cards: PublicProgramme) -> Visit:
    return Visit(
        "v", Person(date(1980, 5, 5), Sex.FEMALE), datetime(day.year, day.month, day.day, 10, tzinfo=ZoneInfo("Asia/Tokyo")),
        Coverage(Insurance(InsuranceKind.EMPLOYEES), cards), orders=orders,
    )  # fmt: skip


def lines_of(code: str, day: date = DAY, *cards: PublicProgramme, where: Dispensing = Dispensing.IN_HOUSE):
    order = Order("d", OrderKind.INTERNAL, (Item(code, Decimal(2)),), 14, dispensing=where)
    return elective_lines(visit_with(day, (order,), *cards), book_with_twin().at(day))


def test_the_share_of_the_difference_is_that_of_the_day() -> None:
    ((before,), none) = lines_of(TWIN, date(2026, 5, 31))
    ((after,), _) = lines_of(TWIN, date(2026, 6, 1))
    assert not none
    assert (before.charge.special_charge_yen, before.charge.tax_yen) == (420, 42)
    assert (after.charge.special_charge_yen, after.charge.tax_yen) == (840, 84)


def test_the_ordinary_code_and_an_outside_prescription_bear_no_charge() -> None:
    assert lines_of(BRAND) == ((), ())
    assert lines_of(TWIN, where=Dispensing.OUTSIDE) == ((), ())


def test_welfare_and_an_old_price_are_refused() -> None:
    for found in (lines_of(TWIN, DAY, PublicProgramme("12990016")), lines_of(ORPHAN)):
        assert found[0] == () and len(found[1]) == 1
    assert lines_of(TWIN, DAY, PublicProgramme("12990016"))[1][0].code == "PAY-0301"
    assert lines_of(ORPHAN)[1][0].code == "PAY-0303"


def repriced(twin: Decimal, since: date) -> Book:
    """An invented brand lowered from 100 to 80 yen on 2025-04-01, and its twin with a row from another day."""
    first = Validity(date(2024, 10, 1), date(2025, 3, 31))
    second = Validity(date(2025, 4, 1), None)
    drugs = (
        Drug(code=BRAND, name="架空錠", validity=first, price=Decimal(100), elective_pair=TWIN),
        Drug(code=BRAND, name="架空錠", validity=second, price=Decimal(80), elective_pair=TWIN),
        Drug(code=TWIN, name="架空錠（選）", validity=Validity(since, None), price=twin, elective_pair=BRAND, elective_kind="2"),
    )  # fmt: skip
    tables = starter_tables()
    return Book(tables._replace(drugs=tables.drugs + drugs))


def test_a_twin_priced_before_its_brand_changed_is_refused() -> None:
    order = Order("d", OrderKind.INTERNAL, (Item(TWIN, Decimal(2)),), 14, dispensing=Dispensing.IN_HOUSE)
    stale = repriced(Decimal(75), date(2024, 10, 1))
    ((line,), none) = elective_lines(visit_with(date(2025, 3, 31), (order,)), stale.at(date(2025, 3, 31)))
    assert line.charge.special_charge_yen == 5 * 14 * 10 and not none
    lines, (finding,) = elective_lines(visit_with(date(2025, 4, 1), (order,)), stale.at(date(2025, 4, 1)))
    assert (lines, finding.code) == ((), "PAY-0304")
    # A twin dearer than its brand of today would otherwise give a charge of its own: 85 against 80.
    dear = repriced(Decimal(85), date(2024, 10, 1)).at(date(2025, 4, 1))
    assert elective_lines(visit_with(date(2025, 4, 1), (order,)), dear)[1][0].code == "PAY-0304"
    fresh = repriced(Decimal(65), date(2025, 4, 1)).at(date(2025, 4, 1))
    ((line,), none) = elective_lines(visit_with(date(2025, 4, 1), (order,)), fresh)
    assert line.charge.special_charge_yen == 3 * 14 * 10 and not none
