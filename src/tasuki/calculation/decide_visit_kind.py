# SPDX-License-Identifier: Apache-2.0
"""初再診の判定 — first visit or revisit, from the history and the diseases under treatment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import BASE_CODES, FIRST_CODES, REVISIT, Manner, Place, place_of
from tasuki.calculation.diseases import LIFESTYLE_ICD10
from tasuki.calculation.draft import Draft, advised, granted
from tasuki.calculation.flags import Flag
from tasuki.chart.home_visit import HomeVisitManner
from tasuki.chart.visit import Outcome, VisitKind
from tasuki.kernel.days import a_month_after
from tasuki.masters.book import EndedCode, UnknownCode

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.chart.visit import Diagnosis
    from tasuki.kernel.because import Because

CITE = "医科点数表 A000 注5; 通知 A000 (13)〜(15), A001 (5)"
# 傷病名マスター col 21: 皮膚科特定疾患, 特定疾患療養, てんかん — diseases nobody treats for once.
CHRONIC = frozenset({"03", "04", "05", "07", "08"})
INTRACTABLE = "09"
DRUG = "6"
HOME_CITE = "医科点数表 C001 注1・注2, C001-2 注1"
# 在宅患者訪問診療料（Ⅰ）1・（Ⅱ）イ with the reduced ones, and those asked for by another institution.
HOME_VISIT_CODES = frozenset(("114001110", "114030310", "114042810", "114706310", "114706410", "114706610"))
REFERRED_VISIT_CODES = frozenset(("114042110", "114042210", "114046310"))
_AT_HOME_CODES = HOME_VISIT_CODES | REFERRED_VISIT_CODES
_AUTO, _REVISIT, _CONTINUING = VisitKind.AUTO, VisitKind.REVISIT, Outcome.CONTINUING
_TELEPHONE = frozenset(code for (manner, _), code in REVISIT.items() if manner is Manner.TELEPHONE)


def decide_visit_kind(draft: Draft) -> Draft:
    """初再診の判定 — keeps a recorded or ordered decision; otherwise decides and says from what.

    A person with a disease under treatment here comes again; a person without one comes for the first
    time, however recent the last visit. A month after treatment was broken off, an acute disease may
    begin anew, a chronic one does not: what the tables cannot tell is shown to a human.
    """
    kind, reason = _decide(draft)
    return draft.having(kind=kind, kind_because=(reason,))


def _decide(draft: Draft) -> tuple[VisitKind, Because]:
    case = draft.case
    visit = case.visit
    if visit.kind is not _AUTO:
        return visit.kind, granted(
            "visit_kind/recorded", CITE, kind=visit.kind.value, reason=visit.kind_reason
        )
    if not draft.codes().isdisjoint(BASE_CODES):
        ordered = min(draft.codes() & BASE_CODES)
        return _kind_of(ordered), granted("visit_kind/ordered", CITE, ordered)
    last = case.history.last_day()
    without_fee = _seen_at_home(case, draft, last)
    if without_fee is not None:
        return without_fee
    if last is None:
        return VisitKind.FIRST, granted("visit_kind/no_history", CITE)
    if case.billed_today(BASE_CODES) is not None:
        if place_of(case) is Place.SECOND_DEPARTMENT:
            return VisitKind.REVISIT, advised("visit_kind/other_department", CITE)
        return VisitKind.REVISIT, granted("visit_kind/same_day", CITE)
    treated = [diagnosis for diagnosis in visit.diagnoses if _is_under_treatment(diagnosis, case.day)]
    if treated or case.has_flag(Flag.CONTINUED_TREATMENT):
        return _REVISIT, _continued(case, treated, last)
    if visit.diagnoses:
        return VisitKind.FIRST, granted("visit_kind/all_ended", CITE, last_day=last)
    if case.day < a_month_after(last):
        return VisitKind.REVISIT, advised("visit_kind/no_disease_recent", CITE, last_day=last)
    return VisitKind.FIRST, advised("visit_kind/no_disease_long_ago", CITE, last_day=last)


def _seen_at_home(case: Case, draft: Draft, last: date | None) -> tuple[VisitKind, Because] | None:
    """訪問診療 — its fee has no 初・再診料 beside it; a plan cannot begin before a first visit, a request can.

    Cite: 医科点数表 C001 注1・注2, C001-2 注1, C003 注3
    """
    home = case.visit.home
    manner = None if home is None or home.is_second_in_household else home.manner
    codes = draft.codes()
    if manner is None and codes.isdisjoint(_AT_HOME_CODES):
        return None
    is_referred = manner is HomeVisitManner.REFERRED or not codes.isdisjoint(REFERRED_VISIT_CODES)
    is_planned = manner is HomeVisitManner.PLANNED or not codes.isdisjoint(HOME_VISIT_CODES)
    if is_referred or (is_planned and last is not None):
        return VisitKind.NONE, granted("visit_kind/home_visit", HOME_CITE)
    return None


def _kind_of(code: str) -> VisitKind:
    if code in FIRST_CODES:
        return VisitKind.FIRST
    return VisitKind.REVISIT_BY_TELEPHONE if code in _TELEPHONE else VisitKind.REVISIT


def _is_under_treatment(diagnosis: Diagnosis, day: date) -> bool:
    """Since before today and not ended before today; one that is cured today was still treated."""
    if diagnosis.since >= day:
        return False
    if diagnosis.ended_on is not None:
        return diagnosis.ended_on >= day
    return diagnosis.outcome is _CONTINUING


def _continued(case: Case, treated: list[Diagnosis], last: date) -> Because:
    chronic = next((each for each in treated if _is_chronic(case, each.code)), None)
    disease = chronic or (treated[0] if treated else None)
    name = "" if disease is None else disease.name or disease.code
    is_doubtful = (
        chronic is None
        and disease is not None
        and not case.has_flag(Flag.CONTINUED_TREATMENT)
        and case.day >= a_month_after(last)
        and case.day >= a_month_after(_supplied_until(case))
    )
    if is_doubtful:
        return advised("visit_kind/month_passed", CITE, last_day=last, disease=name)
    return granted("visit_kind/under_treatment", CITE, last_day=last, disease=name)


def _supplied_until(case: Case) -> date:
    """The last day for which an earlier prescription holds: who takes its drugs did not break off."""
    ends = [
        line.day + timedelta(days=line.count)
        for code, lines in case.history.by_code.items()
        if code[:1] == DRUG
        for line in lines
    ]
    return max(ends, default=case.history.lines[0].day)


def _is_chronic(case: Case, code: str) -> bool:
    known: dict[str, bool] = case.book.kept("chronic diseases")
    if code not in known:
        known[code] = _is_marked_chronic(case, code)
    return known[code]


def _is_marked_chronic(case: Case, code: str) -> bool:
    try:
        row = case.book.disease(code)
    except (UnknownCode, EndedCode):
        return False
    return (
        row.specific in CHRONIC
        or row.intractable == INTRACTABLE
        or any(icd.startswith(LIFESTYLE_ICD10) for icd in row.icd10)
    )
