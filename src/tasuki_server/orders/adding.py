# SPDX-License-Identifier: Apache-2.0
"""オーダの追加 — where a chosen row goes: drugs by their form, materials to the act above, acts as orders of their own."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from tasuki.chart.orders import Dispensing, Item, OrderKind
from tasuki.masters.book import DayBook
from tasuki.masters.rows import Drug, Material
from tasuki_server.orders import basket as act
from tasuki_server.orders.basket import DRUG_KINDS, Basket
from tasuki_server.orders.uncoded import item_row
from tasuki_server.orders.unfinished import asks_amount

INTERNAL_FORM, INJECTION_FORM, EXTERNAL_FORM = "1", "4", "6"


@dataclass(frozen=True, slots=True)
class Added:
    """追加の結果 — the new basket, and the field that wants filling next ("" for the search box)."""

    basket: Basket
    focus: str = ""


def add_code(basket: Basket, code: str, book: DayBook, dispensing: Dispensing) -> Added:
    """コードの追加 — raises ``UnknownCode`` or ``EndedCode``."""
    item = Item(code)
    row = item_row(book, item)
    new_id = str(uuid4())
    if isinstance(row, Drug) and row.form in (INTERNAL_FORM, EXTERNAL_FORM):
        kind = OrderKind.INTERNAL if row.form == INTERNAL_FORM else OrderKind.EXTERNAL
        changed, order_id = act.add_drug(basket, item, kind, new_id=new_id, dispensing=dispensing)
    elif isinstance(row, Drug | Material):
        kinds = (OrderKind.INJECTION, OrderKind.ACT)
        if isinstance(row, Material):
            kinds = (OrderKind.ACT, OrderKind.INJECTION)
        changed, order_id = act.add_to_act(basket, item, new_id=new_id, kinds=kinds)
    else:
        changed, order_id = act.add_act(
            basket, item, new_id=new_id, is_injection=row.chapter == "G", is_addition=row.is_addition
        )
    if not asks_amount(row):
        return Added(changed)
    index = max(i for i, each in enumerate(changed.find(order_id).items) if each.code == code)
    return Added(changed, item_field(order_id, index, "amount"))


def usual_dispensing(basket: Basket, previous: Dispensing | None) -> Dispensing:
    """院内・院外の既定 — as the last drug of the basket, else as last time, else outside."""
    for line in reversed(basket.lines):
        if line.order.kind in DRUG_KINDS and line.order.dispensing is not None:
            return line.order.dispensing
    return previous or Dispensing.OUTSIDE


def item_field(order_id: str, index: int, name: str) -> str:
    """項目欄の名前 — the id of an input of the table."""
    return f"o-{order_id}-{index}-{name}"


def order_field(order_id: str, name: str) -> str:
    """オーダ欄の名前 — the id of an input of the table."""
    return f"o-{order_id}-{name}"
