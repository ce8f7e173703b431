# SPDX-License-Identifier: Apache-2.0
"""看護師等遠隔診療の実施料 — what a nurse does beside a patient seen online, in place of its own points (第3部 通則7, 第6部 通則10, 第9部 通則9)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import Done, each_act
from tasuki.chart.home_visit import HomeVisitManner
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.masters.rows import Act


class NurseFee(NamedTuple):
    """看護師等遠隔診療の実施料 — its chapter, its name, and the points for one kind of act and for several a day."""

    chapter: str
    name: str
    points: int
    points_for_several: int


FEES = (
    NurseFee("D", "看護師等遠隔診療検査実施料", 100, 150),
    NurseFee("G", "看護師等遠隔診療注射実施料", 100, 100),
    NurseFee("J", "看護師等遠隔診療処置実施料", 100, 150),
)


@rule(
    "D000/remote_nurse",
    title="看護師等遠隔診療検査・注射・処置実施料",
    cite="医科点数表 第3部 通則7, 第6部 通則10, 第9部 通則9; 疑義解釈その5 (令和8年5月8日) 医科 問14",
    since=date(2026, 6, 1),
    stage=Stage.CHECK,
    chapters="DGJ",
    needs=(Flag.ONLINE, Fact.AT_HOME),
)
def remote_nurse(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """看護師等遠隔診療の実施料 — body tests, specimens taken, injections and procedures of a visit online are paid by it.

    Tests of a specimen keep their own points, and what another fee contains is not paid by these either (その5 問13),
    so that the rule looks at what the tables left. The codes of these fees are not known, so that the fee is named
    by its points.
    """
    home = case.visit.home
    is_online = case.has_flag(Flag.ONLINE) or (home is not None and home.manner is HomeVisitManner.ONLINE)
    if not is_online:
        return None
    denials: list[Denial] = []
    for fee in FEES:
        found = [
            each for each in each_act(draft) if each.row.chapter == fee.chapter and _is_replaced(each.row)
        ]
        kinds = {each.row.section for each in found if not each.row.is_addition}
        points = fee.points if len(kinds) == 1 else fee.points_for_several
        denials.extend(_denial(each, fee, points) for each in found)
    return tuple(denials) or None


def _denial(each: Done, fee: NurseFee, points: int) -> Denial:
    return Denial(each.row.code, fee.name, facts(points=points), group=each.unit.group)


def _is_replaced(act: Act) -> bool:
    """第3節・第4節 of part 3, 第1節 of the others; 検体検査 and the fees of judgment keep their points."""
    return act.chapter != "D" or act.section >= "D200"
