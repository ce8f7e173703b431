# SPDX-License-Identifier: Apache-2.0
"""The readable cases of tests/cases/payers: each names the parts of a visit in order, and of each what it asserts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from calculation.payers.test_account import account
from tasuki.calculation.payers import PayerBasis, PayerSettings, PayerTerms, TaxClass, explain_payer
from tasuki.calculation.payers.sentences import PAYER_NAMES
from tasuki.calculation.sentences import explain
from tasuki.chart.coverage import Insurance
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import PastLine

FOLDER = Path(__file__).parents[2] / "cases" / "payers"
KINDS = {name: kind for kind, name in PAYER_NAMES.items()}
CASES: list[dict[str, Any]] = [
    case
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
]
AMOUNTS = ("points_yen", "act_yen", "tax_yen", "patient_yen")


def _payer(name: str) -> Insurance:
    return Insurance(KINDS[name], id=name)


def _terms(given: dict[str, Any]) -> PayerTerms:
    return PayerTerms(
        KINDS[given["kind"]],
        Decimal(given["price"]),
        basis=PayerBasis(given.get("basis", "health")),
        technique_percent=given.get("technique_percent", 100),
        tax=TaxClass(given.get("tax", "exempt")),
    )


def _order(index: int, given: dict[str, Any]) -> Order:
    items = tuple(Item(code) for code in given["codes"])
    return Order(
        f"o{index}", OrderKind.ACT, items, site=given.get("site", ""), payer=given.get("payer", "")
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    found = account(
        *(_order(index, each) for index, each in enumerate(case["orders"])),
        insurance=_payer(case["own"]),
        others=tuple(_payer(name) for name in case.get("others", ())),
        fee=case.get("fee_payer", ""),
        day=case["day"],
        history=tuple(PastLine(**line) for line in case.get("history", ())),
        terms=PayerSettings(
            case.get("is_tax_exempt_body", False), tuple(_terms(each) for each in case.get("terms", ()))
        ),
    )
    assert isinstance(case["day"], date) and case["cite"]
    for part, expect in zip(found.parts, case["expect"]["parts"], strict=True):
        assert PAYER_NAMES[part.payer.kind] == expect["payer"]
        assert {name: getattr(part, name) for name in AMOUNTS if name in expect} == {
            name: expect[name] for name in AMOUNTS if name in expect
        }
        granted = {line.code for line in part.statement.granted()}
        advised = {line.code for line in part.statement.advised}
        assert set(expect.get("includes", ())) <= granted
        assert not set(expect.get("excludes", ())) & granted
        assert set(expect.get("advised", ())) <= advised
        assert not set(expect.get("not_advised", ())) & advised
        if "findings" in expect:
            assert [each.code for each in part.findings] == expect["findings"]
        assert all(explain_payer(reason) for reason in part.because)
        for line in (*part.statement.granted(), *part.statement.advised):
            assert not any("{" in text for text in explain(line))
