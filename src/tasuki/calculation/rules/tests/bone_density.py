# SPDX-License-Identifier: Apache-2.0
"""骨塩定量検査 — its limit of 令和8年度, which depends on when treatment began (医科点数表 D217)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

BONE_DENSITY = "D217"


@rule(
    "D217/once_a_year",
    title="骨塩定量検査の回数",
    cite="医科点数表(令和8年度) D217 注",
    since=date(2026, 6, 1),
    sections=(BONE_DENSITY,),
)
def bone_density_once_a_year(case: Case, draft: Draft) -> Advice | None:
    """骨塩定量検査 — once a year; within a year of the start of treatment once in four months, which is asked."""
    found = next((act for act in draft.acts() if act.section == BONE_DENSITY and not act.is_addition), None)
    if found is None:
        return None
    since, recent = months_before(case.day, 12), months_before(case.day, 4)
    past = [
        line.day
        for line in case.history.lines
        if line.day >= since and _section(case, line.code) == BONE_DENSITY
    ]
    last = max(past, default=None)
    if last is None or last >= recent:
        return None
    return Advice(found.code, facts(last_day=last))


def _section(case: Case, code: str) -> str:
    return case.book.act(code).section if code[:1] == "1" and case.book.has(code) else ""
