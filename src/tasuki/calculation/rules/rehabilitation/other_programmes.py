# SPDX-License-Identifier: Apache-2.0
"""摂食機能療法・難病・障害児（者）・集団コミュニケーション — how often, how many units, beside what (H004 to H008)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.main_only import MainOnly, register_main_only
from tasuki.calculation.rules.rehabilitation.units_and_days import SECTIONS, STROKE_ICD10, Done, done_in
from tasuki.kernel.because import facts
from tasuki.kernel.days import month_of, months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.chart.visit import PastLine

R6 = date(2024, 6, 1)
SWALLOWING, SWALLOWING_SHORT = "180016610", "180054310"
TIMES_A_MONTH = 4
MONTHS_DAILY = 3
STROKE_DAYS = 14
INTENSIVE_FIRST, INTENSIVE_LATER = "180032970", "180033070"
DISABLED, GROUP_SPEECH = "H007", "H008"
UNITS_A_DAY = {DISABLED: 6, GROUP_SPEECH: 3}


@rule(
    "H004/times",
    title="摂食機能療法の回数",
    cite="医科点数表 H004 注1; 通知 H004 (2)・(3)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(SWALLOWING,),
)
def swallowing_times(case: Case, draft: Draft) -> Outcome | None:
    """摂食機能療法 — each day for three months from the start of the treatment, after that four times a month.

    The start stands on the order; without it a fifth time of the month is asked about.
    """
    if SWALLOWING not in draft.codes():
        return None
    days = {line.day for line in case.history.of(SWALLOWING) if month_of(line.day) == month_of(case.day)}
    if len(days - {case.day}) < TIMES_A_MONTH:
        return None
    began = _began(case, SWALLOWING)
    known = facts(used=len(days), limit=TIMES_A_MONTH)
    if began is None:
        return Advice(SWALLOWING, known)
    return None if _is_within(began, case.day) else Denial(SWALLOWING, "", (*known, ("first_day", began)))


def _is_within(began: date, day: date) -> bool:
    months = (day.year - began.year) * 12 + day.month - began.month
    return months < MONTHS_DAILY or (months == MONTHS_DAILY and day.day < began.day)


@rule(
    "H004/stroke",
    title="摂食機能療法（30分未満）の対象",
    cite="医科点数表 H004 注2; 通知 H004 (5)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(SWALLOWING_SHORT,),
)
def swallowing_stroke(case: Case, draft: Draft) -> Outcome | None:
    """摂食機能療法（30分未満） — within fourteen days of a stroke; the day of it stands on the order."""
    if SWALLOWING_SHORT not in draft.codes():
        return None
    if not is_under_treatment(case, STROKE_ICD10):
        return Denial(SWALLOWING_SHORT, "", facts(reason="no_disease"))
    began = _began(case, SWALLOWING_SHORT)
    if began is None:
        return Advice(SWALLOWING_SHORT)
    if (case.day - began).days < STROKE_DAYS:
        return None
    return Denial(SWALLOWING_SHORT, "", facts(first_day=began, limit=STROKE_DAYS))


def _began(case: Case, code: str) -> date | None:
    return next(
        (
            order.began_on
            for order in case.visit.orders
            if any(item.code == code for item in order.items) and order.began_on is not None
        ),
        None,
    )


@rule(
    "H006/discharge",
    title="短期集中リハビリテーション実施加算の期間",
    cite="医科点数表 H006 注2; 通知 H006 (5)",
    since=R6,
    codes=(INTENSIVE_FIRST, INTENSIVE_LATER),
)
def intensive(case: Case, draft: Draft) -> Outcome | None:
    """短期集中リハビリテーション実施加算 — 280 points in the month after the discharge, 140 in the two that follow."""
    is_early = case.has_flag(Flag.DISCHARGED_WITHIN_MONTH)
    if INTENSIVE_LATER in draft.codes() and is_early:
        return Proposal(INTENSIVE_FIRST, replaces=INTENSIVE_LATER)
    if INTENSIVE_FIRST in draft.codes() and not is_early:
        return Advice(INTENSIVE_FIRST, facts(missing_flag=Flag.DISCHARGED_WITHIN_MONTH.value))
    return None


@rule(
    "H007/units_a_day",
    title="障害児（者）リハビリテーション料・集団コミュニケーション療法料の1日の単位",
    cite="医科点数表 H007 注, H008 注",
    since=R6,
    stage=Stage.CONDITION,
    sections=tuple(UNITS_A_DAY),
)
def units_a_day(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """1日の単位 — six of 障害児（者）リハビリテーション, three of 集団コミュニケーション療法."""
    outcomes: list[Outcome] = []
    for section, limit in UNITS_A_DAY.items():
        used = 0
        for each in done_in(draft, frozenset({section})):
            known = facts(limit=limit, used=used, left=limit - used)
            if used >= limit:
                outcomes.append(Denial(each.code, "", known, each.group))
                continue
            if used + each.units > limit:
                outcomes.append(Advice(each.code, known))
            used += each.units
    return tuple(outcomes) or None


@rule(
    "H007/beside",
    title="障害児（者）リハビリテーション料と疾患別リハビリテーション料",
    cite="通知 H007 (4)",
    since=R6,
    stage=Stage.CONDITION,
    sections=SECTIONS,
)
def beside(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """障害児（者）リハビリテーション料 — with it no disease-based rehabilitation at one institution."""
    winner = next((each.code for each in done_in(draft, frozenset({DISABLED}))), "")
    if not winner:
        winner = next((line.code for line in _this_month(case)), "")
    if not winner:
        return None
    found: list[Done] = done_in(draft, frozenset(SECTIONS))
    return tuple(Denial(each.code, winner, group=each.group) for each in found) or None


def _this_month(case: Case) -> list[PastLine]:
    return [
        line
        for code, lines in sorted(case.history.by_code.items())
        if code[:5] == "18002" and case.book.has(code) and case.book.act(code).section == DISABLED
        for line in lines
        if month_of(line.day) == month_of(case.day)
    ]


register_main_only(
    MainOnly(
        "H005/one_training",
        "斜視視能訓練と弱視視能訓練",
        "通知 H005 (2)",
        R6,
        frozenset(("180004810", "180004910")),
    )
)


@rule(
    "H008/beside",
    title="集団コミュニケーション療法料の対象患者",
    cite="通知 H008 (2)",
    since=R6,
    stage=Stage.CHECK,
    sections=(GROUP_SPEECH,),
)
def group_speech(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """集団コミュニケーション療法料 — for whoever has 脳血管, 廃用 or 障害児（者）リハビリテーション料; asked where none is known."""
    found = done_in(draft, frozenset({GROUP_SPEECH}))
    parents = ("H001", "H001-2", DISABLED)
    if not found or done_in(draft, frozenset(parents)):
        return None
    since = months_before(case.day, 3)
    for code, lines in case.history.by_code.items():
        is_recent = any(line.day >= since for line in lines)
        if code[:3] == "180" and is_recent and case.book.has(code) and case.book.act(code).section in parents:
            return None
    return tuple(Advice(each.code) for each in found)
