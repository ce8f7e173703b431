# SPDX-License-Identifier: Apache-2.0
"""送った書類の行方 — what the service tells of each letter, asked for once a minute; cancelling; letters without a reply."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.work import Actor, as_institution, current_work
from tasuki_server.records.messages import DocumentTold
from tasuki_server.sharing import line
from tasuki_server.sharing.letter_models import ENDED, record_of_unit, unit_key_of
from tasuki_server.sharing.models import LetterState, SentLetter, SharedUnit, UnitState
from tasuki_server.sharing.planning import drop_waiting

# 返書を待つ日数: our choice; the list may be asked for other days.
REPLY_DAYS = 14
MOST_PAGES = 20
STATES = {
    "waiting": LetterState.CONSENT,
    "readable": LetterState.READABLE,
    "fetched": LetterState.FETCHED,
    "answered": LetterState.ANSWERED,
    "cancelled": LetterState.CANCELLED,
    "expired": LetterState.EXPIRED,
}

register(
    {
        "desk.cancel_ended": "この書類は{state}のため、取り消せません。",
        "desk.cancel_reason": "取り消す理由を入れてください。",
    }
)
_CODES = {"desk.cancel_ended": "SHR-0101", "desk.cancel_reason": "SHR-0102"}


def note_sent(document_key: str, told: DocumentTold) -> None:
    """受付の記入 — the number under which the service keeps a letter."""
    row = SentLetter.objects.filter(document__record_id=record_of_unit(document_key)).first()
    if row is None:
        return
    row.remote = told.id[:80]
    _move(row, LetterState.SENT)
    _move(row, STATES.get(told.state, LetterState.SENT))


def note_refused(document_key: str) -> None:
    """差し戻しの記入 — it did not go."""
    row = SentLetter.objects.filter(document__record_id=record_of_unit(document_key)).first()
    if row is not None:
        _move(row, LetterState.REFUSED)


def follow(institution: Institution, actor: Actor, since: str) -> str:
    """行方の照会 — of everything sent that changed; returns from when to ask next time. Raises ``NotAnswered``."""
    wire = line.wire_for(institution)
    for _ in range(MOST_PAGES):
        found = line.list_documents(wire, "out", since)
        with as_institution(institution.id, actor):
            rows = {
                row.remote: row
                for row in SentLetter.objects.filter(remote__in=[each.id for each in found.documents])
            }
            for told in found.documents:
                row = rows.get(told.id)
                if row is not None:
                    _move(row, STATES.get(told.state, LetterState.SENT))
        if not found.documents or not found.next or found.next == since:
            return found.next or since
        since = found.next
    return since


def ask_cancel(row: SentLetter, staff: Staff, reason: str) -> None:
    """取消の依頼 — what has not left is dropped at once, the rest is told to the service. Raises ``BadInput``."""
    if row.is_ended:
        raise _refusal("desk.cancel_ended", state=row.get_state_display())
    if not reason.strip():
        raise _refusal("desk.cancel_reason")
    row.cancel_reason, row.cancel_asked_by, row.cancel_asked_at = (
        reason.strip()[:200],
        staff,
        current_work().at,
    )
    row.save(update_fields=["cancel_reason", "cancel_asked_by", "cancel_asked_at"])
    record("letter.cancel", row, row.patient_id)
    if not row.remote:
        unit = SharedUnit.objects.filter(unit_key=unit_key_of(row.document.record_id)).first()
        drop_waiting(unit)
        if unit is not None:
            unit.refresh_from_db(fields=["state"])
        if unit is None or unit.state == UnitState.DROPPED:
            _move(row, LetterState.CANCELLED)


def tell_cancels(institution: Institution, actor: Actor) -> int:
    """取消の送信 — those that were asked for; returns how many were settled. Raises ``NotAnswered``."""
    with as_institution(institution.id, actor):
        rows = (
            SentLetter.objects.filter(cancel_asked_at__isnull=False)
            .exclude(state__in=ENDED)
            .exclude(remote="")
        )
        waiting = [(row.id, row.remote) for row in rows[:20]]
    for row_id, remote in waiting:
        try:
            state = STATES.get(line.cancel_document(line.wire_for(institution), remote).state)
            words = ""
        except line.Refused as refused:
            state, words = None, "; ".join(refused.reasons)
        with as_institution(institution.id, actor):
            row = SentLetter.objects.select_for_update(of=("self",)).get(pk=row_id)
            if state is not None:
                _move(row, state)
            else:
                # The service will not: it stands as it stood, with the reason for who asked.
                row.cancel_asked_at, row.cancel_reason = None, f"取り消せませんでした: {words}"[:200]
                row.save(update_fields=["cancel_asked_at", "cancel_reason"])
    return len(waiting)


def unanswered(days: int = REPLY_DAYS) -> Any:
    """返書のない紹介状 — sent so many days ago or more, the oldest first."""
    before = timezone.localdate() - timedelta(days=days)
    rows = SentLetter.objects.filter(is_reply_wanted=True, document__day__lte=before)
    return (
        rows.exclude(state__in=ENDED)
        .select_related("patient", "document", "document__doctor")
        .order_by("document__day")
    )


def letter_of(document_id: UUID) -> SentLetter | None:
    """送った書類 — of a signed document."""
    return (
        SentLetter.objects.select_related("document", "answers", "reply").filter(document=document_id).first()
    )


def _move(row: SentLetter, state: LetterState) -> None:
    if row.state != state:
        row.state, row.state_at = state, timezone.now()
        record("letter.state", row, row.patient_id, {"state": str(state)})
    row.save(update_fields=["state", "state_at", "remote"])


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(record="書類"), key, facts)])
