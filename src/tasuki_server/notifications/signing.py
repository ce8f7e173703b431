# SPDX-License-Identifier: Apache-2.0
"""発生届の保存・署名・訂正・取下げ — every act in one transaction with its trail; nothing with an error is signed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Max

from tasuki.forms import render
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import sentence
from tasuki.notifications.answers import answers_of, notification_of
from tasuki.notifications.checks import check
from tasuki.notifications.facts import Notification
from tasuki.notifications.print_data import draft_data, print_data
from tasuki.notifications.response import questionnaire_response
from tasuki.notifications.table import Disease
from tasuki_server.audit.trail import emit, record
from tasuki_server.exchange.checking import findings as fhir_findings
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_institution_id, current_work
from tasuki_server.notifications.forms_in_use import current_table
from tasuki_server.notifications.messages import fault, refusal
from tasuki_server.notifications.models import DiseaseNotice, HintDecision, NoticeDraft, Submission, Way
from tasuki_server.notifications.typed import Typed, read_partly, read_typed, typed_of
from tasuki_server.patients.birth_text import read_day
from tasuki_server.reception.models import Visit


def find_draft(visit: Visit, disease: str) -> NoticeDraft | None:
    """下書きの検索 — of a visit and disease."""
    return NoticeDraft.objects.filter(visit=visit, disease=disease).select_related("saved_by").first()


def save_draft(visit: Visit, disease: Disease, typed: Typed, staff: Staff, *, stamp: int) -> NoticeDraft:
    """下書きの保存 — as typed; ``stamp`` is what was read (0 for none). Raises ``BadInput`` when another was faster."""
    draft = NoticeDraft.objects.select_for_update().filter(visit=visit, disease=disease.code).first()
    if draft is not None and draft.stamp != stamp:
        raise refusal("notice.stale")
    if draft is None:
        draft = NoticeDraft(patient_id=visit.patient_id, visit=visit, disease=disease.code, stamp=0)
    diagnosed_on = read_day(typed.get("diagnosed_on", [""])[0])
    draft.since = disease.validity.since
    draft.typed = typed
    draft.due_on = disease.due_on(diagnosed_on) if diagnosed_on else None
    draft.stamp += 1
    draft.saved_by, draft.saved_at = staff, current_work().at
    draft.save()
    record("notification.draft", draft, visit.patient_id, {"disease": disease.code})
    return draft


def checked(
    disease: Disease, typed: Typed, *, is_confirmed: bool
) -> tuple[Notification, tuple[Finding, ...]]:
    """記載の点検 — the notice and what is still to be told of it; raises ``BadInput`` when it may not be signed."""
    notice = notification_of(disease.code, read_typed(disease, typed))
    found = check(notice, disease)
    stopping = [each for each in found if each.severity is Severity.BLOCK]
    asking = [each for each in found if each.severity is Severity.CONFIRM]
    if asking and not is_confirmed:
        stopping += [*asking, fault("notice.confirm")]
    if stopping:
        raise BadInput(stopping)
    return notice, found


def sign(visit: Visit, disease: Disease, typed: Typed, doctor: Staff, *, is_confirmed: bool) -> DiseaseNotice:
    """署名 — the notice is numbered and kept with its FHIR and the digest of its PDF; the draft goes.

    Raises ``BadInput``.
    """
    notice, _ = checked(disease, typed, is_confirmed=is_confirmed)
    number = _next_number()
    made = DiseaseNotice.objects.create(
        patient_id=visit.patient_id, visit=visit, number=number, **_values(notice, disease, doctor, number)
    )
    NoticeDraft.objects.filter(visit=visit, disease=disease.code).delete()
    _told(made, "sign")
    return made


def revise(
    row: DiseaseNotice,
    disease: Disease,
    typed: Typed,
    doctor: Staff,
    *,
    reason: str,
    is_confirmed: bool,
    read_version: int,
) -> DiseaseNotice:
    """訂正 — the next version; it has to be handed in anew. Raises ``BadInput`` or ``StaleVersion``."""
    if not reason.strip():
        raise refusal("notice.reason")
    notice, _ = checked(disease, typed, is_confirmed=is_confirmed)
    made = row.revise(
        read_version=read_version, reason=reason.strip()[:200], **_values(notice, disease, doctor, row.number)
    )
    _told(made, "revise")
    return made


def withdraw(row: DiseaseNotice, *, reason: str, read_version: int) -> DiseaseNotice:
    """取下げ — the disease was another one, say; what was handed in is withdrawn at the 保健所 by hand."""
    if not reason.strip():
        raise refusal("notice.reason")
    made = row.withdraw(read_version=read_version, reason=reason.strip()[:200])
    _told(made, "withdraw")
    return made


def submit(
    row: DiseaseNotice, way: str, words: str, *, is_done: bool = True, receipt: str = ""
) -> Submission:
    """届出の記録 — that this version was handed in, or that the record was a mistake. Raises ``BadInput``."""
    if way not in Way.values:
        raise refusal("notice.way")
    if DiseaseNotice.objects.filter(record_id=row.record_id, version__gt=row.version).exists():
        raise refusal("notice.corrected")
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    made = Submission.objects.create(
        notice=row, patient_id=row.patient_id, way=way, is_done=is_done, words=words.strip()[:200],
        receipt=receipt, made_by_id=staff_id, made_at=current_work().at,
    )  # fmt: skip
    record("notification.submit", row, row.patient_id, {"way": way, "is_done": is_done})
    emit("notification.submitted", {"notice": str(row.id), "way": way, "is_done": is_done})
    return made


def decide_hint(
    patient_id: Any, diagnosis: Any, disease: str, words: str, *, is_dismissed: bool
) -> HintDecision:
    """届出しない判断 — with its reason, or taken back. Raises ``BadInput``."""
    if is_dismissed and not words.strip():
        raise refusal("notice.reason")
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    made = HintDecision.objects.create(
        patient_id=patient_id, diagnosis=diagnosis, disease=disease, is_dismissed=is_dismissed,
        words=words.strip()[:200], made_by_id=staff_id, made_at=current_work().at,
    )  # fmt: skip
    record("notification.decide", made, patient_id, {"disease": disease, "is_dismissed": is_dismissed})
    return made


def content_of(row: DiseaseNotice) -> tuple[Notification, Disease]:
    """署名した内容 — with the version of the form it was signed on."""
    disease = current_table().version(row.disease, row.since)
    return msgspec.convert(row.content, Notification), disease


def typed_of_notice(row: DiseaseNotice) -> Typed:
    """署名した内容の記載 — for a correction."""
    notice, disease = content_of(row)
    return typed_of(disease, answers_of(notice))


def pdf_of(row: DiseaseNotice) -> bytes:
    """発生届のPDF — set again from what was signed."""
    notice, disease = content_of(row)
    return render("disease_notification", print_data(notice, disease))


def draft_pdf(disease: Disease, typed: Typed) -> bytes:
    """下書きのPDF — of what was typed so far, with what is missing; stamped, and no notice."""
    answers, faults = read_partly(disease, typed)
    found = list(faults)
    if not faults:
        found = [
            each
            for each in check(notification_of(disease.code, answers), disease)
            if each.severity is Severity.BLOCK
        ]
    notes = dict.fromkeys(sentence(replace(each, where=Where())) for each in found)
    return render("disease_notification", draft_data(disease, answers, notes))


def is_as_signed(row: DiseaseNotice, pdf: bytes) -> bool:
    """署名時との一致 — byte for byte; a later release may set the same data in another way."""
    return hashlib.sha256(pdf).hexdigest() == row.sha256


def _values(notice: Notification, disease: Disease, doctor: Staff, number: int) -> dict[str, Any]:
    response = questionnaire_response(notice, disease, str(number))
    wrong = [each for each in fhir_findings(response) if each.severity is Severity.BLOCK]
    if wrong:
        raise BadInput(wrong)
    assert notice.diagnosed_on is not None
    pdf = render("disease_notification", print_data(notice, disease))
    return {
        "disease": disease.code,
        "since": disease.validity.since,
        "title": disease.short_name,
        "reported_on": notice.reported_on,
        "diagnosed_on": notice.diagnosed_on,
        "due_on": disease.due_on(notice.diagnosed_on),
        "content": msgspec.to_builtins(notice),
        "response": response,
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "doctor": doctor,
    }


def _told(row: DiseaseNotice, verb: str) -> None:
    record(f"notification.{verb}", row, row.patient_id, {"disease": row.disease, "version": row.version})
    emit("notification.changed", {"notice": str(row.id), "act": verb})


def _next_number() -> int:
    """The next number of the institution, without gaps: who asks at the same moment waits for the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"notification:{current_institution_id()}"],
        )
    return (DiseaseNotice.objects.aggregate(number=Max("number"))["number"] or 0) + 1
