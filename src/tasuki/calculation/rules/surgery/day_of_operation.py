# SPDX-License-Identifier: Apache-2.0
"""手術当日 — procedures, injection techniques and the taking of specimens that belong to an operation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.surgery.operations import operated_earlier, operations
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.calculation.rule import Outcome

# Casts are billed beside an operation; dialysis of that day is treatment of its own.
CASTS = range(122, 130)
INDEPENDENT = frozenset(("J038", "J038-2", "J042"))
TAKING = range(400, 420)
TECHNIQUES = range(0, 13)


@rule(
    "K000/day_of_operation",
    title="手術当日の処置・注射",
    cite="医科点数表 第10部手術 通則1; 通知 第10部 1・4",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    chapters="GJD",
)
def day_of_operation(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """手術当日 — injection techniques fall, and what was done at the field of the operation.

    A procedure, or an injection into a joint, at another site stays. Where the sites do not tell, a human is asked; what has nothing to do
    with the operation is recorded by a flag.
    """
    if case.has_flag(Flag.UNRELATED_TO_OPERATION):
        return None
    found = operations(draft)
    earlier = operated_earlier(case) if not found else None
    if not found and earlier is None:
        return None
    outcomes: list[Outcome] = []
    for unit in draft.units:
        for line in unit.lines:
            row = line.row
            if isinstance(row, Act) and not row.is_addition and _belongs(row):
                winner = found[0].row.code if found else earlier.code if earlier else ""
                sites = [each.unit.site for each in found] if found else [earlier.site if earlier else ""]
                answer = _weigh(row, unit, winner, sites)
                if answer is not None:
                    outcomes.append(answer)
    return tuple(outcomes) or None


def _weigh(row: Act, unit: DraftUnit, winner: str, sites: list[str]) -> Outcome | None:
    if (row.chapter == "G" and not unit.site) or (unit.site and unit.site in sites):
        return Denial(row.code, winner, facts(site=unit.site), group=unit.group)
    if unit.site and all(sites):
        return None
    return Advice(row.code, facts(lost_to=winner))


def _belongs(row: Act) -> bool:
    number = int(row.section[1:4]) if row.section[1:4].isdecimal() else 999
    if row.chapter == "J":
        return number not in CASTS and row.section not in INDEPENDENT
    if row.chapter == "G":
        return number in TECHNIQUES
    return row.chapter == "D" and number in TAKING
