# SPDX-License-Identifier: Apache-2.0
"""世帯合算・年間上限・食事・領収額: the sums beside the counter."""

from __future__ import annotations

from datetime import date

import pytest

from tasuki.calculation.copayment.insurer_side import HouseholdClass, Payment, household_refund, year_refund
from tasuki.calculation.copayment.meals import MealClass, MealUnknown, meal_charge
from tasuki.calculation.copayment.receipt_total import OutsideCharge, TaxClass, receipt_total
from tasuki.chart.coverage import IncomeClass

AUGUST = date(2026, 8, 1)


def test_an_elders_clinics_come_together_under_the_outpatient_cap() -> None:
    payments = (
        Payment("祖父", 100_000, 15_000, True, True),
        Payment("祖父", 80_000, 12_000, True, True),
        Payment("祖母", 50_000, 10_000, True, True),
    )
    result = household_refund(payments, HouseholdClass(elder=IncomeClass.GENERAL), AUGUST)
    # 27,000 → 22,000 for him, 10,000 for her; 32,000 stays under the household's 61,500.
    assert (result.after_individual, result.refund_yen) == ((15_000, 7_000, 10_000), 5_000)


def test_the_whole_household_comes_last() -> None:
    payments = (
        Payment("祖母", 200_000, 22_000, True, True),
        Payment("父", 400_000, 86_940, False, False),
        Payment("父", 69_990, 20_997, False, True),
    )
    classes = HouseholdClass(elder=IncomeClass.GENERAL, under_70=IncomeClass.U)
    result = household_refund(payments, classes, AUGUST)
    # His 20,997 yen is under the floor. 85,800 + (600,000 − 286,000) × 1% = 88,940.
    assert (result.whole_limit_yen, result.whole_refund_yen) == (88_940, 22_000 + 86_940 - 88_940)


@pytest.mark.parametrize(("paid", "refund"), [(20_999, 0), (21_000, 80_430 + 21_000 - 81_130)])
def test_the_floor_of_21000_yen(paid: int, refund: int) -> None:
    payments = (Payment("母", 300_000, 80_430, False, False), Payment("母", 70_000, paid, False, True))
    result = household_refund(payments, HouseholdClass(under_70=IncomeClass.U), date(2026, 7, 31))
    assert result.refund_yen == refund


def test_the_year_is_capped_from_august_2026_only() -> None:
    before = year_refund([44_400] * 12, IncomeClass.U, date(2026, 7, 31))
    after = year_refund([44_400] * 12, IncomeClass.U, AUGUST)
    assert (before.cap_yen, before.refund_yen) == (None, 0)
    assert (after.cap_yen, after.refund_yen) == (530_000, 2_800)


def test_the_smaller_cap_asks_for_a_confirmed_small_income() -> None:
    paid = [40_000] * 12
    assert year_refund(paid, IncomeClass.E, AUGUST).refund_yen == 0
    assert year_refund(paid, IncomeClass.E, AUGUST, has_small_income=True).refund_yen == 70_000
    assert (
        year_refund(
            [18_000] * 10, IncomeClass.GENERAL, AUGUST, is_outpatient=True, has_small_income=True
        ).cap_yen
        == 216_000
    )


@pytest.mark.parametrize(
    ("day", "yen"), [(date(2025, 3, 31), 490), (date(2025, 4, 1), 510), (date(2026, 5, 31), 510)]
)
def test_meals_by_day(day: date, yen: int) -> None:
    assert meal_charge(day, MealClass.GENERAL, 3) == yen * 3
    assert meal_charge(day, MealClass.LOW_1, 1) == 110


@pytest.mark.parametrize("day", [date(2024, 5, 31), date(2026, 6, 1)])
def test_meals_that_are_not_confirmed_are_refused(day: date) -> None:
    with pytest.raises(MealUnknown):
        meal_charge(day, MealClass.GENERAL, 1)


def test_the_receipt_shows_the_tax_inside() -> None:
    outside = (
        OutsideCharge("診断書", 3_300, TaxClass.TEN_PERCENT),
        OutsideCharge("選定療養", 616, TaxClass.TEN_PERCENT),
        OutsideCharge("非課税の負担", 1_000, TaxClass.EXEMPT),
    )
    total = receipt_total(870, outside, meals_yen=1_530)
    assert total == (870, 1_530, 4_916, 7_316, 356)
