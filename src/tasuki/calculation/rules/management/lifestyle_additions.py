# SPDX-License-Identifier: Apache-2.0
"""生活習慣病管理料の加算 — 充実管理, 血糖自己測定指導, and the link to an eye clinic or a dentist (B001-3, B001-3-3 注3〜注6)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import DIABETES_ICD10, under_treatment
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.home.glucose_tests import GLP_1
from tasuki.calculation.rules.management.lifestyle_disease_management import (
    DIABETES,
    LIFESTYLE_CODES,
    SECOND_KIND,
)
from tasuki.facility.standards import LIFESTYLE_FULFILLED
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)
MONTHS_OF_A_YEAR = 12
FULFILLED_POINTS = dict(zip(LIFESTYLE_FULFILLED, (30, 20, 10), strict=True))
GLUCOSE = "113010370"
TYPE_ONE = ("E10",)
# 薬価基準収載医薬品コード of the injections: インスリン and its mixtures; GLP-1受容体アゴニスト and チルゼパチド. Their classes hold
# glucagon (2492700) and octreotide (2499403) besides.
INSULIN = ("24924", "24925", "39695")
INSULIN_OR_INCRETIN = (*INSULIN, *sorted(GLP_1))
SELF_INJECTION = frozenset(("114021010", "114040610", "114028410", "114063110", "114062910", "114063010"))
# （Ⅰ）眼科, 歯科; （Ⅱ）眼科, 歯科.
LINKED_CARE = ("113713170", "113713270", "113709770", "113709870")
LETTER = "180016110"


@rule(
    "B001-3/fulfilled",
    title="充実管理加算",
    cite="医科点数表 B001-3 注4, B001-3-3 注4; 通知 B001-3 (15); 特掲診療料の施設基準等 第三の四の九(3)〜(5)",
    since=R8,
    stage=Stage.CHECK,
    codes=LIFESTYLE_CODES,
)
def fulfilled(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """充実管理加算 — where a tier is notified; its code is not known yet, so it is named by its points.

    Whether the data of the months before were handed in in time is the institution's to know.
    """
    tier = next((each for each in LIFESTYLE_FULFILLED if each in case.standards), None)
    if tier is None:
        return None
    known = facts(standard=case.standard_names((tier,))[0], points=FULFILLED_POINTS[tier])
    return tuple(Advice(code, known) for code in sorted(draft.codes() & LIFESTYLE_CODES)) or None


@rule(
    "B001-3/glucose_guidance",
    title="血糖自己測定指導加算",
    cite="医科点数表 B001-3 注3, B001-3-3 注3; 通知 B001-3 (13)・(14)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(GLUCOSE,),
)
def glucose_guidance(case: Case, draft: Draft) -> Outcome | None:
    """血糖自己測定指導加算 — type 2 diabetes as the main disease, without insulin; the HbA1c is asked about."""
    if GLUCOSE not in draft.codes():
        return None
    main = _main_icd10(case)
    if not _starts(main, DIABETES_ICD10):
        return Denial(GLUCOSE, "", facts(reason="no_disease"))
    if _starts(main, TYPE_ONE):
        return Denial(GLUCOSE, "", facts(reason="type_one"))
    if _takes(case, INSULIN):
        return Denial(GLUCOSE, "", facts(reason="insulin"))
    return Advice(GLUCOSE, facts(reason="level"))


@rule(
    "B001-3/linked_care",
    title="眼科・歯科医療機関連携強化加算",
    cite="医科点数表 B001-3 注5・注6, B001-3-3 注5・注6; 通知 B001-3 (16)・(17); 疑義解釈その3 (令和4年4月11日) 医科 問4",
    since=R8,
    stage=Stage.CONDITION,
    codes=LINKED_CARE,
)
def linked_care(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """眼科・歯科医療機関連携強化加算 — for diabetes as the main disease, once a year, at the visit after the letter.

    A year is the calendar year, as the answer on 高度難聴指導管理料 reads the same words; none was given for these, so that
    one billed less than twelve months after the last is shown. Where no letter of an earlier day is known, a human
    is asked whether this is the visit that confirms it.
    """
    outcomes: list[Outcome] = []
    has_diabetes = _starts(_main_icd10(case), DIABETES_ICD10)
    letters = [line.day for line in case.history.of(LETTER) if line.day < case.day]
    for place, code in enumerate(LINKED_CARE):
        if code not in draft.codes():
            continue
        twin = LINKED_CARE[(place + 2) % len(LINKED_CARE)]
        billed = [line.day for each in (code, twin) for line in case.history.of(each)]
        last = max((day for day in billed if day <= case.day), default=None)
        if not has_diabetes:
            outcomes.append(Denial(code, "", facts(reason="no_disease")))
        elif last is not None and last.year == case.day.year:
            outcomes.append(Denial(code, "", facts(reason="year", last_day=last)))
        elif last is not None and last >= months_before(case.day, MONTHS_OF_A_YEAR):
            outcomes.append(Advice(code, facts(reason="twelve_months", last_day=last)))
        elif not letters:
            outcomes.append(Advice(code))
    return tuple(outcomes) or None


@rule(
    "B001-3-3/self_injection",
    title="生活習慣病管理料と在宅自己注射指導管理料",
    cite="医科点数表 B001-3 注1ただし書, B001-3-3 注1ただし書; 特掲診療料の施設基準等 第三の四の九(2)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(*SECOND_KIND, DIABETES),
)
def with_self_injection(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """生活習慣病管理料 — for diabetes not beside 在宅自己注射指導管理料; from 令和8年度 only for insulin and incretins.

    （Ⅰ） of 令和6年度 has its pair in the table of exclusions, which ends with the revision (lifted_exclusions). Which drug is injected is told by the drugs of the visit and of the month; unknown, it is asked.
    """
    kinds = SECOND_KIND if case.day < R8 else SECOND_KIND | {DIABETES}
    standing = sorted(draft.codes() & kinds)
    if not standing or not _starts(_main_icd10(case), DIABETES_ICD10):
        return None
    injection = min(draft.codes() & SELF_INJECTION, default="")
    if not injection:
        billed = case.billed_this_month(SELF_INJECTION)
        injection = "" if billed is None else billed.code
    if not injection:
        return None
    if case.day < R8 or _takes(case, INSULIN_OR_INCRETIN):
        return tuple(Denial(code, injection) for code in standing)
    return tuple(Advice(code, facts(lost_to=injection)) for code in standing)


def _main_icd10(case: Case) -> tuple[str, ...]:
    return tuple(icd for diagnosis, row in under_treatment(case) if diagnosis.is_main for icd in row.icd10)


def _starts(icd10: tuple[str, ...], prefixes: tuple[str, ...]) -> bool:
    return any(icd.startswith(prefixes) for icd in icd10 if icd)


def _takes(case: Case, classes: tuple[str, ...]) -> bool:
    """A drug of the class ordered today in any way, or dispensed here within three months."""
    since = months_before(case.day, 3)
    codes = case.history.codes_since(since).union(case.ordered_codes)
    rows = (case.book.drug(code) for code in sorted(codes) if code[:1] == "6" and case.book.has(code))
    return any(row.price_list_code.startswith(classes) for row in rows)
