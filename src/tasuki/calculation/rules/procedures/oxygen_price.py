# SPDX-License-Identifier: Apache-2.0
"""酸素の購入単価 — the institution's own price of oxygen counts only below the price of the state (J201)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Stage, rule
from tasuki.calculation.statement import LineKind
from tasuki.kernel.because import facts
from tasuki.masters.rows import Material

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

OXYGENS = frozenset(("2", "3", "4", "5"))


@rule(
    "J201/oxygen_price",
    title="酸素の購入単価",
    cite="酸素の価格 (平成2年厚生省告示第41号); 通知 J201(5)・(9)",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    records=(LineKind.MATERIAL,),
)
def oxygen_price(_case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """酸素の購入単価 — above the listed price it may be billed only by a place notified as hard to supply."""
    advice = []
    for unit in draft.units:
        for line in unit.lines:
            price = line.unit_price_yen
            if price is None or not isinstance(line.row, Material) or line.row.oxygen not in OXYGENS:
                continue
            if price > line.row.price:
                advice.append(Advice(line.code, facts(price=price, limit=line.row.price)))
    return tuple(advice) or None
