# SPDX-License-Identifier: Apache-2.0
"""負荷・脈波・漏出の検査 — tests that count once whatever was done in them, and one that follows an operation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.main_only import MainOnly, register_main_only
from tasuki.calculation.rules.standing_acts import done, ranked
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_after

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
PULSE_WAVES = frozenset(("D214",))
LEAKAGE = "160213710"
FILTERING_OPERATION = "150335910"
MONTHS_AFTER_OPERATION = 12

register_main_only(
    MainOnly(
        "D211/loads_of_day", "負荷心肺機能検査の負荷の回数", "医科点数表 D211 注1", R6, frozenset(("D211",))
    )
)


@rule(
    "D214/highest_count",
    title="脈波図等の最高検査数",
    cite="医科点数表 D214 注1; 通知 D214(2)・(4)",
    since=R6,
    stage=Stage.CONDITION,
    sections=PULSE_WAVES,
)
def highest_count(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """脈波図・心機図・ポリグラフ検査 — kinds recorded together count by the highest number of tests.

    The same one again may be the record after a load, which is billed by itself: it stays.
    """
    found = ranked(done(draft, PULSE_WAVES))
    lost = [each for each in found if each.row.code != found[0].row.code]
    return tuple(Denial(each.row.code, found[0].row.code, group=each.unit.group) for each in lost) or None


@rule(
    "D275-2/year_after_operation",
    title="前房水漏出検査の時期",
    cite="医科点数表 D275-2 注",
    since=R6,
    stage=Stage.CONDITION,
    codes=(LEAKAGE,),
)
def year_after_operation(case: Case, draft: Draft) -> Outcome | None:
    """前房水漏出検査 — within a year from a filtering operation for glaucoma; where it was done elsewhere a human is asked."""
    if LEAKAGE not in draft.codes():
        return None
    past = [line.day for line in case.history.of(FILTERING_OPERATION)]
    if not past:
        return Advice(LEAKAGE)
    if case.day < months_after(max(past), MONTHS_AFTER_OPERATION):
        return None
    return Denial(LEAKAGE, "", facts(last_day=max(past)))
