# SPDX-License-Identifier: Apache-2.0
"""早期・初期の加算 — outside a hospital only for a stroke or a broken hip after a discharge, for fourteen days (H000-H003 注2・注3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.rehabilitation.units_and_days import STROKE_ICD10, done, start_of
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)
EARLY, INITIAL = "180030770", "180033870"
ADDITIONS = (EARLY, INITIAL)
HIP_ICD10 = ("S720",)
# The disease of whoever is no longer in a ward, by section.
OUTSIDE = {"H001": STROKE_ICD10, "H002": HIP_ICD10}
DAYS_OF_INITIAL = 14


@rule(
    "H000/outside_ward",
    title="外来の早期リハビリテーション加算・初期加算",
    cite="医科点数表 H000 注2・注3, H001 注2・注3, H001-2 注2・注3, H002 注2・注3, H003 注2・注3",
    since=R8,
    stage=Stage.CONDITION,
    codes=ADDITIONS,
)
def outside_ward(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """早期リハビリテーション加算・初期加算 — of those outside a ward only for a stroke (H001) or a broken hip (H002).

    They must have been discharged here, or elsewhere with 地域連携診療計画加算; where no discharge is recorded
    it is asked.
    """
    outcomes: list[Outcome] = []
    sections = sorted({each.section for each in done(draft)})
    has_disease = any(is_under_treatment(case, OUTSIDE[each]) for each in sections if each in OUTSIDE)
    for code in ADDITIONS:
        if code not in draft.codes():
            continue
        if not has_disease:
            outcomes.append(Denial(code, "", facts(reason="ward")))
        elif not case.has_flag(Flag.DISCHARGED_WITHIN_MONTH):
            outcomes.append(Advice(code, facts(missing_flag=Flag.DISCHARGED_WITHIN_MONTH.value)))
    return tuple(outcomes) or None


@rule(
    "H000/initial",
    title="初期加算の14日",
    cite="医科点数表 H001 注3, H002 注3",
    since=R6,
    stage=Stage.CONDITION,
    codes=(INITIAL,),
)
def initial(case: Case, draft: Draft) -> Denial | None:
    """初期加算 — fourteen days from the onset, the operation or the worsening that the order names."""
    if INITIAL not in draft.codes():
        return None
    starts = [start for each in done(draft) if (start := start_of(case, each)) is not None]
    if not starts or (case.day - max(starts)).days < DAYS_OF_INITIAL:
        return None
    return Denial(INITIAL, "", facts(first_day=max(starts), limit=DAYS_OF_INITIAL))
