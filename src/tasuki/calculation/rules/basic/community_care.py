# SPDX-License-Identifier: Apache-2.0
"""地域包括診療加算・地域包括診療料 — the doctor in charge of several chronic diseases (A001 注12・注13, B001-2-9)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation import places
from tasuki.calculation.base_fee import REVISIT_FAMILY, Manner, base_taking_additions
from tasuki.calculation.diseases import (
    DIABETES_ICD10,
    HYPERTENSION_ICD10,
    LIPIDS_ICD10,
    under_treatment,
)
from tasuki.calculation.flags import Flag
from tasuki.calculation.psychotropics import psychotropic_count
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.chart.orders import OrderKind
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)
DEMENTIA_ICD10 = ("F00", "F01", "F02", "F03", "G30", "G310", "G311", "G318")
# 高血圧症, 糖尿病, 脂質異常症, 慢性心不全, 慢性腎臓病, 認知症.
KIDNEY_ICD10 = ("N18",)
SIX = (HYPERTENSION_ICD10, DIABETES_ICD10, LIPIDS_ICD10, ("I50",), KIDNEY_ICD10, DEMENTIA_ICD10)
# 慢性維持透析: 人工腎臓, 腹膜灌流, and the management of either at home, by section.
DIALYSIS_SECTIONS = frozenset(("J038", "J042", "C102", "C102-2"))
MOST_INTERNAL_DRUGS = 5
MOST_PSYCHOTROPICS = 3
MONTHS_CARED_FOR = 6


class Tier(NamedTuple):
    """地域包括診療加算の区分 — the standard, the code for dementia and the code for the others."""

    standard: str
    dementia: str
    others: str


TIERS = (Tier("3523", "112021870", "112021770"), Tier("3195", "112017570", "112017270"))
CODES = frozenset(code for tier in TIERS for code in (tier.dementia, tier.others))
DEMENTIA_CODES = frozenset(tier.dementia for tier in TIERS)


@rule(
    "A001/community_care",
    title="地域包括診療加算",
    cite="医科点数表 A001 注12・注13 (令和6年度), 注12 (令和8年度); 通知 A001 (11)・(12)",
    since=R6,
    families=(REVISIT_FAMILY,),
    at=places.has_any([tier.standard for tier in TIERS]),
)
def community_care(case: Case, draft: Draft) -> Outcome | None:
    """地域包括診療加算 — at each revisit of a patient whose doctor in charge has the consent.

    Consent once given shows in the history of six months; before that it is asked for.
    """
    tier = next((each for each in TIERS if case.has_standard(each.standard)), None)
    base = base_taking_additions(draft, REVISIT_FAMILY)
    if tier is None or base is None or draft.manner is Manner.TELEPHONE or case.visit.home is not None:
        return None
    if not draft.codes().isdisjoint(CODES):
        return None
    found = target(case)
    if found is None:
        return None
    is_dementia, name = found
    code = tier.dementia if is_dementia else tier.others
    since = months_before(case.day, MONTHS_CARED_FOR)
    has_history = any(line.day >= since for each in CODES for line in case.history.of(each))
    if not has_history and not case.has_flag(Flag.COMMUNITY_CARE_AGREED):
        return Advice(code, facts(disease=name, missing_flag=Flag.COMMUNITY_CARE_AGREED.value))
    return Proposal(code, facts(disease=name), onto=base.code)


@rule(
    "A001/community_care_patients",
    title="地域包括診療加算の対象患者",
    cite="通知 A001 (11) ア・イ, (12) ア (令和6年度)",
    since=R6,
    stage=Stage.CONDITION,
    codes=CODES,
)
def community_care_patients(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """地域包括診療加算の対象患者 — not at a first visit, not at home, not without the diseases, for dementia not with many drugs."""
    standing = sorted(draft.codes() & CODES)
    if draft.is_first:
        return tuple(Denial(code, "", facts(reason="first_visit")) for code in standing)
    if case.visit.home is not None:
        return tuple(Denial(code, "", facts(reason="home")) for code in standing)
    fallen = []
    for code in standing:
        if code not in DEMENTIA_CODES:
            if _two_of_six(case) is None and not _is_cared_for(case):
                fallen.append(Denial(code, "", facts(reason="no_disease")))
        elif _dementia_and_another(case) is None:
            fallen.append(Denial(code, "", facts(reason="no_disease")))
        elif has_many_drugs(case):
            fallen.append(Denial(code, "", facts(reason="drugs")))
    return tuple(fallen) or None


def target(case: Case) -> tuple[bool, str] | None:
    """地域包括診療の対象 — dementia with another disease goes first; any two of the six come next."""
    dementia = _dementia_and_another(case)
    if dementia is not None and not has_many_drugs(case):
        return True, dementia
    others = _two_of_six(case)
    return None if others is None else (False, others)


def has_dementia_or_care(case: Case) -> bool:
    """認知症を有する患者等か — dementia with another disease, and not many drugs."""
    return _dementia_and_another(case) is not None and not has_many_drugs(case)


def has_two_of_six(case: Case) -> bool:
    """その他の慢性疾患等を有する患者か — two of the six diseases, or one and long-term care from 令和8年度."""
    return _two_of_six(case) is not None


def _dementia_and_another(case: Case) -> str | None:
    """The other disease need not be one of the six (疑義解釈その7 (令和8年5月29日) 医科 問20)."""
    rows = [row for _, row in under_treatment(case)]
    dementia = next((row for row in rows if _is(row.icd10, DEMENTIA_ICD10)), None)
    other = next((row for row in rows if not _is(row.icd10, DEMENTIA_ICD10)), None)
    if other is None:
        return None
    if dementia is not None:
        return f"{dementia.name}、{other.name}"
    return other.name if case.day >= R8 and _is_cared_for(case) else None


def _two_of_six(case: Case) -> str | None:
    found: list[str] = []
    for prefixes in SIX:
        if prefixes == KIDNEY_ICD10 and _is_dialysed(case):
            continue
        name = next((row.name for _, row in under_treatment(case) if _is(row.icd10, prefixes)), None)
        if name is not None:
            found.append(name)
    if len(found) > 1:
        return "、".join(found[:2])
    return found[0] if found and case.day >= R8 and _is_cared_for(case) else None


def _is_dialysed(case: Case) -> bool:
    """慢性腎臓病 counts only without maintenance dialysis, wherever and of whichever kind it is."""
    if case.has_flag(Flag.MAINTENANCE_DIALYSIS):
        return True
    since = months_before(case.day, 2)
    return any(
        line.day >= since and case.book.act(code).section in DIALYSIS_SECTIONS
        for code, lines in case.history.by_code.items()
        if code[:3] in ("114", "140") and case.book.has(code)
        for line in lines
    )


def _is_cared_for(case: Case) -> bool:
    return case.has_flag(Flag.RECEIVES_LONG_TERM_CARE)


def _is(icd10: tuple[str, ...], prefixes: tuple[str, ...]) -> bool:
    return any(icd.startswith(prefixes) for icd in icd10 if icd)


def has_many_drugs(case: Case) -> bool:
    """投薬の制限 — more than five internal drugs in one prescription, or more than three psychotropics.

    Cite: 通知 A001 (11) イ (ハ), (12) ア (ロ) (令和6年度)
    """
    internal = {each.row.code for each in case.prescribed if each.order.kind is OrderKind.INTERNAL}
    return (
        len(internal) > MOST_INTERNAL_DRUGS
        or psychotropic_count(each.row for each in case.prescribed) > MOST_PSYCHOTROPICS
    )
