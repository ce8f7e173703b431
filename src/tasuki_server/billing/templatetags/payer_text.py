# SPDX-License-Identifier: Apache-2.0
"""支払者の表記 — for templates that show whose an order is."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def payer_of(payers: Mapping[str, str] | None, order_id: str) -> str:
    """オーダの支払者 — its label; "" when the payer of reception bears the order."""
    return (payers or {}).get(order_id, "")
