# SPDX-License-Identifier: Apache-2.0
"""オーダかご — the orders being written, as one immutable value; every act gives a new basket.

The keyboard table shows it, the draft stores it, signing turns it into record. Drugs typed one after the other
share a 剤 (Rp) until its 用法 is given; drugs and materials typed after an act belong to the act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki_server.orders.codec import decode_order, encode_order
from tasuki_server.orders.prescribing import as_ordered_again

DRUG_KINDS = (OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL)


@dataclass(frozen=True, slots=True)
class Line:
    """かごの行 — an order, and for a copied one the day its original was given."""

    order: Order
    copied_day: date | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """オーダかご — lines in the order of entry."""

    lines: tuple[Line, ...] = ()

    @property
    def orders(self) -> tuple[Order, ...]:
        """オーダ — as the calculation reads them."""
        return tuple(line.order for line in self.lines)

    def find(self, order_id: str) -> Order:
        """オーダの検索 — raises ``KeyError`` when the basket has no such order."""
        for line in self.lines:
            if line.order.id == order_id:
                return line.order
        raise KeyError(order_id)

    def with_order(self, order_id: str, change: Callable[[Order], Order]) -> Basket:
        """オーダの変更 — one order changed, the rest as they are."""
        self.find(order_id)
        return Basket(
            tuple(
                replace(line, order=change(line.order)) if line.order.id == order_id else line
                for line in self.lines
            )
        )

    def without(self, order_id: str) -> Basket:
        """オーダの削除 — from the basket; nothing was record yet."""
        self.find(order_id)
        return Basket(tuple(line for line in self.lines if line.order.id != order_id))

    def plus(self, *lines: Line) -> Basket:
        """オーダの追加 — at the end."""
        return Basket((*self.lines, *lines))


def is_open(order: Order, kind: OrderKind, dispensing: Dispensing | None) -> bool:
    """追加可能か — whether a drug typed now belongs to this 剤: same kind, same place, 用法 not yet given."""
    return order.kind is kind and kind in DRUG_KINDS and order.dispensing is dispensing and not order.usage


def add_drug(
    basket: Basket, item: Item, kind: OrderKind, *, new_id: str, dispensing: Dispensing | None
) -> tuple[Basket, str]:
    """薬の追加 — to the open 剤, or as a new one; gives the id of the order it went to."""
    last = basket.lines[-1].order if basket.lines else None
    if last is not None and is_open(last, kind, dispensing):
        return basket.with_order(last.id, lambda o: replace(o, items=(*o.items, item))), last.id
    return basket.plus(Line(Order(new_id, kind, (item,), dispensing=dispensing))), new_id


def add_to_act(
    basket: Basket, item: Item, *, new_id: str, kinds: tuple[OrderKind, ...]
) -> tuple[Basket, str]:
    """行為への追加 — a drug or material used in the act just entered; alone it starts its own order."""
    last = basket.lines[-1].order if basket.lines else None
    if last is not None and last.kind in kinds:
        return basket.with_order(last.id, lambda o: replace(o, items=(*o.items, item))), last.id
    return basket.plus(Line(Order(new_id, kinds[0], (item,)))), new_id


def add_act(
    basket: Basket, item: Item, *, new_id: str, is_injection: bool, is_addition: bool
) -> tuple[Basket, str]:
    """行為の追加 — a new order; an addition joins the act before it, a technique joins drugs waiting for one."""
    last = basket.lines[-1].order if basket.lines else None
    waits = last is not None and is_injection and last.kind is OrderKind.INJECTION
    joins = last is not None and is_addition and last.kind in (OrderKind.ACT, OrderKind.INJECTION)
    if last is not None and waits and all(each.code[:1] == "6" for each in last.items):
        return basket.with_order(last.id, lambda o: replace(o, items=(item, *o.items))), last.id
    if last is not None and joins:
        return basket.with_order(last.id, lambda o: replace(o, items=(*o.items, item))), last.id
    kind = OrderKind.INJECTION if is_injection else OrderKind.ACT
    return basket.plus(Line(Order(new_id, kind, (item,)))), new_id


def set_usage(basket: Basket, usage: str) -> tuple[Basket, str | None]:
    """用法の入力 — closes the last drug order that has none; gives its id, None when there is none."""
    for line in reversed(basket.lines):
        if line.order.kind in DRUG_KINDS and not line.order.usage:
            return basket.with_order(line.order.id, lambda o: replace(o, usage=usage)), line.order.id
    return basket, None


def change_item(basket: Basket, order_id: str, index: int, change: Callable[[Item], Item]) -> Basket:
    """項目の変更 — one item of one order; raises ``IndexError`` when there is none."""

    def changed(order: Order) -> Order:
        items = list(order.items)
        items[index] = change(items[index])
        return replace(order, items=tuple(items))

    return basket.with_order(order_id, changed)


def remove_item(basket: Basket, order_id: str, index: int) -> Basket:
    """項目の削除 — the order goes with its last item."""
    order = basket.find(order_id)
    items = order.items[:index] + order.items[index + 1 :]
    if not items:
        return basket.without(order_id)
    return basket.with_order(order_id, lambda o: replace(o, items=items))


def join_with_above(basket: Basket, order_id: str) -> Basket:
    """剤にまとめる — the items of an order go to the one above, which keeps its days and 用法.

    Raises ``ValueError`` when the two cannot be one unit.
    """
    position = [line.order.id for line in basket.lines].index(order_id)
    if position == 0:
        raise ValueError("first")
    above, order = basket.lines[position - 1].order, basket.lines[position].order
    same_drugs = above.kind is order.kind and above.dispensing is order.dispensing
    same_act = above.kind in (OrderKind.ACT, OrderKind.INJECTION) and order.kind in (
        OrderKind.ACT,
        OrderKind.INJECTION,
    )
    if not (same_drugs or same_act):
        raise ValueError("kind")
    # Days, and what was done to them, go with the 用法 they were given for.
    given = above if above.usage or not order.usage else order
    joined = replace(
        above,
        items=above.items + order.items,
        usage=given.usage,
        count=given.count,
        leftover_count=given.leftover_count,
        leftover_reason=given.leftover_reason,
        split_counts=given.split_counts,
        comments=above.comments + order.comments,
    )
    return basket.without(order_id).with_order(above.id, lambda _: joined)


def split_item(basket: Basket, order_id: str, index: int, *, new_id: str) -> Basket:
    """剤から分ける — one item becomes an order of its own, right below, with the same days and 用法."""
    order = basket.find(order_id)
    if len(order.items) < 2:
        return basket
    item = order.items[index]
    rest = order.items[:index] + order.items[index + 1 :]
    alone = replace(order, id=new_id, items=(item,), comments=())
    lines: list[Line] = []
    for line in basket.lines:
        if line.order.id == order_id:
            lines.append(replace(line, order=replace(order, items=rest)))
            lines.append(replace(line, order=alone))
        else:
            lines.append(line)
    return Basket(tuple(lines))


def copy_orders(
    basket: Basket,
    originals: Iterable[tuple[Order, date | None]],
    new_id: Callable[[], str],
    *,
    keeps_origin: bool = True,
) -> Basket:
    """Do・セット — copies with new ids; ``copied_from`` names each original, an instant of the past is dropped.

    Days that were made fewer by what was left over are whole again.
    """
    copies = (
        Line(
            replace(
                as_ordered_again(order),
                id=new_id(),
                at=None,
                copied_from=order.id if keeps_origin else order.copied_from,
            ),
            day,
        )
        for order, day in originals
    )
    return basket.plus(*copies)


def encode_basket(basket: Basket) -> list[dict[str, Any]]:
    """かごの符号化 — for the draft."""
    encoded = []
    for line in basket.lines:
        row: dict[str, Any] = {"order": encode_order(line.order)}
        if line.copied_day is not None:
            row["copied_day"] = line.copied_day.isoformat()
        encoded.append(row)
    return encoded


def decode_basket(rows: Iterable[Mapping[str, Any]]) -> Basket:
    """かごの復号 — from the draft."""
    return Basket(
        tuple(
            Line(
                decode_order(row["order"]),
                date.fromisoformat(row["copied_day"]) if row.get("copied_day") else None,
            )
            for row in rows
        )
    )


def comment_field(order_id: str, index: int) -> str:
    """コメント欄の名前 — the id of the input after a comment of the table."""
    return f"o-{order_id}-c{index}-text"


def read_amount(text: str) -> Decimal | None:
    """数量の読取り — full width too; None for an empty text.

    Raises ``ValueError`` for anything that is no positive amount.

    >>> read_amount("１．５"), read_amount("")
    (Decimal('1.5'), None)
    """
    import unicodedata

    folded = unicodedata.normalize("NFKC", text).strip()
    if not folded:
        return None
    whole, _, part = folded.partition(".")
    if not (whole.isdecimal() and (part.isdecimal() or not part)) or len(folded) > 12:
        raise ValueError(text)
    amount = Decimal(folded)
    if amount <= 0:
        raise ValueError(text)
    return amount
