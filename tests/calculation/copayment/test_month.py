# SPDX-License-Identifier: Apache-2.0
"""The running month: what each visit pays once the month before it is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calculation.copayment.months import ELDER, EMPLOYEES, collected, run_month, visits_of
from tasuki.calculation.copayment import close_month, replay, visit_copayment
from tasuki.chart.coverage import IncomeClass, PublicProgramme
from tasuki.kernel.finding import BadInput

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


def test_what_a_programme_leaves_beyond_the_common_limit_is_not_given_back_from_other_care() -> None:
    # 更生医療 has the limit of 一般 (18,000) and leaves a tenth; the person's own limit is 8,000.
    card = PublicProgramme("15990011")
    low = replace(TWENTY, income_class=IncomeClass.LOW_2)
    visits = visits_of([{(card.key,): 16_005}, 1_000, 100], low, (card,), born=ELDER)
    charges, ledger = run_month(visits)
    # The ten-yen rounding of the first is taken back, for the common limit is reached.
    assert [charge.collect_yen for charge in charges] == [16_010, -5, 0]
    assert ledger.collected_yen == 16_005 and sum(m.refund_yen for m in ledger.sets.values()) == 2_200
    earlier = visits_of([1_000, {(card.key,): 16_005}, 100], low, (card,), born=ELDER)
    assert collected(earlier) == [2_000, 14_005, 0]


def test_a_ledger_is_of_one_person() -> None:
    (visit,) = visits_of([100])
    _, ledger = run_month([visit])
    with pytest.raises(BadInput) as caught:
        visit_copayment(ledger, replace(visit, person=replace(visit.person, born=ELDER)))
    assert caught.value.findings[0].code == "COPAY-032"


def test_what_the_file_reader_would_refuse_is_refused_here_too() -> None:
    card = PublicProgramme("21990010", month_cap_yen=-1)
    (visit,) = visits_of([-1], programmes=(card,))
    with pytest.raises(BadInput) as caught:
        run_month([visit])
    assert [finding.code for finding in caught.value.findings] == ["COPAY-022", "COPAY-013"]


def test_a_late_correction_is_replayed_over_the_month() -> None:
    visits = visits_of([10_000, 20_000], U)
    _, ledger = run_month(visits)
    cheaper = [replace(visits[0], points_by_payer_set={(): 1_000}), visits[1]]
    corrected = replay(cheaper, ledger.month, ledger.settings)
    before = [entry.charge.collect_yen for entry in ledger.entries]
    after = [entry.charge.collect_yen for entry in corrected.entries]
    assert (before, after) == ([30_000, 50_430], [3_000, 60_000])
