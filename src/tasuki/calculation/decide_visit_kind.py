# SPDX-License-Identifier: Apache-2.0
"""初再診の判定 — first visit or revisit, from the history and the diseases under treatment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.draft import Draft, advised, granted
from tasuki.calculation.flags import Flag
from tasuki.chart.visit import Outcome, VisitKind

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.kernel.because import Because

CITE = "医科点数表 A000 初診料 通知(2)〜(10)"
ONE_MONTH = timedelta(days=30)


def decide_visit_kind(draft: Draft) -> Draft:
    """初再診の判定 — keeps a recorded decision; otherwise decides and says from what.

    A person with a disease under treatment here comes again; a person without one comes for the first
    time, however recent the last visit. When no disease is charted yet, the last visit decides and a
    human is asked to confirm.
    """
    kind, reason = _decide(draft.case)
    return replace(draft, kind=kind, kind_because=(reason,))


def _decide(case: Case) -> tuple[VisitKind, Because]:
    visit = case.visit
    if visit.kind is not VisitKind.AUTO:
        return visit.kind, granted(
            "visit_kind/recorded", CITE, kind=visit.kind.value, reason=visit.kind_reason
        )
    last = case.history.last_day()
    if last is None:
        return VisitKind.FIRST, granted("visit_kind/no_history", CITE)
    treated = [
        diagnosis
        for diagnosis in visit.diagnoses
        if diagnosis.since < case.day
        and diagnosis.outcome is Outcome.CONTINUING
        and (diagnosis.ended_on is None or diagnosis.ended_on >= case.day)
    ]
    if treated or case.has_flag(Flag.CONTINUED_TREATMENT):
        return VisitKind.REVISIT, granted(
            "visit_kind/under_treatment",
            CITE,
            last_day=last,
            disease=treated[0].name or treated[0].code if treated else "",
        )
    if visit.diagnoses:
        return VisitKind.FIRST, granted("visit_kind/all_ended", CITE, last_day=last)
    if case.day - last <= ONE_MONTH:
        return VisitKind.REVISIT, advised("visit_kind/no_disease_recent", CITE, last_day=last)
    return VisitKind.FIRST, advised("visit_kind/no_disease_long_ago", CITE, last_day=last)
