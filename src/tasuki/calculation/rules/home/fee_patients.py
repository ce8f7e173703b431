# SPDX-License-Identifier: Apache-2.0
"""在宅療養指導管理料の対象 — whom a fee of care at home is for, and for how long it is paid (C105-2 to C114)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_charted
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_after

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
CHILDREN, SEMISOLID = "114021210", "114045510"
YEARS_OF_A_CHILD, MONTHS_OF_A_YEAR = 15, 12
# 胃瘻造設術; 薬剤投与用胃瘻造設術 is not for food.
FISTULA = "150171610"
# The disease of a fee in the words of its note or 通知, and its ICD-10 blocks.
DISEASES = {
    "114742210": ("心不全の患者（ドブタミン、ドパミン又はノルアドレナリンの持続投与）", ("I50", "R570")),
    "114017210": ("表皮水疱症又は水疱型先天性魚鱗癬様紅皮症の患者", ("Q81", "Q803")),
}


@rule(
    "C105-3/year",
    title="在宅半固形栄養経管栄養法の1年",
    cite="医科点数表 C105-3 注; 特掲診療料の施設基準等 第四 六の四の二",
    since=R6,
    stage=Stage.CONDITION,
    codes=(SEMISOLID,),
)
def semisolid(case: Case, draft: Draft) -> Outcome | None:
    """在宅半固形栄養経管栄養法指導管理料 — for a year from the day it was first billed, begun within a year of the fistula.

    Where it is the first and no 胃瘻造設術 of the year is on record here, when the fistula was made is asked.
    """
    if SEMISOLID not in draft.codes():
        return None
    first = min((line.day for line in case.history.of(SEMISOLID)), default=None)
    if first is not None:
        return Denial(SEMISOLID, "", facts(first_day=first)) if _is_over(case, first) else None
    if any(not _is_over(case, line.day) for line in case.history.of(FISTULA)):
        return None
    return Advice(SEMISOLID)


def _is_over(case: Case, since: date) -> bool:
    return months_after(since, MONTHS_OF_A_YEAR) <= case.day


@rule(
    "C105-2/children",
    title="在宅小児経管栄養法の対象",
    cite="医科点数表 C105-2 注; 特掲診療料の施設基準等 第四 六の四; 通知 C105-2 (1)",
    since=R6,
    stage=Stage.CHECK,
    codes=(CHILDREN,),
)
def children(case: Case, draft: Draft) -> Advice | None:
    """在宅小児経管栄養法指導管理料 — from fifteen years on, only of one whose state and weight the notice names."""
    if CHILDREN not in draft.codes() or case.age.years < YEARS_OF_A_CHILD:
        return None
    return Advice(CHILDREN, facts(age=case.age.years))


@rule(
    "C108-3/disease",
    title="在宅療養指導管理料の対象疾患",
    cite="通知 C108-3 (1); 医科点数表 C114 注1; 特掲診療料の施設基準等 別表第九の一の二",
    since=R6,
    stage=Stage.CHECK,
    codes=tuple(DISEASES),
)
def disease(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """在宅療養指導管理料の対象疾患 — where none of the diseases of a fee is charted, the disease is asked.

    The disease of 在宅強心剤持続投与 is asked with the drugs that the notice names.
    """
    advice = [
        Advice(code, facts(disease=words))
        for code, (words, icd10) in DISEASES.items()
        if code in draft.codes() and not is_charted(case, icd10)
    ]
    return tuple(advice) or None
