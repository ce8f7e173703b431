# SPDX-License-Identifier: Apache-2.0
"""入院の表示 — ward, days of stay and meals of an inpatient's receipt, as the form 様式第二（医科入院） takes them.

Cite: 診療報酬請求書等の記載要領 別紙1 様式第二 入院・食事療養・生活療養の欄; 医科診療行為マスター 点数欄集計先識別（入院）
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.claims.codes import BURDEN_PAYERS, MEAL_SECTION, WARD_KINDS, is_ward_report
from tasuki.claims.receipt_type import Holder
from tasuki.claims.records import SI
from tasuki.claims.view.point_rows import programme_shares, signed_points
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.groups import CountedUnit
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import HO, KO
    from tasuki.claims.view.naming import Naming

_BASIC, _SPECIAL = "90", "92"
# 医療法 第1条の5: a hospital has twenty beds or more.
_HOSPITAL_BEDS = 20
_MEAL_OF_TALLY = {"970": "standard", "972": "living_standard", "974": "environment"}
_BURDEN_TALLIES = frozenset({"971", "973", "975"})
_MEAL_OF_CODE = {
    "197000470": "special",
    "197001570": "living_special",
    "197000570": "dining_room",
    "197001670": "dining_room",
}
_GRADES = {
    "197000110": "Ⅰ", "197003110": "Ⅰ", "197000710": "Ⅱ", "197003210": "Ⅱ", "197001310": "Ⅰ",
    "197003510": "Ⅰ", "197001710": "Ⅱ", "197001410": "Ⅰ", "197001810": "Ⅱ",
}  # fmt: skip


def stay_view(receipt: Receipt, naming: Naming) -> dict[str, Any]:
    """入院の表示 — the mapping ``stay`` of a receipt; what the file does not say is left out, never guessed."""
    header = receipt.header
    payers = [*((receipt.insurer,) if receipt.insurer else (None,)), *receipt.programmes]
    admitted, beds = header.admitted_on, header.bed_count
    return {
        "admitted_on": admitted.isoformat() if admitted else None,
        "wards": [WARD_KINDS[kind] for kind in header.ward_kinds if kind in WARD_KINDS],
        "is_clinic": beds < _HOSPITAL_BEDS if beds else None,
        "fee_names": _fee_names(receipt, naming),
        "basic": [_day_line(unit, receipt) for unit in _units(receipt, _BASIC)],
        "special": [_day_line(unit, receipt) for unit in _units(receipt, _SPECIAL)],
        "meals": _meals(receipt, naming),
        "payer_meals": [
            _payer_meal(payer, burden)
            for payer, burden in zip(payers, meal_burdens(receipt, naming), strict=False)
        ],
        "reduced_as": _reduced_as(receipt),
    }


def _units(receipt: Receipt, section: str) -> Iterator[CountedUnit]:
    for group in receipt.groups:
        if group.section == section:
            yield from (unit for unit in group.units if unit.points)


def _fee_names(receipt: Receipt, naming: Naming) -> list[str]:
    names = [
        naming.item(line.code)
        for section in (_BASIC, _SPECIAL)
        for unit in _units(receipt, section)
        for line in unit.lines
        if isinstance(line, SI) and not is_ward_report(line.code)
    ]
    return list(dict.fromkeys(names))


def _day_line(unit: CountedUnit, receipt: Receipt) -> dict[str, Any]:
    total = signed_points(unit)
    line: dict[str, Any] = {"points": unit.points, "days": unit.times, "total": total}
    if shares := programme_shares([unit], receipt, total):
        line["programme_points"] = shares
    return line


def _tally(unit: CountedUnit, naming: Naming) -> tuple[str, str]:
    """集計先 — of the first act the book knows, and its code."""
    for line in unit.lines:
        row = naming.priced(line.code) if isinstance(line, SI) else None
        if isinstance(row, Act):
            return row.tally_in, line.code
    return "", ""


def _meals(receipt: Receipt, naming: Naming) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for unit in _units(receipt, MEAL_SECTION):
        tally, code = _tally(unit, naming)
        kind = _MEAL_OF_CODE.get(code) or _MEAL_OF_TALLY.get(tally)
        if kind is None:
            continue
        line = {"yen": unit.points, "count": unit.times, "grade": _GRADES.get(code, "")}
        found.setdefault(kind, []).append(line)
    return found


def meal_burdens(receipt: Receipt, naming: Naming) -> tuple[int | None, ...]:
    """標準負担額 — in yen of the insurer and the four programmes; None where no line of the receipt states one."""
    found: list[int | None] = [None] * 5
    for unit in _units(receipt, MEAL_SECTION):
        if _tally(unit, naming)[0] not in _BURDEN_TALLIES:
            continue
        for at, pays in enumerate(BURDEN_PAYERS.get(unit.payer_code, ())):
            if pays:
                found[at] = (found[at] or 0) + unit.total
    return tuple(found)


def _payer_meal(payer: HO | KO | None, burden: int | None) -> dict[str, Any]:
    if payer is None:
        return {}
    return {"count": payer.meal_count, "claimed_yen": payer.meal_yen, "burden_yen": burden}


def _reduced_as(receipt: Receipt) -> list[str]:
    """標準負担額の区分 — as far as 別表8 tells it: 1 and 2 mean Ⅱ only for the elderly."""
    kind = receipt.header.share_class
    is_elder = receipt.type is not None and receipt.type.holder in (Holder.ELDER, Holder.ELDER_ACTIVE)
    words = ["Ⅰ"] if kind in ("3", "4") else ["Ⅱ"] if kind in ("1", "2") and is_elder else []
    return [*words, *(["３月超"] if kind == "2" else [])]
