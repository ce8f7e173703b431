# SPDX-License-Identifier: Apache-2.0
"""オーダの警告 — what the library's check tells of the basket, at its rows; only 禁忌 waits for a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from tasuki.chart.orders import Order
from tasuki.masters.book import DayBook, EndedCode, OutOfBook, UnknownCode
from tasuki.masters.rows import Drug
from tasuki.prescriptions.safety import Alert, Knowledge, Medicine, Patient, Tier, alert_sentence, check
from tasuki.prescriptions.safety.from_chart import medicine_place, medicines_of
from tasuki_server.orders.basket import Basket

CHANGED = "changed"
TIER_LABELS = {Tier.STOP: "禁忌", Tier.CAUTION: "注意", Tier.INFO: "情報"}
# A shape beside the word and the colour of each tier; every Japanese font has these.
TIER_SIGNS = {Tier.STOP: "■", Tier.CAUTION: "▲", Tier.INFO: "○"}


class Background(NamedTuple):
    """点検の背景 — the person, what was given here before, and what other institutions gave."""

    patient: Patient
    history: tuple[Medicine, ...] = ()
    shared: tuple[Medicine, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderWarning:
    """オーダの警告 — one thing to look at; ``key`` names it in the draft, ``facts`` go into the record."""

    order_id: str
    index: int
    code: str
    tier: Tier
    message: str
    cause: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    cite: str = ""

    @property
    def blocks(self) -> bool:
        """署名を止めるか — until a reason is given."""
        return self.tier is Tier.STOP

    @property
    def key(self) -> str:
        """警告の鍵 — the same as long as the order and its cause are the same."""
        return f"{self.order_id}:{self.code}:{sha256(self.cause.encode()).hexdigest()[:16]}"

    @property
    def label(self) -> str:
        """段階の名前 — as the table shows it."""
        return TIER_LABELS[self.tier]

    @property
    def sign(self) -> str:
        """段階の印 — told by more than colour."""
        return TIER_SIGNS[self.tier]


def order_warnings(
    basket: Basket, book: DayBook, background: Background, knowledge: Knowledge
) -> list[OrderWarning]:
    """オーダの警告 — of every drug of the basket, in the order of the table, the gravest of a row first."""
    medicines = [each for line in basket.lines for each in medicines_of(line.order, book, book.day)]
    alerts = check(medicines, background.patient, background.history, background.shared, knowledge, book.day)
    places = {
        medicine_place(line.order.id, index): (at, line.order.id, index)
        for at, line in enumerate(basket.lines)
        for index in range(len(line.order.items))
    }
    placed: list[tuple[tuple[int, int], OrderWarning]] = []
    for alert in alerts:
        # A pair inside the basket is told at the drug that came second.
        at, order_id, index = max(places[place] for place in (alert.where, alert.beside) if place)
        placed.append(((at, index), _warning(alert, order_id, index)))
    for at, line in enumerate(basket.lines):
        if line.copied_day is not None:
            placed += [((at, each.index), each) for each in changed_since(line.order, line.copied_day, book)]
    ranks = list(Tier)
    placed.sort(key=lambda each: (each[0], ranks.index(each[1].tier)))
    return [warning for _, warning in placed]


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


def drug_history(orders: Iterable[tuple[Order, date]], book: DayBook) -> tuple[Medicine, ...]:
    """服用歴 — the drugs of earlier orders, each with the day it was given; the check leaves alone what has ended."""
    return tuple(each for order, day in orders for each in medicines_of(order, book, day, is_earlier=True))


def _warning(alert: Alert, order_id: str, index: int) -> OrderWarning:
    return OrderWarning(
        order_id, index, alert.code, alert.tier, alert_sentence(alert), alert.cause, dict(alert.facts), alert.cite
    )  # fmt: skip


def _changed(order: Order, index: int, text: str, code: str) -> OrderWarning:
    return OrderWarning(order.id, index, CHANGED, Tier.INFO, text, code, {"cause": code})
