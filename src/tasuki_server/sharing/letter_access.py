# SPDX-License-Identifier: Apache-2.0
"""書類の参照 — letters that are written here and where they stand, or 404; every read of a person's is noted."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.http import Http404
from django.utils import timezone

from tasuki.claims.codes import DEPARTMENTS
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.patients.access import banner_of
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.letter_draft import MOST_FILES, Typed, files_of, find_letter_draft, read_typed
from tasuki_server.sharing.letter_models import unit_key_of
from tasuki_server.sharing.letter_parts import letter_parts
from tasuki_server.sharing.letter_tracking import REPLY_DAYS, letter_of, unanswered
from tasuki_server.sharing.letters import BOXES, DISPOSITIONS, names_of, prefilled, recipients, summaries
from tasuki_server.sharing.models import (
    ArrivedDocument,
    DraftFile,
    LetterConsent,
    LetterDraft,
    LetterState,
    SentLetter,
    SharedUnit,
    UnitKind,
    WrittenDocument,
)
from tasuki_server.sharing.replying import reply_texts

MOST_ROWS = 300
SHOWN = (
    ("open", "返書なし"),
    ("waiting", "同意待ち"),
    ("refused", "差し戻し"),
    ("all", "すべて"),
)


def letter_kind(word: str) -> UnitKind:
    """書類の種類 — the word of an address, or 404."""
    if word not in (UnitKind.REFERRAL, UnitKind.DISCHARGE):
        raise Http404("letter")
    return UnitKind(word)


def typed_in(visit: Visit, kind: UnitKind, form: Mapping[str, str], parts: list[str]) -> Typed:
    """書きかけの内容 — as the form brought it."""
    listed = [each.id for each in letter_parts(visit).listed()]
    return read_typed(form, names_of(kind), frozenset(parts), listed)


def begun(visit: Visit, kind: UnitKind, answers: ArrivedDocument | None) -> dict[str, str]:
    """書類の初めの内容 — from the chart, and of a reply from the letter that came."""
    filled = prefilled(visit, kind)
    return {**filled, **reply_texts(answers, filled)} if answers is not None else filled


def access_letter_form(
    visit_id: UUID,
    kind: UnitKind,
    staff: Staff,
    *,
    typed: Typed | None = None,
    answers: ArrivedDocument | None = None,
) -> dict[str, Any]:
    """書類の入力画面 — the draft as it was left, else filled in from the chart; the read is audited."""
    visit = access_visit(visit_id)
    record("sharing.read", visit, visit.patient_id, {"part": str(kind)})
    draft = find_letter_draft(visit, staff, kind)
    answered = draft.answers if draft is not None else answers
    if typed is None:
        typed = (
            Typed(dict(draft.contents), tuple(draft.left_out), draft.consent)
            if draft is not None
            else Typed(begun(visit, kind, answered))
        )
    filled = typed.contents
    boxes = [
        {"box": box, "value": filled.get(box.name, ""), "rows": 2 + filled.get(box.name, "").count("\n")}
        for box in BOXES[kind]
    ]
    is_referral = kind is UnitKind.REFERRAL
    return {
        **banner_of(visit.patient),
        "visit": visit,
        "kind": kind,
        "is_referral": is_referral,
        "draft": draft,
        "window": str(uuid4()),
        "answers": answered,
        "boxes": boxes,
        "purpose": next((each for each in boxes if each["box"].name == "purpose"), None),
        "given": filled,
        "consent": typed.consent,
        "consents": LetterConsent.choices,
        "parts": [(each, each.id not in typed.left_out) for each in letter_parts(visit).listed()],
        "files": files_of(draft),
        "most_files": MOST_FILES // 1_000_000,
        "summaries": summaries(visit.patient_id) if is_referral else (),
        "dispositions": DISPOSITIONS,
        "recipients": recipients() if is_referral else (),
        "departments": DEPARTMENTS.values(),
        "institution": Institution.objects.get(),
        "written": list(
            WrittenDocument.objects.filter(patient=visit.patient)
            .order_by("-made_at")
            .select_related("doctor", "sent")[:20]
        ),
    }


def access_draft_file(draft: LetterDraft | None, file_id: UUID) -> DraftFile:
    """書きかけの添付の参照 — of one's own draft."""
    found = DraftFile.objects.filter(draft=draft, pk=file_id).first() if draft is not None else None
    if found is None:
        raise Http404("file")
    return found


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
    kind, unit = UnitKind(document.kind), unit_of(document)
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
        "unit": unit,
        "sent": letter_of(document.id),
        "files": [name for name, _ in files_sent(unit)],
        "has_summary": bool(document.contents.get("summary")),
    }


def unit_of(document: WrittenDocument) -> SharedUnit | None:
    """書類の送信単位."""
    return SharedUnit.objects.filter(unit_key=unit_key_of(document.record_id)).order_by("-number").first()


def files_sent(unit: SharedUnit | None) -> list[tuple[str, bytes]]:
    """送った添付 — by name, out of what was signed."""
    if unit is None or unit.body is None or unit.kind != UnitKind.REFERRAL:
        return []
    kept = msgspec.json.decode(bytes(unit.body))
    return [(each["name"], base64.b64decode(each["data"])) for each in kept.get("attachments", ())]


def access_sent(wanted: Mapping[str, str]) -> dict[str, Any]:
    """送った紹介状の一覧 — those without a reply first; the read names everyone who is shown."""
    shown = wanted.get("show", "open") if wanted.get("show", "open") in dict(SHOWN) else "open"
    given = wanted.get("days", "")
    days = int(given) if given.isdecimal() and len(given) < 4 else REPLY_DAYS
    every = SentLetter.objects.select_related("patient", "document", "document__doctor")
    rows = {
        "open": unanswered(days),
        "waiting": every.filter(state=LetterState.CONSENT).order_by("state_at"),
        "refused": every.filter(state=LetterState.REFUSED).order_by("-state_at"),
        "all": every.order_by("-document__made_at"),
    }
    listed = list(rows[shown][:MOST_ROWS])
    record("sharing.read", "sent", detail={"rows": len(listed)}, patients={row.patient_id for row in listed})
    day = timezone.localdate()
    return {
        "rows": [(row, (day - row.document.day).days) for row in listed],
        "filters": [(name, label, rows[name].count()) for name, label in SHOWN],
        "shown": shown,
        "days": days,
    }
