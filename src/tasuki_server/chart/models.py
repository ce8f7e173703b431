# SPDX-License-Identifier: Apache-2.0
"""診療録 — signed notes, diseases, and the drafts that are not yet record."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.chart.visit import Diagnosis, Outcome
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow

OUTCOME_LABELS = {
    Outcome.CONTINUING: "継続",
    Outcome.CURED: "治ゆ",
    Outcome.DIED: "死亡",
    Outcome.STOPPED: "中止",
}
SOAP = ("subjective", "objective", "assessment", "plan")


class Note(VersionedRow):
    """診療録の記載 — what was signed for a visit; ``record_id`` is the visit's id, so a visit has one note.

    A signed note is never edited: a correction is the next version, with its reason.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="notes")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="notes")
    subjective = models.TextField("S 主訴・自覚症状", blank=True)
    objective = models.TextField("O 所見", blank=True)
    assessment = models.TextField("A 評価", blank=True)
    plan = models.TextField("P 計画", blank=True)
    flags = models.JSONField("申告事実", default=list)
    # 診療の数字: :class:`tasuki_server.chart.facts.VisitFacts` as ``encode_facts`` writes it.
    facts = models.JSONField("診療の数字", default=dict)
    # 転記元: the note versions whose text was copied into this one, as [{"note": id, "author": name, "day": …}].
    copied_from = models.JSONField("転記元", default=list)

    class Meta(VersionedRow.Meta):
        verbose_name = "診療録の記載"

    def texts(self) -> dict[str, str]:
        """SOAP — the four texts by their names."""
        return {name: getattr(self, name) for name in SOAP}


class DiagnosisRecord(VersionedRow):
    """病名の記録 — a disease with its modifiers, days and outcome."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="diagnoses")
    code = models.CharField("傷病名コード", max_length=7)
    name = models.CharField("病名", max_length=120)
    modifiers = models.JSONField("修飾語コード", default=list)
    since = models.DateField("診療開始日")
    is_main = models.BooleanField("主病", default=False)
    is_suspected = models.BooleanField("疑い", default=False)
    outcome = models.CharField(
        "転帰", max_length=1, choices=list(OUTCOME_LABELS.items()), default=Outcome.CONTINUING
    )
    ended_on = models.DateField("転帰日", null=True, blank=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "病名"

    @property
    def is_active(self) -> bool:
        """継続中か — no outcome yet."""
        return self.outcome == Outcome.CONTINUING

    def diagnosis(self) -> Diagnosis:
        """病名の算定値 — as the calculation and the claim read it."""
        return Diagnosis(
            code=self.code,
            since=self.since,
            modifiers=tuple(self.modifiers),
            name=self.name,
            is_main=self.is_main,
            is_suspected=self.is_suspected,
            outcome=Outcome(self.outcome),
            ended_on=self.ended_on,
        )


class Draft(InstitutionRow):
    """下書き — what one person is writing about one patient; not record until signed.

    One for each patient and member of staff. ``base_version`` is the version of the note that was read
    when the draft began (0 for none): signing over a newer one is refused. ``undone`` keeps earlier
    orders for 元に戻す. A draft may be deleted; the record never is.
    """

    rights: ClassVar[Rights] = Rights.FULL

    patient = models.ForeignKey("patients.Patient", on_delete=models.CASCADE, related_name="drafts")
    visit = models.ForeignKey("reception.Visit", on_delete=models.CASCADE, related_name="drafts")
    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    base_version = models.PositiveIntegerField(default=0)
    subjective = models.TextField(blank=True)
    objective = models.TextField(blank=True)
    assessment = models.TextField(blank=True)
    plan = models.TextField(blank=True)
    flags = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    orders = models.JSONField(default=list)
    # 読んだオーダの版: {record id: version} of the signed orders this draft began from.
    base_orders = models.JSONField(default=dict)
    overrides = models.JSONField(default=dict)
    undone = models.JSONField(default=list)
    copied_from = models.JSONField(default=list)
    text_stamp = models.PositiveIntegerField(default=1)
    # 最後に書いた窓: two windows of one person clash, one window never clashes with itself.
    text_window = models.CharField(max_length=36, blank=True)
    order_stamp = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "下書き"
        constraints = [
            models.UniqueConstraint(fields=["institution", "patient", "staff"], name="chart_draft_one_active")
        ]

    def texts(self) -> dict[str, str]:
        """SOAP — the four texts by their names."""
        return {name: getattr(self, name) for name in SOAP}
