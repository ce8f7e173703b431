# SPDX-License-Identifier: Apache-2.0
"""受付 — a person arrives, moves through the day, and the board's version rises each time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from tasuki.chart.visit import VisitKind
from tasuki.security.permissions import Permission
from tasuki_server.audit.trail import emit, record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import Patient
from tasuki_server.reception.board import locked_board, raise_board
from tasuki_server.reception.booking import booking_arrives, booking_waits_again
from tasuki_server.reception.clock import now
from tasuki_server.reception.decide_kind import keep_decision
from tasuki_server.reception.models import Visit, VisitState, VisitStep

_W, _R, _P, _D, _C = (
    VisitState.WAITING,
    VisitState.IN_ROOM,
    VisitState.TO_PAY,
    VisitState.DONE,
    VisitState.CANCELLED,
)
# 進める順: what may follow a state; the first is the next act that the board offers.
NEXT_STATES: dict[str, tuple[str, ...]] = {
    _W: (_R, _P, _C),
    _R: (_P, _W, _C),
    _P: (_D, _R),
    _D: (_P,),
    _C: (_W,),
}


class StaleVisit(Exception):
    """受付の衝突 — someone else changed the visit after it was read."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        super().__init__(f"visit {visit.id} is at stamp {visit.stamp}")


class NotPossible(Exception):
    """できない操作 — a state that does not follow from the present one."""


class OnRecord(NotPossible):
    """取り消せない受診 — a signed note or a bill stands on it; cancelling would take both out of sight."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """受付の内容 — what reception decides for a visit."""

    department: str = "01"
    doctor_id: UUID | None = None
    insurance_record: UUID | None = None
    programme_records: tuple[UUID, ...] = ()
    is_eligibility_checked: bool = False
    kind: VisitKind = VisitKind.AUTO
    kind_reason: str = ""
    flags: tuple[str, ...] = ()
    memo: str = ""

    def columns(self) -> dict[str, Any]:
        """受診の列 — as :class:`Visit` stores them."""
        return {
            "department": self.department,
            "doctor_id": self.doctor_id,
            "insurance_record": self.insurance_record,
            "programme_records": [str(each) for each in self.programme_records],
            "kind": self.kind.value,
            "kind_reason": self.kind_reason,
            "flags": sorted(self.flags),
            "memo": self.memo,
        }


def receive_patient(patient: Patient, arrival: Arrival, at: datetime | None = None) -> Visit:
    """受付 — a new visit with the day's next number; ``at`` is given for what happened earlier."""
    arrived_at = at or now()
    day = timezone.localtime(arrived_at).date()
    board = locked_board(day)
    board.last_serial += 1
    board.version += 1
    board.save(update_fields=["last_serial", "version"])
    visit = Visit.objects.create(
        patient=patient,
        day=day,
        serial=board.last_serial,
        arrived_at=arrived_at,
        state_at=arrived_at,
        eligibility_checked_at=arrived_at if arrival.is_eligibility_checked else None,
        **arrival.columns(),
    )
    _step(visit, arrived_at, "")
    record("visit.receive", visit, patient.id)
    booking_arrives(visit)
    if arrival.kind != VisitKind.AUTO:
        keep_decision(visit)
    emit("visit.changed", {"visit": str(visit.id), "state": visit.state})
    return visit


def change_visit(visit_id: UUID, arrival: Arrival, *, read_stamp: int) -> Visit:
    """受付内容の変更 — payers, doctor, memo; raises :class:`StaleVisit` when it changed meanwhile."""
    visit = _locked(visit_id, read_stamp)
    before = (visit.kind, visit.kind_reason)
    for name, value in arrival.columns().items():
        setattr(visit, name, value)
    if not arrival.is_eligibility_checked:
        visit.eligibility_checked_at = None
    elif visit.eligibility_checked_at is None:
        visit.eligibility_checked_at = now()
    _saved(visit)
    record("visit.change", visit, visit.patient_id, {"stamp": visit.stamp})
    if (visit.kind, visit.kind_reason) != before:
        keep_decision(visit)
    return visit


def move_visit(
    visit_id: UUID,
    state: VisitState,
    *,
    read_stamp: int | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> Visit:
    """状態の変更 — to a state that may follow; without ``read_stamp`` the present one is accepted.

    Raises :class:`StaleVisit`, :class:`NotPossible` and, for cancelling what is on record, :class:`OnRecord`.
    """
    visit = _locked(visit_id, read_stamp)
    if visit.state == state:
        return visit
    if state not in NEXT_STATES[visit.state]:
        raise NotPossible(f"{visit.state} → {state}")
    if state == VisitState.CANCELLED and (visit.notes.exists() or visit.bills.exists()):
        raise OnRecord(str(visit.id))
    before = visit.state
    visit.state, visit.state_at = state, at or now()
    _saved(visit)
    _step(visit, visit.state_at, reason)
    record("visit.move", visit, visit.patient_id, {"state": str(state)})
    if state == VisitState.CANCELLED:
        booking_waits_again(visit)
    elif before == VisitState.CANCELLED:
        booking_arrives(visit)
    return visit


def take_visit(visit_id: UUID, doctor: Staff, *, read_stamp: int | None = None) -> Visit:
    """診察開始 — calls the person in; a doctor (never a nurse) becomes the doctor of a visit that has none."""
    visit = move_visit(visit_id, VisitState.IN_ROOM, read_stamp=read_stamp)
    if visit.doctor_id is None and doctor.may(Permission.CHART_SIGN):
        visit.doctor = doctor
        visit.save(update_fields=["doctor"])
    return visit


def same_payers(arrival: Arrival, previous: Visit | None) -> Arrival:
    """前回の内容 — department and doctor as last time."""
    if previous is None:
        return arrival
    return replace(arrival, department=previous.department, doctor_id=previous.doctor_id)


def _locked(visit_id: UUID, read_stamp: int | None) -> Visit:
    visit = Visit.objects.select_for_update(of=("self",)).select_related("patient").get(pk=visit_id)
    if read_stamp is not None and visit.stamp != read_stamp:
        raise StaleVisit(visit)
    return visit


def _saved(visit: Visit) -> None:
    visit.stamp += 1
    visit.save()
    raise_board(visit.day)
    emit("visit.changed", {"visit": str(visit.id), "state": visit.state})


def _step(visit: Visit, at: datetime, reason: str) -> None:
    VisitStep.objects.create(
        visit=visit, state=visit.state, at=at, made_by_id=current_work().actor.staff_id, reason=reason
    )
