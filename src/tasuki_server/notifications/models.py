# SPDX-License-Identifier: Apache-2.0
"""感染症発生届の記録 — drafts, signed notices with all their versions, how they were handed in, and hints put aside."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedJsonField, SealedTextField
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow


class NoticeDraft(InstitutionRow):
    """発生届の下書き — what was typed so far, right or wrong; one for each visit and disease, gone when signed.

    ``stamp`` rises with each saving: who saves over another's words is told first.
    """

    rights: ClassVar[Rights] = Rights.FULL

    patient = models.ForeignKey("patients.Patient", on_delete=models.CASCADE, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.CASCADE, related_name="+")
    disease = models.CharField("疾患", max_length=40)
    since = models.DateField("様式の版")
    typed = SealedJsonField("記載")
    due_on = models.DateField("期限", null=True)
    stamp = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField("保存日時", default=timezone.now)

    class Meta:
        verbose_name = "発生届の下書き"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "visit", "disease"], name="notifications_draft_one"
            )
        ]


class DiseaseNotice(VersionedRow):
    """感染症発生届 — as its doctor signed it; a correction is the next version, a withdrawal the last.

    ``content`` is :class:`tasuki.notifications.facts.Notification` as plain JSON, ``response`` the QuestionnaireResponse
    made of it, ``sha256`` that of the PDF. ``since`` names the version of the form.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="disease_notices")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="disease_notices")
    disease = models.CharField("疾患", max_length=40)
    since = models.DateField("様式の版")
    title = models.CharField("名称", max_length=120)
    number = models.PositiveIntegerField("届出番号")
    reported_on = models.DateField("報告年月日")
    diagnosed_on = models.DateField("診断年月日")
    due_on = models.DateField("期限")
    content = SealedJsonField("内容")
    response = SealedJsonField("QuestionnaireResponse")
    sha256 = models.CharField("PDFのSHA-256", max_length=64)
    doctor = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta(VersionedRow.Meta):
        verbose_name = "感染症発生届"
        indexes = [
            models.Index(fields=["institution", "patient", "disease"], name="notifications_of_patient"),
            models.Index(fields=["institution", "-made_at"], name="notifications_newest"),
        ]


class Way(models.TextChoices):
    """届出の方法 — how a notice reached the 保健所. Only EXCHANGE is done by this program."""

    WEB = "web", "感染症サーベイランスシステムに入力"
    FAX = "fax", "ファクス"
    HAND = "hand", "持参・郵送"
    PHONE = "phone", "電話（書面はあとで）"
    EXCHANGE = "exchange", "情報共有の試行環境に送信"


class Submission(InstitutionRow):
    """届出の記録 — that a version of a notice was handed in, by whom and how; the newest row of a version counts.

    ``is_done`` false takes a mistaken record back. ``receipt`` is a number the other side gave.
    """

    notice = models.ForeignKey(DiseaseNotice, on_delete=models.PROTECT, related_name="submissions")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    way = models.CharField("方法", max_length=10, choices=Way.choices)
    is_done = models.BooleanField("届出済")
    words = SealedTextField("届出先・備考", max_length=200, blank=True)
    receipt = models.CharField("受付番号", max_length=64, blank=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "届出の記録"


class HintDecision(InstitutionRow):
    """届出しない判断 — a doctor's answer to a hint, with its reason; the newest row of a diagnosis and disease counts."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    diagnosis = models.UUIDField("病名の記録")
    disease = models.CharField("疾患", max_length=40)
    is_dismissed = models.BooleanField("届出しない")
    words = SealedTextField("理由", max_length=200, blank=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "届出しない判断"
        indexes = [models.Index(fields=["institution", "diagnosis"], name="notifications_hint")]
