# SPDX-License-Identifier: Apache-2.0
"""保守作業の表 — companies, their people, and work orders, which nobody can change once they are asked.

An order and each thing that happens to it are rows that the app role may add and read only: to move an end time there
is no right, not even for SQL injected into a page.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import InstitutionRow, Rights


class MaintenanceCompany(InstitutionRow):
    """保守業者 — a company whose people maintain the institution's system; stopped, none of its orders is open."""

    rights: ClassVar[Rights] = Rights.UPDATE

    name = models.CharField("会社名", max_length=80)
    telephone = models.CharField("電話番号", max_length=20, blank=True)
    contract = models.CharField("契約・委託の範囲", max_length=200, blank=True)
    is_active = models.BooleanField("委託中", default=True)

    class Meta:
        verbose_name = "保守業者"

    def __str__(self) -> str:
        return self.name


class MaintenancePerson(InstitutionRow):
    """保守業者の人 — one person of a company, with an account of their own."""

    company = models.ForeignKey(MaintenanceCompany, on_delete=models.PROTECT, related_name="people")
    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="maintenance")

    class Meta:
        verbose_name = "保守業者の人"
        constraints = [
            models.UniqueConstraint(fields=["institution", "staff"], name="maintenance_person_once"),
        ]


class WorkOrder(InstitutionRow):
    """作業指示 — what is to be done, from when to when, in which rooms, with which device."""

    number = models.PositiveIntegerField("番号", editable=False)
    company = models.ForeignKey(MaintenanceCompany, on_delete=models.PROTECT, related_name="orders")
    what = models.CharField("作業の内容", max_length=400)
    starts_at = models.DateTimeField("開始")
    ends_at = models.DateTimeField("終了")
    scope = models.JSONField("作業の範囲", default=list)
    device = models.JSONField("使う端末の状態", default=dict)
    asked_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("依頼日時", default=timezone.now)

    class Meta:
        verbose_name = "作業指示"
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="maintenance_order_number"),
        ]
        indexes = [models.Index(fields=["institution", "-ends_at"], name="maintenance_order_newest")]


class WorkOrderPerson(InstitutionRow):
    """作業者 — a person named in an order."""

    order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="named_people")
    person = models.ForeignKey(MaintenancePerson, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "order", "person"], name="maintenance_order_person_once"
            ),
        ]


class WorkOrderPatient(InstitutionRow):
    """作業対象の患者 — named in an order; all others stay masked."""

    order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="named_patients")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "order", "patient"], name="maintenance_order_patient_once"
            ),
        ]


class StepKind(models.TextChoices):
    """作業指示の経過の種類 — each happens once, or not at all."""

    DECISION = "decision", "承認・却下"
    END = "end", "終了"
    DECLARATION = "declaration", "消去の申告"
    REVIEW = "review", "照合の確認"


class WorkOrderStep(InstitutionRow):
    """作業指示の経過 — decided, ended, declared, reviewed; the database takes one row of each kind."""

    order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField("種類", max_length=12, choices=StepKind.choices)
    outcome = models.CharField("結果", max_length=20)
    note = models.CharField("記事", max_length=400, blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField("日時")
    by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "作業指示の経過"
        constraints = [
            models.UniqueConstraint(fields=["institution", "order", "kind"], name="maintenance_step_once"),
        ]
