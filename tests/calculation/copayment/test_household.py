# SPDX-License-Identifier: Apache-2.0
"""世帯合算 — who counts, in which order the limits act, and what is left to the insurer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tasuki.calculation.copayment import CopayVisit, MonthLedger, explain, visit_copayment
from tasuki.calculation.copayment.household import (
    HouseholdMonth,
    HouseholdPart,
    household_month,
    year_reasons,
)
from tasuki.calculation.copayment.household_parts import HouseholdKey, household_key, household_parts
from tasuki.calculation.copayment.insurer_side import Payment
from tasuki.calculation.copayment.sentences import REASONS
from tasuki.chart.coverage import Coverage, IncomeClass, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.visit import Person, Sex
from tasuki.kernel.because import Because

FOLDER = Path(__file__).parents[2] / "cases" / "household"
CASES: list[dict[str, Any]] = [
    case
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
]
APRIL = date(2026, 4, 15)
FAMILY = Insurance(InsuranceKind.EMPLOYEES, "01990010", "１２", "34", income_class=IncomeClass.U)


def month_of(case: dict[str, Any]) -> HouseholdMonth:
    """The parts of a case as the page would gather them."""
    parts = []
    for each in case["parts"]:
        place = each.get("place", "外来")
        payment = Payment(
            each["who"],
            each["cost"],
            each["paid"],
            each.get("elder", False),
            place == "外来",
            each.get("judged"),
        )
        shown = IncomeClass(each["class"]) if "class" in each else None
        parts.append(
            HouseholdPart(
                payment,
                place,
                shown,
                each.get("repeated", False),
                each.get("halved", False),
                each.get("local", False),
            )
        )
    return household_month(parts, case["day"])


def reasons(case: dict[str, Any]) -> tuple[Because, ...]:
    if "year" in case:
        return year_reasons(case["year"]["paid"], IncomeClass(case["year"]["class"]), case["day"])
    return month_of(case).because


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    expected = case["expect"]
    found = reasons(case)
    assert {f"copay/household/{rule}" for rule in expected["rules"]} <= {each.rule_id for each in found}
    assert expected.get("says", "") in "".join(explain(each) for each in found)
    if "refund" in expected:
        assert month_of(case).refund_yen == expected["refund"]


def test_every_reason_of_a_household_is_named_by_a_case() -> None:
    named = {f"copay/household/{rule}" for case in CASES for rule in case["expect"]["rules"]}
    assert {rule for rule in REASONS if rule.startswith("copay/household/")} == named


@given(order=st.permutations(range(4)))
def test_the_order_of_payments_does_not_matter(order: list[int]) -> None:
    case = next(case for case in CASES if case["name"].startswith("70歳以上の世帯のあと"))
    more = [{"who": "母", "cost": 90_000, "paid": 18_000, "class": "一般", "elder": True},
            {"who": "子", "cost": 70_000, "paid": 21_000, "class": "ウ"}]  # fmt: skip
    parts = [*case["parts"], *more]
    there = month_of({**case, "parts": parts}).refund_yen
    assert month_of({**case, "parts": [parts[n] for n in order]}).refund_yen == there


def test_payments_add_up_within_one_insurer_only() -> None:
    wife = Insurance(InsuranceKind.EMPLOYEES, "01990010", "12", "３４", branch="02")
    other = Insurance(InsuranceKind.NATIONAL, "990011", "", "34")
    assert household_key(FAMILY) == household_key(wife) != household_key(other)
    late = Insurance(InsuranceKind.LATE_ELDERLY, "39139999", "", "00000001")
    assert household_key(late) == HouseholdKey(InsuranceKind.LATE_ELDERLY, "3913")
    assert household_key(Insurance(InsuranceKind.EMPLOYEES, "01990010")) is None
    assert household_key(Insurance(InsuranceKind.WORK_ACCIDENT, "1", "1", "1")) is None


def charged(coverage: Coverage, points: dict[tuple[str, ...], int], born: date) -> MonthLedger:
    ledger = MonthLedger((2026, 4))
    visit = CopayVisit(APRIL, Person(born, Sex.FEMALE), coverage, points)
    return visit_copayment(ledger, visit)[1]


def test_a_charged_month_tells_its_payments() -> None:
    card = PublicProgramme("54990011", month_cap_yen=10_000, id="難病", income_class=IncomeClass.U)
    ledger = charged(Coverage(FAMILY, (card,)), {(): 1000, ("難病",): 8000}, date(1980, 5, 5))
    ((key, parts),) = household_parts(ledger, "妻").items()
    assert key == household_key(FAMILY)
    alone, rare = parts
    assert (alone.payment.cost_yen, alone.payment.paid_yen, alone.payment.is_counted) == (
        10_000,
        3_000,
        False,
    )
    # 公費の前の一部負担金24,000円が21,000円以上なので、患者が払う10,000円を数える。
    assert (rare.payment.paid_yen, rare.payment.judged_yen, rare.payment.is_counted) == (10_000, 24_000, True)


def test_a_local_programme_does_not_lessen_what_the_insurer_counts() -> None:
    card = PublicProgramme("81990010", id="子", local_rule="free")
    ledger = charged(Coverage(FAMILY, (card,)), {("子",): 8000}, date(2012, 5, 5))
    ((_, (only,)),) = household_parts(ledger, "子").items()
    assert only.payment.paid_yen == 24_000
    assert only.has_local


def test_before_2026_08_only_the_elders_outpatient_year_had_a_cap() -> None:
    before = year_reasons([18_000] * 9, IncomeClass.GENERAL, date(2026, 6, 1))
    assert [(each.rule_id, dict(each.facts)["over"]) for each in before] == [
        ("copay/household/year-outpatient", 18_000)
    ]
    assert year_reasons([1], IncomeClass.U, date(2026, 6, 1)) == ()
    assert year_reasons([1], None, date(2026, 9, 1)) == ()
