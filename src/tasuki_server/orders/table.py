# SPDX-License-Identifier: Apache-2.0
"""オーダ表 — the basket as the keyboard table shows it: names, units, what is missing, what to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tasuki.calculation.payers.elective_lines import elective_estimate
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.masters.book import DayBook, EndedCode, UnknownCode
from tasuki.masters.rows import UNCODED_MATERIAL, Act, Comment, Drug, Material
from tasuki_server.orders.adding import item_field, order_field
from tasuki_server.orders.basket import DRUG_KINDS, Basket
from tasuki_server.orders.comments import CommentCell, asks_site, comment_cells, wanted_comments
from tasuki_server.orders.labels import CHAPTER_LABELS, COUNT_UNITS, DISPENSING_LABELS, KIND_LABELS
from tasuki_server.orders.prescribing import BRAND_LABELS, brand_told, prescribing_lines, with_reason
from tasuki_server.orders.starts import asks_start, sections_of
from tasuki_server.orders.uncoded import uncoded_row
from tasuki_server.orders.unfinished import Unfinished, asks_amount
from tasuki_server.orders.warnings import OrderWarning


@dataclass(frozen=True, slots=True)
class ItemCell:
    """表の項目 — one row of the table."""

    index: int
    code: str
    name: str
    unit: str
    amount: Decimal | None
    asks_amount: bool
    asks_price: bool
    asks_name: bool
    unit_price_yen: Decimal | None
    is_generic_name: bool
    can_be_generic: bool
    comment: str
    amount_id: str
    missing: tuple[str, ...]
    warnings: tuple[OrderWarning, ...]
    is_ended: bool
    brand: str
    can_be_brand: bool
    brand_told: str
    brand_id: str


@dataclass(frozen=True, slots=True)
class OrderBlock:
    """表のオーダ — one counting unit with its items."""

    id: str
    label: str
    number: int
    is_drug: bool
    is_outside: bool
    dispensing_label: str
    items: tuple[ItemCell, ...]
    count: int
    count_unit: str
    usage: str
    is_temporary: bool
    is_refill: bool
    refill_count: int
    comments: tuple[CommentCell, ...]
    wanted_comments: tuple[Comment, ...]
    site: str
    asks_site: bool
    site_id: str
    count_id: str
    usage_id: str
    began_on: date | None
    asks_start: bool
    start_id: str
    last_start: date | None
    missing: tuple[str, ...]
    copied_day: date | None
    is_first: bool
    leftover_count: int
    leftover_reason: str
    residual_action: str
    split: str
    instructions: tuple[str, ...]
    leftover_id: str
    leftover_reason_id: str
    split_id: str


def _may_wish() -> bool:
    return False


def order_blocks(
    basket: Basket,
    book: DayBook,
    unfinished: Sequence[Unfinished] = (),
    warnings: Sequence[OrderWarning] = (),
    starts: Mapping[str, date] | None = None,
    is_on_welfare: Callable[[], bool] = _may_wish,
) -> list[OrderBlock]:
    """オーダ表 — drugs are numbered as 剤 (Rp) in the order of entry."""
    blocks: list[OrderBlock] = []
    number = 0
    for position, line in enumerate(basket.lines):
        order = line.order
        is_drug = order.kind in DRUG_KINDS
        number += is_drug
        mine = [each for each in unfinished if each.order_id == order.id]
        told = [each for each in warnings if each.order_id == order.id]
        cells = tuple(
            _cell(order, index, item, book, mine, told, is_on_welfare)
            for index, item in enumerate(order.items)
        )
        blocks.append(
            OrderBlock(
                id=order.id,
                label=_label(order, book),
                number=number if is_drug else 0,
                is_drug=is_drug,
                is_outside=order.dispensing is not None and order.dispensing.value == "outside",
                dispensing_label=DISPENSING_LABELS.get(order.dispensing, "") if order.dispensing else "",
                items=cells,
                count=order.count,
                count_unit=COUNT_UNITS[order.kind],
                usage=order.usage,
                is_temporary=order.is_temporary,
                is_refill=order.is_refill,
                refill_count=order.refill_count,
                comments=comment_cells(order, book),
                wanted_comments=tuple(wanted_comments(order, book)),
                site=order.site,
                asks_site=bool(order.site) or asks_site(order, book),
                site_id=order_field(order.id, "site"),
                count_id=order_field(order.id, "count"),
                usage_id=order_field(order.id, "usage"),
                began_on=order.began_on,
                asks_start=order.began_on is not None or asks_start(order, book),
                start_id=order_field(order.id, "start"),
                last_start=max(
                    (day for section, day in (starts or {}).items() if section in sections_of(order, book)),
                    default=None,
                ),
                missing=tuple(each.message for each in mine if each.index is None),
                copied_day=line.copied_day,
                is_first=position == 0,
                leftover_count=order.leftover_count,
                leftover_reason=order.leftover_reason,
                residual_action=order.residual_action.value if order.residual_action else "",
                split="-".join(str(each) for each in order.split_counts),
                instructions=_instructions(order),
                leftover_id=order_field(order.id, "leftover"),
                leftover_reason_id=order_field(order.id, "leftover-reason"),
                split_id=order_field(order.id, "split"),
            )
        )
    return blocks


def order_lines(order: Order, book: DayBook) -> list[str]:
    """オーダの文 — one line an item, with amount, then 部位 and comments; for the past notes and for prints."""
    lines = []
    for item in order.items:
        row = find_row(book, item.code)
        name = row.name if row is not None else item.code
        if item.code == UNCODED_MATERIAL:
            name = uncoded_row(book, item.comment).name
        if item.is_generic_name and isinstance(row, Drug) and row.generic_name:
            name = row.generic_name
        unit = "" if row is None else row.unit_name
        amount = f" {item.amount.normalize():f}{unit}" if item.amount is not None else ""
        brand = f" 【{BRAND_LABELS[item.brand]}】" if item.brand else ""
        lines.append(f"{name}{amount}{brand}")
    if order.site:
        lines.append(f"部位: {order.site}")
    if order.began_on:
        lines.append(f"起算日: {order.began_on}")
    lines += prescribing_lines(order)
    lines += [f"※{cell.name}{cell.text}" for cell in comment_cells(order, book)]
    return lines


def order_ending(order: Order) -> str:
    """オーダの末尾 — 用法 and days, or how often.

    >>> from tasuki.chart.orders import Item, Order, OrderKind
    >>> order_ending(Order("a", OrderKind.INTERNAL, (Item("6"),), count=28, usage="1日1回 朝食後"))
    '1日1回 朝食後 28日分'
    """
    if order.kind in DRUG_KINDS:
        return f"{order.usage} {order.count}{COUNT_UNITS[order.kind]}".strip()
    return f"{order.count}回" if order.count > 1 else ""


def find_row(book: DayBook, code: str) -> Act | Drug | Material | None:
    """マスターの行 — of any day, so that old orders keep their names; None for a code nobody knows."""
    try:
        return book.item(code)
    except EndedCode:
        table: Mapping[str, Sequence[Act | Drug | Material]] = (
            book.book.drugs if code[:1] == "6" else book.book.materials if code[:1] == "7" else book.book.acts
        )
        return table[code][0]
    except UnknownCode:
        return None


def _cell(
    order: Order,
    index: int,
    item: Item,
    book: DayBook,
    unfinished: Sequence[Unfinished],
    told: Sequence[OrderWarning],
    is_on_welfare: Callable[[], bool],
) -> ItemCell:
    is_uncoded = item.code == UNCODED_MATERIAL
    row = uncoded_row(book, item.comment) if is_uncoded else find_row(book, item.code)
    mine = [each for each in unfinished if each.index == index]
    drug = row if isinstance(row, Drug) and order.kind in DRUG_KINDS else None
    charge = elective_estimate(order, item, book) if drug is not None else None
    item = with_reason(item, drug, order) if drug is not None else item
    return ItemCell(
        index=index,
        code=item.code,
        name=row.name if row is not None else f"（マスターにないコード {item.code}）",
        unit=row.unit_name if row is not None else "",
        amount=item.amount,
        asks_amount=row is not None and asks_amount(row),
        asks_name=is_uncoded,
        asks_price=isinstance(row, Material) and row.price_kind == "2",
        unit_price_yen=item.unit_price_yen,
        is_generic_name=item.is_generic_name,
        can_be_generic=isinstance(row, Drug) and bool(row.generic_name) and order.kind in DRUG_KINDS,
        comment=item.comment,
        amount_id=item_field(order.id, index, "amount"),
        missing=tuple(each.message for each in mine),
        warnings=tuple(each for each in told if each.index == index),
        is_ended=any(each.field == "code" for each in mine),
        brand=item.brand.value if item.brand else "",
        can_be_brand=drug is not None and not drug.is_generic and not item.is_generic_name,
        brand_told=brand_told(item, drug, charge, order, is_on_welfare),
        brand_id=item_field(order.id, index, "brand"),
    )


def _instructions(order: Order) -> tuple[str, ...]:
    brands = [BRAND_LABELS[item.brand] for item in order.items if item.brand]
    return (*prescribing_lines(order), *dict.fromkeys(brands))


def _label(order: Order, book: DayBook) -> str:
    if order.kind is not OrderKind.ACT:
        return KIND_LABELS[order.kind]
    row = find_row(book, order.items[0].code) if order.items else None
    return CHAPTER_LABELS.get(row.chapter, "行為") if isinstance(row, Act) else KIND_LABELS[order.kind]
