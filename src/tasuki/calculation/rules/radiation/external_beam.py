# SPDX-License-Identifier: Apache-2.0
"""体外照射 — the second irradiation of a day (M001)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.standing_acts import Done, done
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

# 1回目 → 2回目 of the same method.
SECOND = {
    "180008810": "180019410",
    "180020710": "180021410",
    "180020810": "180021510",
    "180020910": "180021610",
    "180021010": "180021710",
    "180021110": "180021810",
    "180021210": "180021910",
    "180021310": "180022010",
}
LEAST_INTERVAL = timedelta(hours=2)


@rule(
    "M001/second_of_a_day",
    title="体外照射の1日2回目",
    cite="医科点数表 M001 1・2; 通知 M001(2)・(3)",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=SECOND,
)
def second_of_a_day(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """体外照射の2回目 — another site of the day is the second irradiation; the same site again only after two hours."""
    found = sorted(done(draft, frozenset(SECOND)), key=lambda each: each.unit.group)
    if len(found) < 2:
        return None
    first, second, *others = found
    answer = _second(case, first, second)
    outcomes: list[Outcome] = [] if answer is None else [answer]
    outcomes.extend(
        Denial(each.row.code, first.row.code, facts(reason="third"), group=each.unit.group) for each in others
    )
    return tuple(outcomes) or None


def _second(case: Case, first: Done, second: Done) -> Outcome | None:
    if not first.unit.site or not second.unit.site:
        return Advice(second.row.code, facts(reason="site"))
    if first.unit.site != second.unit.site:
        known = facts(site=second.unit.site)
        code = SECOND[second.row.code]
        return Proposal(code, known, onto_group=second.unit.group, replaces=second.row.code)
    began, again = _at(case, first), _at(case, second)
    if began is None or again is None:
        return Advice(second.row.code, facts(site=second.unit.site, reason="time"))
    if abs(again - began) > LEAST_INTERVAL:
        return None
    return Denial(second.row.code, first.row.code, facts(site=second.unit.site), group=second.unit.group)


def _at(case: Case, each: Done) -> datetime | None:
    return next((order.at for order in case.visit.orders if order.id == each.unit.order_id), None)
