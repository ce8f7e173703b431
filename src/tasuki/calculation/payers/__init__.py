# SPDX-License-Identifier: Apache-2.0
"""支払者 — 労災, 自賠責, 自費 and 健診 beside health insurance: who bears what of a visit, and at which price."""

from __future__ import annotations

from tasuki.calculation.payers.account import PayerPart, VisitAccount, calculate_account
from tasuki.calculation.payers.price_list import PricedLine, PriceItem, price_lines, read_price_list
from tasuki.calculation.payers.sentences import explain_payer, payer_name
from tasuki.calculation.payers.terms import PayerBasis, PayerSettings, PayerTerms, TaxClass, TermsUnknown

__all__ = [
    "PayerBasis",
    "PayerPart",
    "PayerSettings",
    "PayerTerms",
    "PriceItem",
    "PricedLine",
    "TaxClass",
    "TermsUnknown",
    "VisitAccount",
    "calculate_account",
    "explain_payer",
    "payer_name",
    "price_lines",
    "read_price_list",
]
