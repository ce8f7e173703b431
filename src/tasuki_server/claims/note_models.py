# SPDX-License-Identifier: Apache-2.0
"""レセプトの摘要の記録 — what only a person knows about one patient's month: 特記事項, 患者の状態 and 症状詳記."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import models

from tasuki_server.database.sealed_field import SealedTextField
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.rows import VersionedRow

LONGEST_TEXT = 20_000


class NoteSort(models.TextChoices):
    """摘要の種類 — where of the receipt a note goes: RE 項番12, RE 項番38, or SJ.

    Cite: 記録条件仕様（医科用） レセプト共通レコード, 症状詳記レコード
    """

    MARK = "mark", "特記事項"
    CONDITION = "condition", "患者の状態"
    NARRATIVE = "narrative", "症状詳記"


class ReceiptNote(VersionedRow):
    """レセプトの摘要 — one mark, condition or narrative of a patient's month of service; of every receipt in it.

    ``code`` is of 別表9, 患者の状態 or 別表23; ``text`` and ``place`` are a narrative's. The rows written by one act
    share ``act``, so that the act is undone as a whole. ``copied_from`` is the version of another month.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    month = models.DateField("診療月")
    sort = models.CharField("種類", max_length=9, choices=NoteSort.choices)
    code = models.CharField("区分", max_length=3)
    text = SealedTextField("本文", max_length=LONGEST_TEXT, blank=True)
    place = models.PositiveIntegerField("順番", default=0)
    act = models.UUIDField("操作", default=new_id, editable=False)
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(VersionedRow.Meta):
        verbose_name = "レセプトの摘要"
        indexes = [
            models.Index(fields=["institution", "month", "patient"], name="claims_note_of_month"),
        ]


def notes_of(month: date, sort: str, patient_id: UUID) -> list[ReceiptNote]:
    """摘要の参照 — those that stand, in their order."""
    rows = ReceiptNote.objects.current().filter(month=month, sort=sort, patient_id=patient_id)
    return sorted(
        rows.select_related("made_by", "copied_from"),
        key=lambda each: (each.place, each.code, each.record_id),
    )


def note_counts(month: date) -> dict[UUID, int]:
    """摘要の件数 — of a month of service, by patient."""
    rows = ReceiptNote.objects.current().filter(month=month)
    return dict(rows.values_list("patient_id").annotate(models.Count("id")))
