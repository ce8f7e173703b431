# SPDX-License-Identifier: Apache-2.0
"""オーダの警告 — allergies and duplicates, told inline; only 禁忌 waits for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from tasuki.chart.orders import Order, OrderKind
from tasuki.kernel.kana import search_key
from tasuki.masters.book import DayBook, EndedCode, OutOfBook, UnknownCode
from tasuki.masters.rows import Drug
from tasuki_server.orders.basket import Basket

ALLERGY, DUPLICATE, STILL_TAKEN, CHANGED = "allergy", "duplicate", "still_taken", "changed"
# 薬価基準収載医薬品コード: the first seven characters name class, route and ingredient.
INGREDIENT = 7


class KnownAllergy(NamedTuple):
    """アレルギーの要点 — what a check needs of an allergy record."""

    substance: str
    drug_code: str
    is_contraindicated: bool


class RunningDrug(NamedTuple):
    """服用中の薬 — a drug given earlier whose days are not over."""

    code: str
    name: str
    until: date


@dataclass(frozen=True, slots=True)
class OrderWarning:
    """オーダの警告 — one thing to look at; ``key`` names it in the draft, ``facts`` go into the record."""

    order_id: str
    index: int
    code: str
    message: str
    blocks: bool = False
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """警告の鍵 — the same as long as the order and its cause are the same."""
        return f"{self.order_id}:{self.code}:{self.facts.get('cause', '')}"


def order_warnings(
    basket: Basket, book: DayBook, allergies: Sequence[KnownAllergy], running: Sequence[RunningDrug]
) -> list[OrderWarning]:
    """オーダの警告 — of every drug of the basket, in the order of the table."""
    found: list[OrderWarning] = []
    seen: dict[str, str] = {}
    for line in basket.lines:
        for index, item in enumerate(line.order.items):
            drug = _drug(book, item.code)
            if drug is None:
                continue
            found += _allergies(line.order, index, drug, book, allergies)
            found += _duplicates(line.order, index, drug, seen)
            if not line.copied_day or line.copied_day != book.day:
                found += _still_taken(line.order, index, drug, book, running)
        if line.copied_day is not None:
            found += changed_since(line.order, line.copied_day, book)
    return found


def changed_since(order: Order, day: date, book: DayBook) -> list[OrderWarning]:
    """転記後の変更 — rows of a copied order whose name or price is not what it was."""
    try:
        then = book.book.at(day)
    except OutOfBook:
        return []
    found = []
    for index, item in enumerate(order.items):
        try:
            old, new = then.item(item.code), book.item(item.code)
        except (EndedCode, UnknownCode):
            continue
        if old.name != new.name:
            found.append(_changed(order, index, f"名称が変わりました（前は「{old.name}」）。", item.code))
        elif isinstance(old, Drug) and isinstance(new, Drug) and old.price != new.price:
            text = f"薬価が {old.price.normalize():f}円 → {new.price.normalize():f}円 に変わりました。"
            found.append(_changed(order, index, text, item.code))
    return found


def running_drugs(orders: Iterable[tuple[Order, date]], book: DayBook) -> list[RunningDrug]:
    """服用中の薬 — internal drugs of earlier orders whose last day is not before the day of the book."""
    found = []
    for order, day in orders:
        until = day + timedelta(days=order.count - 1)
        if order.kind is not OrderKind.INTERNAL or until < book.day or day >= book.day:
            continue
        for item in order.items:
            drug = _drug(book, item.code)
            if drug is not None:
                found.append(RunningDrug(item.code, drug.name, until))
    return found


def _allergies(
    order: Order, index: int, drug: Drug, book: DayBook, allergies: Sequence[KnownAllergy]
) -> list[OrderWarning]:
    found = []
    for allergy in allergies:
        known = _drug(book, allergy.drug_code) if allergy.drug_code else None
        key = search_key(allergy.substance)
        named = len(key) > 1 and key in search_key(drug.name + drug.generic_name)
        if named or allergy.drug_code == drug.code or (known is not None and _alike(known, drug)):
            label = "禁忌" if allergy.is_contraindicated else "アレルギー"
            found.append(
                OrderWarning(
                    order.id,
                    index,
                    ALLERGY,
                    f"{label}: {allergy.substance} の記録があります。",
                    allergy.is_contraindicated,
                    {"cause": allergy.substance, "drug": drug.code},
                )
            )
    return found


def _duplicates(order: Order, index: int, drug: Drug, seen: dict[str, str]) -> list[OrderWarning]:
    key = drug.price_list_code[:INGREDIENT] or drug.code
    if key in seen:
        facts = {"cause": key, "drug": drug.code}
        return [
            OrderWarning(
                order.id, index, DUPLICATE, f"同じ成分の薬が重なっています（{seen[key]}）。", facts=facts
            )
        ]
    seen[key] = drug.name
    return []


def _still_taken(
    order: Order, index: int, drug: Drug, book: DayBook, running: Sequence[RunningDrug]
) -> list[OrderWarning]:
    for each in running:
        other = _drug(book, each.code)
        if other is not None and (other.code == drug.code or _alike(other, drug)):
            text = f"前に出した {each.name} が {each.until:%m/%d} まで残っています。"
            facts = {"cause": each.code, "drug": drug.code, "until": each.until.isoformat()}
            return [OrderWarning(order.id, index, STILL_TAKEN, text, facts=facts)]
    return []


def _alike(one: Drug, other: Drug) -> bool:
    key = one.price_list_code[:INGREDIENT]
    return bool(key) and key == other.price_list_code[:INGREDIENT]


def _changed(order: Order, index: int, text: str, code: str) -> OrderWarning:
    return OrderWarning(order.id, index, CHANGED, text, facts={"cause": code})


def _drug(book: DayBook, code: str) -> Drug | None:
    if code[:1] != "6":
        return None
    try:
        return book.drug(code)
    except (UnknownCode, EndedCode):
        return None
