# SPDX-License-Identifier: Apache-2.0
"""オーダの符号化 — orders as JSON and back, losing nothing.

Amounts stay exact (text, not binary fractions), members that carry their default are left out, and a
member of a newer release that this one does not know is refused rather than dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

import msgspec

from tasuki.chart.orders import Item, Order
from tasuki.kernel.finding import BadInput, Finding, Severity, Where


def encode_order(order: Order) -> dict[str, Any]:
    """オーダの符号化 — one order as JSON members.

    >>> from decimal import Decimal
    >>> from tasuki.chart.orders import OrderKind
    >>> encode_order(Order("a", OrderKind.INTERNAL, (Item("620000001", Decimal("1.50")),), count=7))
    {'id': 'a', 'kind': 'internal', 'items': [{'code': '620000001', 'amount': '1.50'}], 'count': 7}
    """
    encoded = _without_defaults(order)
    encoded["items"] = [_without_defaults(item) for item in order.items]
    return encoded


def encode_orders(orders: Iterable[Order]) -> list[dict[str, Any]]:
    """オーダの符号化 — several, in their order."""
    return [encode_order(order) for order in orders]


def decode_order(value: Mapping[str, Any]) -> Order:
    """オーダの復号 — raises :class:`BadInput` when the JSON is not an order of ours."""
    _refuse_unknown(value, Order, "order")
    for item in value.get("items", ()):
        _refuse_unknown(item, Item, "item")
    try:
        return msgspec.convert(value, Order)
    except msgspec.ValidationError as error:
        raise _bad(str(value.get("id", "")), "", str(error)) from error


def decode_orders(values: Iterable[Mapping[str, Any]]) -> tuple[Order, ...]:
    """オーダの復号 — several, in their order."""
    return tuple(decode_order(value) for value in values)


def _without_defaults(value: Order | Item) -> dict[str, Any]:
    encoded = msgspec.to_builtins(value)
    return {
        each.name: encoded[each.name]
        for each in fields(value)
        if each.default is MISSING or getattr(value, each.name) != each.default
    }


def _refuse_unknown(value: Mapping[str, Any], kind: type[Order] | type[Item], record: str) -> None:
    known = {each.name for each in fields(kind)}
    for name in value:
        if name not in known:
            raise _bad(record, str(name), "unknown member")


def _bad(record: str, field: str, why: str) -> BadInput:
    where = Where(record=record, field=field)
    return BadInput([Finding("TS-ORD-001", Severity.BLOCK, where, "orders.unreadable", {"why": why})])
