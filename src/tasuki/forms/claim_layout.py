# SPDX-License-Identifier: Apache-2.0
"""明細書の印字内容 — a claim receipt as the plain JSON its template draws."""

from __future__ import annotations

from typing import Any

from tasuki.forms.claim_columns import COLUMNS, STAY_COLUMNS, Columns, fill_columns
from tasuki.forms.claim_receipt import (
    ClaimInsurer,
    ClaimProgramme,
    ClaimReceipt,
    ClaimReceipts,
    PointCell,
    PointRow,
)
from tasuki.forms.stay_layout import stay_boxes
from tasuki.forms.wording import cells, era_parts, grouped

_DISEASE_LINES = 7
_PROGRAMMES_ON_FORM = 2


def layout(receipt: ClaimReceipt) -> dict[str, Any]:
    """明細書の印字内容 — the sheets of one receipt."""
    return {"receipts": [_sheets(receipt)]}


def layout_all(bundle: ClaimReceipts) -> dict[str, Any]:
    """明細書一括の印字内容 — the sheets of every receipt, in the order given."""
    return {"receipts": [_sheets(receipt) for receipt in bundle.receipts]}


def _sheets(receipt: ClaimReceipt) -> dict[str, Any]:
    """様式第二の欄 — boxes of the first sheet, and the 摘要 lines laid out over as many sheets as they need."""
    front = receipt.diseases[: _diseases_on_front(receipt)]
    return {
        "type": receipt.receipt_type.ljust(4)[:4],
        "month": era_parts(receipt.month)._asdict(),
        "number": receipt.number,
        "review_payer": receipt.review_payer,
        "is_preview": receipt.is_preview,
        "issuer": {
            "name": receipt.issuer.name,
            "address": " ".join(x for x in (receipt.issuer.postal_code, receipt.issuer.address) if x),
            "telephone": receipt.issuer.telephone,
            "prefecture": receipt.issuer.prefecture,
            "code": receipt.issuer.code,
        },
        "department": receipt.department,
        "beds": "" if receipt.beds is None else str(receipt.beds),
        "patient": {
            "id": receipt.patient.id,
            "name": receipt.patient.name,
            "kana": receipt.patient.kana,
            "sex": receipt.patient.sex.value,
            "born": era_parts(receipt.patient.born)._asdict(),
        },
        "occupational_reason": receipt.occupational_reason,
        "special_notes": list(receipt.special_notes),
        "insurer": _insurer(receipt.insurer),
        "programmes": [_programme(p) for p in _padded(receipt.programmes)],
        "diseases": [
            {
                "number": str(n),
                "name": disease.name,
                "is_main": disease.is_main,
                "since": era_parts(disease.since)._asdict(),
                "outcome": disease.outcome,
            }
            for n, disease in enumerate(front, start=1)
        ],
        "has_more_diseases": len(receipt.diseases) > len(front),
        "rows": {row.value: _cell(receipt.rows[row]) for row in PointRow if row in receipt.rows},
        "stay": None if receipt.stay is None else stay_boxes(receipt.stay),
        "sheets": fill_columns(_columns(receipt)),
    }


def _diseases_on_front(receipt: ClaimReceipt) -> int:
    """傷病名欄の行数 — the last line is given up for 以下、摘要欄 when not all fit."""
    return _DISEASE_LINES if len(receipt.diseases) <= _DISEASE_LINES else _DISEASE_LINES - 1


def _padded(programmes: tuple[ClaimProgramme, ...]) -> list[ClaimProgramme | None]:
    return [*programmes[:_PROGRAMMES_ON_FORM], None, None][:_PROGRAMMES_ON_FORM]


def _columns(receipt: ClaimReceipt) -> Columns:
    """摘要欄 — what did not fit its own box first, then the units, then 症状詳記."""
    columns = Columns(COLUMNS if receipt.stay is None else STAY_COLUMNS)
    beyond = receipt.programmes[_PROGRAMMES_ON_FORM:]
    for nth, (mark, programme) in enumerate(zip("③④⑤⑥⑦⑧⑨", beyond, strict=False), _PROGRAMMES_ON_FORM + 1):
        columns.add_programme(
            mark,
            programme.payer_number,
            programme.recipient_number,
            programme.days,
            programme.points,
            programme.burden_yen,
            _meals_of(receipt, nth),
        )
    front = _diseases_on_front(receipt)
    for n, disease in enumerate(receipt.diseases[front:], start=front + 1):
        columns.add_disease(n, disease.name, disease.since, disease.outcome, is_main=disease.is_main)
    for unit in receipt.units:
        columns.add_unit(
            unit.section,
            unit.burden,
            [(item.name, item.amount) for item in unit.items],
            None if unit.points is None else (unit.points, unit.count or 1),
        )
    for text in receipt.narratives:
        columns.add_narrative(text)
    return columns


def _meals_of(receipt: ClaimReceipt, nth: int) -> str:
    """食事・生活療養の記載 — of a payer without a box of its own; the insurer is the first."""
    if receipt.stay is None or nth >= len(receipt.stay.payer_meals):
        return ""
    meal = receipt.stay.payer_meals[nth]
    parts = [
        f"食事・生活 {meal.count}回" if meal.count else "",
        f"{grouped(meal.claimed_yen)}円" if meal.claimed_yen else "",
        f"標準負担額 {grouped(meal.burden_yen)}円" if meal.burden_yen else "",
    ]
    return "　".join(part for part in parts if part)


def _boxes(number: str, count: int) -> list[str]:
    """桁枠 — a number too long for its boxes is shown whole in narrower ones: the fault must be seen."""
    return cells(number, max(count, len(number)))


def _insurer(insurer: ClaimInsurer | None) -> dict[str, Any] | None:
    if insurer is None:
        return None
    return {
        "number": _boxes(insurer.insurer_number.strip(), 8),
        "symbol": insurer.symbol,
        "membership": insurer.number,
        "branch": insurer.branch,
        "benefit": "" if insurer.benefit_percent is None else str(insurer.benefit_percent),
        "days": str(insurer.days),
        "points": grouped(insurer.points),
        "burden": "" if insurer.burden_yen is None else grouped(insurer.burden_yen),
        "reduction": insurer.reduction,
    }


def _programme(programme: ClaimProgramme | None) -> dict[str, Any]:
    if programme is None:
        return {
            "payer": cells("", 8),
            "recipient": cells("", 7),
            "days": "",
            "points": "",
            "burden": "",
            "insured": "",
        }
    return {
        "payer": _boxes(programme.payer_number, 8),
        "recipient": _boxes(programme.recipient_number, 7),
        "days": str(programme.days),
        "points": grouped(programme.points),
        "burden": "" if programme.burden_yen is None else grouped(programme.burden_yen),
        "insured": "" if programme.insured_burden_yen is None else grouped(programme.insured_burden_yen),
    }


def _cell(cell: PointCell) -> dict[str, Any]:
    return {
        "unit": "" if cell.unit_points is None else grouped(cell.unit_points),
        "count": "" if cell.count is None else str(cell.count),
        "points": grouped(cell.points),
        "programme": [grouped(points) for points in cell.programme_points],
    }
