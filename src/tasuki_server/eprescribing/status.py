# SPDX-License-Identifier: Apache-2.0
"""処方箋の状況と調剤結果 — asked again and again, often while a result is likely and seldom later, until nothing more can come."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from tasuki.eligibility.message import Node
from tasuki.eligibility.times import read_day
from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.service.messages import ServiceAnswer, from_base64
from tasuki_server.audit.trail import record
from tasuki_server.eprescribing.line import NotAnswered, ask, request_body, wire_for
from tasuki_server.eprescribing.models import DispensingResult, Registration, Stage, Status
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.reception.board import raise_board

MOST_AT_ONCE = 20
_BY_LABEL = {status.label: status for status in Status}
# 聞く間隔: how long after the registration → how often. Patients go to a pharmacy within the hour, or within the four days.
_INTERVALS = (
    (timedelta(hours=2), timedelta(seconds=30)),
    (timedelta(hours=12), timedelta(minutes=5)),
    (timedelta(days=10), timedelta(hours=1)),
)
_LATER = timedelta(hours=12)
# 調剤済のあと: a pharmacy may still correct its result.
_AFTER_DISPENSING = (timedelta(days=7), timedelta(hours=6))
LONGEST = timedelta(days=100)


def follow(institution: Institution, actor: Actor) -> int:
    """状況の取得 — of what is due; returns how many were asked. Raises :class:`NotAnswered` with what is left for later."""
    with as_institution(institution.id, actor):
        now = timezone.now()
        # A question asked later than now, or planned further ahead than any is, was planned by a clock that has gone back
        # since: it is not waited for.
        is_due = (
            Q(next_status_at__lte=now)
            | Q(next_status_at__isnull=False, status_at__gt=now)
            | Q(next_status_at__gt=now + _LATER)
        )
        rows = Registration.objects.filter(is_due, stage=Stage.REGISTERED)
        due = [
            (row.id, request_body(institution, ("PrescriptionId", row.prescription_id)))
            for row in rows.order_by("next_status_at")[:MOST_AT_ONCE]
        ]
    wire = wire_for(institution)
    for row_id, body in due:
        answered = ask(wire, "217", body)
        with as_institution(institution.id, actor):
            take_status(row_id, answered.answer)
    return len(due)


def take_status(row_id: UUID, answer: ServiceAnswer) -> None:
    """状況の受入れ — what is new is kept and told; the time of the next question follows from it."""
    row = Registration.objects.select_for_update(of=("self",)).select_related("visit").get(pk=row_id)
    now = timezone.now()
    if row.stage != Stage.REGISTERED:
        return
    if not answer.is_fine:
        row.next_status_at = now + _LATER
        row.save(update_fields=["next_status_at"])
        return
    status = _BY_LABEL.get(answer.value("PrescriptionStatus"))
    if status is None:
        raise NotAnswered("回答に処方箋の状況がありません。")
    arrived = [each for each in answer.all("DispensingResultList") if _keep_result(row, each)]
    _drop_others(row, answer)
    is_new = bool(arrived) or status != row.status
    row.status, row.pharmacy = status, answer.value("ReceptionPharmacyName")[:100]
    row.rounds_done = _whole(answer.value("RefillRound")) or len(answer.all("DispensingResultList"))
    row.status_at = now
    if status is Status.CANCELLED:
        row.stage = Stage.CANCELLED
    row.next_status_at = next_question(row)
    row.save(update_fields=["status", "pharmacy", "rounds_done", "status_at", "stage", "next_status_at"])
    if is_new:
        detail = {"status": str(status), "results": len(arrived)}
        record("eprescription.status", row, row.patient_id, detail)
        raise_board(row.visit.day)


def next_question(row: Registration) -> object:
    """次の取得の時刻 — None when nothing more can come."""
    now = timezone.now()
    if row.status in (Status.CANCELLED, Status.COLLECTED):
        return None
    if row.status == Status.DISPENSED:
        days, interval = _AFTER_DISPENSING
        newest = row.results.order_by("-arrived_at").first()
        return now + interval if newest is not None and now - newest.arrived_at < days else None
    age = abs(now - row.made_at)
    if age > LONGEST:
        return None
    return now + next((interval for until, interval in _INTERVALS if age <= until), _LATER)


def _keep_result(row: Registration, node: Node) -> bool:
    """A result is kept once; whether it is new. One that cannot be read is not whole: it is asked again."""
    try:
        number = UUID(node.value("DispensingId"))
        data = from_base64(node.value("DispensingResult"), "DispensingResult")
    except (ValueError, BadInput) as bad:
        raise NotAnswered("調剤結果を読めません。") from bad
    known = DispensingResult.objects.filter(dispensing_id=number).first()
    if known is not None:
        if not known.is_current:
            known.is_current = True
            known.save(update_fields=["is_current"])
        return False
    try:
        with transaction.atomic(using="default"):
            DispensingResult.objects.create(
                registration=row,
                patient_id=row.patient_id,
                dispensing_id=number,
                round_number=_whole(node.value("RefillRound")) or 1,
                dispensed_on=_day(node.value("DispensingDate")),
                pharmacy=node.value("PharmacyName")[:100],
                message=node.value("MessageContents")[:1000],
                data=data,
                arrived_at=timezone.now(),
            )
    except IntegrityError:
        return False
    return True


def _drop_others(row: Registration, answer: ServiceAnswer) -> None:
    """A result that the pharmacy took back or replaced is shown as such; nothing is deleted."""
    told = {each.value("DispensingId") for each in answer.all("DispensingResultList")}
    for each in row.results.filter(is_current=True):
        if str(each.dispensing_id) not in told:
            each.is_current = False
            each.save(update_fields=["is_current"])


def _day(text: str) -> date | None:
    return read_day(text) if text else None


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0
