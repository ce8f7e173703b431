# SPDX-License-Identifier: Apache-2.0
"""算定結果の保存形 — a statement comes back from JSON exactly as it was."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tasuki.calculation import Statement, calculate
from tasuki.calculation.statement_store import decode_statement, encode_statement
from tasuki.chart.coverage import Coverage
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, History, PastLine, Person, Sex, Visit
from tasuki.facility.institution import Institution
from tasuki.masters.starter import load_starter


def _statement() -> Statement:
    """Granted, denied and advised lines, a finding, drugs and stepped amounts."""
    at = datetime(2026, 6, 15, 20, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    orders = (
        Order("lab", OrderKind.ACT, (Item("160008010"), Item("160010010"))),
        Order(
            "image",
            OrderKind.ACT,
            (Item("170000410", Decimal(2)), Item("170027910", Decimal(2))),
            site="胸部",
        ),
        Order("wound", OrderKind.ACT, (Item("140000610"),)),
        Order("lost", OrderKind.ACT, (Item("199999999"),)),
        Order(
            "drug", OrderKind.INTERNAL, (Item("199999998", Decimal(1)),), 7, dispensing=Dispensing.IN_HOUSE
        ),
    )
    visit = Visit(
        "v", Person(date(2021, 1, 1), Sex.MALE), at, Coverage(None), orders=orders,
        diagnoses=(Diagnosis("8833421", date(2026, 5, 1)),),
    )  # fmt: skip
    history = History(
        (PastLine(date(2026, 6, 1), "112007410", visit_id="w"), PastLine(date(2026, 6, 1), "160061810"))
    )
    return calculate(visit, Institution("9999999", "13"), history, load_starter())


def test_a_stored_statement_comes_back_with_every_reason() -> None:
    statement = _statement()
    assert statement.units
    assert statement.findings
    assert any(unit.site for unit in statement.units)
    stored = json.dumps(encode_statement(statement), ensure_ascii=False)
    assert decode_statement(json.loads(stored)) == statement


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="not known"):
        decode_statement({"form": "tasuki/stored-statement/9"})
