# SPDX-License-Identifier: Apache-2.0
"""インシデントの記録 — what was told, what happened, and how people answered a training mail."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import InstitutionRow, Rights


class IncidentKind(models.TextChoices):
    """インシデントの種類 — which clocks and forms it needs."""

    MISTAKE = "mistake", "院内の間違い・紛失"
    MISUSE = "misuse", "職員などの不正利用"
    ATTACK = "attack", "サイバー攻撃"
    FAULT = "fault", "システムの障害"


class Incident(InstitutionRow):
    """インシデント — ``known_on`` is the day the institution came to know, from which the clocks of reports run."""

    rights: ClassVar[Rights] = Rights.UPDATE

    title = models.CharField("件名", max_length=100)
    kind = models.CharField("種類", max_length=8, choices=IncidentKind.choices)
    is_draft = models.BooleanField("下書き", default=False)
    # 漏えい等報告の要否は人が決める: None is not decided yet.
    must_report = models.BooleanField("個人情報保護委員会への報告", null=True)
    known_on = models.DateField("知った日")
    began_at = models.DateTimeField("始まり")
    ended_at = models.DateTimeField("終わり", null=True)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "インシデント"


class IncidentEntry(InstitutionRow):
    """インシデントの記入 — one item of a report, the newest of each counts; with no item it is a line of the timeline."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    item = models.CharField(max_length=20, blank=True)
    words = models.CharField(max_length=2000)
    happened_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "インシデントの記入"


class MistakeKind(models.TextChoices):
    """報告の種類 — what a member of staff noticed."""

    MAIL = "mail", "怪しいメールを開いた・リンクを押した"
    CHART = "chart", "違う患者のカルテを開いた"
    PRINT = "print", "違う印刷物を渡した"
    LOST = "lost", "端末・媒体・紙をなくした"
    STRANGE = "strange", "画面や電話で怪しいことがあった"
    OTHER = "other", "そのほか"


class MistakeReport(InstitutionRow):
    """間違い・不審の報告 — told by whoever noticed; it opens the draft of an incident and blames nobody."""

    kind = models.CharField("何がありましたか", max_length=8, choices=MistakeKind.choices)
    words = models.CharField("ひとこと", max_length=400, blank=True)
    happened_at = models.DateTimeField("いつ")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="reports")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "間違い・不審の報告"


class TrainingResult(models.TextChoices):
    """訓練の結果 — how far somebody followed a training mail."""

    REPORTED = "reported", "報告した"
    IGNORED = "ignored", "開かなかった"
    OPENED = "opened", "開いた"
    CLICKED = "clicked", "リンクを押した"
    ENTERED = "entered", "情報を入れた"


class TrainingRecord(InstitutionRow):
    """標的型メール訓練の記録 — one person and one training mail."""

    name = models.CharField("訓練名", max_length=60)
    sent_at = models.DateTimeField("送信日時")
    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    result = models.CharField("結果", max_length=8, choices=TrainingResult.choices)
    reported_at = models.DateTimeField("報告日時", null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "標的型メール訓練の記録"
        constraints = [
            models.UniqueConstraint(fields=["institution", "name", "staff"], name="watch_training_once")
        ]

    @property
    def minutes(self) -> int | None:
        """報告までの分 — from the sending."""
        if self.reported_at is None:
            return None
        return int((self.reported_at - self.sent_at).total_seconds() // 60)
