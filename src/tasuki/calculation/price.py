# SPDX-License-Identifier: Apache-2.0
"""点数計算 — the points of each unit from the prices, steps, percentages and drug rules of its lines."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from tasuki.calculation.draft import Draft, DraftLine, DraftUnit, denied, fallen
from tasuki.kernel.points import drug_points, half_up, material_points, procedure_drug_points
from tasuki.masters.rows import Act, Drug, Material, PointsKind

if TYPE_CHECKING:
    from tasuki.calculation.statement import Line
    from tasuki.masters.rows import Step

# 診療識別 whose drugs follow D500 (15 yen or less is nothing): home care, procedures, operations,
# anaesthesia, tests and imaging.
_PROCEDURE_SECTIONS = frozenset({"14", "40", "50", "54", "60", "70", "80"})
STEP_CITE = "マスターファイル仕様説明書 R6 医科診療行為マスター 30-35 きざみ"


def price(draft: Draft) -> Draft:
    """点数計算 — prices every unit; a step below its lower limit is denied (きざみ エラー処理 2・3)."""
    units: list[DraftUnit] = []
    fell: list[Line] = []
    for unit in draft.units:
        priced, lost = price_unit(unit)
        fell.extend(lost)
        if priced is not None:
            units.append(priced)
    return replace(draft, units=tuple(units), denied=(*draft.denied, *fell))


def price_unit(unit: DraftUnit) -> tuple[DraftUnit | None, tuple[Line, ...]]:
    """算定単位の点数 — the unit with its points, and the lines that could not be priced."""
    if unit.is_bundle:
        return unit, ()
    if any(isinstance(line.row, Drug) for line in unit.lines):
        total = sum((_yen(line) for line in unit.lines), Decimal(0))
        by_procedure = unit.section in _PROCEDURE_SECTIONS
        return unit._replace(points=procedure_drug_points(total) if by_procedure else drug_points(total)), ()
    if any(isinstance(line.row, Material) for line in unit.lines):
        return unit._replace(points=material_points(_material_yen(unit.lines))), ()
    lost: list[Line] = []
    kept: list[DraftLine] = []
    for line in unit.lines:
        if isinstance(line.row, Act) and line.row.step and _is_below(line, line.row.step):
            facts = {"amount": line.amount, "above": line.row.step.above, "width": line.row.step.width}
            lost.append(fallen(line, denied("table/step", STEP_CITE, line.code, lost_to="", **facts)))
        else:
            kept.append(line)
    if not kept or all(isinstance(line.row, Act) and line.row.is_addition for line in kept):
        return None, (
            *lost,
            *(fallen(line, denied("table/orphan", STEP_CITE, line.code, lost_to="")) for line in kept),
        )
    return _price_acts(unit._replace(lines=tuple(kept))), tuple(lost)


def _price_acts(unit: DraftUnit) -> DraftUnit:
    """Percentages with 告示等識別 7 apply to their base and its additions so far; those with 9 to all 所定点数."""
    lines: list[DraftLine] = []
    total = Fraction(0)
    base = Fraction(0)
    general = Fraction(0)
    yen = 0
    for line in unit.lines:
        row = line.row
        assert isinstance(row, Act)
        plain = act_points(row, line.amount)
        if row.points_kind in (PointsKind.ADD_PERCENT, PointsKind.SUBTRACT_PERCENT):
            sign = 1 if row.points_kind is PointsKind.ADD_PERCENT else -1
            value = sign * (general if row.record_kind == "9" else base) * Fraction(row.points) / 100
        elif row.points_kind is PointsKind.SUBTRACT:
            value = -plain
        elif row.points_kind is PointsKind.YEN:
            yen += half_up(plain)
            value = Fraction(0)
        else:
            value = plain
        if not row.is_addition:
            base = value
        if row.general_base != "1":
            general += value
        total += value
        lines.append(line._replace(points=half_up(value)))
    return unit._replace(lines=tuple(lines), points=half_up(total), yen=yen)


def act_points(row: Act, amount: Decimal | None) -> Fraction:
    """きざみの点数 — the exact points of an act at an amount, before rounding.

    Cite: マスターファイル仕様説明書 R6 医科診療行為マスター 30-35 きざみ
    """
    points = Fraction(row.points)
    step = row.step
    if step is None or amount is None:
        return points
    if step.error_rule in (1, 3) and amount > step.upto:
        amount = Decimal(step.upto)
    if amount <= step.above:
        return points
    return points + ceil((Fraction(amount) - step.above) / step.width) * Fraction(step.points)


def _is_below(line: DraftLine, step: Step) -> bool:
    return step.error_rule in (2, 3) and line.amount is not None and line.amount <= step.above - step.width


def _yen(line: DraftLine) -> Decimal:
    row = line.row
    assert isinstance(row, Drug)
    return row.price * (line.amount or Decimal(0))


def _material_yen(lines: tuple[DraftLine, ...]) -> Decimal:
    """Oxygen is rounded to whole yen after its 1.3 (kind 9), percentages (kind 5) add to what stands before."""
    total = Decimal(0)
    for line in lines:
        row = line.row
        assert isinstance(row, Material)
        if row.price_kind == "5":
            total += total * row.price / 100
        elif row.price_kind == "9":
            total = total * row.price
        else:
            unit_price = line.unit_price_yen if line.unit_price_yen is not None else row.price
            total += unit_price * (line.amount or Decimal(1))
        if row.oxygen != "0":
            total = Decimal(half_up(total))
    return total
