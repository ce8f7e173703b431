# SPDX-License-Identifier: Apache-2.0
"""極量・上限 — what a prescription gives of an ingredient a day and a dose, summed over its products, against the most.

The most of a row is the largest that any approved use allows, so what is beyond it is beyond it for every use.

Cite: 電子添文 6.用法及び用量、7.用法及び用量に関連する注意
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from tasuki.chart.orders import OrderKind
from tasuki.prescriptions.safety.alert import Alert
from tasuki.prescriptions.safety.person_checks import decimal_text
from tasuki.prescriptions.safety.rows import Tier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from tasuki.prescriptions.safety.pairs import Taken
    from tasuki.prescriptions.safety.person import Patient
    from tasuki.prescriptions.safety.rows import DoseLimit

_KEY = "prescription.safety."
# Units of one piece, whose strength a name gives as an amount; units that a percentage is of.
_PIECES = frozenset(("錠", "カプセル", "包", "個", "枚", "丸", "T", "C"))
_OF_PERCENT = frozenset(("g", "mL"))
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(mg|μg|g)(?!/|[A-Z])")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_PER_ML = re.compile(r"(\d+(?:\.\d+)?)mg/(\d+(?:\.\d+)?)?mL")
_IN_MG = {"mg": Decimal(1), "μg": Decimal("0.001"), "g": Decimal(1000)}


@lru_cache(maxsize=20_000)
def named_strength(name: str, unit: str) -> Decimal | None:
    """名称の含量 — milligrams of a unit of a product with one ingredient, as its name says; None when it does not.

    >>> named_strength("カロナール細粒２０％", "ｇ"), named_strength("ノルバスク錠２．５ｍｇ", "錠")
    (Decimal('200'), Decimal('2.5'))
    >>> named_strength("タケプロンＯＤ錠１５　１５ｍｇ", "錠"), named_strength("ＰＬ配合顆粒", "ｇ")
    (Decimal('15'), None)
    """
    text, of = unicodedata.normalize("NFKC", name).replace("µ", "μ"), unicodedata.normalize("NFKC", unit)
    if "配合" in text:
        return None
    if of in _OF_PERCENT:
        percents = _PERCENT.findall(text)
        if len(set(percents)) == 1:
            return Decimal(percents[0]) * 10
        in_ml = _PER_ML.findall(text)
        return Decimal(in_ml[0][0]) / Decimal(in_ml[0][1] or 1) if of == "mL" and len(in_ml) == 1 else None
    amounts = {Decimal(number) * _IN_MG[word] for number, word in _AMOUNT.findall(text)}
    return amounts.pop() if of in _PIECES and len(amounts) == 1 else None


def dose_alerts(prescribed: Sequence[Taken], patient: Patient, years: int, day: date) -> Iterator[Alert]:
    """極量・上限の警告 — of each row that speaks of the person's age, at the first drug that it sums."""
    about: dict[int, tuple[DoseLimit, list[Taken]]] = {}
    for one in prescribed:
        for row in one.profile.doses:
            if row.holds_on(day) and row.age_from <= years and (row.age_to is None or years <= row.age_to):
                about.setdefault(id(row), (row, []))[1].append(one)
    for row, drugs in about.values():
        weight = patient.body.weight_kg if row.is_per_kg else Decimal(1)
        if weight is None:
            first = min(drugs, key=lambda each: each.medicine.place)
            yield _told("RX-A-32", Tier.INFO, first, row)
            continue
        yield from _beyond(row, drugs, weight)


def _beyond(row: DoseLimit, drugs: Sequence[Taken], weight: Decimal) -> Iterator[Alert]:
    in_order = sorted(drugs, key=lambda each: each.medicine.place)
    total, summed = Decimal(0), []
    for one in in_order:
        medicine = one.medicine
        if medicine.amount is None or medicine.kind not in (OrderKind.INTERNAL, OrderKind.AS_NEEDED):
            continue
        strength = _strength(one, row)
        if strength is None:
            yield _told("RX-A-35", Tier.INFO, one, row)
            continue
        amount = medicine.amount * strength
        dose = amount
        if medicine.kind is OrderKind.INTERNAL:
            total += amount
            summed.append(one)
            # Without a 用法 that says how often, a day's amount is all that is known.
            dose = amount / medicine.times_a_day if medicine.times_a_day else Decimal(0)
        if row.most_a_dose is not None and dose > row.most_a_dose * weight:
            yield _exceeds("RX-A-13", row, one, dose, row.most_a_dose * weight)
    if row.most_a_day is not None and total > row.most_a_day * weight:
        yield _exceeds("RX-A-12", row, summed[0], total, row.most_a_day * weight)


def _strength(one: Taken, row: DoseLimit) -> Decimal | None:
    """Milligrams (or the unit of the row) that one unit of the product holds of what the row is about."""
    tokens = row.drug.split("|")
    for each in one.profile.strengths:
        if each.unit == row.unit and each.drug in tokens:
            return each.amount
    if row.unit != "mg":
        return None
    return named_strength(one.medicine.name, one.medicine.unit)


def _exceeds(code: str, row: DoseLimit, one: Taken, amount: Decimal, limit: Decimal) -> Alert:
    facts = {
        "amount": decimal_text(amount.quantize(Decimal("0.001"))),
        "limit": decimal_text(limit),
        "unit": row.unit,
    }
    return _told(code, row.tier, one, row, **facts)


def _told(code: str, tier: Tier, one: Taken, row: DoseLimit, **facts: str) -> Alert:
    said = {"drug": one.medicine.name, "name": row.name, "text": row.text, **facts}
    return Alert(
        code=code,
        tier=tier,
        where=one.medicine.place,
        facts=tuple(sorted(said.items())),
        cite=row.source,
        message_key=f"{_KEY}{code}",
        cause=f"{one.identity}/{row.drug}/{facts.get('amount', '')}/{facts.get('limit', '')}",
    )
