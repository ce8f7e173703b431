# SPDX-License-Identifier: Apache-2.0
"""穿刺 — a puncture for treatment, for a test, and an injection into the joint of one day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.main_only import main_only
from tasuki.calculation.rules.standing_acts import done, ranked
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
# 処置 and 検査 of one organ that may not both be billed on a day.
PAIRS = tuple(
    frozenset(pair)
    for pair in (
        ("J005", "D401"), ("J006", "D402"), ("J007", "D403"), ("J011", "D404"), ("J012", "D407"),
        ("J013", "D408"), ("J014", "D410"), ("J015", "D411"), ("J016", "D409"), ("J102", "D406"),
        ("J103", "D406-2"), ("J004", "J001-8"),
    )
)  # fmt: skip
JOINTS = frozenset(("J116", "D405", "G010"))


@rule(
    "J005/puncture_and_test",
    title="処置の穿刺と検査の穿刺の同一日",
    cite="通知 J004〜J007, J011〜J016, J102, J103(2)",
    since=R6,
    stage=Stage.CONDITION,
    sections=frozenset().union(*PAIRS),
)
def puncture_and_test(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """処置と検査の穿刺 — of one organ on one day only the one of more points."""
    outcomes: list[Outcome] = []
    for pair in PAIRS:
        if len({each.row.section for each in done(draft, pair)}) > 1:
            outcomes.extend(main_only(case, draft, pair) or ())
    return tuple(outcomes) or None


@rule(
    "J116/one_joint",
    title="同一側の関節の穿刺・注射",
    cite="通知 J116",
    since=R6,
    stage=Stage.CONDITION,
    sections=JOINTS,
)
def one_joint(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """関節穿刺等 — of one joint on one day the main one only; without sites a human is asked."""
    found = ranked(done(draft, JOINTS))
    outcomes: list[Outcome] = []
    for place, each in enumerate(found):
        for main in found[:place]:
            site = each.unit.site
            if site and main.unit.site and site != main.unit.site:
                continue
            if site and main.unit.site:
                outcomes.append(Denial(each.row.code, main.row.code, facts(site=site), group=each.unit.group))
            else:
                outcomes.append(Advice(each.row.code, facts(lost_to=main.row.code)))
            break
    return tuple(outcomes) or None
