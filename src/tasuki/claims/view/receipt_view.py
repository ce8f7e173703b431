# SPDX-License-Identifier: Apache-2.0
"""レセプト表示 — one receipt as the mapping that the form 様式第二 is printed from.

The members are those of the published schema ``claim_receipt``: ``receipt_type``, ``month`` (its first day),
``issuer``, ``patient``, ``insurer`` or None, ``programmes``, ``diseases``, ``rows`` (the point table), ``units``
(摘要), ``narratives``, ``special_notes`` and the rest of the head. Days are ISO text. Names come from the
book; a code that it lacks is shown in brackets.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tasuki.claims.codes import DEPARTMENTS, PREFECTURES, SPECIAL_NOTES
from tasuki.claims.groups import CountedUnit
from tasuki.claims.records import CO, TO, Line
from tasuki.claims.view.comment_text import comment_text
from tasuki.claims.view.naming import Naming
from tasuki.claims.view.point_rows import point_rows
from tasuki.claims.view.stay_view import stay_view

if TYPE_CHECKING:
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import HO, IR, KO
    from tasuki.masters.book import Book

# The form must print some day; this one no receipt can bear.
UNKNOWN_DAY = date(1873, 1, 1)
_OUTCOMES = {"2": "治ゆ", "3": "死亡", "4": "中止"}
_REDUCTIONS = {"1": "減額", "2": "免除", "3": "支払猶予"}


def receipt_view(
    receipt: Receipt, institution: IR | None, book: Book | None, *, is_preview: bool = True
) -> dict[str, Any]:
    """レセプト表示 — the mapping of one receipt; what the file does not say is empty, never guessed."""
    header = receipt.header
    month = header.service_month
    day = month.day(month.last_day) if month is not None else UNKNOWN_DAY
    naming = Naming(book, day)
    payer = receipt.insurer
    is_stay = receipt.type is not None and receipt.type.is_inpatient
    return {
        "receipt_type": header.receipt_type,
        "month": day.replace(day=1).isoformat(),
        "number": header.record.value(2),
        "is_preview": is_preview,
        "issuer": issuer_view(institution),
        "patient": {
            "id": header.chart_number,
            "name": header.patient_name,
            "kana": header.patient_kana,
            "born": (header.born_on or UNKNOWN_DAY).isoformat(),
            "sex": "female" if header.sex == "2" else "male",
        },
        "department": _department(header.department_1),
        "beds": header.bed_count,
        "special_notes": [f"{code}{SPECIAL_NOTES.get(code, '')}" for code in header.special_notes],
        "occupational_reason": payer.duty_reason if payer is not None else "",
        "insurer": None if payer is None else _insurer(receipt, payer),
        "programmes": [_programme(one, is_stay=is_stay) for one in receipt.programmes],
        "diseases": [
            {
                "name": naming.disease(one),
                "since": (one.since_on or UNKNOWN_DAY).isoformat(),
                "outcome": _OUTCOMES.get(one.outcome, ""),
                "is_main": one.main == "01",
            }
            for one in receipt.diseases
        ],
        "rows": point_rows(receipt, naming),
        "units": [_unit(unit, naming) for group in receipt.groups for unit in group.units],
        "narratives": [one.text for one in receipt.narratives],
        "stay": stay_view(receipt, naming) if is_stay else None,
    }


def issuer_view(institution: IR | None) -> dict[str, str]:
    """医療機関 — of the file's first record, as every form shows it; empty where a file has none."""
    if institution is None:
        return {"name": "", "address": ""}
    return {
        "name": institution.institution_name,
        "address": PREFECTURES.get(institution.prefecture, ""),
        "telephone": institution.telephone,
        "prefecture": institution.prefecture,
        "code": institution.institution_code,
    }


def _department(code: str) -> str:
    return f"{code} {DEPARTMENTS.get(code, '')}".strip()


def _insurer(receipt: Receipt, payer: HO) -> dict[str, Any]:
    branch = next((one.branch for one in receipt.confirmations if one.bearer_kind == "1"), "")
    reduction = _REDUCTIONS.get(payer.reduction_kind, "")
    if payer.reduction_percent is not None:
        reduction += f" {payer.reduction_percent}%"
    elif payer.reduction_yen is not None:
        reduction += f" {payer.reduction_yen}円"
    return {
        "insurer_number": payer.insurer_number.strip(),
        "symbol": payer.symbol,
        "number": payer.number,
        "branch": branch,
        "days": payer.visit_days or 0,
        "points": payer.total_points or 0,
        "benefit_percent": receipt.header.benefit_percent,
        "burden_yen": payer.share_yen,
        "reduction": reduction,
    }


def _programme(one: KO, *, is_stay: bool) -> dict[str, Any]:
    return {
        "payer_number": one.payer_number,
        "recipient_number": one.recipient_number,
        "days": one.visit_days or 0,
        "points": one.total_points or 0,
        "burden_yen": one.share_yen,
        "insured_burden_yen": one.inpatient_share_yen if is_stay else one.outpatient_share_yen,
    }


def _unit(unit: CountedUnit, naming: Naming) -> dict[str, Any]:
    items: list[dict[str, str]] = []
    for line in unit.lines:
        if isinstance(line, CO):
            items.append({"name": comment_text(line.code, line.text, naming)})
            continue
        items.append({"name": _name(line, naming), "amount": naming.amount(line.code, line.amount)})
        items.extend({"name": comment_text(code, text, naming)} for code, text in line.comments)
    shown: dict[str, Any] = {"section": unit.section, "items": items, "burden": unit.payer_code}
    if unit.points is not None:
        shown |= {"points": unit.points, "count": unit.times}
    return shown


def _name(line: Line, naming: Naming) -> str:
    if isinstance(line, TO) and line.product_name:
        price = f"　{line.unit_price:f}円" if line.unit_price is not None else ""
        return f"{line.product_name}{price}"
    return naming.item(line.code)
