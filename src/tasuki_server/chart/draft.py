# SPDX-License-Identifier: Apache-2.0
"""下書き — kept while a doctor writes, one for each patient and person; made at the first stroke, never by looking.

Texts and orders carry a stamp each, so that two windows of one person cannot overwrite one another unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki_server.chart import messages as _messages  # noqa: F401  (registers the sentences)
from tasuki_server.chart.models import SOAP, Draft, Note
from tasuki_server.institutions.models import Staff
from tasuki_server.orders.basket import Basket, Line, decode_basket, encode_basket
from tasuki_server.orders.models import PlacedOrder
from tasuki_server.patients.models import Patient
from tasuki_server.reception.clock import now, today
from tasuki_server.reception.models import Visit, VisitState
from tasuki_server.shell.waiting import Waiting

UNDO_DEPTH = 20


class StaleDraft(Exception):
    """下書きの衝突 — another window of the same person saved meanwhile; carries the text it tried to save."""

    def __init__(self, draft: Draft, texts: Mapping[str, str]) -> None:
        self.draft = draft
        self.texts = dict(texts)
        super().__init__(f"draft is at {draft.text_stamp}")


class OtherVisitDraft(BadInput):
    """別の受診の下書き — this person still has an unsigned draft of the patient from another visit."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        where = Where(record=str(draft.visit_id))
        facts = {"day": f"{draft.visit.day:%Y-%m-%d}"}
        super().__init__([Finding("CHT-0001", Severity.BLOCK, where, "chart.other_visit", facts)])


def find_draft(patient: Patient, staff: Staff) -> Draft | None:
    """下書きの検索 — mine of this patient, whichever visit it belongs to."""
    return Draft.objects.select_related("visit").filter(patient=patient, staff=staff).first()


def own_drafts(staff: Staff) -> list[Draft]:
    """自分の下書き — everything this person wrote and did not sign, the oldest visit first."""
    rows = Draft.objects.select_related("visit", "patient").filter(staff=staff)
    return list(rows.order_by("visit__day", "visit__serial"))


def waiting_drafts(staff: Staff) -> list[Waiting]:
    """署名していない下書きの件数 — for the first page of who signs; those of earlier days are late."""
    days = list(Draft.objects.filter(staff=staff).values_list("visit__day", flat=True))
    late = sum(day < today() for day in days)
    return [Waiting("署名していない記載", len(days), reverse("chart:drafts"), late, "前日まで")]


def others_drafts(visit: Visit, staff: Staff) -> list[Draft]:
    """ほかの人の下書き — of the same visit, to read and to take over."""
    return list(Draft.objects.select_related("staff").filter(visit=visit).exclude(staff=staff))


def newest_note(visit: Visit) -> Note | None:
    """診療録の最新版 — None while nothing is signed."""
    return Note.objects.select_related("made_by").filter(record_id=visit.id).order_by("-version").first()


def blank_draft(visit: Visit, staff: Staff) -> Draft:
    """新しい下書き — from the signed note and orders when there are any; not yet stored."""
    note = newest_note(visit)
    draft = Draft(patient_id=visit.patient_id, visit=visit, staff=staff)
    begin_from(draft, note)
    return draft


def begin_from(draft: Draft, note: Note | None) -> None:
    """下書きの土台 — what was read when writing began."""
    draft.base_version = note.version if note is not None else 0
    draft.base_orders = {}
    if note is None:
        return
    for name, text in note.texts().items():
        setattr(draft, name, text)
    draft.flags = list(note.flags)
    draft.facts = dict(note.facts)
    draft.copied_from = list(note.copied_from)
    rows = list(PlacedOrder.objects.current().filter(visit_id=draft.visit_id).order_by("position"))
    draft.base_orders = {str(each.record_id): each.version for each in rows}
    draft.orders = encode_basket(Basket(tuple(Line(each.order()) for each in rows)))


def hold_draft(visit: Visit, staff: Staff) -> Draft:
    """下書きの確保 — locked for this transaction, made if this is the first stroke.

    Raises :class:`OtherVisitDraft`, and ``BadInput`` for a visit that was cancelled.
    """
    refuse_cancelled(visit)
    draft = _locked(visit, staff)
    if draft is None:
        fresh = blank_draft(visit, staff)
        members = {
            field.attname: getattr(fresh, field.attname)
            for field in Draft._meta.concrete_fields
            if field.attname not in ("id", "institution_id", "patient_id", "staff_id")
        }
        Draft.objects.get_or_create(patient_id=visit.patient_id, staff=staff, defaults=members)
        draft = _locked(visit, staff)
        assert draft is not None
    if draft.visit_id != visit.id:
        raise OtherVisitDraft(draft)
    return draft


def refuse_cancelled(visit: Visit) -> None:
    """取り消した受診の拒否 — raises ``BadInput``; to be sure of it, ask of a visit that is locked."""
    if visit.state == VisitState.CANCELLED:
        where = Where(record=str(visit.id), field="state")
        raise BadInput([Finding("CHT-0002", Severity.BLOCK, where, "chart.cancelled")])


def save_texts(draft: Draft, texts: Mapping[str, str], *, read_stamp: int | None, window: str = "") -> Draft:
    """本文の保存 — raises :class:`StaleDraft` when another window saved other text since.

    ``read_stamp`` None takes the text as it is: the person has compared both.
    """
    if draft.texts() == dict(texts):
        return _stored(draft)
    is_same_window = bool(window) and draft.text_window == window
    if read_stamp is not None and draft.text_stamp != read_stamp and not is_same_window:
        raise StaleDraft(draft, texts)
    for name in SOAP:
        setattr(draft, name, texts[name])
    draft.text_stamp += 1
    draft.text_window = window
    return _stored(draft)


def is_as_signed(draft: Draft) -> bool:
    """署名のまま — whether the draft says nothing that the newest signed note does not say already.

    A save that was still under way when the note was signed makes such a one; nobody is asked to sign it again.
    """
    note = newest_note(draft.visit)
    if note is None or draft.base_version != note.version or draft.undone or draft.overrides:
        return False
    signed = Draft(patient_id=draft.patient_id, visit=draft.visit, staff=draft.staff)
    begin_from(signed, note)
    members = (*SOAP, "orders", "flags", "facts", "copied_from")
    return all(getattr(draft, name) == getattr(signed, name) for name in members)


def save_flags(draft: Draft, flags: Iterable[str]) -> Draft:
    """申告事実の保存 — what the doctor ticked."""
    draft.flags = sorted(set(flags))
    return _stored(draft)


def save_facts(draft: Draft) -> Draft:
    """診療の数字の保存 — as ``keep_posted_facts`` put them onto the draft."""
    return _stored(draft)


def basket_of(draft: Draft) -> Basket:
    """オーダかご — of a draft."""
    return decode_basket(draft.orders)


def save_basket(draft: Draft, basket: Basket) -> Draft:
    """オーダの保存 — the basket before it can be brought back."""
    draft.undone = [*draft.undone[-UNDO_DEPTH + 1 :], draft.orders]
    draft.orders = encode_basket(basket)
    draft.order_stamp += 1
    return _stored(draft)


def undo_basket(draft: Draft) -> Draft:
    """元に戻す — the basket as it was before the last act."""
    if draft.undone:
        draft.orders = draft.undone[-1]
        draft.undone = draft.undone[:-1]
        draft.order_stamp += 1
    return _stored(draft)


def override_warning(draft: Draft, key: str, reason: str) -> Draft:
    """警告の解除 — the reason is kept with the draft and becomes record on signing."""
    draft.overrides = {**draft.overrides, key: reason.strip()}
    return _stored(draft)


def take_over(draft: Draft, source: Draft) -> Draft:
    """下書きの引継ぎ — another person's text after one's own, their orders after one's own, and whose it was."""
    for name, text in source.texts().items():
        mine = getattr(draft, name)
        setattr(draft, name, "\n".join(part for part in (mine, text) if part))
    seen = {line.order.id for line in basket_of(draft).lines}
    added = [line for line in basket_of(source).lines if line.order.id not in seen]
    draft.orders = encode_basket(basket_of(draft).plus(*added))
    draft.flags = sorted({*draft.flags, *source.flags})
    draft.facts = {**source.facts, **draft.facts}
    draft.copied_from = [
        *draft.copied_from,
        {"draft_of": source.staff.name, "at": source.saved_at.isoformat(), "visit": str(source.visit_id)},
    ]
    draft.text_stamp += 1
    draft.order_stamp += 1
    return _stored(draft)


def copy_note(draft: Draft, note: Note, parts: Iterable[str]) -> Draft:
    """記載の転記 — chosen parts of an earlier note after one's own text; the origin stays with the text."""
    chosen = [name for name in SOAP if name in set(parts)]
    for name in chosen:
        mine, theirs = getattr(draft, name), getattr(note, name)
        setattr(draft, name, "\n".join(part for part in (mine, theirs) if part))
    origin: dict[str, Any] = {
        "note": str(note.id),
        "author": note.made_by.name,
        "day": note.visit.day.isoformat(),
        "parts": chosen,
    }
    if origin not in draft.copied_from:
        draft.copied_from = [*draft.copied_from, origin]
    draft.text_stamp += 1
    return _stored(draft)


def move_draft(draft: Draft, visit: Visit) -> Draft:
    """下書きの移動 — an unsigned draft of an earlier visit goes on in this one."""
    note = newest_note(visit)
    kept, facts = draft.texts(), draft.facts
    known = set(draft.base_orders)
    mine = Basket(tuple(line for line in basket_of(draft).lines if line.order.id not in known))
    draft.visit = visit
    begin_from(draft, note)
    draft.facts = {**draft.facts, **facts}
    for name, text in kept.items():
        theirs = getattr(note, name) if note is not None else ""
        setattr(draft, name, "\n".join(part for part in (theirs, text) if part))
    draft.orders = encode_basket(basket_of(draft).plus(*mine.lines) if note is not None else mine)
    draft.undone = []
    draft.text_stamp += 1
    draft.order_stamp += 1
    return _stored(draft)


def discard_draft(draft: Draft) -> None:
    """下書きの破棄 — nothing of it was record, nothing stays."""
    draft.delete()


def _locked(visit: Visit, staff: Staff) -> Draft | None:
    rows = Draft.objects.select_for_update(of=("self",)).select_related("visit", "staff")
    return rows.filter(patient_id=visit.patient_id, staff=staff).first()


def _stored(draft: Draft) -> Draft:
    draft.saved_at = now()
    draft.save()
    return draft
