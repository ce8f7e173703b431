# SPDX-License-Identifier: Apache-2.0
"""仕込んだ処方 — made-up prescriptions with one known danger each, to measure how many of them a check finds.

The danger is put in by reading the tables row by row, without the index a check uses; what else a check tells is
held against the same plain reading, so that an alert nobody can justify is listed as a false alarm.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tasuki.chart.visit import Sex
from tasuki.masters.rows import Drug
from tasuki.prescriptions.safety.checking import check
from tasuki.prescriptions.safety.dose import named_strength
from tasuki.prescriptions.safety.knowledge import disease_heads
from tasuki.prescriptions.safety.person import Allergy, Body, Condition, Medicine, Patient
from tasuki.prescriptions.safety.rows import ALWAYS, Measure, State, Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tasuki.prescriptions.safety.alert import Alert
    from tasuki.prescriptions.safety.knowledge import Knowledge

DAY = date(2026, 6, 15)
_LAST = DAY + timedelta(days=27)
_OWN, _OTHER = "", "架空クリニック"
_INGREDIENT = 7


@dataclass(frozen=True, slots=True)
class PlantedCase:
    """仕込んだ処方 — what a check takes, and the code it must tell of the drug at a place."""

    kind: str
    prescription: tuple[Medicine, ...]
    patient: Patient
    history: tuple[Medicine, ...]
    shared_history: tuple[Medicine, ...]
    code: str
    place: str


@dataclass(slots=True)
class Recall:
    """検出率 — planted and found by kind, the cases that were missed, what was told beside, and what nothing justifies."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed: list[PlantedCase] = field(default_factory=list)
    beside: Counter[str] = field(default_factory=Counter)
    false_alarms: list[Alert] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """検出率 — found of planted."""
        return self.found.total() / max(self.planted.total(), 1)


class Catalogue(NamedTuple):
    """薬の一覧 — products by the tokens of the tables, read plainly."""

    products: tuple[Drug, ...]
    groups: dict[str, tuple[str, ...]]

    def of(self, cell: str) -> list[Drug]:
        """該当する薬 — the products a cell of a row names."""
        heads = [head for token in cell.split("|") for head in self.groups.get(token, (token,))]
        return [
            each
            for each in self.products
            if any(each.price_list_code.startswith(head) or each.code == head for head in heads)
        ]


def catalogue_of(drugs: Sequence[Drug], knowledge: Knowledge) -> Catalogue:
    """薬の一覧 — of internal drugs with a 薬価基準収載医薬品コード; a head no product has gets a made-up one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for member in knowledge.tables.groups:
        groups[member.group].append(member.head)
    products = [each for each in drugs if each.price_list_code and each.form == "1"]
    heads = {head for found in groups.values() for head in found}
    heads |= {
        token
        for rows in knowledge.tables
        for row in rows
        for name in ("drug", "other")
        for token in getattr(row, name, "").split("|")
        if token.isascii() and len(token) == _INGREDIENT
    }
    listed = {each.price_list_code[:_INGREDIENT] for each in products}
    for number, head in enumerate(
        sorted(each for each in heads if len(each) == _INGREDIENT and each not in listed)
    ):
        made_up = f"架空薬{number:03}錠１０ｍｇ"
        products.append(
            Drug(
                code=f"69{number:07}",
                name=made_up,
                validity=ALWAYS,
                unit_name="錠",
                price_list_code=f"{head}F1ZZZ",
            )
        )
    return Catalogue(tuple(products), {name: tuple(heads) for name, heads in groups.items()})


def plant(catalogue: Catalogue, knowledge: Knowledge, count: int, seed: int = 1) -> Iterator[PlantedCase]:
    """処方への仕込み — ``count`` cases, the kinds in turn; a kind the tables and products do not reach gives none."""
    chance = Random(seed)  # noqa: S311
    for number in range(count):
        kind, made = _KINDS[number % len(_KINDS)]
        case = made(kind, catalogue, knowledge, chance)
        if case is not None:
            yield case


def measure(cases: Iterator[PlantedCase], catalogue: Catalogue, knowledge: Knowledge) -> Recall:
    """検出率の計測 — every case checked; alerts beside the planted one are counted and held against the tables."""
    recall = Recall()
    for case in cases:
        alerts = check(case.prescription, case.patient, case.history, case.shared_history, knowledge, DAY)
        hit = [each for each in alerts if each.code == case.code and case.place in (each.where, each.beside)]
        recall.planted[case.kind] += 1
        recall.found[case.kind] += bool(hit)
        if not hit:
            recall.missed.append(case)
        for alert in alerts:
            if alert in hit:
                continue
            recall.beside[f"{alert.tier.value} {alert.code}"] += 1
            if alert.tier is not Tier.INFO and not _is_justified(alert, case, catalogue, knowledge):
                recall.false_alarms.append(alert)
    return recall


def _is_justified(alert: Alert, case: PlantedCase, catalogue: Catalogue, knowledge: Knowledge) -> bool:
    """Whether a plain reading of the tables says the same of the two drugs; of other alerts, that a row is cited."""
    if alert.code not in ("RX-A-01", "RX-A-02", "RX-A-03", "RX-A-04", "RX-A-05", "RX-A-06"):
        return (
            any(row.source == alert.cite for rows in knowledge.tables for row in rows)
            or alert.code == "RX-A-10"
        )
    taken = {each.name: each for each in (*case.prescription, *case.history, *case.shared_history)}
    one, other = (taken[alert.fact(name)].ingredient for name in ("drug", "other"))
    if alert.code in ("RX-A-01", "RX-A-02", "RX-A-03"):
        return one[:7] == other[:7] or bool(_groups(one, catalogue) & _groups(other, catalogue))
    if alert.code == "RX-A-04":
        return set(alert.fact("group").split("、")) & _groups(one, catalogue) != set()
    return any(
        row.source == alert.cite
        and ((_names(row.drug, one, catalogue) and _names(row.other, other, catalogue))
             or (_names(row.drug, other, catalogue) and _names(row.other, one, catalogue)))
        for row in knowledge.tables.interactions
    )  # fmt: skip


def _groups(ingredient: str, catalogue: Catalogue) -> set[str]:
    return {
        name for name, heads in catalogue.groups.items() if any(ingredient.startswith(head) for head in heads)
    }


def _names(cell: str, ingredient: str, catalogue: Catalogue) -> bool:
    heads = [head for token in cell.split("|") for head in catalogue.groups.get(token, (token,))]
    return any(ingredient.startswith(head) for head in heads)


def _medicine(
    drug: Drug, place: str = "", institution: str = _OWN, since: date = DAY, until: date = _LAST
) -> Medicine:
    return Medicine(
        drug.code, drug.name, drug.price_list_code, since, until, place, amount=Decimal(1), unit=drug.unit_name,
        institution=institution,
    )  # fmt: skip


def _background(catalogue: Catalogue, chance: Random) -> PlantedCase:
    """A prescription of three or four drugs and fifteen taken before, of people with nothing known against them."""
    prescribed = chance.sample(catalogue.products, chance.randint(3, 4))
    earlier = chance.sample(catalogue.products, 15)
    return PlantedCase(
        kind="",
        prescription=tuple(_medicine(each, f"a:{n:03}") for n, each in enumerate(prescribed, start=1)),
        patient=Patient(date(1970, 4, 4), Sex.MALE),
        history=tuple(
            _medicine(each, since=DAY - timedelta(days=14), until=DAY + timedelta(days=3)) for each in earlier
        ),
        shared_history=(),
        code="",
        place="a:000",
    )


def _with_pair(
    kind: str, case: PlantedCase, one: Drug, other: Drug, codes: tuple[str, str, str]
) -> PlantedCase:
    prescribed = (*case.prescription, _medicine(one, case.place))
    if kind.endswith("処方内"):
        return replace(case, kind=kind, code=codes[0], prescription=(*prescribed, _medicine(other, "b:000")))
    earlier = _medicine(
        other,
        "",
        _OTHER if kind.endswith("他院") else _OWN,
        DAY - timedelta(days=20),
        DAY + timedelta(days=10),
    )
    if kind.endswith("他院"):
        return replace(case, kind=kind, code=codes[2], prescription=prescribed, shared_history=(earlier,))
    return replace(case, kind=kind, code=codes[1], prescription=prescribed, history=(*case.history, earlier))


def _same(kind: str, catalogue: Catalogue, knowledge: Knowledge, chance: Random) -> PlantedCase | None:
    del knowledge
    one = chance.choice(catalogue.products)
    others = [each for each in catalogue.products if each.price_list_code[:7] == one.price_list_code[:7]]
    case = _background(catalogue, chance)
    return _with_pair(kind, case, one, chance.choice(others), ("RX-A-01", "RX-A-02", "RX-A-03"))


def _pair(kind: str, catalogue: Catalogue, knowledge: Knowledge, chance: Random) -> PlantedCase | None:
    rows = [row for row in knowledge.tables.interactions if row.tier is Tier.STOP]
    row = chance.choice(rows)
    ones, others = catalogue.of(row.drug), catalogue.of(row.other)
    pairs = [
        (one, other)
        for one in ones
        for other in others
        # One ingredient on both sides is told as the duplicate it is.
        if one.price_list_code[:7] != other.price_list_code[:7]
    ]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    return _with_pair(kind, _background(catalogue, chance), one, other, ("RX-A-05",) * 3)


def _of_person(kind: str, catalogue: Catalogue, knowledge: Knowledge, chance: Random) -> PlantedCase | None:
    tables = knowledge.tables
    rows: Sequence[object] = {
        "禁忌病名": [row for row in tables.diseases if row.tier is Tier.STOP],
        "年齢": tables.ages,
        "妊娠": [row for row in tables.states if row.state is State.PREGNANT],
        "腎機能": tables.kidney,
        "極量": [row for row in tables.doses if row.most_a_day is not None and row.unit == "mg"],
        "アレルギー": tables.allergies,
    }[kind]
    row = chance.choice(rows)
    products = catalogue.of(row.drug)  # type: ignore[attr-defined]
    case = _background(catalogue, chance)
    if kind == "極量":
        products = [each for each in products if named_strength(each.name, each.unit_name)]
    if not products:
        return None
    drug = _medicine(chance.choice(products), case.place)
    patient = case.patient
    if kind == "禁忌病名":
        head = chance.choice(list(disease_heads(row.disease)))  # type: ignore[attr-defined]
        condition = (
            Condition(head, "仕込んだ病名") if head.isdigit() else Condition("", "仕込んだ病名", (head,))
        )
        patient, code = replace(patient, conditions=(condition,)), "RX-A-07"
    elif kind == "年齢":
        years = row.age_from if row.age_to is None else chance.randint(row.age_from, row.age_to)  # type: ignore[attr-defined]
        patient, code = replace(patient, born=date(DAY.year - years, 1, 1)), "RX-A-14"
    elif kind == "妊娠":
        patient, code = (
            replace(patient, sex=Sex.FEMALE, born=date(1995, 4, 4), body=Body(is_pregnant=True)),
            "RX-A-15",
        )
    elif kind == "腎機能":
        value = row.below - Decimal("0.1")  # type: ignore[attr-defined]
        is_egfr = row.measure is Measure.EGFR  # type: ignore[attr-defined]
        body = Body(egfr=value if is_egfr else None, ccr=None if is_egfr else value, kidney_on=DAY)
        patient, code = replace(patient, body=body), "RX-A-17"
    elif kind == "アレルギー":
        word = chance.choice(row.words.split("|"))  # type: ignore[attr-defined]
        is_named = word in drug.name
        patient, code = replace(patient, allergies=(Allergy(word),)), "RX-A-10" if is_named else "RX-A-11"
    else:
        patient, drug, code = _beyond(row, patient, drug)
    return replace(case, kind=kind, code=code, patient=patient, prescription=(*case.prescription, drug))


def _beyond(row: object, patient: Patient, drug: Medicine) -> tuple[Patient, Medicine, str]:
    strength = named_strength(drug.name, drug.unit)
    assert strength is not None
    weight = Decimal(20) if row.is_per_kg else Decimal(1)  # type: ignore[attr-defined]
    amount = row.most_a_day * weight / strength + Decimal("0.1")  # type: ignore[attr-defined]
    years = row.age_from if row.age_to is None else row.age_to  # type: ignore[attr-defined]
    body = Body(weight_kg=weight if row.is_per_kg else None)  # type: ignore[attr-defined]
    born = date(DAY.year - years, 1, 1)
    return replace(patient, born=born, body=body), replace(drug, amount=amount), "RX-A-12"


_KINDS: tuple[tuple[str, Callable[[str, Catalogue, Knowledge, Random], PlantedCase | None]], ...] = (
    ("重複 処方内", _same), ("重複 自院", _same), ("重複 他院", _same),
    ("併用禁忌 処方内", _pair), ("併用禁忌 自院", _pair), ("併用禁忌 他院", _pair),
    ("禁忌病名", _of_person), ("アレルギー", _of_person), ("極量", _of_person),
    ("年齢", _of_person), ("妊娠", _of_person), ("腎機能", _of_person),
)  # fmt: skip
