# SPDX-License-Identifier: Apache-2.0
"""セットの保存 — made, revised and withdrawn as versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from tasuki.chart.orders import Order
from tasuki_server.audit.trail import record
from tasuki_server.orders.codec import encode_orders
from tasuki_server.orders.models import OrderSet
from tasuki_server.orders.prescribing import as_ordered_again


def make_set(orders: Iterable[Order], **members: Any) -> OrderSet:
    """セットの登録 — the orders without what ties them to a visit, as they will be copied."""
    plain = [
        replace(
            as_ordered_again(order),
            id=str(uuid4()),
            at=None,
            copied_from="",
            programme_ids=None,
            began_on=None,
        )
        for order in orders
    ]
    row = OrderSet.objects.create(orders=encode_orders(plain), **members)
    record("order_set.add", row, detail={"orders": len(plain)})
    return row


def revise_set(row: OrderSet, *, read_version: int, **members: Any) -> OrderSet:
    """セットの変更 — raises ``StaleVersion``."""
    saved: OrderSet = row.revise(read_version=read_version, reason="セットの変更", **members)
    record("order_set.revise", saved, detail={"version": saved.version})
    return saved


def withdraw_set(row: OrderSet, *, read_version: int) -> OrderSet:
    """セットの取消 — no longer offered; what was copied from it stays."""
    saved: OrderSet = row.withdraw(read_version=read_version, reason="セットの取消")
    record("order_set.withdraw", saved)
    return saved
