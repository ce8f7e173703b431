# SPDX-License-Identifier: Apache-2.0
"""閲覧の保護の記録 — all of it append-only: an undone seal is a version that says why, a review is a row."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from tasuki.security.conditions import CONDITION_RULES, Effect
from tasuki_server.institutions.rows import InstitutionRow, VersionedRow


class MarkKind(models.TextChoices):
    """保護の種類 — SEALED: only the named staff may read; VIP: every view is marked in the trail."""

    SEALED = "sealed", "閲覧制限"
    VIP = "vip", "要配慮"


class PatientMark(VersionedRow):
    """患者の保護 — a seal with the staff who may read past it, or the mark of a person whom curiosity may draw."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="marks")
    kind = models.CharField("種類", max_length=10, choices=MarkKind.choices)
    # 読める職員: ids of staff, for a seal.
    readers = models.JSONField("読める職員", default=list)
    why = models.CharField("理由", max_length=200)

    class Meta(VersionedRow.Meta):
        verbose_name = "患者の保護"
        indexes = [models.Index(fields=["institution", "patient"], name="privacy_mark_patient")]


class StaffRelation(models.TextChoices):
    """職員との関係 — whether the patient is the member of staff or of their family."""

    SELF = "self", "本人"
    FAMILY = "family", "家族"


class StaffPatient(VersionedRow):
    """職員と患者の関係 — a patient who is a member of staff, or of the family of one."""

    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="own_patients")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="staff_links")
    relation = models.CharField("関係", max_length=10, choices=StaffRelation.choices)

    class Meta(VersionedRow.Meta):
        verbose_name = "職員と患者の関係"


class PolicyChoice(InstitutionRow):
    """閲覧の規則の変更 — what an institution chose for a rule from a moment on; the newest of a rule holds."""

    rule_id = models.CharField(
        "規則", max_length=40, choices=[(r.rule_id, r.rule_id) for r in CONDITION_RULES]
    )
    effect = models.PositiveSmallIntegerField(
        "効果", choices=[(int(e), e.label) for e in Effect if e is not Effect.FORBID]
    )
    why = models.CharField("理由", max_length=200)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "閲覧の規則の変更"
        indexes = [models.Index(fields=["institution", "rule_id", "-made_at"], name="privacy_choice_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(effect__lt=int(Effect.FORBID)), name="privacy_choice_never_forbids"
            )
        ]


class EmergencyReason(models.TextChoices):
    """緊急閲覧の理由 — picked from a list; the text beside it says the rest."""

    LIFE = "life", "生命・身体の危険がある"
    CARE = "care", "今日の診療に必要である"
    INQUIRY = "inquiry", "ほかの医療機関・薬局・救急隊からの照会に答える"
    ABSENCE = "absence", "担当の職員が不在で、業務が止まる"
    OTHER = "other", "そのほか（下に書く）"


class EmergencyAccess(InstitutionRow):
    """緊急閲覧 — one member of staff, one patient, a reason, and the moment at which it ends by itself."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="emergencies")
    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("理由", max_length=10, choices=EmergencyReason.choices)
    words = models.CharField("説明", max_length=400)
    # 求められた規則: the row that asked.
    rule_id = models.CharField(max_length=40)
    opened_at = models.DateTimeField("開始", default=timezone.now)
    until = models.DateTimeField("終了予定")
    review_due_on = models.DateField("確認期限")

    class Meta:
        verbose_name = "緊急閲覧"
        indexes = [
            models.Index(fields=["institution", "patient", "staff", "-until"], name="privacy_emergency_open"),
            models.Index(fields=["institution", "-opened_at"], name="privacy_emergency_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__lte=models.F("opened_at") + timedelta(minutes=60)),
                name="privacy_emergency_one_hour",
            )
        ]

    def minutes_left(self, moment: datetime) -> int:
        """残り時間 — in whole minutes, the one that runs included."""
        return max(0, -(-int((self.until - moment).total_seconds()) // 60))


class EmergencyEnd(InstitutionRow):
    """緊急閲覧の終了 — before its time, by whoever opened it or an administrator."""

    access = models.OneToOneField(EmergencyAccess, on_delete=models.PROTECT, related_name="end")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "緊急閲覧の終了"


class Verdict(models.TextChoices):
    """確認の結果 — of an emergency access."""

    JUSTIFIED = "justified", "適切"
    NOT_JUSTIFIED = "not_justified", "不適切"


class EmergencyReview(InstitutionRow):
    """緊急閲覧の確認 — by somebody else, once, in words."""

    access = models.OneToOneField(EmergencyAccess, on_delete=models.PROTECT, related_name="review")
    verdict = models.CharField("結果", max_length=15, choices=Verdict.choices)
    words = models.CharField("所見", max_length=400)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "緊急閲覧の確認"
