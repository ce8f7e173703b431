# SPDX-License-Identifier: Apache-2.0
"""出ていくものの表 — bulk exports with what each of their files holds, subscriptions, and what waits to be told."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import Rights, ServiceRow
from tasuki_server.platform.models import ConnectedInstitution


class ExportJob(ServiceRow):
    """一括出力 — what was asked, by whom, how far it is; ``guard`` names the runner that may go on with it."""

    own_rights: ClassVar[Rights] = Rights.FULL

    caller = models.ForeignKey(ConnectedInstitution, on_delete=models.PROTECT, related_name="+")
    client_id = models.UUIDField("接続プログラム", null=True)
    # 発行時の利用範囲: of the token that began it; none for an institution's own.
    scopes = models.JSONField("利用範囲", null=True)
    request = models.TextField("要求")
    types = models.JSONField("種類")
    # 種類ごとの条件: lists of pairs, one list a filter; any of them lets a resource in.
    filters = models.JSONField("条件", default=dict)
    since = models.DateTimeField("更新の始め", null=True)
    in_compartment = models.BooleanField("患者に関するものだけ", default=False)
    patients = models.JSONField("患者", null=True)
    transaction_time = models.DateTimeField("基準の時刻")
    status = models.CharField("状態", max_length=10, default="running")
    place = models.PositiveSmallIntegerField("進み", default=0)
    cursor = models.BigIntegerField("続きの鍵", default=0)
    guard = models.UUIDField("実行の印", null=True)
    beat_at = models.DateTimeField("最後の進み", default=timezone.now)
    tries = models.PositiveSmallIntegerField("やり直し", default=0)
    made_at = models.DateTimeField("開始日時", default=timezone.now)
    expires_at = models.DateTimeField("期限")

    class Meta:
        db_table = "exchange_export"
        verbose_name = "一括出力"
        indexes = [models.Index(fields=["caller", "status"], name="exchange_export_caller")]


class ExportFile(ServiceRow):
    """一括出力のファイル — which versions are its lines; the bodies stay where they are, and are judged again when fetched."""

    own_rights: ClassVar[Rights] = Rights.FULL

    job = models.ForeignKey(ExportJob, on_delete=models.CASCADE, related_name="files")
    nth = models.PositiveIntegerField("番号")
    type = models.CharField("種類", max_length=64)
    # 削除の一覧: of every type together, as deletions and not as bodies.
    is_of_deleted = models.BooleanField("削除の一覧", default=False, db_default=False)
    keys = ArrayField(models.BigIntegerField(), verbose_name="鍵")
    versions = ArrayField(models.IntegerField(), verbose_name="版")

    class Meta:
        db_table = "exchange_exportfile"
        verbose_name = "一括出力のファイル"
        constraints = [models.UniqueConstraint(fields=["job", "nth"], name="exchange_exportfile_nth")]


class Hook(ServiceRow):
    """通知の申込み — a Subscription as it is acted on; the headers, which open somebody's door, are sealed
    for this row (see ``hook_headers``)."""

    own_rights: ClassVar[Rights] = Rights.FULL

    # The Subscription in the store.
    key = models.BigIntegerField("リソースの鍵", unique=True)
    logical_id = models.CharField("識別子", max_length=64)
    writer = models.ForeignKey(ConnectedInstitution, on_delete=models.PROTECT, related_name="+")
    client_id = models.UUIDField("接続プログラム", null=True)
    scopes = models.JSONField("利用範囲", null=True)
    type = models.CharField("種類", max_length=64)
    criteria = models.TextField("条件")
    # 自らのアドレス: as whoever wrote it reached us; absolute references to us are read by it.
    base = models.TextField("アドレス", default="")
    endpoint = models.TextField("通知先")
    payload = models.CharField("内容の形式", max_length=40, blank=True)
    headers = models.BinaryField("見出し（暗号文）", null=True)
    status = models.CharField("状態", max_length=10, default="requested")
    ends_at = models.DateTimeField("終了", null=True)
    tries = models.PositiveSmallIntegerField("やり直し", default=0)
    next_at = models.DateTimeField("次の送信", default=timezone.now)

    class Meta:
        verbose_name = "通知の申込み"
        indexes = [models.Index(fields=["type", "status"], name="exchange_hook_of_type")]


class Notice(models.Model):
    """通知 — a version to be told of, written in the transaction that wrote it; gone when it was told."""

    own_rights: ClassVar[Rights] = Rights.FULL

    number = models.BigAutoField(primary_key=True)
    # No constraint: a subscription may be deleted while somebody's write tells it something.
    hook = models.ForeignKey(
        Hook, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    key = models.BigIntegerField()
    version = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "exchange_notice"
        verbose_name = "通知"
        indexes = [models.Index(fields=["hook", "number"], name="exchange_notice_in_order")]
