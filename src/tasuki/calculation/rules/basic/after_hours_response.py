# SPDX-License-Identifier: Apache-2.0
"""時間外対応加算・時間外対応体制加算 — the tier a clinic notified, at every revisit (A001 注10)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.base_fee import REVISIT_FAMILY, standing_base
from tasuki.calculation.rule import Advice, rule, usual_proposal
from tasuki.facility.standards import AFTER_HOURS
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

TIERS = ("112016070", "112708370", "112708470", "112708570")


@rule(
    "A001/after_hours_response",
    title="時間外対応加算",
    cite="医科点数表 A001 注10",
    since=date(2024, 6, 1),
    until=date(2026, 5, 31),
    families=(REVISIT_FAMILY,),
    at=places.is_clinic,
)
def after_hours_response_r6(case: Case, draft: Draft) -> Outcome:
    """時間外対応加算 — also at a revisit by telephone."""
    return _tier(case, draft)


@rule(
    "A001/after_hours_response",
    title="時間外対応体制加算",
    cite="医科点数表 A001 注10; 通知 A001 (9)",
    since=date(2026, 6, 1),
    families=(REVISIT_FAMILY,),
    at=places.is_clinic,
)
def after_hours_response_r8(case: Case, draft: Draft) -> Outcome:
    """時間外対応体制加算 — the same codes under their name and points of 令和8年度."""
    return _tier(case, draft)


def _tier(case: Case, draft: Draft) -> Outcome:
    standard = case.premises.first_notified(AFTER_HOURS)
    if standard is None:
        return Advice(TIERS[-1], facts(missing=case.standard_names(AFTER_HOURS)))
    code = TIERS[AFTER_HOURS.index(standard)]
    name = case.standard_names((standard,))[0]
    return usual_proposal(code, standing_base(draft).code, (("standard", name),))
