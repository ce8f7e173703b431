# SPDX-License-Identifier: Apache-2.0
"""発生届の参照 — what each page shows, or 404; every read of a person's is noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.kana import search_key
from tasuki.kernel.messages import sentence
from tasuki.notifications.answers import notification_of
from tasuki.notifications.checks import check
from tasuki.notifications.questions import Kind, Question, questions_of
from tasuki.notifications.table import Disease, OutOfTable
from tasuki.notifications.words import Part
from tasuki_server.audit.trail import record
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.institutions.models import Staff
from tasuki_server.notifications.forms_in_use import current_table
from tasuki_server.notifications.hints import hints_of
from tasuki_server.notifications.models import DiseaseNotice, Submission, Way
from tasuki_server.notifications.prefill import prefilled
from tasuki_server.notifications.sending import last_receiver
from tasuki_server.notifications.signing import content_of, find_draft, typed_of_notice
from tasuki_server.notifications.standing import newest_submissions, state_of
from tasuki_server.notifications.typed import Typed, read_typed
from tasuki_server.notifications.worklist import (
    FILTERS,
    SORTS,
    entries,
    narrowed,
)
from tasuki_server.patients.access import banner_of
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.clock import today
from tasuki_server.reception.models import Visit


def access_disease(code: str, visit: Visit) -> Disease:
    """届出対象の感染症 — by code on the day of the visit, or 404."""
    try:
        return current_table().disease(code, visit.day)
    except OutOfTable as unknown:
        raise Http404("disease") from unknown


def access_panel(visit_id: UUID) -> dict[str, Any]:
    """カルテの候補の欄 — what may have to be reported for the diagnoses of this person."""
    visit = access_visit(visit_id)
    try:
        found = hints_of(visit)
    except BadInput as broken:
        return {"visit": visit, "hints": [], "faults": told(broken.findings)}
    if found:
        record("notification.hint", visit, visit.patient_id, {"rows": len(found)})
    return {"visit": visit, "hints": found, "today": today()}


def access_of_visit(visit_id: UUID, q: str = "") -> dict[str, Any]:
    """受診の発生届の画面 — hints, notices of this person, and every disease to choose from."""
    visit = access_visit(visit_id)
    record("notification.read", visit, visit.patient_id)
    key = search_key(q)
    try:
        diseases = current_table().at(visit.day)
    except OutOfTable:
        diseases = ()
    rows = list(
        DiseaseNotice.objects.latest_versions()  # type: ignore[attr-defined]
        .filter(patient=visit.patient)
        .select_related("doctor")
        .order_by("-made_at")
    )
    given = newest_submissions(rows)
    return {
        **banner_of(visit.patient),
        "visit": visit,
        "q": q,
        "hints": hints_of(visit),
        "today": today(),
        "notices": [(row, *state_of(row, given.get(row.pk))) for row in rows],
        "diseases": [
            each for each in diseases if not key or key in search_key(f"{each.name} {each.category.label}")
        ],
    }


def access_form(
    visit_id: UUID, code: str, staff: Staff, typed: Typed | None = None, stamp: int | None = None
) -> dict[str, Any]:
    """発生届の入力画面 — a draft, or filled in from the chart, or what was typed; the read is audited."""
    visit = access_visit(visit_id)
    disease = access_disease(code, visit)
    record("notification.read", visit, visit.patient_id, {"disease": code, "part": "form"})
    draft = find_draft(visit, code)
    shown = typed if typed is not None else draft.typed if draft else prefilled(visit, disease, staff)
    return {
        **banner_of(visit.patient),
        "visit": visit,
        "draft": draft,
        "stamp": stamp if stamp is not None else (draft.stamp if draft else 0),
        **form_context(disease, shown),
    }


def access_draft(visit_id: UUID, code: str, staff: Staff) -> tuple[Visit, Disease, Typed]:
    """発生届の下書き — as saved, else as the chart fills it in."""
    visit = access_visit(visit_id)
    disease = access_disease(code, visit)
    draft = find_draft(visit, code)
    return visit, disease, draft.typed if draft is not None else prefilled(visit, disease, staff)


def access_revision(
    notice_id: UUID, typed: Typed | None = None
) -> tuple[DiseaseNotice, Disease, dict[str, Any]]:
    """訂正の画面 — the newest version as it was signed, or what was typed."""
    row = access_notice_row(notice_id)
    record("notification.read", row, row.patient_id, {"part": "revision"})
    _, disease = content_of(row)
    shown = typed if typed is not None else typed_of_notice(row)
    context = {
        **banner_of(row.patient),
        "visit": row.visit,
        "notice": row,
        **form_context(disease, shown),
    }
    return row, disease, context


def form_context(disease: Disease, typed: Typed) -> dict[str, Any]:
    """入力欄 — the groups of the form with what is in them."""
    return {
        "disease": disease,
        "in_words": [part.label for part in disease.parts_in_words],
        "groups": [
            (group.text, [_box(each, disease, typed) for each in group.inner])
            for group in questions_of(disease)
        ],
    }


_REQUIRED_BY_CHECK = frozenset(
    {"name", "born", "occupation", "address", "whereabouts", "diagnosed_on", "first_seen_on"}
)
_RADIO = frozenset({"subject", "sex", "type", "cause.certainty", "region.certainty"})


def _box(question: Question, disease: Disease, typed: Typed) -> dict[str, Any]:
    values = typed.get(question.link, [])
    kind = question.kind.value
    if question.kind is Kind.CHOICE:
        kind = "radio" if question.link in _RADIO else "checks"
    return {
        "link": question.link,
        "id": f"box-{question.link.replace('.', '-')}",
        "label": question.text,
        "number": question.prefix,
        "kind": kind,
        "is_required": question.is_required or question.link in _REQUIRED_BY_CHECK,
        "value": values[0] if values else "",
        "rows": 2 + (values[0].count("\n") if values else 0),
        "options": [
            _option(question, each.code, each.label, values, disease, typed) for each in question.options
        ],
    }


def _option(
    question: Question, code: str, label: str, values: list[str], disease: Disease, typed: Typed
) -> dict[str, Any]:
    item = disease.item(Part(question.link), code) if question.link in set(Part) else None
    below = [
        {
            "name": f"{each.link}:{code}",
            "label": item.ask
            if item is not None and item.ask and each.link.endswith(".words")
            else each.text,
            "value": next(iter(typed.get(f"{each.link}:{code}", [])), ""),
            "specimens": item.specimens if item is not None and each.link == "method.specimen" else (),
        }
        for each in question.inner
        # A tick that asks nothing has no box beside it.
        if not each.link.endswith(".words") or (item is not None and item.ask) or question.link == "extra"
    ]
    return {"code": code, "label": label, "is_on": code in values, "below": below}


def access_notice_row(notice_id: UUID) -> DiseaseNotice:
    """発生届の参照 — the newest version, by the id of the record or of any version."""
    rows = DiseaseNotice.objects.select_related("patient", "visit", "doctor", "made_by")
    one = rows.filter(record_id=notice_id).order_by("-version").first()
    if one is None:
        named = rows.filter(pk=notice_id).first()
        one = rows.filter(record_id=named.record_id).order_by("-version").first() if named else None
    if one is None:
        raise Http404("notice")
    return one


def access_notice(notice_id: UUID) -> dict[str, Any]:
    """発生届の画面 — as signed, with what is told of it, how it was handed in and its versions; the read is audited."""
    row = access_notice_row(notice_id)
    record("notification.read", row, row.patient_id)
    notice, disease = content_of(row)
    versions = list(
        DiseaseNotice.objects.filter(record_id=row.record_id).select_related("made_by").order_by("-version")
    )
    steps = Submission.objects.filter(notice__in=[each.pk for each in versions])
    submissions = list(steps.select_related("made_by", "notice").order_by("-made_at"))
    newest = next((each for each in submissions if each.notice_id == row.pk), None)
    state, label = state_of(row, newest)
    return {
        **banner_of(row.patient),
        "visit": row.visit,
        "notice": row,
        "disease": disease,
        "today": today(),
        "state": state,
        "state_label": label,
        "newest": newest,
        "ways": [each for each in Way.choices if each[0] != Way.EXCHANGE],
        "submissions": submissions,
        "last_receiver": last_receiver(),
        "versions": versions,
        "was_handed_in": any(each.is_done for each in submissions),
        "told": told(each for each in check(notice, disease) if each.severity is not Severity.BLOCK),
        "lines": list(shown_lines(row, disease)),
    }


def shown_lines(row: DiseaseNotice, disease: Disease) -> list[tuple[str, str, str]]:
    """内容の表記 — number, label and text of every box that is filled in."""
    typed = typed_of_notice(row)
    found = []
    for group in questions_of(disease):
        for question in group.inner:
            labels = {each.code: each.label for each in question.options}
            parts = []
            for value in typed.get(question.link, []):
                below = [text for each in question.inner for text in typed.get(f"{each.link}:{value}", [])]
                words = labels.get(value, value)
                if question.kind is Kind.BOOLEAN:
                    words = "国外" if value == "true" else "日本国内"
                parts.append(f"{words}（{'、'.join(below)}）" if below else words)
            if parts:
                found.append((question.prefix, question.text, "\n".join(parts)))
    return found


def access_list(shown: str, q: str, sort: str) -> dict[str, Any]:
    """発生届の一覧の画面 — the read names everyone who is shown."""
    day = today()
    every = entries(day)
    shown = shown if shown in dict(FILTERS) else "open"
    sort = sort if sort in dict(SORTS) else "due"
    rows = narrowed(every, shown, q, sort, day)
    record(
        "notification.read", "list", detail={"rows": len(rows)}, patients={each.patient.id for each in rows}
    )
    counts = [(key, label, len(narrowed(every, key, "", "due", day))) for key, label in FILTERS]
    return {
        "rows": [(each, each.is_late(day)) for each in rows],
        "filters": counts,
        "sorts": SORTS,
        "shown": shown,
        "sort": sort,
        "q": q,
    }


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """指摘の表示 — the sentence without its place, and the box of the page it leads to."""
    return [(sentence(replace(each, where=Where())), each.where.field) for each in findings]


def preview_of(disease: Disease, typed: Typed) -> tuple[Finding, ...]:
    """下書きの点検 — what stands in the way of a signature; raises ``BadInput`` for boxes that cannot be read."""
    return check(notification_of(disease.code, read_typed(disease, typed)), disease)


def access_diagnosis_record(visit: Visit, text: str) -> DiagnosisRecord:
    """判断する病名 — a diagnosis of this person by the id of its record, or 404."""
    try:
        record_id = UUID(text)
    except ValueError as wrong:
        raise Http404("diagnosis") from wrong
    found = DiagnosisRecord.objects.filter(patient=visit.patient, record_id=record_id).first()
    if found is None:
        raise Http404("diagnosis")
    return found
