# SPDX-License-Identifier: Apache-2.0
"""在宅患者訪問診療料 — which code a planned visit has, and how often (C001, C001-2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import FIRST_CODES
from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.home.home_history import (
    ALONE,
    ATTACHED,
    HOME_VISITS,
    HOUSE_CALL,
    HOUSE_CALLS,
    PLANNED_VISITS,
    REFERRED_ALONE,
    REFERRED_ATTACHED,
    REFERRED_SHARED,
    REFERRED_VISITS,
    SHARED,
    days_of,
    month_start,
    week_start,
)
from tasuki.calculation.rules.home.support_tier import SupportTier, tier_for_patient
from tasuki.chart.home_visit import HomeVisitManner, Residence
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.chart.home_visit import HomeVisit

R6 = date(2024, 6, 1)
INFANT = "114015870"
TIMES_A_WEEK = 3
ACUTE_DAYS = 14
MONTHS_REFERRED = 6
_MANNERS = (HomeVisitManner.PLANNED, HomeVisitManner.REFERRED)


@rule(
    "C001/home_visit",
    title="在宅患者訪問診療料（Ⅰ）・（Ⅱ）",
    cite="医科点数表 C001 注1・注2, C001-2 注1; 通知 C001 (3)〜(5), C001-2 (2)・(3)",
    since=R6,
    stage=Stage.BASE,
    needs=(Fact.AT_HOME,),
)
def home_visit(case: Case, draft: Draft) -> Outcome | None:
    """在宅患者訪問診療料 — alone in the building or not, by an institution beside the facility, or by request.

    How many of the building were visited on the day is asked where nobody counted.
    """
    home = case.visit.home
    if home is None or home.manner not in _MANNERS or home.is_second_in_household:
        return None
    if not draft.codes().isdisjoint(HOME_VISITS):
        return None
    is_referred = home.manner is HomeVisitManner.REFERRED
    if home.is_attached and home.residence is not Residence.HOUSE:
        return Proposal(REFERRED_ATTACHED if is_referred else ATTACHED, facts(residence="attached"))
    if home.patients_that_day is None and not home.shares_household:
        return Advice(REFERRED_ALONE if is_referred else ALONE, facts(missing_number="patients_that_day"))
    patients = 1 if home.shares_household else home.patients_that_day
    is_alone = patients == 1
    if is_referred:
        code = REFERRED_ALONE if is_alone else REFERRED_SHARED
    else:
        code = ALONE if is_alone else SHARED
    return Proposal(code, facts(patients=patients))


@rule(
    "C001/first_visit",
    title="初診の日の在宅患者訪問診療料",
    cite="医科点数表 C001 注1, C001-2 注1イ; 通知 C001 (6)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C001", "C001-2"),
)
def on_first_visit(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """在宅患者訪問診療料 — not on the day of the first visit; that visit is 初診 (and 往診 when called)."""
    standing = sorted(draft.codes() & PLANNED_VISITS)
    if not standing:
        return None
    billed = case.billed_today(FIRST_CODES)
    first = min(draft.codes() & FIRST_CODES, default="") or (billed.code if billed is not None else "")
    return tuple(Denial(code, first, facts(reason="first_visit")) for code in standing) if first else None


@rule(
    "C001/week",
    title="訪問診療の週3回",
    cite="医科点数表 C001 注1・注3, C001-2 注2・注4; 通知 C001 (8)〜(10); 特掲診療料の施設基準等 別表第七",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C001", "C001-2"),
)
def week(case: Case, draft: Draft) -> tuple[Denial | Advice, ...] | None:
    """訪問診療の週3回 — all kinds counted together, Sunday to Saturday.

    No limit for the diseases of 別表第七. While a worsening asks for more, fourteen days once a month, each of
    which is named on the claim.
    """
    standing = sorted(draft.codes() & PLANNED_VISITS)
    if not standing or case.has_flag(Flag.LISTED_HOME_DISEASE):
        return None
    days = set(days_of(case, PLANNED_VISITS, week_start(case)))
    if len(days - {case.day}) < TIMES_A_WEEK:
        return None
    if case.has_flag(Flag.ACUTE_EXACERBATION):
        recent = set(days_of(case, PLANNED_VISITS, case.day - timedelta(days=ACUTE_DAYS - 1)))
        return tuple(Advice(code, facts(days=len(recent | {case.day}), most=ACUTE_DAYS)) for code in standing)
    known = facts(reason="week", times=len(days), most=TIMES_A_WEEK)
    return tuple(Denial(code, "", known) for code in standing)


@rule(
    "C001/after_house_call",
    title="往診の日・翌日の訪問診療",
    cite="医科点数表 C001 注10; 通知 C001 (21)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C001", "C001-2"),
)
def after_house_call(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """往診の日・翌日の訪問診療 — not billed, except by 在宅療養支援診療所・病院 for a patient given the contact in writing."""
    standing = sorted(draft.codes() & HOME_VISITS)
    if not standing or tier_for_patient(case) is not SupportTier.OTHER:
        return None
    days = days_of(case, HOUSE_CALLS, case.day - timedelta(days=1))
    if not days:
        return None
    return tuple(Denial(code, HOUSE_CALL, facts(reason="house_call", last_day=days[-1])) for code in standing)


@rule(
    "C001/referred",
    title="他の保険医療機関の求めによる訪問診療の6月",
    cite="医科点数表 C001 注2, C001-2 注3; 通知 C001 (7)・(8)",
    since=R6,
    stage=Stage.CHECK,
    sections=("C001", "C001-2"),
)
def referred(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """他の保険医療機関の求め — past six months a new request or a listed disease must be on the claim."""
    standing = sorted(draft.codes() & REFERRED_VISITS)
    if not standing or case.has_flag(Flag.LISTED_HOME_DISEASE):
        return None
    earliest = min(days_of(case, REFERRED_VISITS, date.min), default=case.day)
    if earliest >= months_before(case.day, MONTHS_REFERRED):
        return None
    return tuple(Advice(code, facts(first_day=earliest, months=MONTHS_REFERRED)) for code in standing)


@rule(
    "C001/infant",
    title="乳幼児加算（在宅患者訪問診療料）",
    cite="医科点数表 C001 注4, C001-2 注6; 通知 C001 (13)",
    since=R6,
    sections=("C001", "C001-2"),
)
def infant(case: Case, draft: Draft) -> Proposal | None:
    """乳幼児加算 — under six years of age, once a day."""
    base = next((act for act in draft.acts() if act.code in HOME_VISITS), None)
    if base is None or case.age.years >= 6 or INFANT in draft.codes():
        return None
    return Proposal(INFANT, facts(age=case.age.years), onto=base.code)


def counts_as_planned(home: HomeVisit | None) -> bool:
    """訪問診療とみなす訪問 — a planned visit, a household's second patient included (通知 C002 (4))."""
    return home is not None and home.manner is HomeVisitManner.PLANNED


def planned_days(case: Case) -> list[date]:
    """当月の訪問診療の日 — billed before in the month, without today."""
    return sorted({day for day in days_of(case, PLANNED_VISITS, month_start(case)) if day != case.day})
