# SPDX-License-Identifier: Apache-2.0
"""書類の参照 — letters written here and letters that came, or 404; every read of a person's is noted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki.claims.codes import DEPARTMENTS
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.access import banner_of
from tasuki_server.reception.access import access_visit
from tasuki_server.sharing.arrivals import contents_of
from tasuki_server.sharing.letters import BOXES, DISPOSITIONS, prefilled, recipients
from tasuki_server.sharing.models import ArrivedDocument, SharedUnit, UnitKind, WrittenDocument

_RECEIVED = (
    ("purpose", "紹介目的"),
    ("complaint", "傷病名・主訴"),
    ("discharge_diagnoses", "退院時診断"),
    ("reason", "入院理由"),
    ("present", "現病歴"),
    ("past", "既往歴"),
    ("family", "家族歴"),
    ("allergies", "アレルギー"),
    ("laboratory", "検査結果"),
    ("course", "経過"),
    ("medication", "処方"),
    ("discharge_medication", "退院時の処方"),
    ("plan", "方針"),
    ("remarks", "備考"),
)


def letter_kind(word: str) -> UnitKind:
    """書類の種類 — the word of an address, or 404."""
    if word not in (UnitKind.REFERRAL, UnitKind.DISCHARGE):
        raise Http404("letter")
    return UnitKind(word)


def access_letter_form(visit_id: UUID, kind: UnitKind, given: dict[str, str] | None = None) -> dict[str, Any]:
    """書類の入力画面 — filled in from the chart, or with what was typed; the read is audited."""
    visit = access_visit(visit_id)
    record("sharing.read", visit, visit.patient_id, {"part": str(kind)})
    filled = prefilled(visit, kind) if given is None else given
    boxes = [
        {"box": box, "value": filled.get(box.name, ""), "rows": 2 + filled.get(box.name, "").count("\n")}
        for box in BOXES[kind]
    ]
    return {
        **banner_of(visit.patient),
        "visit": visit,
        "kind": kind,
        "boxes": boxes,
        "given": filled,
        "dispositions": DISPOSITIONS,
        "recipients": recipients(),
        "departments": DEPARTMENTS.values(),
        "institution": Institution.objects.get(),
        "written": list(
            WrittenDocument.objects.filter(patient=visit.patient)
            .order_by("-made_at")
            .select_related("doctor")[:20]
        ),
    }


def access_written(document_id: UUID) -> WrittenDocument:
    """書いた書類の参照 — by id."""
    rows = WrittenDocument.objects.select_related("patient", "visit", "doctor")
    found = rows.filter(pk=document_id).first()
    if found is None:
        raise Http404("letter")
    return found


def access_letter(document_id: UUID) -> dict[str, Any]:
    """書いた書類の画面 — as signed, with where it stands; the read is audited."""
    document = access_written(document_id)
    record("sharing.read", document, document.patient_id, {"part": "letter"})
    kind = UnitKind(document.kind)
    return {
        **banner_of(document.patient),
        "visit": document.visit,
        "document": document,
        "is_referral": kind is UnitKind.REFERRAL,
        "shown": [
            (box.label, document.contents.get(box.name, ""))
            for box in BOXES[kind]
            if document.contents.get(box.name)
        ],
        "unit": SharedUnit.objects.filter(unit_key=f"letter-{document.record_id}")
        .order_by("-number")
        .first(),
    }


def access_arrivals() -> dict[str, Any]:
    """届いた文書の一覧 — the newest first; the read names everyone of ours who is shown."""
    rows = list(
        ArrivedDocument.objects.select_related("patient", "seen_by").order_by("seen_at", "-written_at")[:300]
    )
    rows.sort(key=lambda row: (row.seen_at is not None, -row.written_at.timestamp()))
    known = {row.patient_id for row in rows if row.patient_id is not None}
    record("sharing.read", "arrived", detail={"rows": len(rows)}, patients=known)
    return {"rows": rows}


def access_arrived(arrived_id: UUID) -> ArrivedDocument:
    """届いた文書の参照 — by id."""
    found = ArrivedDocument.objects.select_related("patient", "seen_by").filter(pk=arrived_id).first()
    if found is None:
        raise Http404("arrived")
    return found


def access_arrived_page(arrived_id: UUID) -> dict[str, Any]:
    """届いた文書の画面 — what it says; the read is audited."""
    row = access_arrived(arrived_id)
    record("sharing.read", row, row.patient_id, {"part": "arrived"})
    try:
        told, letter = contents_of(row)
    except BadInput as bad:
        return {"row": row, "faults": [sentence(each) for each in bad.findings]}
    shown = []
    for name, label in _RECEIVED:
        value = getattr(letter, name, "")
        text = value if isinstance(value, str) else getattr(value, "text", "")
        if text:
            shown.append((label, text))
    return {"row": row, "told": told, "shown": shown}


def mark_seen(row: ArrivedDocument) -> None:
    """届いた文書の確認 — once, by whom."""
    if row.seen_at is None:
        row.seen_at = current_work().at
        row.seen_by_id = current_work().actor.staff_id
        row.save(update_fields=["seen_at", "seen_by"])
        record("sharing.seen", row, row.patient_id)
