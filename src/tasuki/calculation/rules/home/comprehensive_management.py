# SPDX-License-Identifier: Apache-2.0
"""在宅時医学総合管理料・施設入居時等医学総合管理料 — which of the two hundred codes a month has (C002, C002-2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.base_fee import REVISIT, Manner
from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.home.home_history import PLANNED_VISITS, days_of, month_start
from tasuki.calculation.rules.home.management_codes import (
    FACILITY_CODES,
    MANAGEMENT_CODES,
    Pattern,
    management_code,
)
from tasuki.calculation.rules.home.planned_visits import counts_as_planned, planned_days
from tasuki.calculation.rules.home.support_tier import SupportTier, tier_for_patient
from tasuki.calculation.rules.standing_acts import acts_of_month, is_member
from tasuki.chart.home_visit import HomePlan, HomeVisitManner, Residence
from tasuki.facility.standards import HOME_FEW_SEVERE, HOME_MAINLY
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.chart.home_visit import HomeVisit

R6 = date(2024, 6, 1)
R6_END = date(2026, 5, 31)
R8 = date(2026, 6, 1)
NOTE_14 = "4101"
EIGHTY_PERCENT = "114041870"
# 別表第八の二 第二号, as far as a management fee of the month says it.
SEVERE_BY_CARE = frozenset(
    (
        *("114003510", "114009310", "114003710", "114004110", "114004210", "114004310", "114004410"),
        *("114005410", "114007010", "114010410", "114011110"),
    )
)
ONLINE_REVISITS = frozenset(code for (manner, _), code in REVISIT.items() if manner is Manner.ONLINE)
INTRACTABLE = "09"  # 傷病名マスター col 43 難病外来指導管理料の対象
DRUG_SECTIONS = frozenset(("21", "22", "23"))
PSYCHOTHERAPY = "I002"


class Month(NamedTuple):
    """当月の訪問 — planned visits and online examinations of the month, today included."""

    visits: int
    online: int


@rule(
    "C002/management",
    title="在宅時医学総合管理料・施設入居時等医学総合管理料",
    cite="医科点数表 C002 注1, C002-2 注1; 通知 C002 (2)〜(4)・(11)・(28)",
    since=R6,
    stage=Stage.BASE,
    needs=(Fact.AT_HOME,),
)
def management(case: Case, draft: Draft) -> Outcome | None:
    """在医総管・施医総管 — at the visit with which the month's number of visits is reached.

    Asked for where the plan or the number of patients of the building is not recorded. A month already billed
    as one visit is shown when a second visit follows.
    """
    home = case.visit.home
    if home is None or draft.is_first or not draft.codes().isdisjoint(MANAGEMENT_CODES):
        return None
    month = _month(case, draft, home)
    if month is None:
        return None
    billed = case.billed_this_month(MANAGEMENT_CODES)
    pattern = _pattern(home.plan, month)
    if pattern is None or (home.plan is None and pattern is Pattern.ONCE):
        return _not_yet(case, home, month) if billed is None else None
    pattern, state = _with_state(case, draft, pattern)
    patients = building_patients(home)
    tier = tier_for_patient(case)
    code = _code(case, home, tier, pattern, 1 if patients is None else patients)
    if patients is None:
        return Advice(code, facts(missing_number="building_patients")) if billed is None else None
    known = facts(
        tier=tier.name.lower(), pattern=pattern.value, patients=patients, visits=month.visits, state=state
    )
    if billed is None:
        return Proposal(code, known)
    if billed.code == code or month.visits != 2 or pattern is Pattern.ONCE:
        return None
    return Advice(code, (*known, ("last_day", billed.day)))


def _month(case: Case, draft: Draft, home: HomeVisit) -> Month | None:
    before = len(planned_days(case))
    online_before = len(set(days_of(case, ONLINE_REVISITS, month_start(case))) - {case.day})
    if home.manner is HomeVisitManner.ONLINE:
        return Month(before, online_before + 1)
    stands = home.is_second_in_household or not draft.codes().isdisjoint(PLANNED_VISITS)
    return Month(before + 1, online_before) if counts_as_planned(home) and stands else None


def _pattern(plan: HomePlan | None, month: Month) -> Pattern | None:
    """What the month has become, None while the plan's visits are not reached."""
    if month.visits >= 2:
        return Pattern.TWICE
    if plan is HomePlan.TWICE_WITH_ONLINE:
        return Pattern.TWICE_ONLINE if month.visits and month.online else None
    if plan is HomePlan.ONCE_WITH_ONLINE:
        return Pattern.ONCE_ONLINE
    return Pattern.ONCE if plan in (HomePlan.ONCE, None) and month.visits else None


def _not_yet(case: Case, home: HomeVisit, month: Month) -> Advice:
    pattern = Pattern.ONCE if home.plan is None else Pattern.TWICE
    if home.plan is HomePlan.TWICE_WITH_ONLINE:
        pattern = Pattern.TWICE_ONLINE
    code = _code(case, home, tier_for_patient(case), pattern, building_patients(home) or 1)
    if home.plan is None:
        return Advice(code, facts(missing_number="plan"))
    return Advice(code, facts(visits=month.visits, plan=home.plan.value))


def _with_state(case: Case, draft: Draft, pattern: Pattern) -> tuple[Pattern, str]:
    """別表第八の二 raises two visits a month; 注16 of 令和8年度 lowers them where few are severe."""
    if pattern is Pattern.TWICE:
        state = severe_state(case, draft)
        if state:
            return Pattern.SEVERE_TWICE, state
    is_lowered = case.day >= R8 and HOME_FEW_SEVERE in case.standards
    if is_lowered and pattern in (Pattern.TWICE, Pattern.TWICE_ONLINE):
        return Pattern.ONCE, ""
    return pattern, ""


def severe_state(case: Case, draft: Draft) -> str:
    """別表第八の二の状態 — recorded, or told by a management fee of the month or a designated disease; "" if none."""
    if case.has_flag(Flag.SEVERE_HOME_STATE):
        return Flag.SEVERE_HOME_STATE.value
    care = min(draft.codes() & SEVERE_BY_CARE, default="")
    if not care:
        billed = case.billed_this_month(SEVERE_BY_CARE)
        care = "" if billed is None else billed.code
    if care:
        return case.name_of(care)
    return next((row.name for _, row in under_treatment(case) if row.intractable == INTRACTABLE), "")


def building_patients(home: HomeVisit) -> int | None:
    """単一建物診療患者の人数 — one for a household, and at home for a tenth of the dwellings or two of under twenty.

    Cite: 通知 C002 (11)
    """
    if home.shares_household:
        return 1
    patients = home.building_patients
    if patients is None or home.residence is Residence.FACILITY or home.dwellings is None:
        return patients
    is_few = patients * 10 <= home.dwellings or (home.dwellings < 20 and patients <= 2)
    return 1 if is_few else patients


def _code(case: Case, home: HomeVisit, tier: SupportTier, pattern: Pattern, patients: int) -> str:
    is_facility = home.residence is Residence.FACILITY
    is_reduced = NOTE_14 in case.standards
    return management_code(tier, pattern, patients, is_facility=is_facility, is_reduced=is_reduced)


@rule(
    "C002/mainly_home",
    title="主として往診・訪問診療を実施する診療所の100分の80",
    cite="医科点数表 C002 注8; 通知 C002 (25)",
    since=R6,
    sections=("C002", "C002-2"),
)
def mainly_home(case: Case, draft: Draft) -> Proposal | None:
    """100分の80 — a clinic that mainly visits homes and is no 在支診 has eight tenths."""
    if HOME_MAINLY not in case.standards or EIGHTY_PERCENT in draft.codes():
        return None
    base = next((act for act in draft.acts() if act.code in MANAGEMENT_CODES), None)
    if base is None or tier_for_patient(case) is not SupportTier.OTHER:
        return None
    return Proposal(EIGHTY_PERCENT, facts(standard=case.standard_names((HOME_MAINLY,))[0]), onto=base.code)


@rule(
    "C002/without_visit",
    title="訪問診療のない月の在医総管・施医総管",
    cite="医科点数表 C002 注1; 通知 C002 (4)・(28)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C002", "C002-2"),
)
def without_visit(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """在医総管・施医総管 — denied in a month in which no planned visit was billed and none was online by plan."""
    standing = sorted(draft.codes() & MANAGEMENT_CODES)
    if not standing or not draft.codes().isdisjoint(PLANNED_VISITS) or planned_days(case):
        return None
    home = case.visit.home
    is_counted = home is not None and (home.is_second_in_household or home.plan is HomePlan.ONCE_WITH_ONLINE)
    return None if is_counted else tuple(Denial(code, "", facts(reason="no_visit")) for code in standing)


@rule(
    "C002/included_drugs",
    title="在医総管・施医総管に含まれる投薬の薬剤",
    cite="医科点数表 C002 注3; 通知 C002 (9)・(10)",
    since=R6,
    stage=Stage.CHECK,
)
def included_drugs(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """投薬の薬剤 — contained in the fee of the month, at the clinic too; drugs for use at home are not."""
    if MANAGEMENT_CODES.isdisjoint(draft.codes()) and MANAGEMENT_CODES.isdisjoint(case.recent_codes):
        return None
    units = [unit for unit in draft.units if unit.section in DRUG_SECTIONS]
    parent = min(draft.codes() & MANAGEMENT_CODES, default="")
    if not parent:
        billed = case.billed_this_month(MANAGEMENT_CODES)
        parent = "" if billed is None else billed.code
    if not parent:
        return None
    plain = [unit for unit in units if not any(isinstance(line.row, Act) for line in unit.lines)]
    return tuple(Denial(line.code, parent, group=unit.group) for unit in plain for line in unit.lines) or None


@rule(
    "C002/online_basic_fee",
    title="在宅診療計画による情報通信機器を用いた診療の再診料",
    cite="疑義解釈その1 (令和4年3月31日) 医科 問169; 廃止: 疑義解釈その5 (令和8年5月8日) 医科 問13",
    since=R6,
    until=R6_END,
    stage=Stage.CONDITION,
    codes=ONLINE_REVISITS,
    needs=(Fact.AT_HOME,),
)
def online_basic_fee(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """再診料（情報通信機器） — before 令和8年度 not beside an online examination by the plan of the home."""
    home = case.visit.home
    if home is None or home.manner is not HomeVisitManner.ONLINE:
        return None
    winner = min(draft.codes() & MANAGEMENT_CODES, default="")
    return tuple(
        Denial(code, winner, facts(reason="plan")) for code in sorted(draft.codes() & ONLINE_REVISITS)
    )


@rule(
    "C002/psychotherapy",
    title="通院・在宅精神療法を算定する患者の在医総管・施医総管",
    cite="医科点数表 C002 注11, C002-2 注4; 通知 C002 (27); 特掲診療料の施設基準等 別表第八の四",
    since=R6,
    stage=Stage.CHECK,
    sections=("C002", "C002-2"),
)
def beside_psychotherapy(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """通院・在宅精神療法を算定する患者 — the fee of the month only in a state of 別表第八の四.

    別表第八の二 lies within it; of 別表第八の三 only some states do, so that one is asked.
    """
    standing = sorted(draft.codes() & MANAGEMENT_CODES)
    if not standing or severe_state(case, draft):
        return None
    therapy = _psychotherapy(case, draft)
    return tuple(Advice(code, facts(act=therapy)) for code in standing) if therapy else None


def _psychotherapy(case: Case, draft: Draft) -> str:
    """The name of 通院・在宅精神療法 of the month, "" if none."""
    acts = (*draft.acts(), *(act for _, act in acts_of_month(case)))
    return next((act.name for act in acts if is_member(act, (PSYCHOTHERAPY,))), "")


def is_facility_code(code: str) -> bool:
    """施医総管か — whether a management code is the one of facilities."""
    return code in FACILITY_CODES
