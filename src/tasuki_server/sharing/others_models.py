# SPDX-License-Identifier: Apache-2.0
"""他院の情報の記録 — each opening of what other institutions share of a patient, and what was decided about each item of it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedBinaryField, SealedTextField
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow


class ViewWay(models.TextChoices):
    """閲覧の根拠 — the patient's consent (at the reader or in マイナポータル), or an emergency without one."""

    CONSENT = "consent", "患者の同意"
    EMERGENCY = "emergency", "救急時閲覧"


class ViewState(models.TextChoices):
    """閲覧の状態 — KEPT is still to be asked; OPEN ends by the clock."""

    KEPT = "kept", "取寄せ中"
    OPEN = "open", "閲覧できる"
    REFUSED = "refused", "閲覧できない"


class OthersView(InstitutionRow):
    """他院の情報の閲覧 — kept before it is asked; its content goes when it ends, the row stays and says when.

    ``kinds`` says of each kind of information whether it is open, why, and until when (:class:`KindOpen`). ``until_at`` is
    the end of what is held here. An emergency waits for somebody else's review.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="others_views")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="+")
    way = models.CharField("根拠", max_length=10, choices=ViewWay.choices)
    words = SealedTextField("救急時閲覧の理由", max_length=400, blank=True)
    state = models.CharField("状態", max_length=10, choices=ViewState.choices, default=ViewState.KEPT)
    key = models.UUIDField("冪等性キー", default=new_id)
    asked_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("依頼日時", default=timezone.now)
    tries = models.PositiveIntegerField("送信回数", default=0)
    next_at = models.DateTimeField("次の送信", default=timezone.now)
    message = models.CharField("閲覧できない理由", max_length=400, blank=True)
    kinds = models.JSONField("種類ごとの可否", default=list)
    data = SealedBinaryField("他院の情報", null=True)
    fetched_at = models.DateTimeField("取得日時", null=True)
    until_at = models.DateTimeField("控えの期限", null=True)
    deleted_at = models.DateTimeField("消去日時", null=True)
    review_due_on = models.DateField("確認期限", null=True)
    is_justified = models.BooleanField("適切", null=True)
    reviewed_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField("確認日時", null=True)
    review_words = SealedTextField("確認の所見", max_length=400, blank=True)

    class Meta:
        verbose_name = "他院の情報の閲覧"
        indexes = [
            models.Index(fields=["institution", "patient", "-asked_at"], name="sharing_view_of_patient"),
            models.Index(fields=["institution", "state", "next_at"], name="sharing_view_due"),
        ]

    def is_open_at(self, moment: datetime) -> bool:
        """閲覧できるか — fetched, and the consent has not ended."""
        has_content = self.state == ViewState.OPEN and self.deleted_at is None
        return has_content and self.until_at is not None and moment <= self.until_at


class Decision(models.TextChoices):
    """突合せの決定 — what becomes of an item of another institution."""

    TAKEN = "taken", "引き継いだ"
    APART = "apart", "別のものとして残す"
    KNOWN = "known", "確認済み"


class Reconciled(VersionedRow):
    """突合せの記録 — one item of another institution: what was decided, and the record of ours that came of it.

    ``source`` is the item's own identifier at the other institution; ``source_version`` is the version that was read. Undoing
    is the withdrawn version.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="reconciled")
    information = models.CharField("情報の種類", max_length=20)
    item_key = models.CharField("同じ項目の鍵", max_length=200)
    source = models.CharField("元の識別子", max_length=160)
    source_version = models.CharField("元の版", max_length=40, blank=True)
    source_number = models.CharField("元の医療機関コード", max_length=10)
    source_name = models.CharField("元の医療機関", max_length=100)
    source_on = models.DateField("元の日付", null=True)
    title = SealedTextField("名称", max_length=200)
    decision = models.CharField("決定", max_length=10, choices=Decision.choices)
    made_record = models.UUIDField("自院の記録", null=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "突合せの記録"
        constraints = [
            *VersionedRow.Meta.constraints,
            models.UniqueConstraint(
                fields=["institution", "patient", "source"],
                condition=models.Q(version=1),
                name="sharing_reconciled_once",
            ),
        ]
        indexes = [models.Index(fields=["institution", "made_record"], name="sharing_reconciled_made")]


__all__ = ["Decision", "OthersView", "Reconciled", "ViewState", "ViewWay"]
