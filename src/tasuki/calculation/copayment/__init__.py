# SPDX-License-Identifier: Apache-2.0
"""窓口負担 — shares, 高額療養費, 公費 and local programmes: what one person pays at one institution in a month."""

from __future__ import annotations

from tasuki.calculation.copayment.close import close_month
from tasuki.calculation.copayment.ledger import CopayVisit, MonthLedger, VisitCharge
from tasuki.calculation.copayment.month import replay, visit_copayment
from tasuki.calculation.copayment.receipt_month import MonthResult, ProgrammeMonth, ReceiptMonth
from tasuki.calculation.copayment.sentences import explain
from tasuki.calculation.copayment.settings import CopaymentSettings

__all__ = [
    "CopayVisit",
    "CopaymentSettings",
    "MonthLedger",
    "MonthResult",
    "ProgrammeMonth",
    "ReceiptMonth",
    "VisitCharge",
    "close_month",
    "explain",
    "replay",
    "visit_copayment",
]
