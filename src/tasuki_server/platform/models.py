# SPDX-License-Identifier: Apache-2.0
"""接続機関・運用者・障害の設定・利用の記録 — of the services of the platform, reached by their role alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.api.sender_key import SenderKeyRow
from tasuki_server.institutions.rows import Rights, ServiceRow


class FeeTable(models.TextChoices):
    """点数表コード — the third digit of the ten that name an institution to the services."""

    MEDICAL = "1", "医科"
    DENTAL = "3", "歯科"
    PHARMACY = "4", "調剤"
    # No fee tables of the claims: 保健所, insurers, and whoever shows a person their own record.
    HEALTH_CENTER = "7", "保健所"
    INSURER = "8", "保険者"
    PORTAL = "9", "本人の閲覧"


# 診療をしない接続: told only what is addressed to them; the services of those who give care are not theirs.
GIVES_NO_CARE = frozenset((FeeTable.HEALTH_CENTER, FeeTable.INSURER))


class ConnectedInstitution(ServiceRow):
    """接続機関 — a hospital, clinic or pharmacy that may ask, known by the digest of its token."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    prefecture = models.CharField("都道府県番号", max_length=2)
    fee_table = models.CharField("点数表", max_length=1, choices=FeeTable.choices)
    code = models.CharField("医療機関コード", max_length=7)
    name = models.CharField("名称", max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField("登録日時", default=timezone.now)
    revoked_at = models.DateTimeField("停止日時", null=True)

    class Meta:
        verbose_name = "接続機関"
        indexes = [models.Index(fields=["prefecture", "fee_table", "code"], name="platform_connected_number")]

    @property
    def institution_number(self) -> str:
        """医療機関コード10桁 — prefecture, fee table and code, as messages write it."""
        return f"{self.prefecture}{self.fee_table}{self.code}"


class InstitutionKey(SenderKeyRow, ServiceRow):
    """接続機関の公開鍵 — by which an institution names itself instead of by a token; one key serves one institution."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    connected = models.ForeignKey(ConnectedInstitution, on_delete=models.PROTECT, related_name="keys")

    class Meta:
        verbose_name = "接続機関の公開鍵"


class PlatformOperator(ServiceRow):
    """運用担当者 — a sign-in that may sit at the desk; written by the command line only."""

    own_rights: ClassVar[Rights] = Rights.READ

    user_id = models.UUIDField(unique=True)
    name = models.CharField("氏名", max_length=60)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "運用担当者"


class FaultSetting(ServiceRow):
    """障害の設定 — what goes wrong on purpose in one service; the newest row of a service counts."""

    service = models.CharField("サービス", max_length=20)
    # 障害: :class:`tasuki_server.platform.faults.Faults` as JSON.
    faults = models.JSONField("障害", default=dict)
    made_by = models.CharField("担当", max_length=60)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "障害の設定"
        indexes = [models.Index(fields=["service", "-made_at"], name="platform_fault_newest")]


class RemovalMark(ServiceRow):
    """最後の整理 — when what is past its days was last removed; one row (:mod:`.removal_clock`)."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "最後の整理"


class ServiceEvent(ServiceRow):
    """利用の記録 — one request about a person: who asked, what, about whom, how it ended; never changed.

    Written by the statement that reads or changes, so that no answer leaves without its row.
    """

    at = models.DateTimeField(default=timezone.now)
    caller = models.ForeignKey(
        ConnectedInstitution, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    operation = models.CharField("操作", max_length=40)
    person_id = models.UUIDField("本人", null=True)
    outcome = models.CharField("結果", max_length=20, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = "利用の記録"
        indexes = [models.Index(fields=["person_id", "-at"], name="platform_event_of_person")]
