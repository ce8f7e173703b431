# SPDX-License-Identifier: Apache-2.0
"""在医総管・施医総管の加算 — what joins the month's management fee (C002 注2〜注15, C002-2 注3・注5)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import REVISIT_CODES
from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.calculation.rules.home.comprehensive_management import building_patients, is_facility_code
from tasuki.calculation.rules.home.home_history import HOUSE_CALLS, PLANNED_VISITS, days_of, month_start
from tasuki.calculation.rules.home.management_codes import MANAGEMENT_CODES, SEVERE_CODES, class_of
from tasuki.calculation.rules.home.support_tier import SupportTier, tier_for_patient
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_after

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
SECTIONS = ("C002", "C002-2")
NO_PRESCRIPTION, EARLY, COMPREHENSIVE = "114034370", "114016070", "114043870"
FREQUENT_FIRST, FREQUENT_AGAIN = "114715910", "114716010"
DATA, INFORMATION = "114057970", "114723810"
TRANSITION = ("114717410", "114717510", "114717610", "114717710")
RECORD_HOME = (
    ("3340", "3341", "114034870 114034970 114716610 114716710 114716810"),
    ("3469", "3474", "114035170 114035270 114717110 114717210 114717310"),
)
RECORD_FACILITY = (
    ("3340", "3341", "114039670 114039770 114733610 114733710 114733810"),
    ("3469", "3474", "114039970 114040070 114734110 114734210 114734310"),
)
VISITS_FOR_FREQUENT = 4
EARLY_MONTHS = 3
MONTHS_OF_A_YEAR = 12
OUTPATIENT_VISITS = 4


def _base(draft: Draft) -> str:
    return min(draft.codes() & MANAGEMENT_CODES, default="")


@rule(
    "C002/no_prescription",
    title="処方箋を交付しない場合の加算（在医総管・施医総管）",
    cite="医科点数表 C002 注2; 通知 C002 (12)・(13)",
    since=R6,
    sections=SECTIONS,
)
def no_prescription(case: Case, draft: Draft) -> Outcome | None:
    """処方箋を交付しない場合 — in a month without any prescription for a pharmacy, nor one for over thirty days before.

    What an earlier visit of the month handed out is inside the fee, so it is asked where nobody recorded it.
    """
    home = case.visit.home
    if not _base(draft) or home is None or NO_PRESCRIPTION in draft.codes():
        return None
    if case.prescribed_outside is not None or home.is_prescription_given:
        return None
    if home.is_prescription_given is None:
        return Advice(NO_PRESCRIPTION, facts(missing_number="is_prescription_given"))
    return Proposal(NO_PRESCRIPTION, facts(month=case.day.month))


@rule(
    "C002/early",
    title="在宅移行早期加算",
    cite="医科点数表 C002 注4; 通知 C002 (16)・(17)",
    since=R6,
    sections=SECTIONS,
)
def early(case: Case, draft: Draft) -> Proposal | None:
    """在宅移行早期加算 — three months from the first month of the fee, within a year of the discharge."""
    home = case.visit.home
    if not _base(draft) or home is None or home.discharged_on is None or EARLY in draft.codes():
        return None
    discharged = home.discharged_on
    if discharged > case.day or case.day >= months_after(discharged, MONTHS_OF_A_YEAR):
        return None
    billed = days_of(case, MANAGEMENT_CODES, discharged)
    first = billed[0] if billed else case.day
    months = (case.day.year - first.year) * 12 + case.day.month - first.month
    if months >= EARLY_MONTHS:
        return None
    return Proposal(EARLY, facts(discharged_on=discharged, first_day=first))


@rule(
    "C002/frequent",
    title="頻回訪問加算",
    cite="医科点数表 C002 注5; 通知 C002 (18)・(19); 特掲診療料の施設基準等 別表第三の一の三",
    since=R6,
    needs=(Fact.AT_HOME,),
)
def frequent(case: Case, draft: Draft) -> Outcome | None:
    """頻回訪問加算 — with the fourth visit of the month to a patient of 別表第三の一の三, more the first time."""
    home = case.visit.home
    if home is None or not draft.codes().isdisjoint((FREQUENT_FIRST, FREQUENT_AGAIN)):
        return None
    visits = set(days_of(case, PLANNED_VISITS | HOUSE_CALLS, month_start(case)))
    if not draft.codes().isdisjoint(PLANNED_VISITS | HOUSE_CALLS):
        visits.add(case.day)
    in_month = _base(draft) or case.billed_this_month(MANAGEMENT_CODES) is not None
    if not in_month or len(visits) < VISITS_FOR_FREQUENT:
        return None
    if case.billed_this_month((FREQUENT_FIRST, FREQUENT_AGAIN)) is not None:
        return None
    is_again = bool(days_of(case, (FREQUENT_FIRST, FREQUENT_AGAIN), date.min))
    code = FREQUENT_AGAIN if is_again else FREQUENT_FIRST
    if not case.has_flag(Flag.INTENSIVE_HOME_STATE):
        return Advice(code, facts(visits=len(visits), missing_flag=Flag.INTENSIVE_HOME_STATE.value))
    return Proposal(code, facts(visits=len(visits)))


@rule(
    "C002/comprehensive",
    title="包括的支援加算",
    cite="医科点数表 C002 注10; 通知 C002 (23); 特掲診療料の施設基準等 別表第八の三",
    since=R6,
    sections=SECTIONS,
)
def comprehensive(case: Case, draft: Draft) -> Proposal | None:
    """包括的支援加算 — for a state of 別表第八の三, not with the fee of 別表第八の二."""
    base = _base(draft)
    if not base or base in SEVERE_CODES or COMPREHENSIVE in draft.codes():
        return None
    if not case.has_flag(Flag.COMPREHENSIVE_HOME_STATE):
        return None
    return Proposal(COMPREHENSIVE, facts(state=Flag.COMPREHENSIVE_HOME_STATE.value))


@rule(
    "C002/record",
    title="在宅療養実績加算（在医総管・施医総管）",
    cite="医科点数表 C002 注7, C002-2 注3",
    since=R6,
    sections=SECTIONS,
)
def record(case: Case, draft: Draft) -> Proposal | None:
    """在宅療養実績加算 — by the number of patients of the building, where the record is notified."""
    base = _base(draft)
    home = case.visit.home
    patients = None if home is None else building_patients(home)
    if not base or patients is None:
        return None
    for one, other, codes in RECORD_FACILITY if is_facility_code(base) else RECORD_HOME:
        if case.has_standard(one) or case.has_standard(other):
            code = codes.split()[class_of(patients)]
            name = case.standard_names((one,))[0]
            return None if code in draft.codes() else Proposal(code, facts(standard=name, patients=patients))
    return None


@rule(
    "C002/data",
    title="在宅データ提出加算",
    cite="医科点数表 C002 注13; 通知 C002 (29)",
    since=R6,
    sections=SECTIONS,
)
def data_submission(case: Case, draft: Draft) -> Proposal | None:
    """在宅データ提出加算 — where data are submitted and the standard is notified."""
    if not _base(draft) or DATA in draft.codes() or not case.has_standard("3771"):
        return None
    return Proposal(DATA, facts(standard=case.standard_names(("3771",))[0]))


@rule(
    "C002/information",
    title="在宅医療情報連携加算",
    cite="医科点数表 C002 注15; 通知 C002 (30)",
    since=R6,
    sections=SECTIONS,
)
def information(case: Case, draft: Draft) -> Outcome | None:
    """在宅医療情報連携加算 — where what others recorded in the last ninety days was used for the plan."""
    if not _base(draft) or INFORMATION in draft.codes() or not case.has_standard("4102"):
        return None
    if not case.has_flag(Flag.CARE_INFORMATION_USED):
        return Advice(INFORMATION, facts(missing_flag=Flag.CARE_INFORMATION_USED.value))
    return Proposal(INFORMATION, facts(standard=case.standard_names(("4102",))[0]))


@rule(
    "C002/transition",
    title="在宅療養移行加算",
    cite="医科点数表 C002 注9; 通知 C002 (20)〜(22)",
    since=R6,
    sections=SECTIONS,
)
def transition(case: Case, draft: Draft) -> Advice | None:
    """在宅療養移行加算 — of a place that is no 在支診, for a patient seen four times at the clinic before.

    Which of the four it is depends on how calls at night are arranged, so it is only shown.
    """
    if not _base(draft) or not draft.codes().isdisjoint(TRANSITION):
        return None
    if tier_for_patient(case) is not SupportTier.OTHER:
        return None
    visits = len(set(days_of(case, REVISIT_CODES, date.min)))
    if visits < OUTPATIENT_VISITS or not case.book.has(TRANSITION[0]):
        return None
    return Advice(TRANSITION[0], facts(visits=visits, others=[case.name_of(code) for code in TRANSITION[1:]]))
