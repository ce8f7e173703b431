# SPDX-License-Identifier: Apache-2.0
"""予約の参照 — the bookings of a day, by time; the read is in the trail with everyone it showed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution
from tasuki_server.patients.access import banner_of
from tasuki_server.patients.models import Patient
from tasuki_server.reception.access import access_doctors, previous_visit
from tasuki_server.reception.booking_models import Booking, BookingState
from tasuki_server.reception.clock import now, today


def access_bookings(day: date) -> dict[str, Any]:
    """一日の予約 — in the order of time; those cancelled stand last."""
    rows = list(
        Booking.objects.filter(day=day).select_related("patient", "doctor", "visit").order_by("time", "id")
    )
    rows.sort(key=lambda row: row.state == BookingState.CANCELLED)
    record(
        "booking.read",
        Institution.objects.get(),
        detail={"day": day.isoformat(), "count": len(rows)},
        patients=[row.patient_id for row in rows],
    )
    present, clock = today(), now().time()
    return {
        "day": day,
        "today": present,
        "tomorrow": present + timedelta(days=1),
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "rows": [
            (row, row.is_waiting and (day < present or (day == present and row.time < clock))) for row in rows
        ],
        "counts": [(state.label, sum(row.state == state for row in rows)) for state in BookingState],
        "doctors": access_doctors(),
    }


def access_usual(number: int) -> tuple[Patient | None, dict[str, str]]:
    """いつもの科と担当医 — of who is to be booked: as at the last visit, which is read for it; None for an unknown number."""
    patient = Patient.objects.filter(number=number).first()
    if patient is None:
        return None, {}
    record("booking.read", patient, patient.id, {"part": "usual"})
    last = previous_visit(patient, now() + timedelta(days=1))
    if last is None:
        return patient, {}
    return patient, {
        "department": last.department,
        "doctor": str(last.doctor_id) if last.doctor_id else "",
    }


def access_booking(booking_id: UUID) -> dict[str, Any]:
    """予約の画面 — one, with its steps."""
    found = Booking.objects.select_related("patient", "doctor", "visit").filter(pk=booking_id).first()
    if found is None:
        raise Http404("booking")
    record("booking.read", found, found.patient_id)
    return {
        **banner_of(found.patient),
        "booking": found,
        "steps": list(found.steps.select_related("made_by").order_by("at")),
        "doctors": access_doctors(),
    }
