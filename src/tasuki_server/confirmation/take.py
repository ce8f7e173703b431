# SPDX-License-Identifier: Apache-2.0
"""着信の受入れ — an answer becomes a row, a match, a confirmation and consents, in one transaction, and only once."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.db.models import F
from django.utils import timezone

from tasuki.eligibility.answer import Answer, Eligibility, read_answer
from tasuki.eligibility.reading import read_message
from tasuki.kernel.finding import BadInput
from tasuki_server.audit.trail import record
from tasuki_server.confirmation.compare import TAKEN
from tasuki_server.confirmation.match import MatchKey, match
from tasuki_server.confirmation.models import (
    AnswerSource,
    AnswerState,
    ArrivedAnswer,
    Confirmation,
    ConsentTerm,
    Inquiry,
    MatchStep,
    Method,
)
from tasuki_server.confirmation.told import Told, told_of
from tasuki_server.database.places import installation_secrets
from tasuki_server.institutions.work import current_institution_id, current_work
from tasuki_server.patients.models import Patient
from tasuki_server.reception.board import raise_board
from tasuki_server.reception.clock import now
from tasuki_server.reception.models import Visit, VisitState

_METHODS = {
    AnswerSource.CARD: Method.CARD,
    AnswerSource.NUMBER: Method.NUMBER,
    AnswerSource.BULK: Method.BULK,
}
OPEN_VISITS = (VisitState.WAITING, VisitState.IN_ROOM, VisitState.TO_PAY)


class NotWhole(ValueError):
    """完全でない電文 — cut on its way, or no message at all: it will be asked for again."""


def opened(data: bytes, file: str) -> Answer:
    """電文を開く — raises :class:`NotWhole`."""
    try:
        return read_answer(read_message(data, file))
    except BadInput as cut:
        raise NotWhole(file) from cut


def answer_of(row: ArrivedAnswer) -> Answer:
    """着信した回答 — opened again as it came."""
    return opened(bytes(row.data), row.file)


def take_face(file: str, data: bytes) -> ArrivedAnswer | None:
    """カードリーダーの結果の受入れ — None for one that was taken already or tells of nobody. Raises :class:`NotWhole`."""
    answer = opened(data, file)
    return keep_answer(AnswerSource.CARD, file, data, answer)


def keep_answer(
    source: AnswerSource,
    file: str,
    data: bytes,
    answer: Answer,
    inquiry: Inquiry | None = None,
    patient: Patient | None = None,
) -> ArrivedAnswer | None:
    """着信の記帳 — see the module."""
    digest = digest_of(data)
    if ArrivedAnswer.objects.filter(digest=digest).exists():
        return None
    told = told_of(answer)
    at = now()
    row = ArrivedAnswer.objects.create(
        source=source,
        digest=digest,
        file=file[:120],
        data=data,
        shown=_shown(told),
        arrived_at=at,
        day=at.date(),
        validity=told.eligibility or "",
        prescription_issue=told.prescription_issue[:1],
        inquiry=inquiry,
        state=AnswerState.AWAY if source == AnswerSource.BULK else AnswerState.OPEN,
    )
    record("eligibility.arrive", row, detail={"source": str(source), "validity": row.validity})
    asked = patient or (inquiry.patient if inquiry is not None else None)
    if asked is not None:
        assign(row, asked, MatchKey.ASKED, told)
    else:
        found = match(told)
        if found.patient is not None and found.key is not None:
            assign(row, found.patient, found.key, told)
    raise_board(row.day)
    return row


def assign(row: ArrivedAnswer, patient: Patient, key: MatchKey, told: Told | None = None) -> None:
    """患者との結び付け — its consents and the confirmation are the patient's from here on."""
    told = told or told_of(answer_of(row))
    MatchStep.objects.create(
        answer=row, patient=patient, key=key, at=timezone.now(), made_by_id=current_work().actor.staff_id
    )
    row.patient = patient
    row.visit = row.visit or _visit_of(row, patient)
    row.save(update_fields=["patient", "visit"])
    record("eligibility.match", row, patient.id, {"key": str(key)})
    if not ConsentTerm.objects.filter(answer=row).exists():
        _keep_consents(row, patient)
    confirm(row, told.eligibility)
    raise_board(row.day)


def confirm(row: ArrivedAnswer, eligibility: Eligibility | None) -> None:
    """資格確認の記録 — for the patient, and once more for the visit when it comes to be known."""
    done = Confirmation.objects.filter(answer=row, patient=row.patient, visit=row.visit).exists()
    if row.patient_id is None or done:
        return
    Confirmation.objects.create(
        patient=row.patient,
        visit=row.visit,
        answer=row,
        method=_METHODS[AnswerSource(row.source)],
        validity=row.validity,
        prescription_issue=row.prescription_issue,
        day=row.day,
        at=row.arrived_at,
        made_by_id=current_work().actor.staff_id,
    )
    record("eligibility.confirm", row, row.patient_id, {"validity": row.validity})
    if row.visit_id is not None and eligibility in TAKEN:
        mark_checked(row.visit_id, row.arrived_at)


def mark_checked(visit_id: Any, at: Any) -> None:
    """資格確認済みの印 — on the visit; a form that was opened before is stale from here on."""
    rows = Visit.objects.filter(pk=visit_id)
    rows.update(eligibility_checked_at=at, stamp=F("stamp") + 1)
    day = rows.values_list("day", flat=True).first()
    if day is not None:
        raise_board(day)


def _visit_of(row: ArrivedAnswer, patient: Patient) -> Visit | None:
    """The visit it was asked for, else the one open visit of the day."""
    if row.inquiry is not None and row.inquiry.visit is not None:
        return row.inquiry.visit
    if row.source == AnswerSource.BULK:
        return None
    open_ones = list(Visit.objects.filter(patient=patient, day=row.day, state__in=OPEN_VISITS)[:2])
    return open_ones[0] if len(open_ones) == 1 else None


def _keep_consents(row: ArrivedAnswer, patient: Patient) -> None:
    for person in answer_of(row).persons:
        for one in person.qualifications[:1]:
            for each in one.consents:
                ConsentTerm.objects.create(
                    patient=patient,
                    answer=row,
                    name=each.name,
                    is_given=each.is_given,
                    given_at=each.given_at,
                    until_at=each.until_at,
                )


def _shown(told: Told) -> dict[str, str]:
    who = told.who
    if who is None:
        return {"message": f"{told.code} {told.message}".strip()}
    return {"name": who.name, "kana": who.kana, "born": who.born.isoformat(), "sex": who.sex}


def digest_of(data: bytes) -> str:
    """電文の要約 — with a key: what it was made from cannot be tried out."""
    key = installation_secrets().derived("confirmation-digest")
    return hmac.new(key, current_institution_id().bytes + data, hashlib.sha256).hexdigest()
