# SPDX-License-Identifier: Apache-2.0
"""基本診療料 — 初診料, 再診料 and 外来診療料 of the visit itself (医科点数表 第1章第1部)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.base_fee import (
    BASE_CODES,
    FIRST,
    OUTPATIENT,
    REVISIT,
    SECOND_DEPARTMENT_CODES,
    Manner,
    Place,
    bills_outpatient_fee,
    place_of,
)
from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.rule import Denial, Proposal, Stage, rule, usual_proposal
from tasuki.chart.visit import VisitKind
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
_REVISITS = (VisitKind.REVISIT, VisitKind.REVISIT_BY_TELEPHONE)
# Without one of these no visit is in the second department of its day.
IN_SECOND_DEPARTMENT = (Flag.SECOND_DEPARTMENT, Fact.SEEN_TODAY)
_FACTS = {
    (manner, place): (("manner", manner.value), ("place", place.value))
    for manner in Manner
    for place in Place
}
_SECOND_DEPARTMENT = Place.SECOND_DEPARTMENT


@rule(
    "A000/first_visit",
    title="初診料",
    cite="医科点数表 A000 注1",
    since=R6,
    stage=Stage.BASE,
    kinds=(VisitKind.FIRST,),
)
def first_visit(case: Case, draft: Draft) -> Outcome | None:
    """初診料 — at a first visit, face to face or online.

    A second first visit on one day in the same department is one with the first.
    """
    if place_of(case) is Place.SECOND_DEPARTMENT:
        return None
    manner = draft.manner
    code = FIRST[manner, Place.ONLY]
    if place_of(case) is Place.AGAIN:
        return Denial(code, FIRST[manner, Place.ONLY], facts(reason="same_day"))
    return _propose(draft, code, manner, Place.ONLY)


@rule(
    "A000/second_department",
    title="初診料（同一日複数科受診時の2科目）",
    cite="医科点数表 A000 注5; 通知 A000 (13)",
    since=R6,
    stage=Stage.BASE,
    kinds=(VisitKind.FIRST,),
    needs=IN_SECOND_DEPARTMENT,
)
def first_visit_in_second_department(case: Case, draft: Draft) -> Outcome | None:
    """初診料（2科目） — for another disease, newly, in another department on the same day; once."""
    if place_of(case) is not Place.SECOND_DEPARTMENT:
        return None
    return _second(case, draft, FIRST)


@rule(
    "A001/revisit",
    title="再診料",
    cite="医科点数表 A001 注1; 通知 A001 (1)",
    since=R6,
    stage=Stage.BASE,
    at=places.bills_revisit_fee,
    kinds=(VisitKind.REVISIT,),
)
def revisit(case: Case, draft: Draft) -> Outcome | None:
    """再診料 — at every revisit, face to face or online, again on the same day too (同日再診料)."""
    place = place_of(case)
    if place is _SECOND_DEPARTMENT:
        return None
    manner = draft.manner
    return _propose(draft, REVISIT[manner, place], manner, place)


@rule(
    "A001/telephone",
    title="電話等再診料",
    cite="医科点数表 A001 注9; 通知 A001 (8)",
    since=R6,
    stage=Stage.BASE,
    kinds=(VisitKind.REVISIT_BY_TELEPHONE,),
)
def revisit_by_telephone(case: Case, draft: Draft) -> Outcome | None:
    """電話等再診料 — advice asked for by telephone and given; never under 外来診療料."""
    place = place_of(case)
    code = REVISIT[Manner.TELEPHONE, place]
    if bills_outpatient_fee(case):
        return Denial(code, OUTPATIENT[Manner.FACE_TO_FACE, Place.ONLY], facts(reason="outpatient_fee"))
    if place is Place.SECOND_DEPARTMENT:
        return None
    return _propose(draft, code, Manner.TELEPHONE, place)


@rule(
    "A001/second_department",
    title="再診料（同一日複数科受診時の2科目）",
    cite="医科点数表 A001 注3; 通知 A001 (4)",
    since=R6,
    stage=Stage.BASE,
    kinds=_REVISITS,
    needs=IN_SECOND_DEPARTMENT,
)
def revisit_in_second_department(case: Case, draft: Draft) -> Outcome | None:
    """再診料（2科目） — for another disease in another department on the same day; once."""
    if bills_outpatient_fee(case):
        return None
    if place_of(case) is not Place.SECOND_DEPARTMENT:
        return None
    return _second(case, draft, REVISIT)


@rule(
    "A002/outpatient_fee",
    title="外来診療料",
    cite="医科点数表 A002 注1",
    since=R6,
    stage=Stage.BASE,
    at=places.bills_outpatient_fee,
    kinds=(VisitKind.REVISIT,),
)
def outpatient_fee(case: Case, draft: Draft) -> Outcome | None:
    """外来診療料 — the revisit fee of hospitals with 200 or more general beds."""
    place = place_of(case)
    if place is Place.SECOND_DEPARTMENT:
        return None
    manner = draft.manner
    return _propose(draft, OUTPATIENT[manner, place], manner, place)


@rule(
    "A002/second_department",
    title="外来診療料（同一日複数科受診時の2科目）",
    cite="医科点数表 A002 注5; 通知 A002 (8)",
    since=R6,
    stage=Stage.BASE,
    at=places.bills_outpatient_fee,
    kinds=(VisitKind.REVISIT,),
    needs=IN_SECOND_DEPARTMENT,
)
def outpatient_fee_in_second_department(case: Case, draft: Draft) -> Outcome | None:
    """外来診療料（2科目） — for another disease in another department on the same day; once."""
    if place_of(case) is not Place.SECOND_DEPARTMENT:
        return None
    return _second(case, draft, OUTPATIENT)


def _second(case: Case, draft: Draft, codes: Mapping[tuple[Manner, Place], str]) -> Outcome | None:
    manner = draft.manner
    code = codes[manner, Place.SECOND_DEPARTMENT]
    earlier = case.billed_today(SECOND_DEPARTMENT_CODES)
    if earlier is not None:
        return Denial(code, earlier.code, facts(reason="third_department"))
    return _propose(draft, code, manner, Place.SECOND_DEPARTMENT)


def _propose(draft: Draft, code: str, manner: Manner, place: Place) -> Proposal | None:
    """An ordered basic fee is the institution's own choice; nothing is put beside it."""
    if not draft.codes().isdisjoint(BASE_CODES):
        return None
    return usual_proposal(code, "", _FACTS[manner, place])
