# SPDX-License-Identifier: Apache-2.0
"""会計 — bills by version, the account of each patient, and the lines the next calculation looks back on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.calculation import Statement
from tasuki.calculation.statement_store import decode_statement
from tasuki.chart.visit import PastLine
from tasuki_server.billing.payer_models import (
    CapLedgerLine,
    LocalProgrammeFile,
    PayerContract,
    PriceListItem,
    VisitPayers,
)
from tasuki_server.database.sealed_field import SealedJsonField
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow

__all__ = [
    "AccountEntry",
    "Bill",
    "BilledLine",
    "CapLedgerLine",
    "EntryKind",
    "LocalProgrammeFile",
    "PayerContract",
    "PaymentMethod",
    "PriceListItem",
    "VisitPayers",
]


class Bill(VersionedRow):
    """会計の記録 — one visit's bill as confirmed; ``record_id`` is the visit's id.

    ``statement`` is the whole calculation with its reasons (``calculation.statement_store``), ``charge`` the
    copayment as it stood then, ``own_items`` the 自費 lines. ``patient_yen`` is what the insured care cost the
    patient at this visit, ``own_yen`` the 自費 with ``own_tax_yen`` of tax in it.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="bills")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="bills")
    day = models.DateField("診療日")
    statement = models.JSONField()
    charge = models.JSONField(null=True)
    coverage = SealedJsonField()
    own_items = models.JSONField(default=list)
    # 労災・自賠責・自費・健診の分: each payer's statement and yen, encoded by billing.parts.
    parts = models.JSONField(default=list)
    total_points = models.PositiveIntegerField("合計点数")
    patient_yen = models.IntegerField("一部負担金")
    own_yen = models.PositiveIntegerField("自費", default=0)
    own_tax_yen = models.PositiveIntegerField("うち消費税", default=0)
    is_first_visit = models.BooleanField("初診")
    book = models.CharField("点数表の出所", max_length=200)

    class Meta(VersionedRow.Meta):
        verbose_name = "会計"
        indexes = [
            models.Index(fields=["institution", "day"], name="billing_bill_of_day"),
            models.Index(fields=["institution", "patient", "day"], name="billing_bill_of_patient"),
        ]

    def calculated(self) -> Statement:
        """算定結果 — as it was confirmed."""
        return decode_statement(self.statement)

    @property
    def due_yen(self) -> int:
        """請求額 — insured share and 自費 of this visit."""
        return self.patient_yen + self.own_yen


class EntryKind(models.TextChoices):
    """台帳の種類 — what moved the account of a patient."""

    CHARGE = "charge", "請求"
    ADJUSTMENT = "adjustment", "月次再計算"
    PAYMENT = "payment", "入金"
    REFUND = "refund", "返金"
    # What a payer cut and the clinic therefore does not ask of the patient either; receipts and bills stay as they were.
    ASSESSED = "assessed", "査定減額"


class PaymentMethod(models.TextChoices):
    """支払方法 — how money changed hands."""

    CASH = "cash", "現金"
    CARD = "card", "カード"
    TRANSFER = "transfer", "振込"
    ELECTRONIC = "electronic", "電子マネー・QR"


class AccountEntry(InstitutionRow):
    """収納台帳の行 — one movement on a patient's account; never changed, a mistake is answered by another entry.

    ``yen`` is positive for what the patient owes (請求, 返金) and negative for what the patient paid, so that the sum
    is 未収 (or, below zero, money to give back).
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="account")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="account")
    day = models.DateField("計上日")
    at = models.DateTimeField("時刻", default=timezone.now)
    kind = models.CharField("種類", max_length=12, choices=EntryKind.choices)
    yen = models.IntegerField("金額")
    method = models.CharField("支払方法", max_length=12, choices=PaymentMethod.choices, blank=True)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, null=True, related_name="entries")
    reason = models.CharField("理由", max_length=200, blank=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "収納台帳"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind__in=["payment", "refund"]) | ~models.Q(method=""),
                name="billing_accountentry_method",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="payment") | models.Q(yen__lt=0), name="billing_accountentry_payment"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="refund") | models.Q(yen__gt=0), name="billing_accountentry_refund"
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "day"], name="billing_entry_of_day"),
            models.Index(fields=["institution", "patient"], name="billing_entry_of_patient"),
        ]


class BilledLine(InstitutionRow):
    """算定歴の行 — one act or drug billed at a visit; lines of an older bill stay, marked as no longer current."""

    rights: ClassVar[Rights] = Rights.UPDATE

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="billed_lines")
    day = models.DateField("診療日")
    at = models.DateTimeField("受診時刻")
    code = models.CharField("コード", max_length=9)
    times = models.PositiveIntegerField("回数", default=1)
    department = models.CharField("診療科", max_length=2)
    site = models.CharField("部位", max_length=100, blank=True)
    # 数量データ (単位・分・使用量); null where the act has none, and for lines billed before it was kept.
    amount = models.DecimalField("数量", max_digits=14, decimal_places=5, null=True, blank=True)
    payer = models.CharField("支払者", max_length=20, blank=True)
    bill_version = models.PositiveIntegerField("会計の版", default=1)
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = "算定歴"
        indexes = [
            models.Index(
                fields=["institution", "patient", "day"],
                name="billing_line_of_patient",
                condition=models.Q(is_current=True),
            )
        ]

    def past(self) -> PastLine:
        """算定歴 — as the calculation reads it."""
        return PastLine(
            self.day,
            self.code,
            self.times,
            str(self.visit_id),
            self.department,
            self.site,
            self.payer,
            None if self.amount is None else self.amount.normalize(),
        )
