# SPDX-License-Identifier: Apache-2.0
"""事業継続の表 — the recovery plan in versions, cards that open the copy, views that were merged, accounts for emergencies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.security.recovery_plan import Priority, System
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow


class RecoverySystem(VersionedRow):
    """復旧するシステム — one line of the recovery plan; what the plan was stays readable in its versions."""

    code = models.CharField("符号", max_length=30)
    name = models.CharField("システム", max_length=80)
    priority = models.CharField(
        "優先度", max_length=2, choices=[(each.value, each.label) for each in Priority]
    )
    needs = models.JSONField("必要なシステム", default=list)
    back_by_minutes = models.PositiveIntegerField("いつまでに戻すか（分）", null=True)
    to_point = models.CharField("どの時点まで戻すか", max_length=120, blank=True)
    responsible = models.CharField("担当", max_length=120, blank=True)
    paper = models.CharField("紙の手順の置き場所", max_length=120, blank=True)
    act = models.CharField("戻し方", max_length=400, blank=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "復旧するシステム"

    def system(self) -> System:
        """復旧計画の値 — as the library orders it."""
        return System(
            self.code,
            self.name,
            Priority(self.priority),
            tuple(self.needs),
            self.back_by_minutes,
            self.to_point,
            self.responsible,
            self.paper,
            self.act,
        )


class ViewerCard(InstitutionRow):
    """開封カード — with whose key the copy is sealed; the newest row of a member of staff holds.

    ``wrapped`` is the person's private key under the code on their card. The code is printed once and kept nowhere.
    """

    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="viewer_cards")
    public_key = models.BinaryField("公開鍵")
    wrapped = models.BinaryField("包んだ鍵")
    is_stopped = models.BooleanField("停止", default=False)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("発行日時", default=timezone.now)

    class Meta:
        verbose_name = "開封カード"
        indexes = [models.Index(fields=["institution", "staff", "-made_at"], name="continuity_card_newest")]


class MergedView(InstitutionRow):
    """取り込んだ閲覧 — a line of a viewer's log that stands in the trail; each line once."""

    log = models.CharField("閲覧記録", max_length=40)
    line = models.PositiveIntegerField("行")
    viewed_at = models.DateTimeField("閲覧日時")
    merged_at = models.DateTimeField("取込日時", default=timezone.now)

    class Meta:
        verbose_name = "取り込んだ閲覧"
        constraints = [
            models.UniqueConstraint(fields=["institution", "log", "line"], name="continuity_view_once"),
        ]


class EmergencyAccount(InstitutionRow):
    """非常時アカウント — a sign-in that is shut until two people bring both envelopes; the codes are kept as hashes.

    Without codes it is not sealed: it was used, or never made ready.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    number = models.PositiveSmallIntegerField("番号")
    staff = models.OneToOneField(
        "institutions.Staff", on_delete=models.PROTECT, related_name="emergency_account"
    )
    kept_a = models.CharField("封筒Aを預かる人・場所", max_length=80, blank=True)
    kept_b = models.CharField("封筒Bを預かる人・場所", max_length=80, blank=True)
    code_a = models.CharField(max_length=128, blank=True, editable=False)
    code_b = models.CharField(max_length=128, blank=True, editable=False)
    sealed_at = models.DateTimeField("封をした日時", null=True)
    sealed_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "非常時アカウント"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "number"], name="continuity_emergency_account_number"
            ),
        ]

    @property
    def is_sealed(self) -> bool:
        """封があるか — both codes wait in their envelopes."""
        return bool(self.code_a and self.code_b)


class EmergencyOpening(InstitutionRow):
    """非常時アカウントの開封 — by two named people, for what, and the moment at which it ends by itself."""

    account = models.ForeignKey(EmergencyAccount, on_delete=models.PROTECT, related_name="openings")
    by_a = models.CharField("封筒Aを開けた人", max_length=60)
    by_b = models.CharField("封筒Bを開けた人", max_length=60)
    words = models.CharField("理由", max_length=400)
    opened_at = models.DateTimeField("開封", default=timezone.now)
    until = models.DateTimeField("終了予定")
    review_due_on = models.DateField("確認期限")

    class Meta:
        verbose_name = "非常時アカウントの開封"
        indexes = [models.Index(fields=["institution", "account", "-until"], name="continuity_opening_open")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__lte=models.F("opened_at") + timedelta(hours=8)),
                name="continuity_opening_eight_hours",
            )
        ]

    def minutes_left(self, moment: datetime) -> int:
        """残り時間 — in whole minutes, the one that runs included."""
        return max(0, -(-int((self.until - moment).total_seconds()) // 60))


class EmergencyOpeningEnd(InstitutionRow):
    """非常時アカウントの終了 — by the clock (nobody), or by a person before."""

    opening = models.OneToOneField(EmergencyOpening, on_delete=models.PROTECT, related_name="end")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "非常時アカウントの終了"


class EmergencyOpeningReview(InstitutionRow):
    """非常時アカウントの確認 — of everything that was done in it, once, in words."""

    opening = models.OneToOneField(EmergencyOpening, on_delete=models.PROTECT, related_name="review")
    is_justified = models.BooleanField("適切")
    words = models.CharField("所見", max_length=400)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "非常時アカウントの確認"
