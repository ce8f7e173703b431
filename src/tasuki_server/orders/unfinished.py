# SPDX-License-Identifier: Apache-2.0
"""未完のオーダ — what an order still lacks; an unfinished order cannot be signed."""

from __future__ import annotations

from typing import NamedTuple

from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.masters.book import DayBook, EndedCode, UnknownCode
from tasuki.masters.rows import UNCODED_MATERIAL, Act, Drug, Material
from tasuki_server.orders.basket import DRUG_KINDS, Basket
from tasuki_server.orders.comments import lacking_comments
from tasuki_server.orders.prescribing import prescribing_faults
from tasuki_server.orders.uncoded import item_row


class Unfinished(NamedTuple):
    """未完の箇所 — the order, the item (None for the order itself), the field to fill, and the sentence."""

    order_id: str
    index: int | None
    field: str
    message: str


def unfinished_orders(basket: Basket, book: DayBook) -> list[Unfinished]:
    """未完の箇所 — of every order, in the order of the table."""
    return [each for line in basket.lines for each in unfinished_order(line.order, book)]


def unfinished_order(order: Order, book: DayBook) -> list[Unfinished]:
    """未完の箇所 — of one order."""
    found: list[Unfinished] = []
    rows: list[Act | Drug | Material] = []
    for index, item in enumerate(order.items):
        try:
            row = item_row(book, item)
        except EndedCode as ended:
            last = max((validity.until for validity in ended.known if validity.until), default=None)
            until = f"（{last:%Y-%m-%d} まで）" if last and last < book.day else ""
            found.append(
                Unfinished(
                    order.id,
                    index,
                    "code",
                    f"この日には使えないコードです{until}。別のものに替えてください。",
                )
            )
            continue
        except UnknownCode:
            found.append(
                Unfinished(order.id, index, "code", "マスターにないコードです。別のものに替えてください。")
            )
            continue
        rows.append(row)
        found += _item(order, index, item, row)
    found += _whole(order, rows)
    found += [Unfinished(order.id, None, "comment", text) for _, text in lacking_comments(order, book)]
    return found


def asks_amount(row: Act | Drug | Material) -> bool:
    """数量の要否 — drugs and materials always, acts when their points go by steps."""
    return not isinstance(row, Act) or row.step is not None


def _item(order: Order, index: int, item: Item, row: Act | Drug | Material) -> list[Unfinished]:
    found = []
    if item.amount is None and asks_amount(row):
        found.append(Unfinished(order.id, index, "amount", "数量を入れてください。"))
    if isinstance(row, Material) and row.price_kind == "2" and item.unit_price_yen is None:
        found.append(Unfinished(order.id, index, "unit_price", "購入価格を入れてください。"))
    if item.code == UNCODED_MATERIAL and not item.comment.strip():
        found.append(Unfinished(order.id, index, "comment", "商品名と規格を入れてください。"))
    return found


def _whole(order: Order, rows: list[Act | Drug | Material]) -> list[Unfinished]:
    if order.kind in DRUG_KINDS:
        found = []
        if not order.usage:
            found.append(Unfinished(order.id, None, "usage", "用法を入れてください。"))
        if order.count < 1:
            found.append(Unfinished(order.id, None, "count", "日数・回数を入れてください。"))
        found += [Unfinished(order.id, None, field, text) for field, text in prescribing_faults(order)]
        return found
    has_act = any(isinstance(row, Act) and not row.is_addition for row in rows)
    if rows and not has_act:
        what = "注射の手技" if order.kind is OrderKind.INJECTION else "これを使った行為"
        return [Unfinished(order.id, None, "act", f"{what}を入れてください（同じ行にまとめます）。")]
    return []
