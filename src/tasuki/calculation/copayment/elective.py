# SPDX-License-Identifier: Apache-2.0
"""選定療養 — the special charge for a long-listed brand the patient chooses, its tax, and the insured rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tasuki.kernel.because import Because, Verdict, facts
from tasuki.kernel.points import drug_points
from tasuki.kernel.validity import Validity

_CITE = "健康保険法 第63条第2項第5号; 厚生労働省告示（長期収載品の選定療養）"
_CITE_TAX = "消費税法 別表第二第6号; 消費税法基本通達 6-6-3"
TAX_PERCENT = 10
_YEN_PER_POINT = 10


class ElectivePart(NamedTuple):
    """選定療養の割合 — which part of the price difference the patient bears, one divided by ``divisor``."""

    validity: Validity
    divisor: int


ELECTIVE_PARTS: tuple[ElectivePart, ...] = (
    ElectivePart(Validity(date(2024, 10, 1), date(2026, 5, 31)), 4),
    ElectivePart(Validity(date(2026, 6, 1), None), 2),
)


class WithoutCharge(StrEnum):
    """選定療養の対象外 — why a brand is dispensed without the special charge."""

    INPATIENT = "inpatient"  # 入院
    MEDICAL_NEED = "medical_need"  # 医療上の必要
    OUT_OF_STOCK = "out_of_stock"  # 後発品の在庫なし


@dataclass(frozen=True, slots=True)
class ElectiveDrug:
    """長期収載品 — one drug as dispensed: listed prices per unit, units a day, days.

    ``special_price`` is the price the official list prints for the special part; where it is not at
    hand it is computed from ``generic_price``, the dearest generic.
    """

    brand_price: Decimal
    quantity_per_day: Decimal
    days: int
    generic_price: Decimal | None = None
    special_price: Decimal | None = None


class ElectiveCharge(NamedTuple):
    """選定療養の負担 — the special charge with its tax, and the points that stay insured."""

    special_points: int
    special_charge_yen: int
    tax_yen: int
    insured_points: int
    because: tuple[Because, ...]

    @property
    def total_yen(self) -> int:
        """特別の料金（税込）— what the patient pays beside the insured share."""
        return self.special_charge_yen + self.tax_yen


def elective_charge(
    drug: ElectiveDrug,
    day: date,
    *,
    without_charge: WithoutCharge | None = None,
    is_on_welfare: bool = False,
) -> ElectiveCharge:
    """長期収載品の選定療養 — the special part and the insured part, each turned to points a day.

    The special part is priced like a drug, so fifteen yen a day or less is still one point. No
    programme pays it, it is in no ledger and under no limit. A 生活保護 patient cannot choose it.

    Raises ``ValueError`` for a welfare patient without a reason to dispense the brand, and where
    neither the listed special price nor the generic's is given.

    Cite: 保険外併用療養費に係る療養の基準等（長期収載品）

    >>> drug = ElectiveDrug(Decimal("15.2"), Decimal(1), 30, generic_price=Decimal("10.1"))
    >>> charge = elective_charge(drug, date(2025, 4, 1))
    >>> charge.special_charge_yen, charge.tax_yen, charge.insured_points
    (300, 30, 30)
    """
    divisor = _divisor_on(day)
    why_not = without_charge.value if without_charge else "" if divisor else "before"
    if why_not:
        points = drug_points(drug.brand_price * drug.quantity_per_day) * drug.days
        reason = Because(f"copay/elective/{why_not}", Verdict.DENIED, facts(points=points), _CITE)
        return ElectiveCharge(0, 0, 0, points, (reason,))
    if is_on_welfare:
        raise ValueError("生活保護の患者は長期収載品を選択できない")
    special = drug.special_price
    if special is None:
        if drug.generic_price is None:
            raise ValueError("特別の料金の額または後発品の最高価格を入力する")
        special = max(Decimal(0), drug.brand_price - drug.generic_price) / divisor
    rest = drug.brand_price - special
    special_points = drug_points(special * drug.quantity_per_day) * drug.days if special else 0
    insured_points = drug_points(rest * drug.quantity_per_day) * drug.days
    charge = special_points * _YEN_PER_POINT
    tax = charge * TAX_PERCENT // 100
    reason = Because(
        "copay/elective/charge", Verdict.GRANTED,
        facts(brand=drug.brand_price, divisor=divisor, special=special, days=drug.days,
              points=special_points, charge=charge, tax=tax, insured=insured_points),
        f"{_CITE}; {_CITE_TAX}",
    )  # fmt: skip
    return ElectiveCharge(special_points, charge, tax, insured_points, (reason,))


def _divisor_on(day: date) -> int:
    return next((part.divisor for part in ELECTIVE_PARTS if day in part.validity), 0)
