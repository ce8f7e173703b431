# SPDX-License-Identifier: Apache-2.0
"""料金と理由の記録 — a charged item of the price list, and the reason of a yen, as JSON members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.calculation.payers.sentences import explain_payer

if TYPE_CHECKING:
    from tasuki.calculation.payers.price_list import PricedLine
    from tasuki.kernel.because import Because


def priced_trace(line: PricedLine) -> dict[str, Any]:
    """料金の記録 — one item of the price list as charged."""
    return {
        "code": line.item.code,
        "name": line.item.name,
        "kind": line.item.kind.value,
        "times": line.times,
        "patient_yen": line.patient_yen,
        "tax_yen": line.tax_yen,
        "billed_to": line.item.billed_to,
        "billed_yen": line.billed_yen,
        "because": reason_text(line.because),
    }


def reason_text(because: Because) -> dict[str, str]:
    """金額の理由 — as JSON members."""
    return {"rule": because.rule_id, "cite": because.cite, "sentence": explain_payer(because)}
