# SPDX-License-Identifier: Apache-2.0
"""請求額 — what a receipt asks of its payers in yen, from the replayed copayment of the month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.payable import YEN_PER_POINT

if TYPE_CHECKING:
    from tasuki.calculation.copayment import ReceiptMonth


def owed_yen(month: ReceiptMonth) -> int:
    """請求額 — the fee less the insured share, and what each programme on the receipt pays of it."""
    paid = sum(each.pays_yen for each in month.programmes if each.is_on_receipt)
    if not month.is_insured:
        return paid
    return month.points * YEN_PER_POINT - month.share_yen + paid
