# SPDX-License-Identifier: Apache-2.0
"""精神科デイ・ケア等 — the addition of the first year, and the week after it (I008-2, I009, I010, I010-2, I015)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import age_on

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
# Each kind with the addition of its first year and, from the third year on, its code above three days a week.
EARLY = {
    "180028610": "180033370", "180028710": "180033370", "180007510": "180033470", "180007610": "180033470",
    "180007810": "180036270", "180017210": "180036370",
}  # fmt: skip
OFTEN_AFTER_THREE_YEARS = {
    "180007510": "180048030", "180007610": "180048130", "180007810": "180048430", "180017210": "180048530",
}  # fmt: skip
FAMILY = (*EARLY, *OFTEN_AFTER_THREE_YEARS.values())
DEMENTIA, DEMENTIA_EARLY = "180703710", "180039670"
DAYS_A_WEEK, FREELY_A_WEEK = 5, 3


@rule(
    "I009/early",
    title="精神科デイ・ケア等の早期加算",
    cite="医科点数表 I008-2 注4, I009 注5, I010 注4, I010-2 注4, I015 注2",
    since=R6,
    codes=(*EARLY, DEMENTIA),
)
def early(case: Case, draft: Draft) -> Proposal | None:
    """早期加算 — within a year of the first day of any of the four, for 重度認知症患者デイ・ケア料 of its own."""
    if DEMENTIA in draft.codes():
        first = min((line.day for line in case.history.of(DEMENTIA)), default=case.day)
        code, onto = DEMENTIA_EARLY, DEMENTIA
    else:
        first = _first(case)
        standing = next((each for each in EARLY if each in draft.codes()), None)
        if standing is None:
            return None
        onto, code = standing, EARLY[standing]
    if age_on(first, case.day).years >= 1:
        return None
    return Proposal(code, facts(first_day=first), onto=onto)


@rule(
    "I009/week",
    title="精神科デイ・ケア等の週の日数",
    cite="医科点数表 I008-2 注3, I009 注3・注4, I010 注2・注3, I010-2 注2・注3",
    since=R6,
    stage=Stage.CONDITION,
    codes=tuple(EARLY),
)
def week(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """精神科デイ・ケア等の週の日数 — after a year five days a week, above three only where the need is special.

    After three years the fourth day of a week has a code of its own at ninety percent.
    """
    years = age_on(_first(case), case.day).years
    if years < 1:
        return None
    start = case.day.toordinal() - (case.day.weekday() + 1) % 7
    days = {
        line.day
        for code in FAMILY
        for line in case.history.of(code)
        if start <= line.day.toordinal() and line.day < case.day
    }
    outcomes: list[Outcome] = []
    for code in sorted(draft.codes() & EARLY.keys()):
        if len(days) >= DAYS_A_WEEK:
            outcomes.append(Denial(code, "", facts(reason="five", count=len(days))))
        elif len(days) >= FREELY_A_WEEK and years >= 3 and code in OFTEN_AFTER_THREE_YEARS:
            lower = OFTEN_AFTER_THREE_YEARS[code]
            outcomes.append(Proposal(lower, facts(count=len(days) + 1), replaces=code))
        elif len(days) >= FREELY_A_WEEK:
            outcomes.append(Advice(code, facts(count=len(days) + 1)))
    return tuple(outcomes) or None


def _first(case: Case) -> date:
    return min((line.day for code in FAMILY for line in case.history.of(code)), default=case.day)
