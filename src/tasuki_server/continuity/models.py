# SPDX-License-Identifier: Apache-2.0
"""事業継続の表 — systems of the recovery plan in versions, cards that open the copy, and views that were merged."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tasuki.security.recovery_plan import Priority, System
from tasuki_server.institutions.rows import InstitutionRow, VersionedRow


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
