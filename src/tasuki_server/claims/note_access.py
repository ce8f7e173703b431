# SPDX-License-Identifier: Apache-2.0
"""摘要の画面 — what was entered for a patient's month, what its receipts bear already, and what may be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki.claims.build.narratives import LONGEST, paragraphs_of
from tasuki.claims.characters import byte_length, to_wide, without_selectors
from tasuki.claims.checks.entered_marks import ENTERED_MARKS
from tasuki.claims.codes import NARRATIVE_KINDS, PATIENT_CONDITIONS, SPECIAL_NOTES
from tasuki.kernel.finding import BadInput, Finding, Where
from tasuki.kernel.messages import sentence
from tasuki_server.audit.trail import record
from tasuki_server.claims.models import BuiltClaim, NoteSort, ReceiptNote
from tasuki_server.claims.note_models import notes_of
from tasuki_server.claims.noting import (
    MARKS,
    NARRATIVES,
    UNDONE,
    claims_of_patient,
    earlier_month,
    entered_ever,
    last_act,
    standing_refusal,
)
from tasuki_server.patients.access import access_patient, banner_of
from tasuki_server.patients.models import Patient

_KIND, _TEXT = ("SJ", "2"), "SJ"


@dataclass(frozen=True, slots=True)
class Entered:
    """入力の途中 — what was typed when it was refused: in which form, and what is wrong with which field."""

    form: str = ""
    code: str = ""
    text: str = ""
    faults: tuple[tuple[str, str], ...] = ()

    @property
    def wrong(self) -> frozenset[str]:
        """誤りのある項目 — ``kind``, ``text``, ``mark`` or ``condition``."""
        return frozenset(name for name, _ in self.faults)


NOTHING = Entered()


def entered(form: str, refused: BadInput, given: Mapping[str, str]) -> Entered:
    """入力の途中 — of a refused form."""
    faults = tuple((_field(each), sentence(replace(each, where=Where()))) for each in refused.findings)
    return Entered(form, given.get("code", "")[:3], given.get("text", ""), faults)


def access_note(patient: Patient, month: date, record_id: UUID, sorts: tuple[NoteSort, ...]) -> ReceiptNote:
    """摘要の参照 — one that stands, of this patient and month; 404 otherwise."""
    rows = ReceiptNote.objects.current().filter(patient=patient, month=month, sort__in=list(sorts))
    found = rows.filter(record_id=record_id).select_related("patient").first()
    if found is None:
        raise Http404("note")
    note: ReceiptNote = found
    return note


def access_notes(number: int, month: date, typed: Entered = NOTHING) -> dict[str, Any]:
    """摘要の画面 — of a patient's month of service."""
    patient = access_patient(number)
    record("receiptnote.read", "claims.receiptnote", patient.id, {"month": f"{month:%Y-%m}"})
    claims = claims_of_patient(patient, month)
    marks = notes_of(month, NoteSort.MARK, patient.id)
    conditions = notes_of(month, NoteSort.CONDITION, patient.id)
    narratives = notes_of(month, NoteSort.NARRATIVE, patient.id)
    refused = standing_refusal(patient, month)
    standing = {each.code for each in marks}
    newest = last_act(patient, month, NoteSort)
    return {
        **banner_of(patient),
        "month": month,
        "claims": claims,
        "locked": sentence(replace(refused.findings[0], where=Where())) if refused is not None else "",
        "marks": [
            {"row": each, "name": SPECIAL_NOTES[each.code], "when": ENTERED_MARKS[each.code].when}
            for each in marks
        ],
        "conditions": [{"row": each, "name": PATIENT_CONDITIONS[each.code]} for each in conditions],
        "derived": _derived(patient, month, claims),
        "mark_choices": [
            (code, SPECIAL_NOTES[code], each.when)
            for code, each in ENTERED_MARKS.items()
            if code not in standing
        ],
        "condition_choices": [
            pair for pair in PATIENT_CONDITIONS.items() if pair[0] not in {each.code for each in conditions}
        ],
        "kinds": list(NARRATIVE_KINDS.items()),
        "narratives": [_narrative(each, typed) for each in narratives],
        "last_place": len(narratives),
        "longest": LONGEST,
        "typed": typed,
        "new": typed if typed.form == "new" else NOTHING,
        "earlier": earlier_month(patient, month),
        "undo_marks": _undo(last_act(patient, month, MARKS)),
        "undo_narratives": _undo(last_act(patient, month, NARRATIVES)),
        "is_newer": bool(claims) and newest is not None and newest.made_at > claims[0].build.made_at,
    }


def _narrative(row: ReceiptNote, typed: Entered) -> dict[str, Any]:
    mine = typed if typed.form == str(row.record_id) else None
    return {
        "row": row,
        "code": mine.code if mine is not None else row.code,
        "text": mine.text if mine is not None else row.text,
        "wrong": mine.wrong if mine is not None else frozenset(),
        "faults": mine.faults if mine is not None else (),
        "lengths": [byte_length(to_wide(without_selectors(each))) // 2 for each in paragraphs_of(row.text)],
    }


def _derived(patient: Patient, month: date, claims: list[BuiltClaim]) -> list[str]:
    """The marks that the receipts bear without anybody having entered them."""
    found = {mark for claim in claims for mark in claim.receipt().header.special_notes}
    return [f"{mark} {SPECIAL_NOTES.get(mark, '')}" for mark in sorted(found - entered_ever(patient, month))]


def _undo(row: ReceiptNote | None) -> dict[str, Any] | None:
    if row is None:
        return None
    what = "元に戻した操作" if row.reason == UNDONE else row.reason or "追加"
    return {"act": row.act, "what": what, "is_again": row.reason == UNDONE}


def _field(finding: Finding) -> str:
    where = finding.where
    if (where.record, where.field) == _KIND:
        return "kind"
    if where.record == _TEXT:
        return "text"
    return NoteSort.CONDITION.value if where.record == NoteSort.CONDITION else NoteSort.MARK.value
