# SPDX-License-Identifier: Apache-2.0
"""帳票一覧 — every form by name: its documented input, its checks, its page data and its template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tasuki.forms import (
    chart_page,
    claim_layout,
    claim_receipt,
    daily_report,
    itemised_statement,
    prescription,
    receipt_slip,
    referral,
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
    )
}
