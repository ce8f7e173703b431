# SPDX-License-Identifier: Apache-2.0
"""精神科継続外来支援・指導料・経頭蓋磁気刺激療法・精神科訪問看護 — what their notes refuse (I002-2, I000-2, I012)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.psychotropics import PsychotropicClass, kinds_of
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.chart.visit import PastLine

R6 = date(2024, 6, 1)
SUPPORT, SUPPORT_HALVED = "180031410", "180050230"
MANY = 3
MAGNETIC = "180058650"
ADULT_AGE = 18
DEPRESSION_ICD10 = ("F32", "F33")
SERIES_DAYS, SERIES_TIMES = 56, 30
# 精神科訪問看護・指導料: 週3日目まで → 週4日目以降, where 令和6年度 and 令和8年度 name both.
LATER = {
    "180008110": "180036610", "180036510": "180036710", "180036810": "180037010", "180036910": "180037110",
    "180058810": "180059010", "180058910": "180059110", "180059210": "180059410", "180059310": "180059510",
}  # fmt: skip
DAYS_A_WEEK, DAYS_AFTER_DISCHARGE = 3, 5


@rule(
    "I002-2/first_visit",
    title="初診の日の精神科継続外来支援・指導料",
    cite="通知 I002-2 (7)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(SUPPORT, SUPPORT_HALVED),
)
def support_first(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """精神科継続外来支援・指導料 — not at a first visit."""
    if not draft.is_first:
        return None
    return tuple(Denial(code, "") for code in (SUPPORT, SUPPORT_HALVED) if code in draft.codes()) or None


@rule(
    "I002-2/many_drugs",
    title="精神科継続外来支援・指導料と向精神薬多剤投与",
    cite="医科点数表 I002-2 注2・注5; 通知 I002-2 (2)・(9)",
    since=R6,
    codes=(SUPPORT,),
)
def support_drugs(case: Case, draft: Draft) -> Outcome | None:
    """精神科継続外来支援・指導料 — none with three of a class of psychotropics in one prescription.

    Three antidepressants or antipsychotics that cannot be avoided leave half of it, where what 注5 asks for is
    not met; a human knows that.
    """
    if SUPPORT not in draft.codes():
        return None
    rows = [each.row for each in case.prescribed]
    counts = {kind: kinds_of(rows, kind) for kind in PsychotropicClass}
    most = max(counts.values())
    if most < MANY:
        return None
    if not case.has_flag(Flag.PSYCHOTROPIC_EXCEPTION):
        return Denial(SUPPORT, "", facts(count=most))
    halved = max(counts[PsychotropicClass.ANTIDEPRESSANT], counts[PsychotropicClass.ANTIPSYCHOTIC])
    return Advice(SUPPORT_HALVED, facts(count=halved)) if halved >= MANY else None


@rule(
    "I000-2/course",
    title="経頭蓋磁気刺激療法の対象と回数",
    cite="医科点数表 I000-2 注; 通知 I000-2 (2)・(4)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(MAGNETIC,),
)
def magnetic(case: Case, draft: Draft) -> Outcome | None:
    """経頭蓋磁気刺激療法 — for an adult's depression, thirty times within eight weeks of the first one.

    A course that ended before is another one only when a treatment began anew.
    """
    if MAGNETIC not in draft.codes():
        return None
    if case.age.years < ADULT_AGE:
        return Denial(MAGNETIC, "", facts(reason="age", age=case.age.years))
    if not is_under_treatment(case, DEPRESSION_ICD10):
        return Denial(MAGNETIC, "", facts(reason="no_disease"))
    lines = case.history.of(MAGNETIC)
    if not lines:
        return None
    start = case.day - timedelta(days=SERIES_DAYS - 1)
    current = [line for line in lines if line.day >= start]
    older = [line.day for line in lines if line.day < start]
    if older and not case.has_flag(Flag.TREATED_AGAIN):
        return Denial(MAGNETIC, "", facts(reason="weeks", first_day=min(older)))
    used = sum(line.count for line in current)
    return Denial(MAGNETIC, "", facts(reason="times", count=used)) if used >= SERIES_TIMES else None


@rule(
    "I012/days",
    title="精神科訪問看護・指導料の週3日と週4日目以降",
    cite="医科点数表 I012 注1〜注3; 通知 I012 (2)・(3)",
    since=R6,
    codes=tuple(LATER),
)
def nursing_days(case: Case, draft: Draft) -> Outcome | None:
    """精神科訪問看護・指導料（Ⅰ） — three days a week, five soon after a discharge; the later ones have points of their own.

    A worsening for which the doctor gave the instruction lifts the limit for seven days.
    """
    code = next((each for each in LATER if each in draft.codes()), None)
    if code is None:
        return None
    sunday = case.day - timedelta(days=(case.day.weekday() + 1) % 7)
    days = {line.day for line in _nursing_lines(case) if sunday <= line.day < case.day}
    known = facts(days=len(days), most=DAYS_A_WEEK)
    if len(days) < DAYS_A_WEEK:
        return None
    is_worse = case.has_flag(Flag.ACUTE_EXACERBATION)
    is_after = case.has_flag(Flag.DISCHARGED_WITHIN_MONTH) and len(days) < DAYS_AFTER_DISCHARGE
    if not (is_worse or is_after):
        return Denial(code, "", known)
    return Proposal(LATER[code], known, replaces=code)


def _nursing_lines(case: Case) -> list[PastLine]:
    return [
        line
        for code, lines in case.history.by_code.items()
        if code[:3] == "180" and case.book.has(code) and _is_nursing(case.book.item(code))
        for line in lines
    ]


def _is_nursing(row: object) -> bool:
    return (
        isinstance(row, Act)
        and row.section == "I012"
        and not row.is_addition
        and row.name.startswith("精訪看")
    )
