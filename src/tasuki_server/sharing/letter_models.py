# SPDX-License-Identifier: Apache-2.0
"""書類の途中と行方 — a letter that is being written with its files, and where a signed one stands at the other side."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedBinaryField, SealedJsonField, SealedTextField
from tasuki_server.institutions.rows import InstitutionRow, Rights

_UNIT = "letter-"


def unit_key_of(record_id: UUID) -> str:
    """書類の送信単位 — its key, of the document in whatever version."""
    return f"{_UNIT}{record_id}"


def record_of_unit(unit_key: str) -> str:
    """送信単位の書類 — what :func:`unit_key_of` made the key of."""
    return unit_key.removeprefix(_UNIT)


class LetterConsent(models.TextChoices):
    """閲覧の同意の取り方 — of the receiver's reading: said at the sender, or given later by the patient.

    Cite: 電子カルテ情報共有サービス 文書送付サービス（紹介元での口頭同意、マイナポータル・カードリーダーでの後日の同意）
    """

    ORAL = "oral", "口頭で同意を得た（紹介先はすぐに閲覧できる）"
    LATER = "later", "患者があとで同意する（マイナポータル・紹介先のカードリーダー）"


class LetterState(models.TextChoices):
    """書類の行方 — as far as the other side tells."""

    WAITING = "waiting", "送信待ち"
    SENT = "sent", "送信済"
    CONSENT = "consent", "同意待ち"
    READABLE = "readable", "閲覧可"
    FETCHED = "fetched", "受領"
    ANSWERED = "answered", "返書あり"
    CANCELLED = "cancelled", "取消"
    EXPIRED = "expired", "期限切れ"
    REFUSED = "refused", "差し戻し"


ENDED = (LetterState.ANSWERED, LetterState.CANCELLED, LetterState.EXPIRED, LetterState.REFUSED)


class LetterDraft(InstitutionRow):
    """書きかけの書類 — of one person about one visit; saved as it is typed, gone when it is signed or thrown away.

    ``left_out`` are the records of the chart that do not go with it. ``answers`` is the letter it replies to.
    """

    rights: ClassVar[Rights] = Rights.FULL

    patient = models.ForeignKey("patients.Patient", on_delete=models.CASCADE, related_name="letter_drafts")
    visit = models.ForeignKey("reception.Visit", on_delete=models.CASCADE, related_name="letter_drafts")
    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("種類", max_length=10)
    contents = SealedJsonField("内容", default=dict)
    left_out = models.JSONField("載せない記録", default=list)
    consent = models.CharField("同意の取り方", max_length=10, choices=LetterConsent.choices, blank=True)
    answers = models.ForeignKey(
        "sharing.ArrivedDocument", on_delete=models.PROTECT, null=True, related_name="+"
    )
    stamp = models.PositiveIntegerField(default=1)
    # 最後に書いた窓: two windows of one person clash, one window never clashes with itself.
    window = models.CharField(max_length=36, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "書きかけの書類"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "visit", "staff", "kind"], name="sharing_letterdraft_one"
            )
        ]


class DraftFile(InstitutionRow):
    """書きかけの添付 — a PDF that goes with the letter when it is signed."""

    rights: ClassVar[Rights] = Rights.FULL

    patient = models.ForeignKey("patients.Patient", on_delete=models.CASCADE, related_name="+")
    draft = models.ForeignKey(LetterDraft, on_delete=models.CASCADE, related_name="files")
    title = SealedTextField("名前", max_length=100)
    data = SealedBinaryField("内容")
    size = models.PositiveIntegerField("大きさ（バイト）")
    added_at = models.DateTimeField("追加日時", default=timezone.now)

    class Meta:
        verbose_name = "書きかけの添付"


class SentLetter(InstitutionRow):
    """送った書類 — where a signed letter stands: consent, state, the reply; ``remote`` is its number at the service."""

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="sent_letters")
    document = models.OneToOneField("sharing.WrittenDocument", on_delete=models.PROTECT, related_name="sent")
    remote = models.CharField("サービスの番号", max_length=80, blank=True)
    consent = models.CharField("同意の取り方", max_length=10, choices=LetterConsent.choices)
    state = models.CharField("状態", max_length=10, choices=LetterState.choices, default=LetterState.WAITING)
    state_at = models.DateTimeField("状態の日時", default=timezone.now)
    is_reply_wanted = models.BooleanField("返書を待つ", default=True)
    answers = models.ForeignKey(
        "sharing.ArrivedDocument", on_delete=models.PROTECT, null=True, related_name="our_replies"
    )
    reply = models.ForeignKey(
        "sharing.ArrivedDocument", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # 取消の依頼: kept here first, then told to the service by the keeper.
    cancel_reason = models.CharField("取消の理由", max_length=200, blank=True)
    cancel_asked_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    cancel_asked_at = models.DateTimeField("取消の依頼日時", null=True)

    class Meta:
        verbose_name = "送った書類"
        indexes = [models.Index(fields=["institution", "state", "-state_at"], name="sharing_sent_state")]

    @property
    def is_ended(self) -> bool:
        """終わったか — nothing more is to be heard of it."""
        return self.state in ENDED


__all__ = ["DraftFile", "LetterConsent", "LetterDraft", "LetterState", "SentLetter"]
