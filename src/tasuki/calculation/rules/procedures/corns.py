# SPDX-License-Identifier: Apache-2.0
"""鶏眼・胼胝処置 — twice a month at one site (医科点数表 J057-3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import done
from tasuki.kernel.because import facts
from tasuki.kernel.days import month_of

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

CORNS = "140038710"
MOST_A_MONTH = 2


@rule(
    "J057-3/twice_at_site",
    title="鶏眼・胼胝処置の回数",
    cite="通知 J057-3",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=(CORNS,),
)
def twice_at_site(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """鶏眼・胼胝処置 — the third time in a month at a site falls; where sites are not recorded the table asks a human."""
    month = month_of(case.day)
    used: dict[str, int] = {}
    for line in case.history.of(CORNS):
        if line.site and month_of(line.day) == month and line.visit_id != case.visit.id:
            used[line.site] = used.get(line.site, 0) + line.count
    found = []
    for _, unit in sorted(done(draft, (CORNS,)), key=lambda each: each.unit.group):
        before = used.get(unit.site, 0) if unit.site else 0
        if before >= MOST_A_MONTH:
            found.append(Denial(CORNS, "", facts(site=unit.site, most=MOST_A_MONTH), group=unit.group))
        used[unit.site] = before + unit.times
    return tuple(found) or None
