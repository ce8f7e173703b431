# SPDX-License-Identifier: Apache-2.0
"""支払者の選択の画面 — which payers a visit may have beside its own, and which order each of them bears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.http import QueryDict

from tasuki.calculation.payers import payer_name
from tasuki.chart.coverage import Insurance
from tasuki.chart.orders import Order
from tasuki_server.billing.payer_models import VisitPayers
from tasuki_server.billing.payers import usable_payers
from tasuki_server.chart.values import coverage_value, placed_orders
from tasuki_server.masters_source import current_book
from tasuki_server.reception.models import Visit


class PayerChoice(NamedTuple):
    """選べる支払者 — its key, how it reads, and whether the visit has it."""

    key: str
    label: str
    is_chosen: bool


class OrderChoice(NamedTuple):
    """オーダの支払者 — a signed order and the key of the payer that bears it ("" the one of reception)."""

    id: str
    label: str
    payer: str


@dataclass(frozen=True, slots=True)
class PayerDesk:
    """支払者の選択 — what the form of a visit offers."""

    own_label: str
    choices: tuple[PayerChoice, ...]
    orders: tuple[OrderChoice, ...]
    fee_payer: str

    @property
    def chosen(self) -> tuple[PayerChoice, ...]:
        """選ばれた支払者."""
        return tuple(each for each in self.choices if each.is_chosen)


def payer_desk(visit: Visit) -> PayerDesk:
    """支払者の選択 — of a visit, as it stands."""
    row = VisitPayers.objects.filter(visit=visit).first()
    chosen: list[str] = row.others if row else []
    assigned: Mapping[str, str] = row.orders if row else {}
    own = coverage_value(visit).insurance
    return PayerDesk(
        "受付の保険" if own is None else _label(own),
        tuple(PayerChoice(one.key, _label(one), one.key in chosen) for one in usable_payers(visit)),
        tuple(
            OrderChoice(o.id, _order_label(o, visit), assigned.get(o.id, "")) for o in placed_orders(visit)
        ),
        row.fee_payer if row else "",
    )


def read_payers(form: QueryDict) -> tuple[list[str], str, dict[str, str]]:
    """支払者の読取り — of the form: other payers, who bears 診察料, and the payer of each order."""
    orders = {name.removeprefix("order-"): str(form[name]) for name in form if name.startswith("order-")}
    return [str(key) for key in form.getlist("other")], form.get("fee_payer", ""), orders


def _label(insurance: Insurance) -> str:
    name = payer_name(insurance.kind)
    detail = insurance.insurer_number or insurance.symbol
    return f"{name} {detail}".strip()


def _order_label(order: Order, visit: Visit) -> str:
    book = current_book().at(visit.day)
    code = order.items[0].code
    name = book.item(code).name if book.has(code) else code
    return f"{name} ほか{len(order.items) - 1}件" if len(order.items) > 1 else name
