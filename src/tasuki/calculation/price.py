# SPDX-License-Identifier: Apache-2.0
"""点数計算 — the points of each unit, by what it holds: drugs, materials or acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.price_acts import price_acts
from tasuki.calculation.price_drugs import REDUCTIONS, is_reduction, price_drugs, price_reduction
from tasuki.calculation.price_materials import price_materials
from tasuki.calculation.ready_lines import ready_lines
from tasuki.masters.rows import Act, Drug, Material

if TYPE_CHECKING:
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.calculation.statement import Line


_ACTS = {Act}


def price(draft: Draft) -> Draft:
    """点数計算 — prices every unit; a step below its lower limit is denied (きざみ エラー処理 2・3).

    Reductions come last, because they count on the points of the others.
    """
    ready = ready_lines(draft.case.book)
    has_reductions = not draft.codes().isdisjoint(REDUCTIONS)
    units: list[DraftUnit] = []
    fell: list[Line] = []
    for unit in draft.units:
        if has_reductions and is_reduction(unit):
            continue
        known = ready.priced(unit)
        if known is not None:
            units.append(known)
            continue
        priced, lost = price_unit(unit) if unit.order_id else ready.price(unit, price_unit)
        fell.extend(lost)
        if priced is not None:
            units.append(priced)
    if has_reductions:
        units.extend(price_reduction(unit, units) for unit in draft.units if is_reduction(unit))
    return draft.having(units=tuple(units), denied=(*draft.denied, *fell) if fell else draft.denied)


def price_unit(unit: DraftUnit) -> tuple[DraftUnit | None, tuple[Line, ...]]:
    """算定単位の点数 — the unit with its points, and the lines that could not be priced."""
    if unit.is_bundle:
        return unit, ()
    kinds = {type(line.row) for line in unit.lines}
    if kinds == _ACTS:
        return price_acts(unit)
    if Drug in kinds:
        return price_drugs(unit), ()
    if Material in kinds:
        return price_materials(unit), ()
    return price_acts(unit)
