# SPDX-License-Identifier: Apache-2.0
"""長期収載品の選定療養: the day before and after each change, and who is spared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tasuki.calculation.copayment.elective import ElectiveCharge, ElectiveDrug, WithoutCharge, elective_charge
from tasuki.calculation.copayment.sentences import explain

DRUG = ElectiveDrug(Decimal(120), Decimal(3), 14, generic_price=Decimal(60))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 9, 30), (0, 0, 0, 36 * 14)),
        # A quarter of 60 yen is 15: 45 yen a day is 4 points (五捨五超入), 315 yen stays insured at 31.
        (date(2024, 10, 1), (56, 560, 56, 31 * 14)),
        (date(2026, 5, 31), (56, 560, 56, 31 * 14)),
        # Half is 30: 90 yen a day is 9 points, 270 yen stays insured at 27.
        (date(2026, 6, 1), (126, 1_260, 126, 27 * 14)),
    ],
)
def test_by_day(day: date, expected: tuple[int, int, int, int]) -> None:
    charge = elective_charge(DRUG, day)
    assert charge[:4] == expected
    assert charge.total_yen == expected[1] + expected[2]
    assert explain(charge.because[0])


def test_the_listed_special_price_goes_before_the_computed() -> None:
    listed = ElectiveDrug(Decimal(120), Decimal(1), 10, Decimal(60), special_price=Decimal("30.05"))
    # 30.05 yen is 3 points a day, the insured 89.95 yen 9 points.
    assert elective_charge(listed, date(2026, 6, 1))[:4] == (30, 300, 30, 90)


@pytest.mark.parametrize("reason", list(WithoutCharge))
def test_no_charge_where_there_was_no_choice(reason: WithoutCharge) -> None:
    charge = elective_charge(DRUG, date(2026, 6, 1), without_charge=reason, is_on_welfare=True)
    assert charge[:4] == (0, 0, 0, 36 * 14)
    assert explain(charge.because[0])


def test_a_brand_no_dearer_than_its_generics_costs_nothing_more() -> None:
    same = ElectiveDrug(Decimal(60), Decimal(1), 10, generic_price=Decimal(60))
    charge = elective_charge(same, date(2026, 6, 1))
    assert isinstance(charge, ElectiveCharge)
    assert (charge.special_points, charge.insured_points) == (0, 60)


def test_welfare_cannot_choose_and_a_price_must_be_known() -> None:
    with pytest.raises(ValueError, match="生活保護"):
        elective_charge(DRUG, date(2026, 6, 1), is_on_welfare=True)
    with pytest.raises(ValueError, match="後発品"):
        elective_charge(ElectiveDrug(Decimal(60), Decimal(1), 10), date(2026, 6, 1))
