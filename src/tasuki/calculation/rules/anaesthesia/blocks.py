# SPDX-License-Identifier: Apache-2.0
"""神経ブロック — one block of a day, and nerves destroyed at most once a month (L100, L101)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.calculation.rules.main_only import MainOnly, register_main_only
from tasuki.calculation.rules.standing_acts import done
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)
DESTRUCTION = frozenset(("L101",))

register_main_only(
    MainOnly(
        "L100/one_block",
        "神経ブロックの同一日",
        "通知 L100・L101(4)",
        R6,
        frozenset(("L100", "L101")),
    )
)


@rule(
    "L101/once_a_month",
    title="神経破壊剤等による神経ブロックの回数",
    cite="通知 L100・L101(3)",
    since=R6,
    stage=Stage.CONDITION,
    sections=DESTRUCTION,
)
def once_a_month(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """神経ブロック（神経破壊剤等） — of one nerve once a month, save against the pain of cancer."""
    if case.has_flag(Flag.CANCER_PAIN):
        return None
    denials = []
    for each in done(draft, DESTRUCTION):
        last = case.billed_this_month((each.row.code,))
        if last is not None:
            known = facts(last_day=last.day)
            denials.append(Denial(each.row.code, each.row.code, known, group=each.unit.group))
    return tuple(denials) or None
