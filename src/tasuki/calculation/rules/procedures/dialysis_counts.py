# SPDX-License-Identifier: Apache-2.0
"""人工腎臓の回数 — with 持続緩徐式血液濾過 fourteen times a month, and its ninety days of exercise (J038 注8・注14, J038-2 注4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import acts_of_month, done, is_member
from tasuki.chart.visit import Sex
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

COUNTED = frozenset(("J038", "J038-2"))
TIMES = 14
EXERCISE = "140062870"
EXERCISE_DAYS = 90
# Nobody is asked whether a man, a child or a woman of this age is pregnant, whom the limit does not bind.
CHILDBEARING = range(12, 56)


@rule(
    "J038/fourteen_a_month",
    title="人工腎臓の月14回",
    cite="医科点数表 J038 注8, J038-2 注4; 通知 J038(5), J038-2(8)",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=COUNTED,
)
def fourteen_a_month(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """人工腎臓の月14回 — from the fifteenth on only drugs and materials; a patient who may be pregnant is shown."""
    earlier = sum(line.count for line, act in acts_of_month(case) if is_member(act, COUNTED))
    found = done(draft, COUNTED)
    if not found or earlier < TIMES:
        return None
    may_be_pregnant = case.visit.person.sex is Sex.FEMALE and case.age.years in CHILDBEARING
    known = facts(count=TIMES)
    if may_be_pregnant:
        return tuple(Advice(each.row.code, known) for each in found)
    return tuple(Denial(each.row.code, f"月{TIMES}回", known, group=each.unit.group) for each in found)


@rule(
    "J038/exercise_days",
    title="透析時運動指導等加算の期間",
    cite="医科点数表 J038 注14; 通知 J038(25)",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=(EXERCISE,),
)
def exercise_days(case: Case, draft: Draft) -> Denial | None:
    """透析時運動指導等加算 — for ninety days from the day the guidance began, that day included."""
    if EXERCISE not in draft.codes():
        return None
    first = min((line.day for line in case.history.of(EXERCISE)), default=None)
    if first is None or case.day < first + timedelta(days=EXERCISE_DAYS):
        return None
    return Denial(EXERCISE, "", facts(first_day=first, days=EXERCISE_DAYS))
