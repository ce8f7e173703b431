# SPDX-License-Identifier: Apache-2.0
"""乳幼児加算 — the age addition of a basic fee, by the table of its base (A000 注6, A001 注4, A002 注7)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.ages import is_within_ages
from tasuki.calculation.base_fee import (
    FIRST_FAMILY,
    OUTPATIENT_FAMILY,
    REVISIT_FAMILY,
    base_taking_additions,
)
from tasuki.calculation.rule import Proposal, rule
from tasuki.calculation.time_additions import INFANT_AGE, time_addition
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)


@rule(
    "A000/infant",
    title="乳幼児加算（初診）",
    cite="医科点数表 A000 注6",
    since=R6,
    families=(FIRST_FAMILY,),
    below_age=INFANT_AGE,
)
def infant_at_first_visit(case: Case, draft: Draft) -> Proposal | None:
    """乳幼児加算 — at a first visit under six, unless an addition of 注7 or 注8 is billed."""
    return _infant_addition(case, draft, FIRST_FAMILY)


@rule(
    "A001/infant",
    title="乳幼児加算（再診）",
    cite="医科点数表 A001 注4",
    since=R6,
    families=(REVISIT_FAMILY,),
    below_age=INFANT_AGE,
)
def infant_at_revisit(case: Case, draft: Draft) -> Proposal | None:
    """乳幼児加算 — at a revisit under six, by telephone too, unless an addition of 注5 or 注6 is billed."""
    return _infant_addition(case, draft, REVISIT_FAMILY)


@rule(
    "A002/infant",
    title="乳幼児加算（外来診療料）",
    cite="医科点数表 A002 注7",
    since=R6,
    families=(OUTPATIENT_FAMILY,),
    below_age=INFANT_AGE,
)
def infant_at_outpatient_fee(case: Case, draft: Draft) -> Proposal | None:
    """乳幼児加算 — with 外来診療料 under six, unless an addition of 注8 or 注9 is billed."""
    return _infant_addition(case, draft, OUTPATIENT_FAMILY)


def _infant_addition(case: Case, draft: Draft, family: str) -> Proposal | None:
    base = base_taking_additions(draft, family)
    if base is None or time_addition(case, base) is not None:
        return None
    born, day = case.visit.person.born, case.day
    for addition in base.age_additions:
        if is_within_ages(born, day, addition.age_from, addition.age_to):
            return Proposal(addition.code, facts(age=case.age.years), onto=base.code)
    return None
