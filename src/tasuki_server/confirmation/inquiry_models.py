# SPDX-License-Identifier: Apache-2.0
"""照会の記録 — the line, and every request: kept before it is sent, with the steps it took."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedBinaryField
from tasuki_server.institutions.rows import InstitutionRow, Rights


class LineKind(models.TextChoices):
    """連携方式 — how messages travel: not at all, by WebAPI, or through the folders of the link software."""

    OFF = "off", "使わない"
    WEB = "web", "WebAPI連携"
    FOLDER = "folder", "フォルダ連携（資格確認端末）"


class Line(InstitutionRow):
    """資格確認の回線 — how this institution reaches the service, how far card results were read, and whether it answers."""

    rights: ClassVar[Rights] = Rights.UPDATE

    kind = models.CharField("連携方式", max_length=10, choices=LineKind.choices, default=LineKind.OFF)
    may_look_in_emergency = models.BooleanField("救急時医療情報閲覧を使う", default=False, db_default=False)
    faces_since = models.BigIntegerField(default=0)
    reached_at = models.DateTimeField("最後の応答", null=True)
    failed_at = models.DateTimeField("応答がなくなった時刻", null=True)
    fault = models.CharField("障害", max_length=200, blank=True)

    class Meta:
        verbose_name = "資格確認の回線"
        constraints = [models.UniqueConstraint(fields=["institution"], name="confirmation_line_one")]

    @property
    def is_down(self) -> bool:
        """停止中か — used, and not answering."""
        return self.kind != LineKind.OFF and self.failed_at is not None


class Purpose(models.TextChoices):
    """照会の目的 — which message it is, and what its answer is for."""

    CHECK = "check", "資格の照会"
    REFERENCE = "reference", "照会番号の登録"
    BULK_ASK = "bulk_ask", "一括照会の依頼"
    BULK_COLLECT = "bulk_collect", "一括照会の結果の受取り"
    VISIT_ASK = "visit_ask", "訪問診療等の再照会"
    VISIT_COLLECT = "visit_collect", "訪問診療等の再照会の結果の受取り"
    ONLINE_ASK = "online_ask", "オンライン診療等の照会"
    ONLINE_COLLECT = "online_collect", "オンライン診療等の照会の結果の受取り"
    DRUGS = "drugs", "薬剤・診療・手術情報の取得"
    CHECKUP = "checkup", "特定健診情報の取得"


class ConsentedWay(models.TextChoices):
    """同意の場面 — of those who are asked about without their card (診療種別フラグ)."""

    VISIT = "2", "訪問診療等"
    ONLINE = "3", "オンライン診療等"


class InquiryState(models.TextChoices):
    """照会の状態 — KEPT waits to be sent, SENT waits for its answer, the rest are over."""

    KEPT = "kept", "送信待ち"
    SENT = "sent", "回答待ち"
    ANSWERED = "answered", "回答あり"
    REFUSED = "refused", "エラー回答"
    CANCELLED = "cancelled", "取りやめ"


WAITING = (InquiryState.KEPT, InquiryState.SENT)


class BulkRun(InstitutionRow):
    """一括照会 — a list of people asked for together, ahead of the day they come."""

    rights: ClassVar[Rights] = Rights.UPDATE

    for_day = models.DateField("対象日")
    about = models.CharField("対象", max_length=60)
    total = models.PositiveIntegerField("件数")
    done = models.PositiveIntegerField("済", default=0)
    made_at = models.DateTimeField("依頼日時", default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "一括照会"
        indexes = [models.Index(fields=["institution", "-made_at"], name="confirmation_bulk_newest")]


class Inquiry(InstitutionRow):
    """照会 — a request to the service, kept before it is sent; its identifier goes with every try, so a retry is the same."""

    rights: ClassVar[Rights] = Rights.UPDATE

    purpose = models.CharField("目的", max_length=14, choices=Purpose.choices)
    identifier = models.CharField("任意のファイル識別子", max_length=40, editable=False)
    file = models.CharField("ファイル名", max_length=120)
    data = SealedBinaryField("電文")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, null=True, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, null=True, related_name="+")
    bulk_run = models.ForeignKey(BulkRun, on_delete=models.PROTECT, null=True, related_name="inquiries")
    emergency = models.ForeignKey(
        "confirmation.EmergencyLook",
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="inquiries",
    )
    until_at = models.DateTimeField("期限", null=True)
    state = models.CharField("状態", max_length=10, choices=InquiryState.choices, default=InquiryState.KEPT)
    tries = models.PositiveIntegerField("送信回数", default=0)
    next_at = models.DateTimeField("次の送信", default=timezone.now)
    code = models.CharField("結果コード", max_length=40, blank=True)
    message = models.CharField("結果", max_length=400, blank=True)
    made_at = models.DateTimeField("依頼日時", default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "照会"
        constraints = [
            models.UniqueConstraint(fields=["institution", "identifier"], name="confirmation_inquiry_once")
        ]
        indexes = [
            models.Index(fields=["institution", "state", "next_at"], name="confirmation_inquiry_queue"),
        ]

    @property
    def is_waiting(self) -> bool:
        """待ち中か — nothing final has come of it."""
        return self.state in WAITING

    @property
    def is_of_unjustified_look(self) -> bool:
        """不適切とされた救急時医療情報閲覧のものか — nothing may be asked or kept by it any more."""
        return self.emergency is not None and self.emergency.is_justified is False


STEPS = {
    "kept": "記帳（送信前）",
    "sent": "送信",
    "running": "処理中の回答",
    "not_whole": "読めない回答（もう一度送ります）",
    "answered": "回答を受入れ",
    "refused": "エラーの回答",
    "cancelled": "取りやめ",
    "again": "もう一度",
    "lapsed": "閲覧の期限が過ぎたため取りやめ",
}


class InquiryStep(InstitutionRow):
    """照会の経過 — each thing that happened to a request, in order; never changed."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="steps")
    what = models.CharField("経過", max_length=20)
    note = models.CharField("内容", max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "照会の経過"

    @property
    def shown(self) -> str:
        """経過の表記 — as screens show it."""
        return STEPS.get(self.what, self.what)


class BulkPerson(InstitutionRow):
    """一括照会の一件 — a patient of the list, and what came of it."""

    rights: ClassVar[Rights] = Rights.UPDATE

    bulk_run = models.ForeignKey(BulkRun, on_delete=models.PROTECT, related_name="people")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    answer = models.ForeignKey(
        "confirmation.ArrivedAnswer", on_delete=models.PROTECT, null=True, related_name="+"
    )
    validity = models.CharField("資格有効性", max_length=1, blank=True)
    difference_count = models.PositiveIntegerField("違い", default=0)
    note = models.CharField("備考", max_length=200, blank=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        verbose_name = "一括照会の一件"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "bulk_run", "patient"], name="confirmation_bulk_person_once"
            )
        ]
