# SPDX-License-Identifier: Apache-2.0
"""施設基準不適合減算 — acts billed at a lower rate where their standard is not notified (医科診療行為マスター col 44・45)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.calculation.rules.standing_acts import each_act
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

REDUCED = "2"
CHAPTERS = frozenset("BDEKM")
# The reduction of each chapter; 画像診断 has other codes for the whole act instead.
REDUCTIONS = {"D": "160174470", "K": "150382490", "M": "180025270"}
# Of 医学管理 a human tells: an institution that billed no ニコチン依存症管理料 in the past year has no average to fall
# short of, and is not reduced (施設基準 B001-3-2 注1 ただし書).
ASKED = {"B": "113023770"}


@rule(
    "table/unmet_standard",
    title="施設基準不適合減算",
    cite="医科診療行為マスター col 44・45; 医科点数表 B001-3-2 注1, D236-2 注2, D239 注2, E101-2 注, E101-5 注3, 第10部手術 通則16, K939-5 注2, M001 注2",
    since=date(2024, 6, 1),
    chapters=CHAPTERS,
)
def unmet_standard(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """施設基準不適合減算 — proposed onto the act; where the book has no such code of the day, the act is shown."""
    if not [act for act in draft.acts() if act.standard_conformity == REDUCED]:
        return None
    outcomes: list[Outcome] = []
    for row, unit in each_act(draft):
        standard = row.conformity_standard
        if row.standard_conformity != REDUCED or row.chapter not in CHAPTERS or case.has_standard(standard):
            continue
        known = facts(missing=case.standard_names((standard,)), name=row.name)
        if row.chapter in ASKED:
            if all(line.code != ASKED[row.chapter] for line in unit.lines):
                outcomes.append(Advice(ASKED[row.chapter], known))
            continue
        reduction = REDUCTIONS.get(row.chapter, "")
        if not reduction or not case.book.has(reduction):
            outcomes.append(Advice(row.code, known))
        elif all(line.code != reduction for line in unit.lines):
            outcomes.append(Proposal(reduction, known, onto=row.code, onto_group=unit.group))
    return tuple(outcomes) or None
