# SPDX-License-Identifier: Apache-2.0
"""熱傷処置・重度褥瘡処置 — two months from the first, then as a wound (J001, J001-4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Proposal, Stage, rule
from tasuki.calculation.rules.standing_acts import done
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_after
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

BURNS = frozenset(("J001",))
SORES = frozenset(("J001-4",))
MONTHS = 2
# Treatments further apart than this belong to another injury.
LONGEST_GAP = timedelta(days=31)
# 創傷処置 by the area in the name of the burn or sore.
WOUND_OF_AREA = (
    ("（１００ｃｍ２未満）", "140000610"),
    ("（１００ｃｍ２以上５００ｃｍ２未満）", "140000710"),
    ("（５００ｃｍ２以上３０００ｃｍ２未満）", "140000810"),
    ("（３０００ｃｍ２以上６０００ｃｍ２未満）", "140000910"),
    ("（６０００ｃｍ２以上）", "140001010"),
)


@rule(
    "J001/two_months",
    title="熱傷処置・重度褥瘡処置の期間",
    cite="医科点数表 J001 注1, J001-4 注1",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=BURNS | SORES,
)
def two_months(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """熱傷処置等の2月 — from the first treatment of the course; after it 創傷処置 of the same area takes its place."""
    proposals = []
    for each in done(draft, BURNS | SORES):
        first = _first_of_course(case, each.row.section)
        if first is None or case.day < months_after(first, MONTHS):
            continue
        wound = next((code for area, code in WOUND_OF_AREA if each.row.name.endswith(area)), "")
        if wound:
            known = facts(first_day=first)
            proposals.append(Proposal(wound, known, onto_group=each.unit.group, replaces=each.row.code))
    return tuple(proposals) or None


def _first_of_course(case: Case, section: str) -> date | None:
    """The first of the treatments that lead to this day without a long gap."""
    days = sorted(
        {
            line.day
            for code, lines in case.history.by_code.items()
            if case.book.has(code) and _is_of(case.book.item(code), section)
            for line in lines
        },
        reverse=True,
    )
    first: date | None = None
    after = case.day
    for day in days:
        if after - day > LONGEST_GAP:
            break
        first = after = day
    return first


def _is_of(row: object, section: str) -> bool:
    return isinstance(row, Act) and row.section == section and not row.is_addition
