# SPDX-License-Identifier: Apache-2.0
"""控えと復元の表 — each backup and each rehearsal of a restore, as the administrator and the security office read them.

A backup is of the whole installation; each of its institutions has a row of it, so that nobody reads another's.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import InstitutionRow, Rights


class BackupState(models.TextChoices):
    """控えの状態 — from asking to the end."""

    ASKED = "asked", "開始待ち"
    RUNNING = "running", "作成中"
    DONE = "done", "完了"
    FAILED = "failed", "失敗"


class BackupRun(InstitutionRow):
    """控えの記録 — one backup; ``run_id`` is the same in all institutions that it holds."""

    rights: ClassVar[Rights] = Rights.UPDATE

    run_id = models.UUIDField("実行の識別子", default=uuid4, editable=False)
    state = models.CharField("状態", max_length=8, choices=BackupState.choices, default=BackupState.ASKED)
    asked_at = models.DateTimeField("依頼日時", default=timezone.now)
    asked_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField("開始日時", null=True)
    ended_at = models.DateTimeField("終了日時", null=True)
    phase = models.CharField("段階", max_length=10, blank=True)
    percent = models.PositiveSmallIntegerField("進み具合", default=0)
    base = models.CharField("控えの名前", max_length=40, blank=True)
    mark_at = models.DateTimeField("静止点", null=True)
    kept_bytes = models.PositiveBigIntegerField("大きさ", default=0)
    table_count = models.PositiveIntegerField("表の数", default=0)
    is_sent = models.BooleanField("三つ目の控えに送った", default=False)
    why = models.CharField("失敗の理由", max_length=400, blank=True)

    class Meta:
        verbose_name = "控えの記録"
        constraints = [
            models.UniqueConstraint(fields=["institution", "run_id"], name="recovery_backup_once"),
        ]
        indexes = [models.Index(fields=["institution", "-asked_at"], name="recovery_backup_newest")]


class RestoreRun(InstitutionRow):
    """復元の訓練の記録 — one rehearsal: how long it took (RTO), what would have been lost (RPO), and whether it was proved."""

    at = models.DateTimeField("実施日時", default=timezone.now)
    base = models.CharField("もとにした控え", max_length=40)
    until = models.DateTimeField("戻した時刻", null=True)
    rto_seconds = models.DecimalField("復元時間（秒）", max_digits=10, decimal_places=2)
    rpo_seconds = models.DecimalField("失われる時間（秒）", max_digits=12, decimal_places=2, null=True)
    plain_bytes = models.PositiveBigIntegerField("データの大きさ", default=0)
    chart_count = models.PositiveIntegerField("開けたカルテ", default=0)
    faults = models.JSONField("検証の指摘", default=list)

    class Meta:
        verbose_name = "復元の訓練の記録"
        indexes = [models.Index(fields=["institution", "-at"], name="recovery_restore_newest")]

    @property
    def is_proved(self) -> bool:
        """検証に通ったか — no fault."""
        return not self.faults
