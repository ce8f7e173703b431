# SPDX-License-Identifier: Apache-2.0
"""明細の行 — which row of an accident statement a billed unit belongs to, and what it brings there.

Cite: 労災診療費算定基準; 自動車損害賠償責任保険診療費算定基準（新基準）; 医科診療行為マスター 点数欄集計先識別（入院外）
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.statement import LineKind
from tasuki.claims.view.point_rows import act_row
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.statement import Unit
    from tasuki.claims.view.naming import Naming

_GOODS = frozenset({LineKind.DRUG, LineKind.MATERIAL})
_INJECTIONS = frozenset({"31", "32", "33"})
_WITH_GOODS = frozenset({"14", "21", "22", "23", "40", "50", "60", "70", "80"})
_ANAESTHESIA = "54"
_FEES = {"11": "first", "12": "revisit", "13": "guidance"}
# 救急医療管理加算 of 労災, of inpatients and of outpatients.
_EMERGENCY = frozenset({"101800880", "101800890"})


def is_goods(unit: Unit) -> bool:
    """薬剤等か — a unit of drugs or materials alone."""
    acts = [line for line in unit.lines if line.kind is not LineKind.COMMENT]
    return bool(acts) and all(line.kind in _GOODS for line in acts)


def row_of_billed(unit: Unit, naming: Naming) -> str:
    """明細の行 — of a unit in points."""
    section = "50" if unit.section == _ANAESTHESIA else unit.section
    if is_goods(unit):
        if section in _INJECTIONS:
            return "30.drug"
        return f"{section}.drug" if section in _WITH_GOODS else "80.drug"
    return act_row(section, _act(unit, naming)) or section


def fee_of_billed(unit: Unit) -> str:
    """金額の行 — of a unit in yen."""
    if any(line.code in _EMERGENCY for line in unit.lines):
        return "emergency"
    return _FEES.get(unit.section, "other")


def _act(unit: Unit, naming: Naming) -> Act | None:
    rows = (naming.priced(line.code) for line in unit.lines if line.kind is LineKind.ACT)
    return next((row for row in rows if isinstance(row, Act)), None)
