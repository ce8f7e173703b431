# SPDX-License-Identifier: Apache-2.0
"""対称器官の処置 — points that are for both sides, and the one that has points of its own for them (医科点数表 第9部処置)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Proposal, rule
from tasuki.calculation.rules.standing_acts import each_act, is_for_both_sides, other_sides
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
# 眼処置 to 耳垢栓塞除去: eyes, ears and nose.
PAIRED_ORGANS = frozenset((
    "J086", "J086-2", "J087", "J088", "J089", "J090", "J091", "J091-2", "J092", "J093", "J095", "J095-2", "J096",
    "J097", "J097-2", "J100", "J101", "J102", "J105", "J108", "J109", "J111", "J113",
))  # fmt: skip
EAR_WAX, EAR_WAX_BOTH = "140022610", "140051610"


@rule(
    "J000/both_sides",
    title="対称器官の処置",
    cite="医科点数表 第9部処置 通則6; 通知 第9部 12",
    since=R6,
    chapters="J",
)
def both_sides(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """対称器官の処置 — the points are for both sides unless the name says 片側: of eyes, ears and nose the other side falls.

    Two sites elsewhere (the arms) may be no paired organ: shown.
    """
    found = [each for each in each_act(draft) if each.row.chapter == "J" and is_for_both_sides(each.row)]
    outcomes: list[Outcome] = []
    for row, unit in other_sides(found):
        known = facts(name=row.name)
        if row.section in PAIRED_ORGANS:
            outcomes.append(Denial(row.code, row.code, known, group=unit.group))
        elif all(each.code != row.code for each in outcomes):
            outcomes.append(Advice(row.code, known))
    return tuple(sorted(outcomes, key=lambda each: each.code)) or None


@rule(
    "J113/both_ears",
    title="耳垢栓塞除去（両側）",
    cite="医科点数表 J113 2",
    since=R6,
    codes=(EAR_WAX,),
)
def both_ears(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """耳垢栓塞除去（両側） — both ears have points of their own, which are less than those of one ear twice."""
    found = sorted(
        (each.unit for each in each_act(draft) if each.row.code == EAR_WAX), key=lambda unit: unit.group
    )
    sides = [unit.site[:1] for unit in found]
    if sorted(sides) == ["右", "左"] and all(unit.times == 1 for unit in found):
        first, second = found
        return (
            Denial(EAR_WAX, EAR_WAX_BOTH, facts(), group=second.group),
            Proposal(EAR_WAX_BOTH, facts(), onto_group=first.group, replaces=EAR_WAX),
        )
    if sum(unit.times for unit in found) > 1:
        return (Advice(EAR_WAX_BOTH, facts()),)
    return None
