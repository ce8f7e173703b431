# SPDX-License-Identifier: Apache-2.0
"""生活習慣病管理料（Ⅰ）・（Ⅱ） — who may have it, and what it contains (B001-3, B001-3-3)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.base_fee import (
    FIRST_CODES,
    IN_PERSON,
    OUTPATIENT_FAMILY,
    REVISIT_FAMILY,
    Manner,
)
from tasuki.calculation.diseases import (
    DIABETES_ICD10,
    HYPERTENSION_ICD10,
    LIPIDS_ICD10,
    under_treatment,
)
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule, usual_proposal
from tasuki.facility.standards import LIFESTYLE_MANAGEMENT
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Disease

R6 = date(2024, 6, 1)
R6_END = date(2026, 5, 31)

LIPIDS, HYPERTENSION, DIABETES = "113041710", "113041810", "113041910"
FIRST_KIND = frozenset((LIPIDS, HYPERTENSION, DIABETES))
SECOND, SECOND_ONLINE = "113707110", "113707210"
SECOND_KIND = frozenset((SECOND, SECOND_ONLINE))
LIFESTYLE_CODES = FIRST_KIND | SECOND_KIND
# ICD-10 of the three diseases, by the code of （Ⅰ） that names them.
ICD10 = {
    LIPIDS: LIPIDS_ICD10,
    HYPERTENSION: HYPERTENSION_ICD10,
    DIABETES: DIABETES_ICD10,
}
DATA_SUBMISSION = "113042070"
MONTHS_AFTER_FIRST = 6
_ONLINE = Manner.ONLINE
_RECORDED = frozenset((Flag.LIFESTYLE_PLAN_SIGNED, Flag.GUIDANCE_GIVEN))


@lru_cache(maxsize=4096)
def _kinds(icd10: tuple[str, ...]) -> frozenset[str]:
    """Which of the three a disease is, by the codes of （Ⅰ）."""
    return frozenset(
        code for code, prefixes in ICD10.items() if any(icd.startswith(prefixes) for icd in icd10)
    )


def is_lifestyle(row: Disease) -> bool:
    """生活習慣病か — 脂質異常症, 高血圧症 or 糖尿病 by ICD-10."""
    return bool(_kinds(row.icd10))


@rule(
    "B001-3-3/lifestyle",
    title="生活習慣病管理料（Ⅱ）",
    cite="医科点数表 B001-3-3 注1・注8; 通知 B001-3-3 (1)・(2)",
    since=R6,
    families=(REVISIT_FAMILY, OUTPATIENT_FAMILY),
    at=places.has_few_beds,
    kinds=IN_PERSON,
    diseases=is_lifestyle,
)
def lifestyle_management(case: Case, draft: Draft) -> Outcome | None:
    """生活習慣病管理料（Ⅱ） — for a main disease of the three, once the plan is agreed and guidance recorded.

    （Ⅰ） is the institution's own choice and never proposed, because it contains the tests of the month.
    """
    if not draft.codes().isdisjoint(LIFESTYLE_CODES) or case.billed_this_month(LIFESTYLE_CODES) is not None:
        return None
    disease = next(
        (row for diagnosis, row in under_treatment(case) if diagnosis.is_main and is_lifestyle(row)), None
    )
    if disease is None or _first_kind_before(case) is not None or _first_visit_this_month(case):
        return None
    code = SECOND_ONLINE if draft.manner is _ONLINE else SECOND
    missing = _RECORDED - case.visit.flags
    if missing:
        first = Flag.LIFESTYLE_PLAN_SIGNED if Flag.LIFESTYLE_PLAN_SIGNED in missing else Flag.GUIDANCE_GIVEN
        return Advice(code, facts(disease=disease.name, missing_flag=first.value))
    return usual_proposal(code, "", (("disease", disease.name),))


@rule(
    "B001-3/disease",
    title="生活習慣病管理料の対象疾患",
    cite="医科点数表 B001-3 注1, B001-3-3 注1",
    since=R6,
    stage=Stage.CONDITION,
    codes=LIFESTYLE_CODES,
)
def without_disease(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """生活習慣病管理料の対象疾患 — denied without such a disease under treatment."""
    standing = sorted(draft.codes() & LIFESTYLE_CODES)
    return (
        tuple(Denial(code, "", facts(reason="no_disease")) for code in standing if not _found(case, code))
        or None
    )


@rule(
    "B001-3/main_disease",
    title="生活習慣病管理料の主病",
    cite="医科点数表 B001-3 注1, B001-3-3 注1",
    since=R6,
    stage=Stage.CHECK,
    codes=LIFESTYLE_CODES,
)
def not_main_disease(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """生活習慣病管理料の主病 — a disease that is not marked as the main one is asked about."""
    outcomes = []
    for code in sorted(draft.codes() & LIFESTYLE_CODES):
        found = _found(case, code)
        if found and not any(is_main for is_main, _ in found):
            outcomes.append(Advice(code, facts(disease=found[0][1])))
    return tuple(outcomes) or None


@rule(
    "B001-3/system",
    title="生活習慣病管理料の体制",
    cite="医科点数表 B001-3 注1, B001-3-3 注1; 特掲診療料の施設基準等 第三の四の九",
    since=R6,
    stage=Stage.CHECK,
    codes=LIFESTYLE_CODES,
)
def without_system(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """生活習慣病管理料の体制 — a standard met without notice; whether it is met is asked."""
    standing = draft.codes() & LIFESTYLE_CODES
    if not standing or case.has_standard(LIFESTYLE_MANAGEMENT):
        return None
    missing = case.standard_names((LIFESTYLE_MANAGEMENT,))
    return tuple(Advice(code, facts(missing=missing)) for code in sorted(standing))


@rule(
    "B001-3-3/after_first",
    title="生活習慣病管理料（Ⅰ）から6月以内の（Ⅱ）",
    cite="医科点数表 B001-3-3 注7 (令和6年度は注5)",
    since=R6,
    stage=Stage.CONDITION,
    codes=SECOND_KIND,
)
def second_after_first(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """生活習慣病管理料（Ⅱ） — not within six months counted from the month in which （Ⅰ） was billed."""
    standing = draft.codes() & SECOND_KIND
    earlier = _first_kind_before(case) if standing else None
    if earlier is None:
        return None
    code, last = earlier
    return tuple(Denial(each, code, facts(last_day=last)) for each in sorted(standing))


@rule(
    "B001-3/data_submission",
    title="外来データ提出加算（生活習慣病管理料）",
    cite="医科点数表 B001-3 注4, B001-3-3 注4 (令和6年度)",
    since=R6,
    until=R6_END,
    codes=LIFESTYLE_CODES,
)
def data_submission(case: Case, draft: Draft) -> Proposal | None:
    """外来データ提出加算 — with （Ⅰ） or （Ⅱ） where its standard is notified."""
    base = next((act for act in draft.acts() if act.code in LIFESTYLE_CODES), None)
    if base is None or not case.book.has(DATA_SUBMISSION):
        return None
    asked = [code for code in case.book.act(DATA_SUBMISSION).standards if code not in ("", "0")]
    if not asked or not any(case.has_standard(code) for code in asked):
        return None
    return Proposal(DATA_SUBMISSION, facts(standard=case.standard_names(asked[:1])[0]), onto=base.code)


def _found(case: Case, code: str) -> list[tuple[bool, str]]:
    wanted = {code} if code in FIRST_KIND else FIRST_KIND
    return [
        (diagnosis.is_main, row.name)
        for diagnosis, row in under_treatment(case)
        if not wanted.isdisjoint(_kinds(row.icd10))
    ]


def _first_kind_before(case: Case) -> tuple[str, date] | None:
    if FIRST_KIND.isdisjoint(case.history.by_code):
        return None
    since = months_before(case.day, MONTHS_AFTER_FIRST)
    lines = [line for code in FIRST_KIND for line in case.history.of(code) if since <= line.day <= case.day]
    last = max(lines, key=lambda line: line.day, default=None)
    return None if last is None else (last.code, last.day)


def _first_visit_this_month(case: Case) -> bool:
    """通知 (1): not in the month of a first visit; the table of exclusions says the same of an ordered fee."""
    return case.billed_this_month(FIRST_CODES) is not None
