# SPDX-License-Identifier: Apache-2.0
"""通則の年齢加算 — infants in operations, anaesthesia and radiotherapy (医科診療行為マスター col 40 通則年齢)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.ages import is_within_ages
from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.calculation.rule import Outcome

# The additions a chapter offers to an act whose 通則年齢 is 1; each row names its own ages.
GENERAL_AGE = {
    "K": ("150000290", "150342890"),
    "L": ("150231590", "150231690", "150265390"),
    "M": ("180034890", "180034990", "180035090", "180035190"),
}
# Which operations on the newborn take three or four times the points is not said by the row.
NEWBORN_OPERATION = "150000190"
CHILD_AGE = 15


@rule(
    "table/general_age",
    title="通則の年齢加算",
    cite="医科点数表 第10部手術 通則7・通則8, 第11部麻酔 通則2, 第12部放射線治療 通則3; 医科診療行為マスター col 40〜42",
    since=date(2024, 6, 1),
    chapters=GENERAL_AGE,
)
def general_age(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """通則の年齢加算 — proposed onto every operation, anaesthesia or irradiation whose row allows one.

    An operation on a newborn is shown to a human, who knows whether it is one of those of 通則7.
    """
    if case.age.years >= CHILD_AGE:
        return None
    outcomes: list[Outcome] = []
    for unit in draft.units:
        for line in unit.lines:
            row = line.row
            if isinstance(row, Act) and _takes(row) and not _has_one(unit, row.chapter):
                outcomes.extend(_addition(case, row, unit))
    return tuple(outcomes) or None


def _takes(row: Act) -> bool:
    return row.chapter in GENERAL_AGE and row.general_age == "1" and not row.is_addition


def _has_one(unit: DraftUnit, chapter: str) -> bool:
    return any(
        isinstance(line.row, Act)
        and line.row.is_addition
        and line.row.general_age == "1"
        and line.row.chapter == chapter
        for line in unit.lines
    )


def _addition(case: Case, row: Act, unit: DraftUnit) -> list[Outcome]:
    born = case.visit.person.born
    if row.chapter == "K" and is_within_ages(born, case.day, "00", "AA"):
        return [Advice(NEWBORN_OPERATION, facts(name=row.name))]
    for code in GENERAL_AGE[row.chapter]:
        if not case.book.has(code):
            continue
        addition = case.book.act(code)
        if is_within_ages(born, case.day, addition.age_from, addition.age_to):
            known = facts(age=case.age.years, name=row.name)
            return [Proposal(code, known, onto=row.code, onto_group=unit.group)]
    return []
