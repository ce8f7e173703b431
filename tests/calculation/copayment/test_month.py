# SPDX-License-Identifier: Apache-2.0
"""The running month: what each visit pays once the month before it is known."""

from __future__ import annotations

from dataclasses import replace

from calculation.copayment.months import ELDER, EMPLOYEES, collected, run_month, visits_of
from tasuki.calculation.copayment import close_month
from tasuki.chart.coverage import IncomeClass, PublicProgramme

U = replace(EMPLOYEES, income_class=IncomeClass.U)
TWENTY = replace(EMPLOYEES, share_percent=20)


def test_each_visit_is_rounded_by_itself() -> None:
    assert collected(visits_of([103, 103])) == [310, 310]


def test_the_visit_that_reaches_the_limit_absorbs_earlier_roundings() -> None:
    assert collected(visits_of([20_001, 40_000, 100], U)) == [60_000, 23_430, 10]


def test_a_programme_visit_gives_back_what_the_common_limit_takes() -> None:
    card = PublicProgramme("54990011", month_cap_yen=5_000, income_class=IncomeClass.GENERAL)
    visits = visits_of([10_000, {(card.key,): 5_500}], TWENTY, (card,), born=ELDER)
    charges, ledger = run_month(visits)
    assert [charge.collect_yen for charge in charges] == [18_000, 0]
    receipt = close_month(ledger).receipts[0]
    assert (receipt.amount_yen, receipt.aggregated_yen, receipt.programmes[0].amount_yen) == (
        24_000,
        5_000,
        5_000,
    )
