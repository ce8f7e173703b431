# SPDX-License-Identifier: Apache-2.0
"""点数欄 — the left-hand table of the form: which row each counting unit belongs to.

Row names are those of the form (診療識別 and a part). Materials count with the act, drugs apart. The sheet of
inpatients has one row for 在宅 and for each class of 投薬; days of stay and meals stand in boxes of their own.

Cite: 診療報酬請求書等の記載要領 別紙1 様式第二 療養の給付欄; 医科診療行為マスター 点数欄集計先識別（入院外）
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.claims.codes import BURDEN_PAYERS, with_sign
from tasuki.claims.groups import CountedUnit
from tasuki.claims.records import IY, SI
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.view.naming import Naming

_OF_TALLY = {
    "120": "12.revisit",
    "122": "12.management",
    "123": "12.after_hours",
    "124": "12.holiday",
    "125": "12.night",
}
_OF_STAY = frozenset({"11", "13", "14", "21", "22", "23", "24", "26", "27", "31", "32", "33"})
_STAY_PARTS = frozenset({"40", "50", "60", "70", "80"})
_WITH_DRUG_ROW = frozenset({"14", "21", "22", "23", "40", "50", "60", "70", "80"})
_ANAESTHESIA = "54"  # the form has 手術・麻酔 in one row
_PRESCRIPTION = "F400"
_HOUSE_CALL, _HOME_VISIT = "C000", "C001"


def row_of(unit: CountedUnit, naming: Naming) -> str | None:
    """点数欄の行 — of a unit, None where the form has no row for it."""
    section = "50" if unit.section == _ANAESTHESIA else unit.section
    is_drug = any(isinstance(line, IY) for line in unit.lines)
    if is_drug and section in _WITH_DRUG_ROW:
        return f"{section}.drug"
    act = next(
        (
            row
            for line in unit.lines
            if isinstance(line, SI) and isinstance(row := naming.priced(line.code), Act)
        ),
        None,
    )
    plain = section if section in ("11", "13", "25", "26", "27", "31", "32", "33") else None
    return act_row(section, act) or plain


def act_row(section: str, act: Act | None) -> str | None:
    """行為の行 — where an act decides its row within the section; None where the section is the row."""
    if section == "12":
        return _OF_TALLY.get(act.tally_out if act else "", "12.revisit")
    if section == "14":
        if act is not None and act.section == _HOUSE_CALL:
            return "14.call"
        return "14.visit" if act is not None and act.section == _HOME_VISIT else "14.other"
    if section in ("21", "22", "23"):
        # 屯服 has no dispensing row of its own: 調剤料 of internal drugs takes it.
        return "23.dispensing" if section == "23" else "21.dispensing"
    if section in ("40", "50", "60", "70"):
        return f"{section}.act"
    if section == "80":
        return "80.prescription" if act is not None and act.section == _PRESCRIPTION else "80.other"
    return None


def stay_row_of(unit: CountedUnit) -> str | None:
    """点数欄の行（入院） — of a unit, None where the sheet of inpatients has no row for it."""
    section = "50" if unit.section == _ANAESTHESIA else unit.section
    if section in _STAY_PARTS:
        is_drug = any(isinstance(line, IY) for line in unit.lines)
        return f"{section}.drug" if is_drug else "80.other" if section == "80" else f"{section}.act"
    return section if section in _OF_STAY else None


def point_rows(receipt: Receipt, naming: Naming) -> dict[str, dict[str, Any]]:
    """点数欄 — count and points of every row, the part of a programme only where it differs."""
    found: dict[str, list[CountedUnit]] = {}
    is_stay = receipt.type is not None and receipt.type.is_inpatient
    for group in receipt.groups:
        for unit in group.units:
            row = (stay_row_of(unit) if is_stay else row_of(unit, naming)) if unit.points else None
            if row is not None:
                found.setdefault(row, []).append(unit)
    return {row: _cell(row, units, receipt) for row, units in found.items()}


def programme_shares(units: list[CountedUnit], receipt: Receipt, points: int) -> list[int]:
    """公費分点数 — of each programme, empty unless one differs from the points beside an insurer."""
    shares = [
        sum(signed_points(unit) for unit in units if _pays(unit, nth))
        for nth in range(1, len(receipt.programmes) + 1)
    ]
    return shares if receipt.insurer is not None and any(share != points for share in shares) else []


def signed_points(unit: CountedUnit) -> int:
    """点数 — of a unit, below zero for a reduction."""
    return with_sign(unit.total, (line.code for line in unit.lines))


def _cell(row: str, units: list[CountedUnit], receipt: Receipt) -> dict[str, Any]:
    points = sum(signed_points(unit) for unit in units)
    cell: dict[str, Any] = {"points": points, "count": sum(unit.times for unit in units)}
    if row.startswith("12.") and len({unit.points for unit in units}) == 1:
        # Only the rows of 再診 print points × count.
        cell["unit_points"] = units[0].points
    if shares := programme_shares(units, receipt, points):
        cell["programme_points"] = shares
    return cell


def _pays(unit: CountedUnit, nth: int) -> bool:
    payers = BURDEN_PAYERS.get(unit.payer_code)
    return payers is not None and nth < len(payers) and payers[nth]
