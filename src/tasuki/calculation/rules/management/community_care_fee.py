# SPDX-License-Identifier: Apache-2.0
"""地域包括診療料 — the doctor in charge of several chronic diseases, once a month and comprehensive (B001-2-9)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation import places
from tasuki.calculation.base_fee import (
    OUTPATIENT_FAMILY,
    REVISIT_FAMILY,
    Manner,
    base_taking_additions,
)
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.basic.community_care import CODES as ADDITIONS
from tasuki.calculation.rules.basic.community_care import (
    MONTHS_CARED_FOR,
    has_dementia_or_care,
    has_two_of_six,
    target,
)
from tasuki.calculation.rules.management.comprehensive_codes import COMMUNITY_CARE_FEES, MONTHLY
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)
MOST_BEDS = 200


class FeeTier(NamedTuple):
    """地域包括診療料の区分 — the standard, the codes for dementia (令和6年度) and for the others, the points of 令和8年度."""

    standard: str
    dementia: str
    others: str
    dementia_points: int


FEE_TIERS = (FeeTier("3585", "113025710", "113024810", 1682), FeeTier("3339", "113018410", "113015810", 1614))
DEMENTIA_FEES = frozenset(tier.dementia for tier in FEE_TIERS)


@rule(
    "B001-2-9/community_care",
    title="地域包括診療料",
    cite="医科点数表 B001-2-9 1・2, 注1; 通知 B001-2-9 (1)・(2)・(3)",
    since=R6,
    families=(REVISIT_FAMILY, OUTPATIENT_FAMILY),
    at=places.has_any([tier.standard for tier in FEE_TIERS]),
)
def community_care_fee(case: Case, draft: Draft) -> Outcome | None:
    """地域包括診療料 — once a month at a revisit, when the consent is recorded or shows in six months of history.

    For dementia 令和8年度 has points of its own, whose code is not known yet; they are named, not billed.
    """
    tier = next((each for each in FEE_TIERS if case.has_standard(each.standard)), None)
    base = base_taking_additions(draft, REVISIT_FAMILY, OUTPATIENT_FAMILY)
    if tier is None or base is None or case.visit.home is not None or case.institution.beds >= MOST_BEDS:
        return None
    if draft.manner is not Manner.FACE_TO_FACE or _is_managed(case, draft):
        return None
    found = target(case)
    if found is None:
        return None
    is_dementia, name = found
    code = tier.dementia if is_dementia and case.day < R8 else tier.others
    since = months_before(case.day, MONTHS_CARED_FOR)
    has_history = any(line.day >= since for each in COMMUNITY_CARE_FEES for line in case.history.of(each))
    if not has_history and not case.has_flag(Flag.COMMUNITY_CARE_AGREED):
        return Advice(code, facts(disease=name, missing_flag=Flag.COMMUNITY_CARE_AGREED.value))
    if is_dementia and case.day >= R8:
        return Advice(code, facts(reason="dementia", disease=name, points=tier.dementia_points))
    return Proposal(code, facts(disease=name))


@rule(
    "B001-2-9/patients",
    title="地域包括診療料の対象患者",
    cite="医科点数表 B001-2-9 注1; 通知 B001-2-9 (1)・(2)",
    since=R6,
    stage=Stage.CONDITION,
    codes=COMMUNITY_CARE_FEES,
)
def patients(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """地域包括診療料の対象患者 — not at a first visit, not at home, not without the diseases."""
    standing = sorted(draft.codes() & COMMUNITY_CARE_FEES)
    if draft.is_first:
        return tuple(Denial(code, "", facts(reason="first_visit")) for code in standing)
    if case.visit.home is not None:
        return tuple(Denial(code, "", facts(reason="home")) for code in standing)
    fallen = []
    for code in standing:
        is_right = has_dementia_or_care(case) if code in DEMENTIA_FEES else has_two_of_six(case)
        if not is_right:
            fallen.append(Denial(code, "", facts(reason="no_disease")))
    return tuple(fallen) or None


def _is_managed(case: Case, draft: Draft) -> bool:
    """Another comprehensive fee of the month, or 地域包括診療加算: an institution notifies one of the two."""
    others = MONTHLY | ADDITIONS
    return not draft.codes().isdisjoint(others) or case.billed_this_month(others) is not None
