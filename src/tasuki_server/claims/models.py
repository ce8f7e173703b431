# SPDX-License-Identifier: Apache-2.0
"""レセプトの記録 — each making of a month with its receipts and files, and the closing of months; all append-only."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Record
from tasuki_server.claims.cycle_models import (
    PAYER_LABELS,
    FindingDecision,
    HeldClaim,
    LongWork,
    PayerEntry,
    PayerEntryKind,
    ResultFile,
    ResultKind,
    SendKind,
    SentClaim,
    StepKind,
    Submission,
    SubmissionStep,
    WithdrawalRequest,
)
from tasuki_server.claims.note_models import NoteSort, ReceiptNote
from tasuki_server.claims.return_models import CutRefund, PointChange, ReturnedClaim
from tasuki_server.database.sealed_field import SealedBinaryField, SealedJsonField
from tasuki_server.institutions.rows import InstitutionRow

__all__ = [
    "PAYER_LABELS",
    "BuiltClaim",
    "ClaimBuild",
    "ClaimFile",
    "CutRefund",
    "FindingDecision",
    "HeldClaim",
    "LongWork",
    "MonthClosing",
    "NoteSort",
    "PayerEntry",
    "PayerEntryKind",
    "PointChange",
    "ReceiptNote",
    "ResultFile",
    "ResultKind",
    "ReturnedClaim",
    "SendKind",
    "SentClaim",
    "StepKind",
    "Submission",
    "SubmissionStep",
    "WithdrawalRequest",
]


class ClaimBuild(InstitutionRow):
    """レセプトの作成 — one making of a month of service; the newest is what the page shows.

    ``month`` is the first day of the month of service, ``number`` counts the makings of that month from 1.
    ``findings`` concern no receipt, ``differences`` are those from the ledger (``claims.compare``).
    """

    month = models.DateField("診療月")
    number = models.PositiveIntegerField("作成回数")
    receipt_count = models.PositiveIntegerField("レセプト件数")
    total_points = models.PositiveBigIntegerField("合計点数")
    patient_yen = models.BigIntegerField("患者負担額")
    findings = models.JSONField(default=list)
    differences = models.JSONField(default=list)
    book = models.CharField("点数表の出所", max_length=400, blank=True)
    reused_count = models.PositiveIntegerField("前回のまま", default=0)
    months_back = models.PositiveSmallIntegerField("縦覧した月数", default=0)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("作成日時", default=timezone.now)

    class Meta:
        verbose_name = "レセプトの作成"
        constraints = [
            models.UniqueConstraint(fields=["institution", "month", "number"], name="claims_build_one_number")
        ]


class BuiltClaim(InstitutionRow):
    """作成したレセプト — one receipt of a making, its records and what was found.

    ``records`` are the items of each record as written; ``number`` is レセプト番号 in its file, 0 when left out.
    ``digest`` is of everything it was made from: while that is the same, the next making takes the receipt over
    (``is_reused``) and neither makes nor checks it again. ``owed_yen`` is what the payers are asked for.
    """

    build = models.ForeignKey(ClaimBuild, on_delete=models.PROTECT, related_name="claims")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="claims")
    key = models.CharField(max_length=80)
    payer = models.CharField("請求先", max_length=1)
    number = models.PositiveIntegerField("レセプト番号")
    kind = models.CharField("レセプト種別", max_length=40)
    day_count = models.PositiveIntegerField("実日数")
    points = models.PositiveIntegerField("点数")
    patient_yen = models.IntegerField("患者負担額")
    records = SealedJsonField()
    findings = models.JSONField(default=list)
    is_left_out = models.BooleanField("請求から外した")
    owed_yen = models.BigIntegerField("請求額", default=0)
    digest = models.CharField(max_length=64, blank=True)
    is_reused = models.BooleanField("前回のまま", default=False)

    class Meta:
        verbose_name = "作成したレセプト"
        indexes = [models.Index(fields=["institution", "build"], name="claims_claim_of_build")]

    def receipt(self) -> Receipt:
        """レセプト — as the library reads it."""
        rows: list[list[str]] = self.records
        return Receipt([Record(0, b"", tuple(row)) for row in rows])

    def found(self, severity: str) -> list[dict[str, Any]]:
        """指摘 — of one severity."""
        return [each for each in self.findings if each["severity"] == severity]

    @property
    def payer_label(self) -> str:
        """請求先の表記 — for screens."""
        return PAYER_LABELS.get(self.payer, self.payer)


class ClaimFile(InstitutionRow):
    """請求ファイル — the bytes handed in to one payer organisation."""

    build = models.ForeignKey(ClaimBuild, on_delete=models.PROTECT, related_name="files")
    payer = models.CharField("請求先", max_length=1)
    name = models.CharField("ファイル名", max_length=40)
    data = SealedBinaryField("内容")
    sha256 = models.CharField("SHA-256", max_length=64)
    receipt_count = models.PositiveIntegerField("レセプト件数")
    payer_count = models.PositiveIntegerField("総件数")
    total_points = models.PositiveBigIntegerField("総合計点数")

    class Meta:
        verbose_name = "請求ファイル"

    @property
    def payer_label(self) -> str:
        """請求先の表記 — for screens."""
        return PAYER_LABELS.get(self.payer, self.payer)


class MonthClosing(InstitutionRow):
    """診療月の締め — closed or opened again; the newest row of a month says how it stands."""

    month = models.DateField("診療月")
    number = models.PositiveIntegerField("順番")
    is_closed = models.BooleanField("締め")
    reason = models.CharField("理由", max_length=200, blank=True)
    build = models.ForeignKey(ClaimBuild, on_delete=models.PROTECT, null=True, related_name="closings")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("日時", default=timezone.now)

    class Meta:
        verbose_name = "診療月の締め"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "month", "number"], name="claims_closing_one_number"
            ),
            models.CheckConstraint(
                condition=models.Q(is_closed=True) | ~models.Q(reason=""), name="claims_closing_reason"
            ),
        ]
