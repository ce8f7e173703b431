# SPDX-License-Identifier: Apache-2.0
"""見張りの記録 — windows of the rules, alerts, thresholds, decoys and what was done to contain."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.security.misuse.rule import Severity
from tasuki.security.misuse.sentences import SEVERITIES
from tasuki_server.institutions.rows import InstitutionRow, Rights
from tasuki_server.watch.incident_models import Incident, IncidentEntry, MistakeReport, TrainingRecord

__all__ = [
    "Alert",
    "Canary",
    "Containment",
    "Incident",
    "IncidentEntry",
    "MistakeReport",
    "NetworkPlace",
    "RuleWindow",
    "Threshold",
    "TrainingRecord",
]


class RuleWindow(InstitutionRow):
    """検知ルールの窓 — what a rule keeps between acts; the row with no rule holds the number read last."""

    rights: ClassVar[Rights] = Rights.UPDATE

    rule = models.CharField(max_length=3, blank=True)
    state = models.JSONField(default=dict)
    moved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "rule"], name="watch_window_one")]


class CloseCode(models.TextChoices):
    """検知の結果 — how a person closed an alert."""

    LEGITIMATE = "legitimate", "正当な利用"
    TRAINING = "training", "指導した"
    INCIDENT = "incident", "インシデント"


class Alert(InstitutionRow):
    """検知 — one case of one rule: who, whose chart, the numbers, and the events of the trail that show it."""

    rights: ClassVar[Rights] = Rights.UPDATE

    rule = models.CharField(max_length=3)
    severity = models.CharField(
        max_length=8, choices=[(each.value, SEVERITIES[each.value]) for each in Severity]
    )
    key = models.CharField(max_length=200)
    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    account = models.CharField(max_length=60, blank=True)
    patient_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    raised_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    close_code = models.CharField(max_length=10, blank=True, choices=CloseCode.choices)
    close_words = models.CharField(max_length=400, blank=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="alerts")

    class Meta:
        verbose_name = "検知"
        indexes = [
            models.Index(fields=["institution", "closed_at", "-last_at"], name="watch_alert_open"),
            models.Index(fields=["institution", "rule", "key"], name="watch_alert_case"),
        ]


class Threshold(InstitutionRow):
    """検知のしきい値 — a clinic's own number of a rule, from a day on, with the reason."""

    rule = models.CharField(max_length=3)
    knob = models.CharField(max_length=40)
    value = models.PositiveIntegerField()
    since = models.DateField()
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "検知のしきい値"


class NetworkPlace(InstitutionRow):
    """ネットワークの場所 — which prefecture, and which site in it, a range of addresses belongs to; the newest row counts."""

    network = models.CharField(max_length=43)
    place = models.CharField(max_length=40)
    set_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "ネットワークの場所"


class Canary(InstitutionRow):
    """おとり — a chart of nobody, or a user name that nobody was given; it is never counted anywhere."""

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, null=True, related_name="+")
    user_id = models.UUIDField(null=True)
    username = models.CharField(max_length=60, blank=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "おとり"


class ContainmentKind(models.TextChoices):
    """封じ込めの種類 — what is stopped."""

    SESSIONS = "sessions", "セッションの終了"
    ACCOUNT = "account", "利用の停止"
    READ_ONLY = "read_only", "閲覧専用モード"


class Containment(InstitutionRow):
    """封じ込め — one act that stops a person or all writing, why, and how it was taken back."""

    rights: ClassVar[Rights] = Rights.UPDATE

    kind = models.CharField(max_length=10, choices=ContainmentKind.choices)
    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, null=True, related_name="containments")
    reason = models.CharField(max_length=200)
    count = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(default=timezone.now)
    begun_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "封じ込め"
        indexes = [models.Index(fields=["institution", "kind", "ended_at"], name="watch_containment_open")]
