# SPDX-License-Identifier: Apache-2.0
"""同一手術野 — of operations in one field the main one only, save the pairs and grafts the law names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.surgery.operations import Operation, operations
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

# 神経移植, 骨移植, 植皮, 動脈(皮)弁・筋(皮)弁, 遊離皮弁, 複合組織移植, 自家遊離複合組織移植, 粘膜移植, 筋膜移植: billed beside
# the operation they serve (通則14 ただし書).
GRAFTS = frozenset(("K198", "K059", "K013", "K013-2", "K016", "K017", "K019", "K020", "K021", "K033"))
# Each bone and joint of one finger is a field of its own (通知 19(4)ア(ハ)).
FINGER_BONES = frozenset(("K045", "K046", "K063", "K073", "K078", "K080", "K082", "K082-3"))
WOUNDS = frozenset(("K000", "K000-2"))


@rule(
    "K000/same_field",
    title="同一手術野の手術",
    cite="医科点数表 第10部手術 通則14; 通知 第10部 19",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    chapters="K",
)
def same_field(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """同一手術野 — the lesser operation of a field falls unless it is ordered as the half of a named pair.

    Without a recorded site on both, a human is asked. Wounds near each other are one wound, by a rule of
    their own.
    """
    found = operations(draft)
    if len(found) < 2:
        return None
    outcomes: list[Outcome] = []
    halves: set[str] = set()
    for place, each in enumerate(found):
        for main in found[:place]:
            answer = _weigh(each, main, halves)
            if answer is not None:
                outcomes.append(answer)
                break
    return tuple(outcomes) or None


def _weigh(each: Operation, main: Operation, halves: set[str]) -> Outcome | None:
    sections = {each.row.section, main.row.section}
    if sections & GRAFTS or sections <= WOUNDS:
        return None
    if each.field and main.field and each.field != main.field:
        return None
    if each.is_second_of_pair:
        if main.field in halves:
            known = facts(site=each.field, reason="second")
            return Denial(each.row.code, main.row.code, known, group=each.unit.group)
        halves.add(main.field)
        return None
    if not each.field or not main.field or sections <= FINGER_BONES:
        return Advice(each.row.code, facts(lost_to=main.row.code, points=each.points))
    return Denial(each.row.code, main.row.code, facts(site=each.field), group=each.unit.group)
