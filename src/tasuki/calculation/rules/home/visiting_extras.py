# SPDX-License-Identifier: Apache-2.0
"""訪問の指示・緊急訪問看護・訪問栄養と訪問薬剤 — what a month or a household changes (C005, C007, C008, C009)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Denial, Proposal, Stage, rule
from tasuki.calculation.rules.home.home_history import days_of, month_start
from tasuki.calculation.rules.home.nursing import INSTRUCTION, MATERIALS
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)
URGENT, URGENT_LATER = "114741010", "114741110"
DAYS_AT_FULL = 14
PSYCHIATRIC_INSTRUCTION, PSYCHIATRIC_MATERIALS = "180038610", "180048670"
INSTRUCTION_OF = {MATERIALS: INSTRUCTION, PSYCHIATRIC_MATERIALS: PSYCHIATRIC_INSTRUCTION}
# 在宅患者訪問薬剤管理指導料, 在宅患者訪問栄養食事指導料１・２: one patient of the building, two to nine, the rest.
BY_BUILDING = (
    ("114044710", "114044810", "114044910"),
    ("114045110", "114045210", "114045310"),
    ("114049510", "114049610", "114049710"),
)


@rule(
    "C005/urgent",
    title="緊急訪問看護加算の月14日目まで・15日目以降",
    cite="医科点数表 C005 注4・注5, C005-1-2 注6",
    since=R6,
    codes=(URGENT, URGENT_LATER),
)
def urgent(case: Case, draft: Draft) -> Proposal | None:
    """緊急訪問看護加算 — fourteen days of a month at 265 points, those after them at 200."""
    ordered = next((code for code in (URGENT, URGENT_LATER) if code in draft.codes()), None)
    if ordered is None:
        return None
    days = set(days_of(case, (URGENT, URGENT_LATER), month_start(case))) - {case.day}
    right = URGENT if len(days) < DAYS_AT_FULL else URGENT_LATER
    return None if right == ordered else Proposal(right, facts(days=len(days) + 1), replaces=ordered)


@rule(
    "C007/materials_alone",
    title="衛生材料等提供加算と訪問看護指示料の月",
    cite="医科点数表 C007 注4, I012-2 注4; 疑義解釈その1 (平成28年3月31日) 医科 問110",
    since=R6,
    stage=Stage.CONDITION,
    codes=tuple(INSTRUCTION_OF),
)
def materials_alone(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """衛生材料等提供加算 — only in a month in which the instruction itself is billed."""
    return (
        tuple(
            Denial(code, "")
            for code, parent in INSTRUCTION_OF.items()
            if code in draft.codes()
            and parent not in draft.codes()
            and case.billed_this_month((parent,)) is None
        )
        or None
    )


@rule(
    "C007/one_instruction",
    title="訪問看護指示料と精神科訪問看護指示料",
    cite="医科点数表 C007 注5",
    since=R6,
    stage=Stage.CONDITION,
    codes=(PSYCHIATRIC_INSTRUCTION,),
)
def one_instruction(case: Case, draft: Draft) -> Denial | None:
    """訪問看護指示料 — in its month no 精神科訪問看護指示料."""
    if PSYCHIATRIC_INSTRUCTION not in draft.codes():
        return None
    if INSTRUCTION in draft.codes() or case.billed_this_month((INSTRUCTION,)) is not None:
        return Denial(PSYCHIATRIC_INSTRUCTION, INSTRUCTION)
    return None


@rule(
    "C009/household",
    title="同居する同一世帯の患者の訪問栄養食事指導料・訪問薬剤管理指導料",
    cite="通知 C008 (3), C009 (4)",
    since=R6,
    codes=tuple(code for codes in BY_BUILDING for code in codes),
)
def household(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """同一世帯の患者 — each of one household is billed as the only patient of the building."""
    home = case.visit.home
    if home is None or not home.shares_household:
        return None
    return (
        tuple(
            Proposal(codes[0], replaces=code)
            for codes in BY_BUILDING
            for code in codes[1:]
            if code in draft.codes()
        )
        or None
    )
