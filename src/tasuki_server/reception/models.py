# SPDX-License-Identifier: Apache-2.0
"""受付 — a visit, the steps it took through the day, and the version of the board that shows it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.chart.visit import VisitKind
from tasuki_server.database.sealed_field import SealedTextField
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow
from tasuki_server.reception.booking_models import Booking, BookingState, BookingStep


class VisitState(models.TextChoices):
    """受付の状態 — where the visit is; DONE is 終了: paid or settled, nothing left to do today."""

    WAITING = "waiting", "受付"
    IN_ROOM = "in_room", "診察中"
    TO_PAY = "to_pay", "会計待ち"
    DONE = "done", "会計済"
    CANCELLED = "cancelled", "取消"


KIND_LABELS = {
    VisitKind.AUTO: "自動",
    VisitKind.FIRST: "初診",
    VisitKind.REVISIT: "再診",
    VisitKind.REVISIT_BY_TELEPHONE: "電話等再診",
    VisitKind.NONE: "算定しない",
}


class Visit(InstitutionRow):
    """受診 — one reception of one patient, with the payers chosen for it.

    The payers are named by the ids of their records, so a card corrected later is corrected here too;
    ``stamp`` rises with each change and is what a form carries to find out that it is stale.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="visits")
    day = models.DateField("診療日")
    serial = models.PositiveIntegerField("受付番号")
    arrived_at = models.DateTimeField("受付時刻", default=timezone.now)
    department = models.CharField("診療科", max_length=2, default="01")
    doctor = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="担当医"
    )
    state = models.CharField("状態", max_length=10, choices=VisitState.choices, default=VisitState.WAITING)
    state_at = models.DateTimeField(default=timezone.now)
    insurance_record = models.UUIDField("保険", null=True)
    programme_records = models.JSONField("公費", default=list)
    eligibility_checked_at = models.DateTimeField("資格確認日時", null=True)
    kind = models.CharField(
        "初再診", max_length=10, choices=list(KIND_LABELS.items()), default=VisitKind.AUTO
    )
    kind_reason = models.CharField("初再診の理由", max_length=200, blank=True)
    flags = models.JSONField("申告事実", default=list)
    memo = SealedTextField("受付メモ", max_length=200, blank=True)
    stamp = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "受診"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "day", "serial"], name="reception_visit_one_serial"
            )
        ]
        indexes = [models.Index(fields=["institution", "patient", "day"], name="reception_visit_of_patient")]

    def __str__(self) -> str:
        return f"受診 {self.day} {self.serial}"

    @property
    def is_open(self) -> bool:
        """進行中か — whether the visit still waits for something."""
        return self.state in (VisitState.WAITING, VisitState.IN_ROOM, VisitState.TO_PAY)


class KindDecision(VersionedRow):
    """初再診の決定 — what was decided against or back to the history, with its reason; ``record_id`` is the visit's id.

    Append-only: deciding again is the next version, so an earlier reason stays readable.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="kind_decisions")
    kind = models.CharField("初再診", max_length=10, choices=list(KIND_LABELS.items()))

    class Meta(VersionedRow.Meta):
        verbose_name = "初再診の決定"


class VisitStep(InstitutionRow):
    """受付の経過 — each change of state, who made it and when."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField("状態", max_length=10, choices=VisitState.choices)
    at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField("理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "受付の経過"


class Board(InstitutionRow):
    """受付一覧の版 — one number a day, raised by every change the board shows, so that polling is cheap.

    ``last_serial`` hands out the 受付番号 under the same lock.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    day = models.DateField()
    version = models.PositiveIntegerField(default=0)
    last_serial = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "day"], name="reception_board_one_a_day")
        ]


__all__ = [
    "KIND_LABELS",
    "Board",
    "Booking",
    "BookingState",
    "BookingStep",
    "KindDecision",
    "Visit",
    "VisitState",
    "VisitStep",
]
