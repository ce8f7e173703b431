# SPDX-License-Identifier: Apache-2.0
"""資格確認の記録 — the line, what was asked, what arrived, whose it is, what they consented to, what was taken over."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.eligibility.codes import VALIDITIES
from tasuki_server.confirmation.emergency_models import EmergencyLook
from tasuki_server.confirmation.inquiry_models import (
    BulkPerson,
    BulkRun,
    ConsentedWay,
    Inquiry,
    InquiryState,
    InquiryStep,
    Line,
    LineKind,
    Purpose,
)
from tasuki_server.database.sealed_field import SealedBinaryField, SealedJsonField
from tasuki_server.institutions.rows import InstitutionRow, Rights

__all__ = [
    "AnswerSource",
    "AnswerState",
    "ArrivedAnswer",
    "BulkPerson",
    "BulkRun",
    "Confirmation",
    "ConsentTerm",
    "ConsentedWay",
    "EmergencyLook",
    "FetchedInformation",
    "InformationKind",
    "Inquiry",
    "InquiryState",
    "InquiryStep",
    "Line",
    "LineKind",
    "MatchStep",
    "Method",
    "Purpose",
    "Takeover",
]


class AnswerSource(models.TextChoices):
    """着信の種類 — at the card reader, to a number we asked, or one of a bulk job."""

    CARD = "card", "カードリーダー"
    NUMBER = "number", "番号による照会"
    BULK = "bulk", "一括照会"


class AnswerState(models.TextChoices):
    """着信の状態 — OPEN ones stand on the board until someone received them or put them away."""

    OPEN = "open", "未処理"
    DONE = "done", "処理済"
    AWAY = "away", "片付け"


class ArrivedAnswer(InstitutionRow):
    """資格確認結果の着信 — one person's answer, kept as it came; the same bytes are kept once.

    ``shown`` is what the board shows of it without opening the whole: name, kana, birth and sex.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    source = models.CharField("種類", max_length=10, choices=AnswerSource.choices)
    digest = models.CharField(max_length=64, editable=False)
    file = models.CharField("ファイル名", max_length=120)
    data = SealedBinaryField("電文")
    shown = SealedJsonField("表示")
    arrived_at = models.DateTimeField("着信日時", default=timezone.now)
    day = models.DateField("受付日")
    validity = models.CharField(
        "資格有効性", max_length=1, blank=True, choices=[(key, text) for key, text in VALIDITIES.items()]
    )
    prescription_issue = models.CharField("処方箋発行形態", max_length=1, blank=True)
    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, null=True, related_name="answers")
    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, null=True, related_name="arrived_answers"
    )
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField("状態", max_length=10, choices=AnswerState.choices, default=AnswerState.OPEN)

    class Meta:
        verbose_name = "資格確認結果の着信"
        constraints = [
            models.UniqueConstraint(fields=["institution", "digest"], name="confirmation_answer_once")
        ]
        indexes = [
            models.Index(fields=["institution", "day", "state"], name="confirmation_answer_of_day"),
        ]

    @property
    def is_by_card(self) -> bool:
        """マイナンバーカードか — whether a card was read for it."""
        return self.source == AnswerSource.CARD


class MatchStep(InstitutionRow):
    """照合の記録 — whose an answer is, and by which key it was found; deciding again is the next row."""

    answer = models.ForeignKey(ArrivedAnswer, on_delete=models.PROTECT, related_name="matches")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    key = models.CharField("照合の鍵", max_length=20)
    at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "照合の記録"


class Method(models.TextChoices):
    """資格確認の方法 — how it was found out that the person is insured."""

    CARD = "card", "マイナンバーカード"
    NUMBER = "number", "資格確認書・番号入力"
    BULK = "bulk", "一括照会"
    NOTICE = "notice", "マイナ保険証と資格情報のお知らせ（目視）"
    PORTAL = "portal", "マイナポータルの画面（目視）"
    CERTIFICATE = "certificate", "資格確認書（目視）"
    DECLARATION = "declaration", "被保険者資格申立書"
    DISASTER = "disaster", "災害時（申し出）"


ONLINE = frozenset({Method.CARD, Method.NUMBER, Method.BULK})


class Confirmation(InstitutionRow):
    """資格確認の記録 — that a person's eligibility was confirmed, when, how, and for which visit.

    ``prescription_issue`` is what the person chose at the reader: 1 電子処方箋, 2 紙.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="confirmations")
    visit = models.ForeignKey(
        "reception.Visit", on_delete=models.PROTECT, null=True, related_name="confirmations"
    )
    answer = models.ForeignKey(ArrivedAnswer, on_delete=models.PROTECT, null=True, related_name="+")
    method = models.CharField("方法", max_length=12, choices=Method.choices)
    validity = models.CharField("資格有効性", max_length=1, blank=True)
    prescription_issue = models.CharField("処方箋発行形態", max_length=1, blank=True)
    day = models.DateField("確認日")
    at = models.DateTimeField("確認日時", default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "資格確認の記録"
        indexes = [models.Index(fields=["institution", "day"], name="confirmation_of_day")]


class ConsentTerm(InstitutionRow):
    """閲覧の同意 — to one kind of information, given at the reader, and the end after which nothing is shown.

    Cite: オンライン資格確認等システム 外部インターフェイス仕様書 同意フラグ・同意日時・閲覧有効期限
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="consent_terms")
    answer = models.ForeignKey(ArrivedAnswer, on_delete=models.PROTECT, related_name="consents")
    name = models.CharField("情報の種類", max_length=40)
    is_given = models.BooleanField("同意")
    given_at = models.DateTimeField("同意日時", null=True)
    until_at = models.DateTimeField("閲覧有効期限", null=True)

    class Meta:
        verbose_name = "閲覧の同意"
        indexes = [models.Index(fields=["institution", "patient", "name"], name="confirmation_consent")]


class InformationKind(models.TextChoices):
    """取得する情報 — what is asked for in one message."""

    DRUGS = "drugs", "薬剤・診療・手術情報"
    CHECKUP = "checkup", "特定健診情報"


class FetchedInformation(InstitutionRow):
    """取得した診療情報 — held only until the consent it was fetched by ends; then the content goes and the row stays."""

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="information")
    kind = models.CharField("種類", max_length=10, choices=InformationKind.choices)
    data = SealedBinaryField("電文", null=True)
    fetched_at = models.DateTimeField("取得日時", default=timezone.now)
    until_at = models.DateTimeField("閲覧有効期限")
    deleted_at = models.DateTimeField("消去日時", null=True)

    class Meta:
        verbose_name = "取得した診療情報"
        constraints = [
            models.UniqueConstraint(fields=["institution", "inquiry"], name="confirmation_information_once")
        ]
        indexes = [
            models.Index(fields=["institution", "deleted_at", "until_at"], name="confirmation_info_end")
        ]


class Takeover(InstitutionRow):
    """取込みの記録 — one item of an answer that was taken into the record, from what to what, by whom."""

    answer = models.ForeignKey(ArrivedAnswer, on_delete=models.PROTECT, related_name="takeovers")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    item = models.CharField("項目", max_length=40)
    change = SealedJsonField("変更")
    record_id = models.UUIDField("記録", null=True)
    at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "取込みの記録"
