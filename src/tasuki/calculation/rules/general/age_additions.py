# SPDX-License-Identifier: Apache-2.0
"""年齢加算 — the additions a row itself names for its patient's age (医科診療行為マスター col 100-111)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from tasuki.calculation.ages import is_within_ages, oldest
from tasuki.calculation.rule import Proposal, rule
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act, AgeAddition

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

ENT_INFANT = "140061990"  # 耳鼻咽喉科乳幼児処置加算 stands for the age addition of J113 (第9部処置 通則7)
# Basic fees and management fees choose between their age additions by hour and department: rules of their own.
_OWN_RULES = frozenset("ABC")
# 小児鎮静下ＭＲＩ撮影加算 stands in the columns of ages, but hangs on sedation (E202 注7).
_MORE_THAN_AGE = frozenset({"170036170"})


@lru_cache(maxsize=4096)
def _oldest(additions: tuple[AgeAddition, ...]) -> int:
    return max(oldest(each.age_to) for each in additions)


def names_age_additions(row: Act) -> bool:
    """年齢加算のある行か — whether the row names any, and no rule of its chapter proposes them."""
    return bool(row.age_additions) and row.chapter not in _OWN_RULES


@rule(
    "table/age_addition",
    title="年齢加算",
    cite="医科診療行為マスター col 100-111 年齢加算; 医科点数表 各区分の注・通則",
    since=date(2024, 6, 1),
    acts=names_age_additions,
)
def age_addition(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """年齢加算 — proposed onto every test, image, injection, procedure or prescription that names one."""
    years = case.age.years
    if not [act for act in draft.acts() if act.age_additions and years < _oldest(act.age_additions)]:
        return None
    born = case.visit.person.born
    proposals = []
    for unit in draft.units:
        present = {line.code for line in unit.lines}
        for line in unit.lines:
            row = line.row
            if not isinstance(row, Act) or not names_age_additions(row):
                continue
            if row.ent_infant == "1" and ENT_INFANT in draft.codes():
                continue
            for addition in row.age_additions:
                if (
                    addition.code in present
                    or addition.code in _MORE_THAN_AGE
                    or not is_within_ages(born, case.day, addition.age_from, addition.age_to)
                ):
                    continue
                proposals.append(
                    Proposal(
                        addition.code,
                        facts(age=case.age.years, age_from=addition.age_from, age_to=addition.age_to),
                        onto=row.code,
                        onto_group=unit.group,
                    )
                )
    return tuple(proposals) or None
