# SPDX-License-Identifier: Apache-2.0
"""帳票一覧 — every form by name: its documented input, its checks, its page data and its template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tasuki.forms import (
    attack_report,
    chart_page,
    claim_layout,
    claim_receipt,
    claim_totals,
    control_sheet,
    daily_report,
    disease_notification,
    itemised_statement,
    own_record,
    payer_invoices,
    payer_invoices_layout,
    prescription,
    prescription_copy,
    receipt_slip,
    referral,
    social_invoice,
    social_invoice_layout,
    traffic_layout,
    traffic_statement,
    work_accident,
    work_accident_claim_layout,
    work_accident_layout,
)
from tasuki.kernel.finding import Finding


@dataclass(frozen=True, slots=True)
class Form:
    """帳票 — one legal form.

    ``input`` is the dataclass a caller fills; ``check`` lists what must not be printed; ``layout``
    turns the value into the plain JSON the template draws; ``day`` is the day the document bears.
    """

    name: str
    title: str
    input: type[Any]
    check: Callable[[Any], list[Finding]]
    layout: Callable[[Any], dict[str, Any]]
    day: Callable[[Any], date]


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form(
            "receipt_slip",
            "領収証",
            receipt_slip.ReceiptSlip,
            receipt_slip.check,
            receipt_slip.layout,
            lambda slip: slip.issued_on,
        ),
        Form(
            "itemised_statement",
            "診療明細書",
            itemised_statement.ItemisedStatement,
            itemised_statement.check,
            itemised_statement.layout,
            lambda statement: statement.issued_on,
        ),
        Form(
            "prescription",
            "処方箋",
            prescription.Prescription,
            prescription.check,
            prescription.layout,
            lambda slip: slip.issued_on,
        ),
        Form(
            "prescription_copy",
            "処方内容（控え）",
            prescription_copy.PrescriptionCopy,
            prescription_copy.check,
            prescription_copy.layout,
            lambda copy: copy.issued_on,
        ),
        Form(
            "claim_receipt",
            "診療報酬明細書",
            claim_receipt.ClaimReceipt,
            lambda receipt: [],
            claim_layout.layout,
            lambda receipt: receipt.month,
        ),
        Form(
            "claim_receipts",
            "診療報酬明細書一括",
            claim_receipt.ClaimReceipts,
            claim_receipt.check,
            claim_layout.layout_all,
            lambda bundle: bundle.month,
        ),
        Form(
            "social_invoice",
            "診療報酬請求書",
            social_invoice.SocialInvoice,
            social_invoice.check,
            social_invoice_layout.layout,
            lambda invoice: invoice.claimed_on or invoice.month,
        ),
        Form(
            "payer_invoices",
            "診療報酬請求書（国保・後期）",
            payer_invoices.PayerInvoices,
            payer_invoices.check,
            payer_invoices_layout.layout,
            lambda bundle: bundle.claimed_on or bundle.month,
        ),
        Form(
            "claim_totals",
            "診療報酬総括表",
            payer_invoices.PayerInvoices,
            payer_invoices.check,
            claim_totals.layout,
            lambda bundle: bundle.claimed_on or bundle.month,
        ),
        Form(
            "traffic_statement",
            "自賠責診療報酬明細書",
            traffic_statement.TrafficStatement,
            traffic_statement.check,
            traffic_layout.layout,
            lambda statement: statement.claimed_on or statement.month,
        ),
        Form(
            "work_accident_statement",
            "労災診療費請求内訳書",
            work_accident.WorkAccidentStatement,
            work_accident.check,
            work_accident_layout.layout,
            lambda statement: statement.month,
        ),
        Form(
            "work_accident_claim",
            "労災診療費請求書",
            work_accident.WorkAccidentClaim,
            work_accident.check_claim,
            work_accident_claim_layout.layout,
            lambda claim: claim.claimed_on or claim.month,
        ),
        Form(
            "daily_report",
            "日計表",
            daily_report.DailyReport,
            daily_report.check,
            daily_report.layout,
            lambda report: report.day,
        ),
        Form(
            "chart_page",
            "診療録2号紙",
            chart_page.ChartPages,
            chart_page.check,
            chart_page.layout,
            lambda pages: pages.printed_on,
        ),
        Form(
            "referral",
            "診療情報提供書",
            referral.Referral,
            referral.check,
            referral.layout,
            lambda letter: letter.issued_on,
        ),
        Form(
            "disease_notification",
            "感染症発生届",
            disease_notification.DiseaseNotification,
            disease_notification.check,
            disease_notification.layout,
            disease_notification.day_of,
        ),
        Form(
            "control_sheet",
            "安全管理の対策状況",
            control_sheet.ControlSheet,
            control_sheet.check,
            control_sheet.layout,
            lambda sheet: sheet.day,
        ),
        Form(
            "attack_report",
            "サイバー攻撃対応報告書",
            attack_report.AttackReport,
            attack_report.check,
            attack_report.layout,
            lambda report: report.day,
        ),
        Form(
            "own_record",
            "本人の記録",
            own_record.OwnRecord,
            own_record.check,
            own_record.layout,
            lambda record: record.printed_at.date(),
        ),
    )
}
