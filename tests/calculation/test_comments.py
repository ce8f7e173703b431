# SPDX-License-Identifier: Apache-2.0
"""コメント — once for each order, with 処方箋料 when a pharmacy fills the drugs, never a failure for an unknown one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from tasuki.calculation import LineKind, Statement, calculate
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import History, Person, Sex, Visit
from tasuki.facility.institution import Institution
from tasuki.masters.starter import load_starter

WOUND_CARE, OINTMENT, AMLODIPINE = "140000610", "620008993", "612170709"
REMARK, LONG_TERM = "810000001", "830100206"


def _calculated(*orders: Order) -> Statement:
    visit = Visit(
        id="v",
        person=Person(date(1960, 1, 2), Sex.MALE),
        at=datetime(2026, 6, 15, 10, tzinfo=ZoneInfo("Asia/Tokyo")),
        coverage=Coverage(Insurance(InsuranceKind.NATIONAL, "990010")),
        orders=orders,
    )
    return calculate(visit, Institution("9912345", "13"), History(), load_starter())


def _comments(statement: Statement) -> list[tuple[str, str, str]]:
    return [
        (unit.lines[0].code, line.code, line.text)
        for unit in statement.units
        for line in unit.lines
        if line.kind is LineKind.COMMENT
    ]


def test_a_comment_of_an_act_with_a_drug_is_recorded_once() -> None:
    items = (Item(WOUND_CARE), Item(OINTMENT, Decimal(5)))
    statement = _calculated(Order("a", OrderKind.ACT, items, comments=((REMARK, "右下腿"),)))
    assert _comments(statement) == [(WOUND_CARE, REMARK, "右下腿")]


def test_a_comment_of_an_outside_prescription_stands_with_its_fee() -> None:
    order = Order(
        "a",
        OrderKind.INTERNAL,
        (Item(AMLODIPINE, Decimal(1)),),
        count=90,
        dispensing=Dispensing.OUTSIDE,
        comments=((LONG_TERM, "海外渡航のため"),),
    )
    [(fee, code, text)] = _comments(_calculated(order))
    assert load_starter().at(date(2026, 6, 15)).act(fee).section == "F400"
    assert (code, text) == (LONG_TERM, "海外渡航のため")


def test_an_unknown_comment_is_a_finding_and_the_rest_is_billed() -> None:
    order = Order("a", OrderKind.ACT, (Item(WOUND_CARE),), comments=(("830999999", "x"),))
    statement = _calculated(order)
    assert [finding.code for finding in statement.findings] == ["CAL-0012"]
    assert WOUND_CARE in {line.code for line in statement.granted()}
    assert _comments(statement) == []
