# SPDX-License-Identifier: Apache-2.0
"""改定影響の計算の記録 — a month weighed step by step, so that it can be left and taken up again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import InstitutionRow, Rights


class ImpactRun(InstitutionRow):
    """改定影響の計算 — a month and a revision, the patients to weigh, and how many are done.

    ``steps`` are the patient numbers of each step as the month stood when it was begun; ``book`` names the
    tables, since steps under other tables would not add up.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    month = models.DateField("診療月")
    revision = models.CharField("改定", max_length=20)
    book = models.CharField("点数表の印", max_length=60)
    steps = models.JSONField("段階", default=list)
    visit_count = models.PositiveIntegerField("受診件数")
    visits_done = models.PositiveIntegerField("済んだ受診", default=0)
    left_out = models.PositiveIntegerField("除いた受診", default=0)
    steps_done = models.PositiveIntegerField("済んだ段階", default=0)
    made_at = models.DateTimeField("開始", default=timezone.now)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "改定影響の計算"
        indexes = [models.Index(fields=["institution", "-made_at"], name="impact_run_newest")]

    @property
    def is_done(self) -> bool:
        """完了か — whether every step was taken."""
        return self.steps_done >= len(self.steps)


class ImpactPart(InstitutionRow):
    """改定影響の段階の結果 — what one step found, encoded from :class:`tasuki.calculation.impact.Impact`."""

    run = models.ForeignKey(ImpactRun, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveIntegerField("段階")
    result = models.JSONField()

    class Meta:
        verbose_name = "改定影響の段階の結果"
        constraints = [
            models.UniqueConstraint(fields=["institution", "run", "position"], name="impact_part_once")
        ]
