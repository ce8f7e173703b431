# SPDX-License-Identifier: Apache-2.0
"""往診料 — called to the home, its hours, its length, and who may not bill it (C000)."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.home.home_history import (
    CANCER_CARE,
    HOME_VISITS,
    HOUSE_CALL,
    HOUSE_CALLS,
    days_of,
)
from tasuki.calculation.rules.home.support_tier import SupportTier, tier_of
from tasuki.chart.home_visit import HomeVisitManner
from tasuki.kernel.because import facts
from tasuki.kernel.days import is_holiday

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
# 緊急, 夜間, 休日, 深夜 by tier; the last row is 注1 ニ, for patients not listed.
ADDITIONS: dict[SupportTier | None, dict[str, str]] = {
    SupportTier.WITH_BEDS: {
        "urgent": "114017470", "night": "114017570", "holiday": "114029270", "midnight": "114017670",
    },
    SupportTier.WITHOUT_BEDS: {
        "urgent": "114017770", "night": "114017870", "holiday": "114029370", "midnight": "114017970",
    },
    SupportTier.SUPPORT: {
        "urgent": "114011570", "night": "114011670", "holiday": "114029470", "midnight": "114011770",
    },
    SupportTier.OTHER: {
        "urgent": "114000370", "night": "114000470", "holiday": "114029570", "midnight": "114000570",
    },
    None: {"urgent": "114704470", "night": "114704570", "holiday": "114704670", "midnight": "114704770"},
}  # fmt: skip
HOUR_CODES = frozenset(code for codes in ADDITIONS.values() for code in codes.values())
LONG_HOUSE_CALL = "114000970"
LONG_HOME_VISIT = "114001470"
DAYS_OF_HOME_CARE = 60
RECORD_ONE, RECORD_TWO = "114029770", "114029870"


@rule(
    "C000/house_call",
    title="往診料",
    cite="医科点数表 C000; 通知 C000 (1)・(17)",
    since=R6,
    stage=Stage.BASE,
    needs=(Fact.AT_HOME,),
)
def house_call(case: Case, draft: Draft) -> Outcome | None:
    """往診料 — when the home asked and the doctor went at once; a household's second patient has none.

    Beyond 16 km it is covered only where the call could not be avoided, which a human must say.
    """
    home = case.visit.home
    if home is None or home.manner is not HomeVisitManner.CALLED or home.is_second_in_household:
        return None
    if not draft.codes().isdisjoint(HOUSE_CALLS):
        return None
    if home.is_over_16_km and not case.has_flag(Flag.FAR_VISIT_UNAVOIDABLE):
        return Advice(HOUSE_CALL, facts(missing_flag=Flag.FAR_VISIT_UNAVOIDABLE.value))
    return Proposal(HOUSE_CALL, facts(manner="called"))


@rule(
    "C000/second_in_household",
    title="同一の患家の2人目以降の往診料",
    cite="通知 C000 (10)",
    since=R6,
    stage=Stage.CONDITION,
    needs=(Fact.AT_HOME,),
)
def second_in_household(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """同一の患家の2人目以降 — only the basic fee and what was done, no 往診料 and no addition of its hours."""
    home = case.visit.home
    if home is None or home.manner is not HomeVisitManner.CALLED or not home.is_second_in_household:
        return None
    standing = draft.codes() & (HOUSE_CALLS | HOUR_CODES)
    return tuple(Denial(code, "", facts(reason="second")) for code in sorted(standing or {HOUSE_CALL}))


@rule(
    "C000/planned",
    title="定期的・計画的な訪問と往診料",
    cite="通知 C000 (1)・(24)・(27)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C000",),
)
def planned_is_no_call(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """往診料 — never for a visit that was planned."""
    home = case.visit.home
    if home is None or home.manner in (HomeVisitManner.CALLED,):
        return None
    standing = sorted(draft.codes() & HOUSE_CALLS)
    return tuple(Denial(code, "", facts(reason="planned")) for code in standing) or None


@rule(
    "C000/hours",
    title="緊急往診加算・夜間往診加算・休日往診加算・深夜往診加算",
    cite="医科点数表 C000 注1; 通知 C000 (2)〜(8); 特掲診療料の施設基準等 第四の一の三・一の三の二",
    since=R6,
    sections=("C000",),
)
def hours(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """往診の時間の加算 — by the hour, the kind of institution, and whether the patient is a listed one.

    None for hours the institution displays as open. A patient seen at home within sixty days is listed; whether
    one comes regularly to the outpatients is for a human to say, and until then the lower points stand.
    """
    if HOUSE_CALL not in draft.codes() or not draft.codes().isdisjoint(HOUR_CODES):
        return None
    kind = _kind(case)
    if kind is None:
        return None
    tier = tier_of(case)
    since = case.day - timedelta(days=DAYS_OF_HOME_CARE)
    at_home = days_of(case, HOME_VISITS | CANCER_CARE, since)
    if at_home or case.has_flag(Flag.REGULAR_PATIENT):
        known = facts(call_hours=f"call_{kind}", tier=tier.name.lower())
        return (Proposal(ADDITIONS[tier][kind], known, onto=HOUSE_CALL),)
    lower = Proposal(
        ADDITIONS[None][kind], facts(call_hours=f"call_{kind}", tier="unlisted"), onto=HOUSE_CALL
    )
    missing = facts(call_hours=f"call_{kind}", missing_flag=Flag.REGULAR_PATIENT.value)
    return (lower, Advice(ADDITIONS[tier][kind], missing))


def _kind(case: Case) -> str | None:
    at = case.visit.at
    if case.time.is_open:
        is_morning = time(8) <= at.time() < time(13)
        return "urgent" if is_morning and case.has_flag(Flag.URGENT_CALL) else None
    return call_hours(at)


def call_hours(at: datetime) -> str | None:
    """往診の時間帯 — midnight from 22 to 6, then holidays, then night from 18 to 8; None by day.

    Saturday afternoon is day here, unlike the hours of 初診料.

    Cite: 通知 C000 (6)・(7)
    """
    clock = at.time()
    if clock >= time(22) or clock < time(6):
        return "midnight"
    if is_holiday(at.date()):
        return "holiday"
    return "night" if clock >= time(18) or clock < time(8) else None


@rule(
    "C000/record",
    title="在宅療養実績加算（往診料）",
    cite="医科点数表 C000 注8",
    since=R6,
    sections=("C000",),
)
def record(case: Case, draft: Draft) -> Proposal | None:
    """在宅療養実績加算 — with the additions of 注1 イ to ハ, where the record is notified."""
    listed = {code for tier, codes in ADDITIONS.items() if tier is not None for code in codes.values()}
    if draft.codes().isdisjoint(listed) or not draft.codes().isdisjoint((RECORD_ONE, RECORD_TWO)):
        return None
    for code, standards in ((RECORD_ONE, ("3340", "3341")), (RECORD_TWO, ("3469", "3474"))):
        if any(case.has_standard(each) for each in standards):
            return Proposal(code, facts(standard=case.standard_names(standards[:1])[0]))
    return None


@rule(
    "C000/long",
    title="患家診療時間加算",
    cite="医科点数表 C000 注2, C001 注5; 通知 C000 (9)・(10), C001 (5)",
    since=R6,
    needs=(Fact.AT_HOME,),
)
def long_visit(case: Case, draft: Draft) -> Proposal | None:
    """患家診療時間加算 — past one hour, for each thirty minutes or part of it; the second patient has it too."""
    home = case.visit.home
    if home is None or home.minutes is None or home.minutes <= 60:
        return None
    code = LONG_HOUSE_CALL if home.manner is HomeVisitManner.CALLED else LONG_HOME_VISIT
    is_online = home.manner is HomeVisitManner.ONLINE
    if is_online or not draft.codes().isdisjoint((LONG_HOUSE_CALL, LONG_HOME_VISIT)):
        return None
    times = -(-(home.minutes - 60) // 30)
    return Proposal(code, facts(minutes=home.minutes, steps=times), times=times)


@rule(
    "C000/travel",
    title="往診・訪問診療の交通費",
    cite="医科点数表 C000 注7, C001 注11; 通知 C000 (20)〜(22)",
    since=R6,
    stage=Stage.CHECK,
    sections=("C000", "C001", "C001-2"),
)
def travel(case: Case, draft: Draft) -> Advice | None:
    """交通費 — the real cost of the way is the home's own, outside insurance."""
    home = case.visit.home
    if home is None or home.travel_yen <= 0:
        return None
    standing = sorted(draft.codes() & (HOUSE_CALLS | HOME_VISITS))
    return Advice(standing[0], facts(travel_yen=home.travel_yen)) if standing else None
