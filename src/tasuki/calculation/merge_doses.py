# SPDX-License-Identifier: Apache-2.0
"""1剤 — internal drugs taken at the same times are one dosage unit, however they were entered."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from tasuki.calculation.prescribed import dose_key
from tasuki.chart.orders import OrderKind
from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.draft import DraftUnit
    from tasuki.chart.orders import Order

_INTERNAL = OrderKind.INTERNAL
_LIQUID_UNITS = frozenset({"ｍＬ", "mL"})


def merge_doses(units: Iterable[DraftUnit], orders: Iterable[Order]) -> list[DraftUnit]:
    """1剤 — orders of one usage and one number of days become one unit; solid and liquid stay apart.

    Orders without a usage are taken as they were entered. What is merged stands under the smallest order id.

    Cite: 通知 F200(3)
    """
    units = list(units)
    if not [unit for unit in units if unit.source is _INTERNAL]:
        return units
    by_id = {order.id: order for order in orders}
    merged: list[DraftUnit] = []
    doses: dict[tuple[object, ...], list[DraftUnit]] = defaultdict(list)
    for unit in units:
        order = by_id.get(unit.order_id)
        if order is None or unit.source is not _INTERNAL:
            merged.append(unit)
        else:
            doses[(*dose_key(order), _is_liquid(unit))].append(unit)
    for members in doses.values():
        first, *others = sorted(members, key=lambda unit: unit.order_id)
        lines = (*first.lines, *(line for unit in others for line in unit.lines))
        comments = (*first.comments, *(comment for unit in others for comment in unit.comments))
        merged.append(changed(first, lines=lines, comments=comments))
    return merged


def _is_liquid(unit: DraftUnit) -> bool:
    return any(isinstance(line.row, Drug) and line.row.unit_name in _LIQUID_UNITS for line in unit.lines)
