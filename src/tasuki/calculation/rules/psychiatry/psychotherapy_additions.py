# SPDX-License-Identifier: Apache-2.0
"""通院・在宅精神療法の加算 — for the young by the time since the first visit to psychiatry, and 心理支援加算 (I002 注3・注4・注9)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.calculation.rules.psychiatry.psychotherapy import HOUR, PSYCHIATRY
from tasuki.kernel.because import facts
from tasuki.kernel.days import age_on, months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)
UNDER_TWENTY = "180020570"
CHILD_SPECIALIST_FIRST, CHILD_SPECIALIST_LATER = "180047270", "180067870"
CHILD_SPECIALIST_HOUR = "180047370"
CHILD_STANDARDS = ("3", "3039", "3491")
SUPPORT = "180760970"
SUPPORT_MONTHS = 24


@rule(
    "I002/young",
    title="20歳未満加算・児童思春期精神科専門管理加算",
    cite="医科点数表 I002 注3・注4; 通知 I002 (16)〜(18)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(UNDER_TWENTY, CHILD_SPECIALIST_FIRST, CHILD_SPECIALIST_LATER, CHILD_SPECIALIST_HOUR),
)
def young(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """20歳未満加算 — within a year of the first visit to psychiatry; a specialist's addition takes its place."""
    first = _first_visit(case)
    years = age_on(first, case.day).years
    fallen: dict[str, Denial] = {}
    standing = draft.codes()
    is_specialist = any(case.has_standard(code) for code in CHILD_STANDARDS)
    if UNDER_TWENTY in standing and years >= 1:
        fallen[UNDER_TWENTY] = Denial(UNDER_TWENTY, "", facts(reason="year", first_day=first))
    if CHILD_SPECIALIST_FIRST in standing and years >= 2:
        fallen[CHILD_SPECIALIST_FIRST] = Denial(
            CHILD_SPECIALIST_FIRST, CHILD_SPECIALIST_LATER, facts(first_day=first)
        )
    if CHILD_SPECIALIST_LATER in standing and years < 2:
        fallen[CHILD_SPECIALIST_LATER] = Denial(
            CHILD_SPECIALIST_LATER, CHILD_SPECIALIST_FIRST, facts(first_day=first)
        )
    is_early = first >= months_before(case.day, 4) and (case.visit.minutes or 0) >= HOUR
    if CHILD_SPECIALIST_HOUR in standing and (not is_early or case.history.of(CHILD_SPECIALIST_HOUR)):
        fallen[CHILD_SPECIALIST_HOUR] = Denial(
            CHILD_SPECIALIST_HOUR, "", facts(reason="hour", first_day=first)
        )
    winner = next(
        (
            code
            for code in (CHILD_SPECIALIST_HOUR, CHILD_SPECIALIST_FIRST, CHILD_SPECIALIST_LATER)
            if code in standing and code not in fallen
        ),
        None,
    )
    if is_specialist and winner is not None:
        for code in (UNDER_TWENTY, CHILD_SPECIALIST_FIRST, CHILD_SPECIALIST_LATER):
            if code in standing and code != winner:
                fallen.setdefault(code, Denial(code, winner))
    return tuple(fallen[code] for code in sorted(fallen)) or None


def _first_visit(case: Case) -> date:
    """The first day with a bill of psychiatry here; a visit without history is the first."""
    days = [line.day for line in case.history.lines if line.department == PSYCHIATRY]
    return min(days, default=case.day)


@rule(
    "I002/support_period",
    title="心理支援加算の期間",
    cite="医科点数表 I002 注9; 疑義解釈その8 (令和8年6月17日) 医科 問14",
    since=R6,
    stage=Stage.CONDITION,
    codes=(SUPPORT,),
)
def support_period(case: Case, draft: Draft) -> Denial | None:
    """心理支援加算の期間 — two years from the month of the first one, again after an ended treatment began anew."""
    first = min((line.day for line in case.history.of(SUPPORT)), default=None)
    if SUPPORT not in draft.codes() or first is None or case.has_flag(Flag.TREATED_AGAIN):
        return None
    if first >= months_before(case.day, SUPPORT_MONTHS):
        return None
    return Denial(SUPPORT, "", facts(first_day=first))
