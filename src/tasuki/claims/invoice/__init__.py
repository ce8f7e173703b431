# SPDX-License-Identifier: Apache-2.0
"""診療報酬請求書 — what a month's receipts ask of each payer, summed as the invoices print it."""

from __future__ import annotations

from tasuki.claims.invoice.by_insurer import invoices_by_insurer
from tasuki.claims.invoice.parts import PartAmounts, claimed_parts
from tasuki.claims.invoice.social import is_social, social_invoice

__all__ = ["PartAmounts", "claimed_parts", "invoices_by_insurer", "is_social", "social_invoice"]
