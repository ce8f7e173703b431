# SPDX-License-Identifier: Apache-2.0
"""薬剤料 — the points of the drugs of one unit: the prices are added first and converted once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from tasuki.kernel.points import drug_points, half_up, procedure_drug_points
from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from tasuki.calculation.draft import DraftLine, DraftUnit

# 診療識別 whose drugs follow D500 (15 yen or less is nothing): home care, procedures, operations,
# anaesthesia, tests and imaging.
_PROCEDURE_SECTIONS = frozenset({"14", "40", "50", "54", "60", "70", "80"})


def price_drugs(unit: DraftUnit) -> DraftUnit:
    """薬剤料 — 1剤1日分, 1回分, 1調剤 or one shot, as the unit is one of them.

    Cite: 医科点数表 F200, G100 薬剤; C200, D500, E300, J300, K940, L200 薬剤
    """
    yen = sum((drug_yen(line) for line in unit.lines), Decimal(0))
    is_procedure = unit.section in _PROCEDURE_SECTIONS
    return changed(unit, points=procedure_drug_points(yen) if is_procedure else drug_points(yen))


def price_reduction(unit: DraftUnit, priced: list[DraftUnit]) -> DraftUnit:
    """薬剤料逓減 — the part taken off all internal drugs of the prescription, as negative points of one unit.

    The reduction counts on the drug points of the whole prescription, days included, and is rounded once.

    Cite: 医科点数表 F200 注3, 通知(6)イ (所定点数とは1処方のうちの全ての内服薬の薬剤料)
    """
    points = sum(
        other.points * other.times
        for other in priced
        if other.section == INTERNAL and any(isinstance(line.row, Drug) for line in other.lines)
    )
    less = half_up(Fraction(points) * REDUCTIONS[unit.lines[0].code] / 100)
    line = changed(unit.lines[0], points=-less)
    return changed(unit, lines=(line,), points=-less)


def drug_yen(line: DraftLine) -> Decimal:
    """薬価 — of the amount of one line."""
    row = line.row
    assert isinstance(row, Drug)
    return row.price * (line.amount if line.amount is not None else Decimal(0))


# 薬剤料逓減（90/100）（内服薬） of the drug master → the percentage that is taken off.
REDUCTIONS = {"630010002": 10}
INTERNAL = "21"


def is_reduction(unit: DraftUnit) -> bool:
    """薬剤料逓減か — whether the unit is a reduction code of the drug master.

    Cite: マスターファイル仕様説明書 R6 別紙 薬剤料逓減（90/100）（内服薬）
    """
    return bool(unit.lines) and unit.lines[0].row.code in REDUCTIONS
