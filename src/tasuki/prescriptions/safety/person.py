# SPDX-License-Identifier: Apache-2.0
"""点検の対象 — the drugs and the person as the checks of a prescription see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from tasuki.chart.orders import OrderKind
from tasuki.chart.visit import Sex
from tasuki.kernel.days import age_on

if TYPE_CHECKING:
    from collections.abc import Iterator

# A drug without a known last day (屯服, 外用) is held to be in use for so long; our own choice.
OPEN_DAYS = 90
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Medicine:
    """点検する薬 — one drug prescribed now, given before, or dispensed elsewhere.

    ``ingredient`` is its 薬価基準収載医薬品コード or 一般名コード (or the head of one); ``amount`` is of a day for 内服,
    of a dose for 屯服. ``until`` is None where the last day is not known. ``institution`` is empty for our own;
    ``is_withheld`` marks one whose details may not be shown, because the patient did not agree to it.
    """

    code: str
    name: str
    ingredient: str
    since: date
    until: date | None = None
    place: str = ""
    kind: OrderKind = OrderKind.INTERNAL
    amount: Decimal | None = None
    unit: str = ""
    times_a_day: int | None = None
    institution: str = ""
    is_withheld: bool = False

    def shared_days(self, other: Medicine) -> int:
        """重なる日数 — on which both are taken; a drug without a last day is taken for ninety days.

        >>> one = Medicine("", "", "", date(2026, 6, 1), date(2026, 6, 14))
        >>> one.shared_days(Medicine("", "", "", date(2026, 6, 10), date(2026, 7, 9)))
        5
        """
        first = self.since if self.since > other.since else other.since
        mine = self.until or self.since + timedelta(days=OPEN_DAYS)
        theirs = other.until or other.since + timedelta(days=OPEN_DAYS)
        return max(0, (min(mine, theirs) - first).days + 1)


@dataclass(frozen=True, slots=True)
class Condition:
    """病名の条件 — a disease in force: its code of seven digits, name and codes of ICD-10."""

    code: str
    name: str
    icd10: tuple[str, ...] = ()
    is_suspected: bool = False

    def known_by(self) -> Iterator[str]:
        """病名の鍵 — every name a row may know it by."""
        if self.code:
            yield self.code
        for one in self.icd10:
            bare = one.replace(".", "")
            for length in range(1, len(bare) + 1):
                yield bare[:length]


@dataclass(frozen=True, slots=True)
class Allergy:
    """アレルギー — a substance as charted; a drug's code and ingredient where it was chosen from the master."""

    substance: str
    code: str = ""
    ingredient: str = ""
    is_contraindicated: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """身体の数字 — what a check asks of a body; None where nobody said.

    ``egfr`` in mL/min/1.73㎡, ``ccr`` in mL/min, ``creatinine`` in mg/dL of serum; ``kidney_on`` is their day.
    """

    is_pregnant: bool | None = None
    is_lactating: bool | None = None
    weight_kg: Decimal | None = None
    egfr: Decimal | None = None
    ccr: Decimal | None = None
    creatinine: Decimal | None = None
    kidney_on: date | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """点検する患者 — age, sex, diseases, allergies and body."""

    born: date
    sex: Sex
    conditions: tuple[Condition, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    body: Body = field(default_factory=Body)

    def years_on(self, day: date) -> int:
        """年齢 — whole years."""
        return age_on(self.born, day).years

    def egfr_on(self, day: date) -> Decimal | None:
        """推算糸球体濾過量 — as given, else from serum creatinine for adults, None when neither is known."""
        if self.body.egfr is not None or self.body.creatinine is None or self.years_on(day) < 18:
            return self.body.egfr
        return estimated_gfr(self.body.creatinine, self.years_on(day), self.sex)

    def ccr_on(self, day: date) -> Decimal | None:
        """クレアチニンクリアランス — as given, else by Cockcroft and Gault for adults, None when a number lacks."""
        body, years = self.body, self.years_on(day)
        if body.ccr is not None or body.creatinine is None or body.weight_kg is None or years < 18:
            return body.ccr
        return creatinine_clearance(body.creatinine, years, body.weight_kg, self.sex)


def estimated_gfr(creatinine: Decimal, years: int, sex: Sex) -> Decimal:
    """推算糸球体濾過量 — mL/min/1.73㎡ of a Japanese adult, to one place.

    194 × Cr^-1.094 × age^-0.287, for women × 0.739.

    Cite: 日本腎臓学会 CKD診療ガイド（日本人のGFR推算式）

    >>> estimated_gfr(Decimal("0.8"), 50, Sex.MALE), estimated_gfr(Decimal("0.8"), 50, Sex.FEMALE)
    (Decimal('80.6'), Decimal('59.5'))
    """
    found = 194 * creatinine ** Decimal("-1.094") * Decimal(max(years, 1)) ** Decimal("-0.287")
    return (found * Decimal("0.739") if sex is Sex.FEMALE else found).quantize(_TENTH, ROUND_HALF_UP)


def creatinine_clearance(creatinine: Decimal, years: int, weight_kg: Decimal, sex: Sex) -> Decimal:
    """クレアチニンクリアランス — mL/min by Cockcroft and Gault, to one place.

    (140 - age) × weight ÷ (72 × Cr), for women × 0.85.

    Cite: Cockcroft DW, Gault MH. Nephron 1976;16:31-41

    >>> creatinine_clearance(Decimal("1.0"), 80, Decimal(50), Sex.FEMALE)
    Decimal('35.4')
    """
    found = (140 - years) * weight_kg / (72 * creatinine)
    return (found * Decimal("0.85") if sex is Sex.FEMALE else found).quantize(_TENTH, ROUND_HALF_UP)
