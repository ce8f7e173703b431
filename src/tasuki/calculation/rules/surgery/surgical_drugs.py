# SPDX-License-Identifier: Apache-2.0
"""手術の薬剤 — antiseptics for the skin are part of an operation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.kernel.because import facts
from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

OPERATIONS = "50"
ANTISEPTICS = "261"  # 薬効分類 外皮用殺菌消毒剤
EXTERNAL = "6"


@rule(
    "K940/skin_antiseptic",
    title="手術に使用した外皮用殺菌剤",
    cite="医科点数表 第10部手術 通則2; 通知 第10部 5",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    chapters="K",
)
def skin_antiseptic(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """外皮用殺菌剤 — used in an operation it is part of the points, whatever it costs."""
    outcomes = [
        Denial(line.code, "", facts(name=line.row.name), group=unit.group)
        for unit in draft.units
        if unit.section == OPERATIONS
        for line in unit.lines
        if isinstance(line.row, Drug)
        and line.row.form == EXTERNAL
        and line.row.price_list_code.startswith(ANTISEPTICS)
    ]
    return tuple(outcomes) or None
