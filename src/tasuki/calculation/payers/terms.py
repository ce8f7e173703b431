# SPDX-License-Identifier: Apache-2.0
"""診療費の契約 — what a payer other than health insurance pays for a point, and which table it follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from tasuki.chart.coverage import InsuranceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.chart.coverage import Insurance
    from tasuki.kernel.validity import Validity


class PayerBasis(StrEnum):
    """準拠する点数表 — the table whose acts count: that of health insurance, or that of 労災 with its own acts."""

    HEALTH = "health"  # 健康保険の点数
    WORK_ACCIDENT = "work_accident"  # 労災診療費算定基準に準ずる


class TaxClass(StrEnum):
    """消費税の区分 — whether a charge bears the tax, and at which rate.

    Cite: 消費税法 別表第二第6号, 第29条
    """

    EXEMPT = "exempt"  # 非課税
    STANDARD = "standard"  # 10%
    REDUCED = "reduced"  # 8%

    @property
    def percent(self) -> int:
        """税率 — in percent.

        >>> [each.percent for each in TaxClass]
        [0, 10, 8]
        """
        return _TAX_PERCENT[self]


_TAX_PERCENT = {TaxClass.EXEMPT: 0, TaxClass.STANDARD: 10, TaxClass.REDUCED: 8}
WORK_ACCIDENT_CITE = "労災診療費算定基準 診療単価"
PRICE_TAXED = Decimal("12")
PRICE_EXEMPT = Decimal("11.5")
_UNIT_PRICES = {InsuranceKind.TRAFFIC_ACCIDENT: "自賠責の1点単価", InsuranceKind.PRIVATE: "自費の1点単価"}


@dataclass(frozen=True, slots=True)
class PayerTerms:
    """契約条件 — one payer's price of a point in a period.

    ``contract`` names an insurer (its number or name as on the record); "" stands for every payer of the kind.
    ``technique_percent`` raises what is neither drug nor material, in points or in yen (自賠責の新基準など).
    ``is_patient_charged`` False sends the bill to the payer (一括払い).
    """

    kind: InsuranceKind
    unit_price_yen: Decimal
    contract: str = ""
    basis: PayerBasis = PayerBasis.HEALTH
    technique_percent: int = 100
    tax: TaxClass = TaxClass.EXEMPT
    is_patient_charged: bool = False
    validity: Validity | None = None
    cite: str = "医療機関と支払者の契約"


class TermsUnknown(LookupError):
    """契約条件なし — nothing says what the payer pays for a point; ``setting`` names what is to be entered."""

    def __init__(self, kind: InsuranceKind, contract: str) -> None:
        self.kind = kind
        self.contract = contract
        self.setting = _UNIT_PRICES.get(kind, "1点単価")
        super().__init__(f"{kind.value} {contract}")


@dataclass(frozen=True, slots=True)
class PayerSettings:
    """支払者の設定 — the institution's contracts, and whether it is a body that pays no tax on its income.

    労災 is the same for all of Japan but for that: 12 yen a point, 11 yen 50 sen for 非課税医療機関.
    """

    is_tax_exempt_body: bool = False
    terms: tuple[PayerTerms, ...] = field(default_factory=tuple)

    def terms_of(self, insurance: Insurance, day: date) -> PayerTerms:
        """契約条件 — for a payer on a day: its own contract first, then that of its kind.

        Raises :class:`TermsUnknown` where the institution has entered none: a price is never guessed.
        """
        named = (insurance.insurer_number.strip(), insurance.symbol.strip())
        mine = [t for t in self.terms if t.kind is insurance.kind and (not t.validity or day in t.validity)]
        for found in (one for one in mine if one.contract and one.contract in named):
            return found
        for found in (one for one in mine if not one.contract):
            return found
        if insurance.kind is InsuranceKind.WORK_ACCIDENT:
            price = PRICE_EXEMPT if self.is_tax_exempt_body else PRICE_TAXED
            return PayerTerms(insurance.kind, price, basis=PayerBasis.WORK_ACCIDENT, cite=WORK_ACCIDENT_CITE)
        raise TermsUnknown(insurance.kind, next((name for name in named if name), ""))


def payer_yen(points: Iterable[tuple[int, int]], terms: PayerTerms) -> int:
    """点数の金額 — points (technique, goods) of a visit in yen at the contract's price, sen of the sum cut.

    Cite: 労災診療費算定基準 診療単価

    >>> payer_yen([(101, 0)], PayerTerms(InsuranceKind.WORK_ACCIDENT, Decimal("11.5")))
    1161
    """
    technique = goods = 0
    for one, other in points:
        technique, goods = technique + one, goods + other
    exact = Fraction(technique * terms.technique_percent, 100) + goods
    return floor(exact * Fraction(terms.unit_price_yen))
