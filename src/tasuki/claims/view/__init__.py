# SPDX-License-Identifier: Apache-2.0
"""レセプト表示 — a receipt's records with the names of their codes, for the form, the screen and text."""

from __future__ import annotations

from tasuki.claims.view.other_tables import other_receipt_text, other_receipt_view
from tasuki.claims.view.receipt_lines import ReceiptBlock, ReceiptLine, receipt_lines
from tasuki.claims.view.receipt_text import receipt_text
from tasuki.claims.view.receipt_view import receipt_view

__all__ = [
    "ReceiptBlock",
    "ReceiptLine",
    "other_receipt_text",
    "other_receipt_view",
    "receipt_lines",
    "receipt_text",
    "receipt_view",
]
