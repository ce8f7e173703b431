# SPDX-License-Identifier: Apache-2.0
"""特定保険医療材料料 — the points of the materials of one unit: yen first, divided by ten once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from tasuki.kernel.points import half_up, material_points
from tasuki.masters.rows import Material

if TYPE_CHECKING:
    from tasuki.calculation.draft import DraftLine, DraftUnit

_PERCENT = "5"
_MULTIPLIER = "9"


def price_materials(unit: DraftUnit) -> DraftUnit:
    """特定保険医療材料料 — the sum in yen divided by ten, half a point up.

    Cite: 医科点数表 J400, E400, K950 特定保険医療材料
    """
    return changed(unit, points=material_points(material_yen(unit.lines)))


def material_yen(lines: tuple[DraftLine, ...]) -> Decimal:
    """材料価格 — 酸素補正率 (種別 5) and 気圧数 (9) act on the oxygen before them, フィルム料（乳幼児）加算 on all films.

    Oxygen times 補正率 1.3 is rounded to whole yen before it is divided by ten.

    Cite: 酸素の価格 (平成2年厚生省告示第41号) 酸素の購入価格に補正率を乗じて得た額の1円未満は四捨五入;
    特定器材マスター col 11, 14, 21; 医科点数表 E400 フィルム 注1
    """
    total = Decimal(0)
    oxygen = Decimal(0)
    for line in lines:
        row = line.row
        assert isinstance(row, Material)
        is_gas = row.oxygen != "0"
        if row.price_kind == _PERCENT and is_gas:
            oxygen += oxygen * row.price / 100
        elif row.price_kind == _PERCENT:
            total += total * row.price / 100
        elif row.price_kind == _MULTIPLIER:
            oxygen *= line.amount or Decimal(1)
        else:
            unit_price = line.unit_price_yen if line.unit_price_yen is not None else row.price
            yen = unit_price * (line.amount if line.amount is not None else Decimal(1))
            total += Decimal(half_up(oxygen)) if is_gas else yen
            oxygen = yen if is_gas else oxygen
    return total + Decimal(half_up(oxygen))
