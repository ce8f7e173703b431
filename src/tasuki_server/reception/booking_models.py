# SPDX-License-Identifier: Apache-2.0
"""予約 — who is to come on a day and when, and the steps it took."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedTextField
from tasuki_server.institutions.rows import InstitutionRow, Rights


class BookingState(models.TextChoices):
    """予約の状態 — that nobody came is no state: it is a booking of a past day that still waits."""

    BOOKED = "booked", "予約"
    ARRIVED = "arrived", "来院"
    CANCELLED = "cancelled", "取消"


class Booking(InstitutionRow):
    """予約 — one person at one time of a day; ``visit`` is the reception it became.

    ``stamp`` rises with each change and is what a form carries to find out that it is stale.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="bookings")
    day = models.DateField("予約日")
    time = models.TimeField("時刻")
    department = models.CharField("診療科", max_length=2, default="01")
    doctor = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="担当医"
    )
    memo = SealedTextField("予約メモ", max_length=200, blank=True)
    state = models.CharField("状態", max_length=10, choices=BookingState.choices, default=BookingState.BOOKED)
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, null=True, related_name="bookings")
    stamp = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "予約"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "patient", "day"],
                condition=models.Q(state="booked"),
                name="reception_booking_one_waits",
            )
        ]
        indexes = [models.Index(fields=["institution", "day", "time"], name="reception_booking_of_day")]

    def __str__(self) -> str:
        return f"予約 {self.day} {self.time:%H:%M}"

    @property
    def is_waiting(self) -> bool:
        """来院待ちか — neither come nor cancelled."""
        return self.state == BookingState.BOOKED


class BookingStep(InstitutionRow):
    """予約の経過 — each change: who made it, when, to which day and time, and why."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField("状態", max_length=10, choices=BookingState.choices)
    day = models.DateField("予約日")
    time = models.TimeField("時刻")
    at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField("理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "予約の経過"
