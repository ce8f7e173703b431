# SPDX-License-Identifier: Apache-2.0
"""届出の候補 — diagnoses of the chart that may have to be reported: proposed to the doctor, never done by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from tasuki.masters.book import Book, EndedCode, OutOfBook, UnknownCode
from tasuki.notifications.table import Disease, NotifiableTable, OutOfTable
from tasuki.notifications.words import Subject
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.masters_source import current_book
from tasuki_server.notifications.forms_in_use import current_table
from tasuki_server.notifications.models import DiseaseNotice, HintDecision, NoticeDraft
from tasuki_server.notifications.standing import newest_submissions, state_of
from tasuki_server.reception.models import Visit

# An older diagnosis was met before; whether it was reported then is not known here.
LOOK_BACK = timedelta(days=60)


class Hint(NamedTuple):
    """届出の候補 — a disease of the law for a diagnosis, and what was done about it so far."""

    disease: Disease
    diagnosis: DiagnosisRecord
    due_on: date
    draft: NoticeDraft | None = None
    notice: DiseaseNotice | None = None
    decision: HintDecision | None = None
    state: str = ""
    state_label: str = ""

    @property
    def is_open(self) -> bool:
        """未対応か — neither written nor decided against."""
        return self.draft is None and self.notice is None and not self.is_dismissed

    @property
    def is_dismissed(self) -> bool:
        """届出しない判断か."""
        return self.decision is not None and self.decision.is_dismissed


def hints_of(visit: Visit) -> list[Hint]:
    """受診の候補 — for the active diagnoses of the person, as the chart of a visit shows them."""
    rows = DiagnosisRecord.objects.current().filter(patient=visit.patient)  # type: ignore[attr-defined]
    since = visit.day - LOOK_BACK
    return with_deeds([each for each in rows if each.is_active and each.since >= since], visit.day)


def open_hints(today: date) -> list[Hint]:
    """未対応の候補 — of everyone, by the codes of the master that may have to be reported."""
    codes = notifiable_codes(current_book(), current_table(), today)
    rows = DiagnosisRecord.objects.current().filter(  # type: ignore[attr-defined]
        code__in=codes, since__gte=today - LOOK_BACK
    )
    active = [each for each in rows.select_related("patient") if each.is_active]
    return [each for each in with_deeds(active, today) if each.is_open]


def with_deeds(rows: Iterable[DiagnosisRecord], day: date) -> list[Hint]:
    """候補と対応 — what is proposed for these diagnoses, beside drafts, notices and decisions."""
    found = [Hint(disease, row, disease.due_on(row.since)) for row in rows for disease in _proposed(row, day)]
    patients = {each.diagnosis.patient_id for each in found}
    if not found:
        return []
    drafts = {
        (each.patient_id, each.disease): each for each in NoticeDraft.objects.filter(patient__in=patients)
    }
    notices = {
        (each.patient_id, each.disease): each
        for each in DiseaseNotice.objects.latest_versions().filter(patient__in=patients).order_by("made_at")  # type: ignore[attr-defined]
    }
    given = newest_submissions(notices.values())
    decisions = {
        (each.diagnosis, each.disease): each
        for each in HintDecision.objects.filter(patient__in=patients).order_by("made_at")
    }
    made = []
    for each in found:
        key = (each.diagnosis.patient_id, each.disease.code)
        notice = notices.get(key)
        if notice is not None and notice.diagnosed_on < each.diagnosis.since - LOOK_BACK:
            notice = None
        decision = decisions.get((each.diagnosis.record_id, each.disease.code))
        state, label = state_of(notice, given.get(notice.pk)) if notice is not None else ("", "")
        made.append(
            each._replace(
                draft=drafts.get(key), notice=notice, decision=decision, state=state, state_label=label
            )
        )
    return made


def _proposed(row: DiagnosisRecord, day: date) -> tuple[Disease, ...]:
    """A suspected disease is proposed only where suspected cases are reported."""
    table = current_table()
    try:
        icd10 = current_book().at(day).disease(row.code).icd10
        found = table.proposed(icd10, day)
    except (UnknownCode, EndedCode, OutOfBook, OutOfTable):
        return ()
    return tuple(each for each in found if not row.is_suspected or Subject.SUSPECTED in each.subjects)


@lru_cache(maxsize=4)
def notifiable_codes(book: Book, table: NotifiableTable, day: date) -> frozenset[str]:
    """届出の候補になる傷病名コード — of the whole master on a day."""
    try:
        prefixes = tuple(prefix for each in table.at(day) for prefix in each.icd10)
    except OutOfTable:
        return frozenset()
    return frozenset(
        row.code
        for versions in book.diseases.values()
        for row in versions
        if any(code.startswith(prefixes) for code in row.icd10)
    )
