# SPDX-License-Identifier: Apache-2.0
"""患者への禁忌 — a drug against the diseases, allergies, age, state and kidneys of the person.

Cite: 電子添文 2.禁忌、9.特定の背景を有する患者に関する注意
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tasuki.chart.visit import Sex
from tasuki.kernel.kana import search_key
from tasuki.prescriptions.safety.alert import Alert
from tasuki.prescriptions.safety.rows import Measure, State, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from tasuki.prescriptions.safety.knowledge import Knowledge
    from tasuki.prescriptions.safety.pairs import Taken
    from tasuki.prescriptions.safety.person import Allergy, Condition, Patient
    from tasuki.prescriptions.safety.rows import AllergyClass, DiseaseCaution, KidneyCaution

# A value of the kidneys older than a year is told to be old; women of 15 to 49 are asked about pregnancy
# (出産可能年齢, the ages of 合計特殊出生率). Both are our own choice.
OLD_DAYS = 365
FERTILE = range(15, 50)
_KEY = "prescription.safety."


_name_key = lru_cache(maxsize=20_000)(search_key)


class AllergyMap:
    """アレルギーの照合 — the allergies of a person with the classes they stand for, found once a prescription."""

    def __init__(self, allergies: Sequence[Allergy], knowledge: Knowledge) -> None:
        self.known: list[tuple[Allergy, str, frozenset[str], tuple[AllergyClass, ...]]] = []
        for each in sorted(allergies, key=lambda one: (one.substance, one.code)):
            has_drug = bool(each.code or each.ingredient)
            ingredients = (
                knowledge.profile(each.code, each.ingredient).ingredients if has_drug else frozenset()
            )
            rows = tuple(knowledge.allergy_rows(each))
            self.known.append((each, search_key(each.substance), ingredients, rows))


def allergy_alerts(one: Taken, allergies: AllergyMap, day: date) -> Iterator[Alert]:
    """アレルギーの警告 — the drug or its ingredient itself, else a class the substance belongs to."""
    name = _name_key(one.medicine.name) if allergies.known else ""
    for allergy, key, ingredients, rows in allergies.known:
        is_code = bool(allergy.code) and allergy.code == one.medicine.code
        if is_code or (len(key) > 1 and key in name) or ingredients & one.profile.ingredients:
            tier = Tier.STOP if allergy.is_contraindicated else Tier.CAUTION
            ending = ".stop" if allergy.is_contraindicated else ""
            yield _told("RX-A-10", tier, one, "", ending, substance=allergy.substance)
            continue
        met = [
            row for row in rows if row.holds_on(day) and not one.profile.keys.isdisjoint(row.drug.split("|"))
        ]
        for row in sorted(met, key=lambda each: (each.tier is not Tier.STOP, each.allergen, each.drug))[:1]:
            is_same = row.allergen in row.drug.split("|")
            stops = row.tier is Tier.STOP or (allergy.is_contraindicated and is_same)
            facts = {"substance": allergy.substance, "group": row.drug.replace("|", "・"), "text": row.text}
            tier, ending = (Tier.STOP, ".stop") if stops else (row.tier, "")
            yield _told("RX-A-11", tier, one, row.source, ending, **facts)


def disease_alerts(one: Taken, diseases: Mapping[str, Sequence[Condition]], day: date) -> Iterator[Alert]:
    """禁忌病名の警告 — a confirmed disease as the row says, a suspected one to be looked at."""
    met: dict[tuple[int, str], tuple[DiseaseCaution, Condition]] = {}
    for key in one.profile.diseases.keys() & diseases.keys():
        for row in one.profile.diseases[key]:
            if row.holds_on(day):
                for condition in diseases[key]:
                    met[(id(row), f"{condition.name}{condition.is_suspected}")] = (row, condition)
    for row, condition in met.values():
        code, tier = "RX-A-08", row.tier
        if row.tier is Tier.STOP:
            code, tier = ("RX-A-09", Tier.CAUTION) if condition.is_suspected else ("RX-A-07", Tier.STOP)
        elif condition.is_suspected:
            continue
        yield _told(code, tier, one, row.source, name=row.disease_name, disease=condition.name, text=row.text)


def by_key(conditions: Sequence[Condition]) -> dict[str, list[Condition]]:
    """病名の索引 — the conditions of a person by every key a row may know them by."""
    found: dict[str, list[Condition]] = {}
    for condition in conditions:
        for key in condition.known_by():
            found.setdefault(key, []).append(condition)
    return found


def age_alerts(one: Taken, years: int, day: date) -> Iterator[Alert]:
    """年齢の警告 — of every row whose ages hold the person's."""
    for row in one.profile.ages:
        if row.holds_on(day) and row.age_from <= years and (row.age_to is None or years <= row.age_to):
            yield _told("RX-A-14", row.tier, one, row.source, age=str(years), text=row.text)


def state_alerts(one: Taken, patient: Patient, years: int, day: date) -> Iterator[Alert]:
    """妊娠・授乳の警告 — a woman of an age to bear who was not asked is told of drugs that are 禁忌 in pregnancy."""
    if patient.sex is not Sex.FEMALE:
        return
    body = patient.body
    for row in one.profile.states:
        if not row.holds_on(day):
            continue
        if row.state is State.LACTATING:
            if body.is_lactating:
                yield _told("RX-A-16", row.tier, one, row.source, text=row.text)
        elif body.is_pregnant:
            yield _told("RX-A-15", row.tier, one, row.source, text=row.text)
        elif body.is_pregnant is None and row.tier is Tier.STOP and years in FERTILE:
            yield _told("RX-A-33", Tier.INFO, one, row.source)


def kidney_alerts(one: Taken, patient: Patient, day: date) -> Iterator[Alert]:
    """腎機能の警告 — the band the person's value lies in; a CCr nobody can compute is judged by eGFR, with care only."""
    rows = [row for row in one.profile.kidney if row.holds_on(day)]
    for measure in Measure:
        mine = [row for row in rows if row.measure is measure]
        if mine:
            yield from _of_measure(one, patient, day, measure, mine)


def _of_measure(
    one: Taken, patient: Patient, day: date, measure: Measure, rows: Sequence[KidneyCaution]
) -> Iterator[Alert]:
    egfr = patient.egfr_on(day)
    value = egfr if measure is Measure.EGFR else patient.ccr_on(day)
    seen = value if value is not None else egfr
    source = rows[0].source
    if seen is None:
        wanted = "eGFR" if measure is Measure.EGFR else "血清クレアチニンと体重"
        yield _told("RX-A-31", Tier.INFO, one, source, measure=measure.value, wanted=wanted)
        return
    on = patient.body.kidney_on
    facts = {"measure": measure.value, "value": f"{seen:f}", "on": on.isoformat() if on else "日付なし"}
    for row in rows:
        if row.at_least <= seen < row.below:
            if value is None:
                tier = Tier.CAUTION if row.tier is Tier.STOP else row.tier
                yield _told("RX-A-18", tier, one, row.source, text=row.text, **facts)
            else:
                yield _told("RX-A-17", row.tier, one, row.source, text=row.text, **facts)
    if on is not None and (day - on).days > OLD_DAYS:
        yield _told("RX-A-36", Tier.INFO, one, source, **facts)


def _told(code: str, tier: Tier, one: Taken, cite: str, ending: str = "", **facts: str) -> Alert:
    said = {"drug": one.medicine.name, **facts}
    about = "/".join(value for name, value in sorted(facts.items()) if name != "text")
    return Alert(
        code=code,
        tier=tier,
        where=one.medicine.place,
        facts=tuple(sorted(said.items())),
        cite=cite,
        message_key=f"{_KEY}{code}{ending}",
        cause=f"{one.identity}/{about}/{facts.get('text', '')}",
    )


def decimal_text(value: Decimal) -> str:
    """数の文字 — without trailing zeros or an exponent.

    >>> from decimal import Decimal
    >>> decimal_text(Decimal("60.00")), decimal_text(Decimal("4E+3"))
    ('60', '4000')
    """
    return f"{value.normalize():f}"
