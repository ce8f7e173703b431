# SPDX-License-Identifier: Apache-2.0
"""受付の参照 — the day's board and a visit, as this user may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import Http404
from django.utils import timezone

from tasuki.claims.codes import DEPARTMENTS
from tasuki.security.permissions import Permission, Role
from tasuki_server.billing.models import AccountEntry
from tasuki_server.chart.models import Draft, Note
from tasuki_server.confirmation.access import board_part
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.access import (
    access_insurances,
    access_patient,
    access_programmes,
    banner_of,
    cards_on,
)
from tasuki_server.patients.models import AllergyRecord, Patient
from tasuki_server.reception.board import board_version
from tasuki_server.reception.booking import waiting_booking
from tasuki_server.reception.booking_models import Booking, BookingState
from tasuki_server.reception.clock import now, today
from tasuki_server.reception.models import Visit, VisitState

STATE_ORDER = {
    VisitState.IN_ROOM: 0,
    VisitState.WAITING: 1,
    VisitState.TO_PAY: 2,
    VisitState.DONE: 3,
    VisitState.CANCELLED: 4,
}


@dataclass(frozen=True, slots=True)
class BoardRow:
    """受付一覧の行 — a visit with its marks and how long it waits."""

    visit: Visit
    department: str
    waited_minutes: int
    is_new: bool
    has_insurance: bool
    allergies: tuple[str, ...]
    other_doctor: str
    is_signed: bool
    has_draft: bool
    owed_yen: int

    @property
    def is_long(self) -> bool:
        """長い待ちか — half an hour or more before being seen."""
        return self.visit.state == VisitState.WAITING and self.waited_minutes >= 30


def board_mark(day: date) -> str:
    """受付一覧の印 — the version, and the minute, since waiting times are shown in minutes."""
    return f"{board_version(day)}.{now():%H%M}"


def access_board(day: date) -> dict[str, Any]:
    """受付一覧の内容 — rows in the order of the work: in the room, waiting, to pay, done."""
    visits = list(Visit.objects.filter(day=day).select_related("patient", "doctor").order_by("serial"))
    facts = _Facts.of(visits)
    rows = [_row(visit, facts) for visit in visits]
    rows.sort(key=lambda row: (STATE_ORDER[VisitState(row.visit.state)], row.visit.serial))
    counts = {state: sum(row.visit.state == state for row in rows) for state in VisitState}
    return {
        "day": day,
        "today": today(),
        "rows": rows,
        "mark": board_mark(day),
        "counts": [(state.label, counts[state]) for state in VisitState if state != VisitState.CANCELLED],
        "states": VisitState,
        "bookings_waiting": Booking.objects.filter(day=day, state=BookingState.BOOKED).count(),
        **board_part(day),
    }


def access_visit(visit_id: UUID) -> Visit:
    """受診の参照 — by id."""
    found = Visit.objects.select_related("patient", "doctor").filter(pk=visit_id).first()
    if found is None:
        raise Http404("visit")
    return found


def access_receive_page(number: int) -> dict[str, Any]:
    """受付画面の内容 — the cards that hold today, who sees patients, and what was chosen last time."""
    patient = access_patient(number)
    return {
        **banner_of(patient),
        **_choices(patient, today()),
        "open_visits": _open_visits(patient),
        "booking": waiting_booking(patient, today()),
    }


def access_change_page(visit: Visit) -> dict[str, Any]:
    """受付変更画面の内容 — as on the day of the visit."""
    return {**banner_of(visit.patient), **_choices(visit.patient, visit.day), "visit": visit}


def access_doctors() -> list[Staff]:
    """医師の一覧 — those at work here."""
    return [
        member
        for member in Staff.objects.filter(is_active=True, is_system=False).order_by("kana")
        if Role.DOCTOR in member.roles
    ]


def previous_visit(patient: Patient, before: datetime) -> Visit | None:
    """前回の受診 — the last one that was not cancelled."""
    visits = Visit.objects.filter(patient=patient, arrived_at__lt=before).exclude(state=VisitState.CANCELLED)
    return visits.select_related("doctor").order_by("-arrived_at").first()


def next_waiting(doctor: Staff, day: date, but: UUID | None = None) -> Visit | None:
    """次の患者 — the first who waits for this doctor, or for nobody in particular."""
    waiting = Visit.objects.filter(day=day, state=VisitState.WAITING).exclude(pk=but).order_by("serial")
    mine = waiting.filter(doctor=doctor).first()
    free = waiting.filter(doctor__isnull=True).first()
    both = [each for each in (mine, free) if each is not None]
    return min(both, key=lambda each: each.serial) if both else None


def _choices(patient: Patient, day: date) -> dict[str, Any]:
    return {
        "insurances": cards_on(access_insurances(patient), day),
        "programmes": cards_on(access_programmes(patient), day),
        "doctors": access_doctors(),
        "departments": DEPARTMENTS.items(),
        "previous": previous_visit(patient, now()),
    }


def _open_visits(patient: Patient) -> list[Visit]:
    states = (VisitState.WAITING, VisitState.IN_ROOM, VisitState.TO_PAY)
    return list(Visit.objects.filter(patient=patient, day=today(), state__in=states))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows of a board need, read for all of them at once."""

    allergies: dict[UUID, list[str]]
    previous: dict[UUID, Visit]
    signed: set[UUID]
    drafts: set[UUID]
    owed: dict[UUID, int]

    @classmethod
    def of(cls, visits: Sequence[Visit]) -> _Facts:
        patients = [visit.patient_id for visit in visits]
        allergies: dict[UUID, list[str]] = defaultdict(list)
        for row in AllergyRecord.objects.current().filter(patient__in=patients):
            allergies[row.patient_id].append(row.substance)
        first = min((visit.day for visit in visits), default=None)
        before = Visit.objects.filter(patient__in=patients, day__lt=first) if first else Visit.objects.none()
        before = before.exclude(state=VisitState.CANCELLED).select_related("doctor")
        previous = {
            each.patient_id: each
            for each in before.order_by("patient_id", "-arrived_at").distinct("patient_id")
        }
        ids = [visit.id for visit in visits]
        signed = set(Note.objects.filter(visit__in=ids, version=1).values_list("visit_id", flat=True))
        drafts = set(Draft.objects.filter(visit__in=ids).values_list("visit_id", flat=True))
        return cls(allergies, previous, signed, drafts, _owed_before(patients, ids))


def _owed_before(patients: Sequence[UUID], visits: Sequence[UUID]) -> dict[UUID, int]:
    """What each person still owes for visits other than those on the board."""
    entries = AccountEntry.objects.filter(patient__in=patients).exclude(visit__in=visits)
    sums = entries.values("patient_id").annotate(total=Sum("yen"))
    return {row["patient_id"]: row["total"] for row in sums if row["total"] > 0}


def _row(visit: Visit, facts: _Facts) -> BoardRow:
    previous = facts.previous.get(visit.patient_id)
    usual = previous.doctor if previous is not None else None
    is_other = usual is not None and visit.doctor_id is not None and visit.doctor_id != usual.id
    waited = (now() if visit.is_open else timezone.localtime(visit.state_at)) - visit.arrived_at
    return BoardRow(
        visit=visit,
        department=DEPARTMENTS.get(visit.department, visit.department),
        waited_minutes=max(0, int(waited.total_seconds()) // 60),
        is_new=previous is None,
        has_insurance=visit.insurance_record is not None or bool(visit.programme_records),
        allergies=tuple(facts.allergies.get(visit.patient_id, ())),
        other_doctor=usual.name if is_other and usual is not None else "",
        is_signed=visit.id in facts.signed,
        has_draft=visit.id in facts.drafts,
        owed_yen=facts.owed.get(visit.patient_id, 0),
    )


def refuse_unless_may_move(staff: Staff, state: VisitState) -> None:
    """状態変更の権限 — reception moves anyone; who writes charts sends patients into the room and on to 会計."""
    by_chart = state in (VisitState.IN_ROOM, VisitState.TO_PAY) and staff.may(Permission.CHART_WRITE)
    if not (staff.may(Permission.RECEPTION_MANAGE) or by_chart):
        raise PermissionDenied
