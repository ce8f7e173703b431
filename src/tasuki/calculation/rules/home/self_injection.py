# SPDX-License-Identifier: Apache-2.0
"""在宅自己注射 — the fee of the month by the number of injections, its additions, and what it forbids (C101)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import Manner
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.home.home_history import days_of, month_start
from tasuki.chart.orders import OrderKind
from tasuki.kernel.because import facts
from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
COMPLEX, FEW, MANY = "114021010", "114040610", "114028410"
ONLINE = {COMPLEX: "114063110", FEW: "114062910", MANY: "114063010"}
COUNTED = frozenset((FEW, MANY, ONLINE[FEW], ONLINE[MANY]))
SELF_INJECTION = frozenset((*ONLINE, *ONLINE.values()))
START, BIOSIMILAR = "114028570", "114049870"
CHEMOTHERAPY = frozenset(("130013890", "130013990", "130014090", "130014190"))
MANY_INJECTIONS = 28
MONTHS_OF_START = 3
DRUG = "6"  # first digit of a drug's code
INJECTION_FORM = "4"  # 医薬品マスター col 28
AT_VISIT = frozenset(("130000510", "130003510"))  # G000, G001
# 別表第九 by the first seven digits of 薬価基準収載医薬品コード, as far as we know them: insulin and GLP-1, growth hormone,
# teriparatide, biologics of rheumatism, psoriasis, asthma and migraine, adrenaline, glucagon. Others are left to the doctor.
INGREDIENTS = frozenset(
    (
        *(
            "1190404",
            "1190405",
            "1190406",
            "1190407",
            "2160402",
            "2189401",
            "2290400",
            "2290401",
            "2290402",
            "2290403",
        ),
        *(
            "2412402",
            "2412403",
            "2412404",
            "2413404",
            "2439400",
            "2439401",
            "2439402",
            "2439403",
            "2451402",
            "2492403",
        ),
        *(
            "2492413",
            "2492414",
            "2492415",
            "2492416",
            "2492417",
            "2492418",
            "2492419",
            "2492420",
            "2492421",
            "2492422",
        ),
        *(
            "2492423",
            "2492424",
            "2492500",
            "2499410",
            "2499411",
            "2499415",
            "2499416",
            "2499418",
            "2499422",
            "3969500",
        ),
        *(
            "3969501",
            "3999424",
            "3999426",
            "3999429",
            "3999433",
            "3999437",
            "3999439",
            "3999441",
            "3999442",
            "3999444",
        ),
        *(
            "3999445",
            "3999448",
            "3999451",
            "3999457",
            "3999459",
            "3999463",
            "3999464",
            "3999468",
            "3999472",
            "4490405",
        ),
        *("4490408", "4490409", "6399421", "7229400", "7229402"),
    )
)


def is_listed(drug: Drug) -> bool:
    """別表第九の注射薬か — an injectable drug whose ingredient is one of those we know."""
    return drug.form == INJECTION_FORM and drug.price_list_code[:7] in INGREDIENTS


def _supplied(case: Case) -> list[Drug]:
    """Drugs for injection at home: prescribed, dispensed, or ordered with a management fee."""
    rows = [drug.row for drug in case.prescribed]
    for order in case.visit.orders:
        if order.kind is OrderKind.ACT:
            rows += [
                row
                for item in order.items
                if item.code[:1] == DRUG
                and case.book.has(item.code)
                and isinstance(row := case.book.item(item.code), Drug)
            ]
    return [row for row in rows if is_listed(row)]


@rule(
    "C101/fee",
    title="在宅自己注射指導管理料",
    cite="医科点数表 C101 注1; 通知 C101 (8); 特掲診療料の施設基準等 別表第九",
    since=R6,
    stage=Stage.BASE,
    drugs=is_listed,
)
def fee(case: Case, draft: Draft) -> Outcome | None:
    """在宅自己注射指導管理料 — proposed with a drug of 別表第九 once the guidance and the month's number are recorded."""
    if not case.visit.orders or not draft.codes().isdisjoint(SELF_INJECTION):
        return None
    drugs = _supplied(case)
    if not drugs or case.billed_this_month(SELF_INJECTION) is not None:
        return None
    care = case.visit.self_care
    injections = None if care is None else care.injections_a_month
    code = FEW if injections is None or injections < MANY_INJECTIONS else MANY
    if draft.manner is Manner.ONLINE:
        code = ONLINE[code]
    if injections is None:
        return Advice(code, facts(drug=drugs[0].name, missing_number="injections_a_month"))
    if not case.has_flag(Flag.GUIDANCE_GIVEN):
        return Advice(code, facts(drug=drugs[0].name, missing_flag=Flag.GUIDANCE_GIVEN.value))
    return Proposal(code, facts(drug=drugs[0].name, injections=injections))


@rule(
    "C101/count",
    title="在宅自己注射の月27回・28回",
    cite="医科点数表 C101 の2, 注5; 通知 C101 (8)",
    since=R6,
    sections=("C101",),
)
def count(case: Case, draft: Draft) -> Proposal | None:
    """月27回以下・28回以上 — by what the doctor told to inject, and by the online fee when seen online."""
    standing = min(draft.codes() & SELF_INJECTION, default="")
    if not standing:
        return None
    face = next((code for code, online in ONLINE.items() if standing in (code, online)), standing)
    care = case.visit.self_care
    injections = None if care is None else care.injections_a_month
    if face != COMPLEX and injections is not None:
        face = MANY if injections >= MANY_INJECTIONS else FEW
    right = ONLINE[face] if draft.manner is Manner.ONLINE else face
    if right == standing:
        return None
    return Proposal(right, facts(injections=injections or 0, limit=MANY_INJECTIONS), replaces=standing)


@rule(
    "C101/start",
    title="導入初期加算（在宅自己注射指導管理料）",
    cite="医科点数表 C101 注2・注3; 通知 C101 (9)・(10)・(12)",
    since=R6,
    sections=("C101",),
)
def start(case: Case, draft: Draft) -> Outcome | None:
    """導入初期加算 — three months from the month of the first guidance, once more when the drug was changed.

    The months count from the first guidance anywhere, so a first fee here asks for the day it began.
    """
    if draft.codes().isdisjoint(SELF_INJECTION) or START in draft.codes():
        return None
    if draft.manner is Manner.ONLINE or case.billed_this_month((START,)) is not None:
        return None
    billed = days_of(case, SELF_INJECTION, date.min)
    care = case.visit.self_care
    began = care.injections_since if care is not None else None
    first = min([*billed[:1], *([began] if began else [])], default=None)
    if first is None:
        return Advice(START, facts(missing_number="injections_since"))
    months = (case.day.year - first.year) * 12 + case.day.month - first.month
    if months < MONTHS_OF_START:
        return Proposal(START, facts(first_day=first))
    if case.has_flag(Flag.INJECTION_DRUG_CHANGED):
        return Proposal(START, facts(changed=Flag.INJECTION_DRUG_CHANGED.value))
    return None


@rule(
    "C101/biosimilar",
    title="バイオ後続品導入初期加算（在宅自己注射指導管理料）",
    cite="医科点数表 C101 注4; 通知 C101 (11)・(12)",
    since=R6,
    sections=("C101",),
)
def biosimilar(case: Case, draft: Draft) -> Outcome | None:
    """バイオ後続品導入初期加算 — explained and prescribed, three months from the first prescription."""
    if draft.codes().isdisjoint(SELF_INJECTION) or BIOSIMILAR in draft.codes():
        return None
    if draft.manner is Manner.ONLINE or case.billed_this_month((BIOSIMILAR,)) is not None:
        return None
    drug = next((row for row in _supplied(case) if is_biosimilar(row)), None)
    if drug is None:
        return None
    first = min(days_of(case, (BIOSIMILAR,), date.min), default=case.day)
    months = (case.day.year - first.year) * 12 + case.day.month - first.month
    if months >= MONTHS_OF_START:
        return None
    if not case.has_flag(Flag.BIOSIMILAR_EXPLAINED):
        return Advice(BIOSIMILAR, facts(drug=drug.name, missing_flag=Flag.BIOSIMILAR_EXPLAINED.value))
    return Proposal(BIOSIMILAR, facts(drug=drug.name, first_day=first))


def is_biosimilar(drug: Drug) -> bool:
    """バイオ後続品か — by 「ＢＳ」 or 「後続」 of its official name (通知 C101 (11))."""
    return any(word in drug.name or word in drug.generic_name for word in ("ＢＳ", "BS", "後続"))


@rule(
    "C101/chemotherapy",
    title="外来化学療法加算の月の在宅自己注射指導管理料",
    cite="医科点数表 C101 注1ただし書, 第6部注射 通則6; 通知 C101 (15)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C101",),
)
def chemotherapy(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """在宅自己注射指導管理料 — not in a month with 外来化学療法加算."""
    standing = sorted(draft.codes() & SELF_INJECTION)
    winner = min(draft.codes() & CHEMOTHERAPY, default="")
    if not winner:
        billed = case.billed_this_month(CHEMOTHERAPY)
        winner = "" if billed is None else billed.code
    if not standing or not winner:
        return None
    return tuple(Denial(code, winner) for code in (*standing, *sorted(draft.codes() & {START, BIOSIMILAR})))


@rule(
    "C101/injected_at_visit",
    title="在宅自己注射の患者の受診時の注射",
    cite="通知 C101 (13)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("G000", "G001"),
)
def injected_at_visit(case: Case, draft: Draft) -> tuple[Denial | Advice, ...] | None:
    """受診時の注射 — the drug a patient injects at home is not billed at the clinic, except in an emergency.

    Where no record says which drug that is, a listed one is shown.
    """
    if case.has_flag(Flag.EMERGENCY_INJECTION):
        return None
    parent = min(draft.codes() & SELF_INJECTION, default="")
    if not parent:
        found = [line for code in SELF_INJECTION for line in case.history.of(code)]
        last = max(found, key=lambda line: line.day, default=None)
        parent = last.code if last is not None and last.day >= month_start(case) else ""
    if not parent:
        return None
    supplied = supplied_ingredients(case)
    answers: list[Denial | Advice] = []
    for unit in draft.units:
        group = [each for each in draft.units if each.group == unit.group]
        codes = {line.code for each in group for line in each.lines}
        drugs = [line.row for each in group for line in each.lines if isinstance(line.row, Drug)]
        listed = {row.price_list_code[:7] for row in drugs if is_listed(row)}
        if not codes & AT_VISIT or not listed:
            continue
        if listed & supplied:
            answers += [Denial(line.code, parent, group=unit.group) for line in unit.lines]
        elif any(isinstance(line.row, Drug) for line in unit.lines):
            answers.append(Advice(unit.lines[0].code, facts(fee=case.name_of(parent))))
    return tuple(answers) or None


def supplied_ingredients(case: Case) -> set[str]:
    """自己注射の薬の成分 — of the listed drugs the patient got for home, today or before."""
    rows = _supplied(case)
    for code in case.history.by_code:
        if code[:1] == DRUG and case.book.has(code):
            row = case.book.item(code)
            if isinstance(row, Drug) and is_listed(row):
                rows.append(row)
    return {row.price_list_code[:7] for row in rows}
