# SPDX-License-Identifier: Apache-2.0
"""支払者の表 — who pays which order of a visit, what a payer pays for a point, and the institution's own prices."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tasuki.calculation.payers import PayerBasis, PayerTerms, PriceItem, TaxClass
from tasuki.chart.coverage import InsuranceKind
from tasuki.kernel.validity import Validity
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow

CONTRACT_KINDS = {
    InsuranceKind.WORK_ACCIDENT: "労災",
    InsuranceKind.TRAFFIC_ACCIDENT: "自賠責",
    InsuranceKind.PRIVATE: "自費",
}
PRICE_KINDS = {InsuranceKind.PRIVATE: "自費", InsuranceKind.CHECKUP: "健診"}
BASES = {PayerBasis.HEALTH: "健康保険の点数", PayerBasis.WORK_ACCIDENT: "労災に準ずる"}
TAXES = {TaxClass.EXEMPT: "非課税", TaxClass.STANDARD: "10%", TaxClass.REDUCED: "8%"}


class VisitPayers(InstitutionRow):
    """受診の支払者 — payers beside the one of reception, who bears 診察料, and the payer of single orders.

    ``orders`` maps the id of an order to the record of an insurance; an order it does not name is borne by the
    payer chosen at reception.
    """

    rights: ClassVar[Rights] = Rights.UPDATE

    visit = models.OneToOneField("reception.Visit", on_delete=models.PROTECT, related_name="payers")
    others = models.JSONField("ほかの支払者", default=list)
    fee_payer = models.CharField("診察料の支払者", max_length=36, blank=True)
    orders = models.JSONField("オーダの支払者", default=dict)

    class Meta:
        verbose_name = "受診の支払者"


class PayerContract(VersionedRow):
    """契約の記録 — what one payer, or every payer of a kind, pays for a point."""

    kind = models.CharField("種別", max_length=20, choices=[(k.value, v) for k, v in CONTRACT_KINDS.items()])
    contract = models.CharField("相手先", max_length=60, blank=True)
    basis = models.CharField(
        "点数表",
        max_length=20,
        choices=[(k.value, v) for k, v in BASES.items()],
        default=PayerBasis.HEALTH.value,
    )
    unit_price_yen = models.DecimalField("1点の金額", max_digits=6, decimal_places=2)
    technique_percent = models.PositiveIntegerField("技術料の割合", default=100)
    tax = models.CharField(
        "消費税",
        max_length=10,
        choices=[(k.value, v) for k, v in TAXES.items()],
        default=TaxClass.EXEMPT.value,
    )
    is_patient_charged = models.BooleanField("窓口で受け取る", default=False)
    since = models.DateField("開始日")
    until = models.DateField("終了日", null=True, blank=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "支払者の契約"

    def terms(self) -> PayerTerms:
        """契約条件 — as the calculation reads it."""
        return PayerTerms(
            InsuranceKind(self.kind),
            self.unit_price_yen,
            self.contract,
            PayerBasis(self.basis),
            self.technique_percent,
            TaxClass(self.tax),
            self.is_patient_charged,
            Validity(self.since, self.until),
        )


class PriceListItem(InstitutionRow):
    """料金表の行 — one price of the institution; a list read anew replaces the rows of before as not current."""

    rights: ClassVar[Rights] = Rights.UPDATE

    code = models.CharField("コード", max_length=60)
    name = models.CharField("名称", max_length=60)
    yen = models.PositiveIntegerField("税込料金")
    tax = models.CharField("消費税", max_length=10, choices=[(k.value, v) for k, v in TAXES.items()])
    kind = models.CharField("種別", max_length=20, choices=[(k.value, v) for k, v in PRICE_KINDS.items()])
    patient_yen = models.PositiveIntegerField("患者負担", null=True, blank=True)
    billed_to = models.CharField("請求先", max_length=60, blank=True)
    since = models.DateField("開始日", null=True, blank=True)
    until = models.DateField("終了日", null=True, blank=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = "料金表"
        indexes = [
            models.Index(
                fields=["institution", "code"],
                name="billing_price_of_code",
                condition=models.Q(is_current=True),
            )
        ]

    def item(self) -> PriceItem:
        """料金表の項目 — as the calculation reads it."""
        validity = Validity(self.since, self.until) if self.since else None
        return PriceItem(
            self.code,
            self.name,
            self.yen,
            TaxClass(self.tax),
            InsuranceKind(self.kind),
            self.patient_yen,
            self.billed_to,
            validity,
        )


class LocalProgrammeFile(VersionedRow):
    """制度ファイルの記録 — the institution's own local programmes as the file was read; the newest version counts."""

    text = models.TextField("内容")
    file = models.CharField("ファイル名", max_length=120, blank=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "地方公費の制度ファイル"


class CapLedgerLine(VersionedRow):
    """上限額管理票の行 — what another institution wrote for one programme on one day; taken back by withdrawing it."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    programme_record = models.UUIDField("公費の記録")
    day = models.DateField("日付")
    place = models.CharField("医療機関名", max_length=60)
    yen = models.PositiveIntegerField("徴収額")

    class Meta(VersionedRow.Meta):
        verbose_name = "上限額管理票"
        indexes = [
            models.Index(fields=["institution", "programme_record", "day"], name="billing_cap_line_of_card")
        ]
