# SPDX-License-Identifier: Apache-2.0
"""処方の整え — what holds of a prescription as one: its 残薬確認時の対応, and the codes of brands that are wished."""

from __future__ import annotations

from dataclasses import replace

from tasuki.chart.orders import Dispensing, Order, ResidualAction
from tasuki.masters.book import DayBook
from tasuki_server.orders.basket import DRUG_KINDS, Basket
from tasuki_server.orders.prescribing import with_brands_settled


def with_residual(found: Basket, action: ResidualAction | None) -> Basket:
    """残薬確認時の対応 — the form has one cell for it, so it is that of every drug dispensed outside, and of no other."""
    for order in found.orders:
        wanted = action if _is_outside(order) else None
        if order.residual_action is not wanted:
            found = found.with_order(order.id, lambda each, said=wanted: replace(each, residual_action=said))
    return found


def settled(found: Basket, book: DayBook) -> Basket:
    """処方の整え — after drugs were added, copied or moved between 院内 and 院外.

    A drug that joins the prescription follows what it says of 残薬; one that leaves it says nothing of it any more.
    """
    for order in found.orders:
        found = found.with_order(order.id, lambda each: with_brands_settled(each, book))
    said = (order.residual_action for order in found.orders if _is_outside(order))
    return with_residual(found, next((action for action in said if action is not None), None))


def _is_outside(order: Order) -> bool:
    return order.kind in DRUG_KINDS and order.dispensing is Dispensing.OUTSIDE
