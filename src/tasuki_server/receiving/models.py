# SPDX-License-Identifier: Apache-2.0
"""受付・審査の記録 — of the receiving service; reached by its own database role, by no institution's."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.api.sender_key import SenderKeyRow
from tasuki_server.database.sealed_field import SealedBinaryField
from tasuki_server.institutions.rows import Rights, ServiceRow
from tasuki_server.keys.kept_key import KeptKey

PAYERS = {"1": "支払基金", "2": "国保連"}


class _Own(ServiceRow):
    """自らの行 — a row of this service, whose sealed columns open with its own key."""

    key_model: ClassVar[str] = "receiving.ServiceKey"

    class Meta:
        abstract = True


class ServiceKey(_Own, KeptKey):
    """受付のデータ鍵 — of this service, which belongs to no institution; kept wrapped."""

    class Meta:
        verbose_name = "受付のデータ鍵"
        constraints = [
            models.UniqueConstraint(fields=["purpose", "number"], name="receiving_servicekey_one_number")
        ]


class SendingClient(_Own):
    """送信元 — an institution that may send, known by the digest of its token."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    prefecture = models.CharField("都道府県番号", max_length=2)
    code = models.CharField("医療機関コード", max_length=7)
    name = models.CharField("名称", max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField("登録日時", default=timezone.now)
    revoked_at = models.DateTimeField("停止日時", null=True)

    class Meta:
        verbose_name = "送信元"


class SenderKey(SenderKeyRow, _Own):
    """送信元の公開鍵 — by which a sender names itself instead of by a token; one key serves one sender."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    client = models.ForeignKey(SendingClient, on_delete=models.PROTECT, related_name="keys")

    class Meta:
        verbose_name = "送信元の公開鍵"


class SpentSenderProof(models.Model):
    """使用済みの証明 — a proof or an assertion serves once in every process; kept until time alone refuses it."""

    own_rights: ClassVar[Rights] = Rights.FULL

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "receiving_spentproof"
        verbose_name = "使用済みの証明"


class Operator(_Own):
    """審査担当者 — a sign-in that may sit at this desk; written by the command line only."""

    own_rights: ClassVar[Rights] = Rights.READ

    user_id = models.UUIDField(unique=True)
    name = models.CharField("氏名", max_length=60)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "審査担当者"


class Delivery(_Own):
    """受付 — one file as it came; ``submission`` is the sender's own name for it, taken once."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    client = models.ForeignKey(SendingClient, on_delete=models.PROTECT, related_name="deliveries")
    submission = models.UUIDField("送信番号")
    payer = models.CharField("審査支払機関", max_length=1)
    kind = models.CharField("請求の別", max_length=8)
    claim_month = models.DateField("請求月")
    data = SealedBinaryField("内容")
    sha256 = models.CharField("SHA-256", max_length=64)
    receipt_count = models.PositiveIntegerField("件数", default=0)
    total_points = models.PositiveBigIntegerField("点数", default=0)
    is_accepted = models.BooleanField("受付")
    findings = models.JSONField(default=list)
    # 受付 → 審査済み; 差替え when a newer file of the same month came before the examination.
    state = models.CharField("状態", max_length=10, default="received")
    received_on = models.DateField("受付日")
    received_at = models.DateTimeField("受付日時", default=timezone.now)

    class Meta:
        verbose_name = "受付"
        constraints = [
            models.UniqueConstraint(fields=["client", "submission"], name="receiving_delivery_once")
        ]

    @property
    def payer_label(self) -> str:
        """審査支払機関の表記 — for screens."""
        return PAYERS.get(self.payer, self.payer)


class ReceivedReceipt(_Own):
    """受け付けたレセプト — by its number in the file; ``search_number`` is this service's name for it."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField("レセプト番号")
    search_number = models.CharField("検索番号", max_length=30, unique=True)
    service_month = models.CharField("診療年月", max_length=6)
    patient_name = models.CharField("氏名", max_length=60)
    chart_number = models.CharField("カルテ番号等", max_length=20, blank=True)
    kind = models.CharField("レセプト種別", max_length=4)
    points = models.PositiveIntegerField("点数")
    payable_yen = models.BigIntegerField("支払額", null=True)
    findings = models.JSONField(default=list)
    # received → settled | returned | withdrawn
    state = models.CharField("状態", max_length=10, default="received")
    is_returned_before = models.BooleanField("再請求", default=False)

    class Meta:
        verbose_name = "受け付けたレセプト"
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="receiving_receipt_one_number")
        ]


class Decision(_Own):
    """審査の判断 — a return or a cut of points for one receipt; ``kind`` return, cut or withdraw."""

    own_rights: ClassVar[Rights] = Rights.FULL

    receipt = models.ForeignKey(ReceivedReceipt, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField("判断", max_length=8)
    code = models.CharField("事由", max_length=6)
    text = models.CharField("内容", max_length=200)
    section = models.CharField("診療識別", max_length=2, blank=True)
    item = models.CharField("項目", max_length=100, blank=True)
    points = models.IntegerField("増減点", default=0)
    made_by = models.CharField("担当", max_length=60)
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "審査の判断"


class OutgoingFile(_Own):
    """交付ファイル — a result waiting for its institution."""

    client = models.ForeignKey(SendingClient, on_delete=models.PROTECT, related_name="files")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, related_name="files")
    payer = models.CharField("審査支払機関", max_length=1)
    claim_month = models.DateField("請求月")
    kind = models.CharField("種類", max_length=12)
    name = models.CharField("ファイル名", max_length=40)
    data = SealedBinaryField("内容")
    sha256 = models.CharField("SHA-256", max_length=64)
    made_at = models.DateTimeField("作成日時", default=timezone.now)

    class Meta:
        verbose_name = "交付ファイル"


class DeskSetting(_Own):
    """試行環境の設定 — whether the days of the law (10th and 12th) are kept; the newest row counts."""

    is_deadline_kept = models.BooleanField("締切を守る", default=False)
    made_by = models.CharField("担当", max_length=60)
    made_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "試行環境の設定"
