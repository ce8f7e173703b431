# SPDX-License-Identifier: Apache-2.0
"""薬局の記録 — a prescription as it was received, and every step taken with it; nothing is ever changed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedBinaryField, SealedJsonField, SealedTextField
from tasuki_server.institutions.rows import InstitutionRow


class ReceivedPrescription(InstitutionRow):
    """受け付けた処方箋 — of one round, with the document as the service gave it (調剤録のもと)."""

    prescription = models.UUIDField("処方箋ID", editable=False)
    access_code = SealedTextField("引換番号", max_length=16)
    issue_type = models.CharField("発行形態", max_length=1)
    issued_on = models.DateField("交付年月日")
    usable_until = models.DateField("使用期限", null=True)
    round_number = models.PositiveSmallIntegerField("回", default=1)
    rounds = models.PositiveSmallIntegerField("総使用回数", default=1)
    next_from = models.DateField("次回調剤の初日", null=True)
    next_until = models.DateField("次回調剤の末日", null=True)
    clinic_number = models.CharField("医療機関コード", max_length=10)
    clinic_name = models.CharField("医療機関", max_length=120)
    patient_name = SealedTextField("氏名", max_length=80)
    # 保険者番号・記号・番号・枝番・生年月日
    identity = SealedJsonField("被保険者証の番号")
    comment = SealedTextField("投与理由", max_length=400, blank=True)
    document = SealedBinaryField("処方箋の文書")
    # 前回までの調剤結果: as the service told them at the reception.
    earlier = SealedJsonField("前回までの調剤")
    received_at = models.DateTimeField("受付日時", default=timezone.now)
    received_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "受け付けた処方箋"
        indexes = [models.Index(fields=["institution", "-received_at"], name="pharmacy_received_newest")]


class StepKind(models.TextChoices):
    """受付後の処理 — what was done with a received prescription."""

    CHECKED = "checked", "重複投薬等チェック"
    RELEASED = "released", "受付取消"
    COLLECTED = "collected", "回収"
    RETURNED = "returned", "回収の取消"
    DISPENSED = "dispensed", "調剤結果登録"
    CHANGED = "changed", "調剤結果変更"
    CANCELLED = "cancelled", "調剤結果取消"


class PharmacyStep(InstitutionRow):
    """処方箋の処理 — one step, done at the service and kept here with its document, who did it and why."""

    received = models.ForeignKey(ReceivedPrescription, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField("処理", max_length=10, choices=StepKind.choices)
    dispensing = models.UUIDField("調剤結果ID", null=True)
    dispensed_on = models.DateField("調剤年月日", null=True)
    # 画面の鍵: a form that is sent twice leaves one row.
    form_key = models.UUIDField()
    content = SealedJsonField("内容")
    document = SealedBinaryField("登録した文書", null=True)
    is_signed = models.BooleanField("署名", default=False)
    reason = SealedTextField("理由", max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "処方箋の処理"
        constraints = [models.UniqueConstraint(fields=["institution", "form_key"], name="pharmacy_step_once")]
        indexes = [models.Index(fields=["received", "at"], name="pharmacy_step_of")]
