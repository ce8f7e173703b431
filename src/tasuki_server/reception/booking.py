# SPDX-License-Identifier: Apache-2.0
"""予約の操作 — booked, moved, cancelled; a reception of the person on that day makes it 来院, and its cancellation undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING
from uuid import UUID

from tasuki_server.audit.trail import record
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import Patient
from tasuki_server.reception.booking_models import Booking, BookingState, BookingStep

if TYPE_CHECKING:
    from tasuki_server.reception.models import Visit


class AlreadyBooked(ValueError):
    """予約済み — the person has a booking on that day that still waits."""

    def __init__(self, booking: Booking) -> None:
        self.booking = booking
        super().__init__(f"この患者は{booking.day:%Y-%m-%d} {booking.time:%-H:%M}に予約があります。")


class StaleBooking(Exception):
    """予約の衝突 — someone else changed it, or the person has come, after it was read."""


@dataclass(frozen=True, slots=True)
class Wish:
    """予約の内容 — what is asked for a booking."""

    day: date
    time: time
    department: str = "01"
    doctor_id: UUID | None = None
    memo: str = ""


def book(patient: Patient, wish: Wish) -> Booking:
    """予約 — raises :class:`AlreadyBooked`."""
    _hold(patient.pk)
    _refuse_second(patient, wish.day)
    made = Booking.objects.create(
        patient=patient,
        day=wish.day,
        time=wish.time,
        department=wish.department,
        doctor_id=wish.doctor_id,
        memo=wish.memo,
    )
    _step(made, "")
    record("booking.add", made, patient.id, {"day": wish.day.isoformat()})
    return made


def change_booking(booking_id: UUID, wish: Wish, *, read_stamp: int) -> Booking:
    """予約の変更 — to another day, time, doctor; raises :class:`StaleBooking` and :class:`AlreadyBooked`."""
    found = _locked(booking_id, read_stamp)
    if wish.day != found.day:
        _hold(found.patient_id)
        _refuse_second(found.patient, wish.day)
    found.day, found.time, found.department = wish.day, wish.time, wish.department
    found.doctor_id, found.memo = wish.doctor_id, wish.memo
    _saved(found)
    _step(found, "変更")
    record("booking.change", found, found.patient_id, {"day": wish.day.isoformat(), "stamp": found.stamp})
    return found


def cancel_booking(booking_id: UUID, reason: str, *, read_stamp: int) -> Booking:
    """予約の取消 — with its reason; raises :class:`StaleBooking`."""
    found = _locked(booking_id, read_stamp)
    found.state = BookingState.CANCELLED
    _saved(found)
    _step(found, reason)
    record("booking.cancel", found, found.patient_id)
    return found


def waiting_booking(patient: Patient, day: date) -> Booking | None:
    """来院待ちの予約 — the person's, of a day."""
    rows = Booking.objects.filter(patient=patient, day=day, state=BookingState.BOOKED)
    return rows.select_related("doctor").first()


def booking_arrives(visit: Visit) -> None:
    """来院 — the person of a new reception had a booking on that day."""
    rows = Booking.objects.select_for_update(of=("self",))
    found = rows.filter(patient_id=visit.patient_id, day=visit.day, state=BookingState.BOOKED).first()
    if found is not None:
        found.state, found.visit = BookingState.ARRIVED, visit
        _saved(found)
        _step(found, "受付")
        record("booking.arrive", found, found.patient_id)


def booking_waits_again(visit: Visit) -> None:
    """来院の取消 — the reception was a mistake: the person is still to come."""
    rows = Booking.objects.select_for_update(of=("self",)).select_related("patient")
    for found in rows.filter(visit=visit, state=BookingState.ARRIVED):
        _hold(found.patient_id)
        if waiting_booking(found.patient, found.day) is None:
            found.state, found.visit = BookingState.BOOKED, None
            _saved(found)
            _step(found, "受付の取消")
            record("booking.arrive", found, found.patient_id, {"undone": True})


def booked_patients(day: date) -> list[Patient]:
    """予約のある患者 — of a day, by chart number; those who have come already are among them."""
    ids = Booking.objects.filter(day=day).exclude(state=BookingState.CANCELLED).values("patient_id")
    return list(Patient.objects.filter(id__in=ids).order_by("number"))


def _hold(patient_id: UUID) -> None:
    """Two desks that give one person a day in the same moment: the second sees the booking of the first."""
    Patient.objects.select_for_update(of=("self",)).only("id").get(pk=patient_id)


def _refuse_second(patient: Patient, day: date) -> None:
    other = waiting_booking(patient, day)
    if other is not None:
        raise AlreadyBooked(other)


def _locked(booking_id: UUID, read_stamp: int) -> Booking:
    found = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("patient")
        .filter(pk=booking_id)
        .first()
    )
    if found is None or found.stamp != read_stamp or not found.is_waiting:
        raise StaleBooking(str(booking_id))
    return found


def _saved(booking: Booking) -> None:
    booking.stamp += 1
    booking.save()


def _step(booking: Booking, reason: str) -> None:
    BookingStep.objects.create(
        booking=booking,
        state=booking.state,
        day=booking.day,
        time=booking.time,
        at=current_work().at,
        made_by_id=current_work().actor.staff_id,
        reason=reason[:200],
    )
