# SPDX-License-Identifier: Apache-2.0
"""時間外等の加算 — 時間外・休日・深夜 and 夜間・早朝等 of the basic fees."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.base_fee import (
    FIRST_FAMILY,
    OUTPATIENT_FAMILY,
    REVISIT_FAMILY,
    base_taking_additions,
)
from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.calculation.time_additions import time_addition
from tasuki.calculation.visit_time import Hours, displays_thirty_hours
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
EARLY_OR_LATE = {FIRST_FAMILY: "111012470", REVISIT_FAMILY: "112015570"}


@rule(
    "A000/out_of_hours",
    title="時間外加算・休日加算・深夜加算（初診）",
    cite="医科点数表 A000 注7・注8; 通知 A000 (18)〜(22)",
    since=R6,
    families=(FIRST_FAMILY,),
    needs=(Fact.OFF_HOURS,),
)
def out_of_hours_at_first_visit(case: Case, draft: Draft) -> Proposal | None:
    """時間外加算等（初診） — outside the hours; for infants in open hours of paediatrics at night too."""
    return _time_addition(case, draft, FIRST_FAMILY)


@rule(
    "A001/out_of_hours",
    title="時間外加算・休日加算・深夜加算（再診）",
    cite="医科点数表 A001 注5・注6; 通知 A001 (6)",
    since=R6,
    families=(REVISIT_FAMILY,),
    needs=(Fact.OFF_HOURS,),
)
def out_of_hours_at_revisit(case: Case, draft: Draft) -> Proposal | None:
    """時間外加算等（再診） — as at a first visit, by telephone too."""
    return _time_addition(case, draft, REVISIT_FAMILY)


@rule(
    "A002/out_of_hours",
    title="時間外加算・休日加算・深夜加算（外来診療料）",
    cite="医科点数表 A002 注8・注9; 通知 A002 (9)",
    since=R6,
    families=(OUTPATIENT_FAMILY,),
    needs=(Fact.OFF_HOURS,),
)
def out_of_hours_at_outpatient_fee(case: Case, draft: Draft) -> Proposal | None:
    """時間外加算等（外来診療料） — as at a first visit."""
    return _time_addition(case, draft, OUTPATIENT_FAMILY)


@rule(
    "A000/early_or_late",
    title="夜間・早朝等加算（初診）",
    cite="医科点数表 A000 注9; 通知 A000 (23); 基本診療料の施設基準等 第三の二",
    since=R6,
    families=(FIRST_FAMILY,),
    needs=(Fact.OFF_HOURS,),
    at=places.is_clinic,
)
def early_or_late_at_first_visit(case: Case, draft: Draft) -> Outcome | None:
    """夜間・早朝等加算（初診） — within the displayed hours of a clinic in the evening or on a holiday."""
    return _early_or_late(case, draft, FIRST_FAMILY)


@rule(
    "A001/early_or_late",
    title="夜間・早朝等加算（再診）",
    cite="医科点数表 A001 注7; 通知 A001 (6); 基本診療料の施設基準等 第三の二",
    since=R6,
    families=(REVISIT_FAMILY,),
    needs=(Fact.OFF_HOURS,),
    at=places.is_clinic,
)
def early_or_late_at_revisit(case: Case, draft: Draft) -> Outcome | None:
    """夜間・早朝等加算（再診） — as at a first visit."""
    return _early_or_late(case, draft, REVISIT_FAMILY)


def _time_addition(case: Case, draft: Draft, family: str) -> Proposal | None:
    base = base_taking_additions(draft, family)
    chosen = None if base is None else time_addition(case, base)
    if base is None or chosen is None:
        return None
    because = facts(
        clock=f"{case.visit.at:%H:%M}", kind=chosen.kind.value, ward=chosen.ward.value, age=case.age.years
    )
    return Proposal(chosen.code, because, onto=_onto(case, chosen.code, base.code))


def _early_or_late(case: Case, draft: Draft, family: str) -> Outcome | None:
    base = base_taking_additions(draft, family)
    hours, is_open = case.time.hours, case.time.is_open
    if base is None or base.time_kind != "1" or hours is Hours.DAY or not is_open:
        return None
    if case.has_flag(Flag.TIME_ADDITION_DECLINED):
        return None
    if time_addition(case, base) is not None:
        return None
    code = EARLY_OR_LATE[family]
    clock = f"{case.visit.at:%H:%M}"
    if not displays_thirty_hours(case.institution):
        return Advice(code, facts(clock=clock, hours_asked=30))
    return Proposal(code, facts(clock=clock, hours=hours.value), onto=_onto(case, code, base.code))


def _onto(case: Case, code: str, base_code: str) -> str:
    """Those of 再診料 are recorded on their own (告示等識別区分(1) = 1), those of 初診料 with their base."""
    return base_code if case.book.has(code) and case.book.act(code).is_addition else ""
