# SPDX-License-Identifier: Apache-2.0
"""診療報酬明細書 — 様式第二（医科入院外）: the monthly claim of one patient as the boxed sheet reviewers read.

The sheet is a view: what is claimed is the UKE file. Continuation sheets (続紙) take what the 摘要 column
of the first cannot hold.

Cite: 療養の給付及び公費負担医療に関する費用の請求に関する命令 様式第二; 記載要領 (昭和51年8月7日 保険発第82号) 第3
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from tasuki.forms.claim_columns import COLUMNS, Columns, fill_columns
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.wording import cells, era_parts, grouped
from tasuki.kernel.finding import Finding, Severity, Where

_DISEASE_LINES = 7
_PROGRAMMES_ON_FORM = 2


class PointRow(StrEnum):
    """点数欄 — the rows of the point table on the left of the sheet, in printed order."""

    FIRST = "11"
    REVISIT = "12.revisit"
    OUTPATIENT_MANAGEMENT = "12.management"
    AFTER_HOURS = "12.after_hours"
    HOLIDAY = "12.holiday"
    NIGHT = "12.night"
    MANAGEMENT = "13"
    HOUSE_CALL = "14.call"
    HOUSE_CALL_EVENING = "14.evening"
    HOUSE_CALL_NIGHT = "14.night"
    HOME_VISIT = "14.visit"
    HOME_OTHER = "14.other"
    HOME_DRUG = "14.drug"
    INTERNAL_DRUG = "21.drug"
    INTERNAL_DISPENSING = "21.dispensing"
    AS_NEEDED_DRUG = "22.drug"
    EXTERNAL_DRUG = "23.drug"
    EXTERNAL_DISPENSING = "23.dispensing"
    PRESCRIBING = "25"
    NARCOTIC = "26"
    DISPENSING_BASIC = "27"
    SUBCUTANEOUS = "31"
    INTRAVENOUS = "32"
    INJECTION_OTHER = "33"
    PROCEDURE = "40.act"
    PROCEDURE_DRUG = "40.drug"
    SURGERY = "50.act"
    SURGERY_DRUG = "50.drug"
    EXAMINATION = "60.act"
    EXAMINATION_DRUG = "60.drug"
    IMAGING = "70.act"
    IMAGING_DRUG = "70.drug"
    PRESCRIPTION = "80.prescription"
    OTHER = "80.other"
    OTHER_DRUG = "80.drug"


@dataclass(frozen=True, slots=True)
class PointCell:
    """点数欄の記載 — count and points of one row; ``programme_points`` (公費分点数) only where they differ.

    ``unit_points`` is the value before the × where the form has one (再診 73×2).
    """

    points: int
    count: int | None = None
    unit_points: int | None = None
    programme_points: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimInsurer:
    """保険者欄 — the insurer's line: number, 給付割合, 実日数, 請求点, 一部負担金額.

    ``benefit_percent`` only for 国保; ``burden_yen`` only where the share must be recorded.
    ``reduction`` is 減免 as printed (減額 3割, 免除, 支払猶予).
    """

    insurer_number: str
    symbol: str
    number: str
    days: int
    points: int
    branch: str = ""
    benefit_percent: int | None = None
    burden_yen: int | None = None
    reduction: str = ""


@dataclass(frozen=True, slots=True)
class ClaimProgramme:
    """公費欄 — one programme's line. ``insured_burden_yen`` is printed in brackets (公費給付対象一部負担金)."""

    payer_number: str
    recipient_number: str
    days: int
    points: int
    burden_yen: int | None = None
    insured_burden_yen: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimDisease:
    """傷病名 — name with modifiers, first day, and what became of it (治ゆ, 死亡, 中止 or empty)."""

    name: str
    since: date
    outcome: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """摘要の項目 — an act, drug, material or comment, with its amount and unit."""

    name: str
    amount: str = ""


@dataclass(frozen=True, slots=True)
class SummaryUnit:
    """摘要の算定単位 — items of one 点数×回数; comments have neither.

    ``section`` (診療識別) and ``burden`` (負担区分) are printed where they change.
    """

    section: str
    items: tuple[SummaryItem, ...]
    points: int | None = None
    count: int | None = None
    burden: str = ""


@dataclass(frozen=True, slots=True)
class ClaimReceipt:
    """診療報酬明細書 — one receipt. ``receipt_type`` is レセプト種別 (1112 …), ``month`` any day of the month of service.

    ``special_notes`` are 特記事項 as printed (``02長``), ``occupational_reason`` is 1-3 or empty.
    """

    receipt_type: str
    month: date
    issuer: Issuer
    patient: PatientParty
    diseases: tuple[ClaimDisease, ...]
    rows: dict[PointRow, PointCell]
    units: tuple[SummaryUnit, ...]
    insurer: ClaimInsurer | None = None
    programmes: tuple[ClaimProgramme, ...] = ()
    number: str = ""
    department: str = ""
    beds: int | None = None
    special_notes: tuple[str, ...] = ()
    occupational_reason: str = ""
    review_payer: str = ""
    is_preview: bool = True
    narratives: tuple[str, ...] = field(default=())


def check(receipt: ClaimReceipt) -> list[Finding]:
    """明細書の点検 — what the sheet cannot hold. Whether the claim is right is not asked here: a wrong one must be seen."""
    found = [
        _finding("form.too_long", name, what=what, limit=limit, value=value)
        for name, what, value, limit in (
            (
                "insurer.insurer_number",
                "保険者番号",
                receipt.insurer.insurer_number.strip() if receipt.insurer else "",
                8,
            ),
            ("issuer.code", "医療機関コード", receipt.issuer.code, 7),
            *(("programmes", "公費負担者番号", p.payer_number, 8) for p in receipt.programmes),
            *(("programmes", "公費負担医療の受給者番号", p.recipient_number, 7) for p in receipt.programmes),
        )
        if len(value) > limit
    ]
    if len(receipt.receipt_type) != 4 or not receipt.receipt_type.isdigit():
        found.append(
            _finding("form.not_allowed", "receipt_type", reason="レセプト種別は数字4桁です（別表5）。")
        )
    if len(receipt.programmes) > 4:
        found.append(
            _finding(
                "form.too_many", "programmes", what="公費負担医療", limit=4, found=len(receipt.programmes)
            )
        )
    return found


def _finding(key: str, name: str, **facts: object) -> Finding:
    return Finding("FORM004", Severity.BLOCK, Where(record="claim_receipt", field=name), key, facts)


def layout(receipt: ClaimReceipt) -> dict[str, Any]:
    """明細書の印字内容 — boxes of the first sheet, and the 摘要 lines laid out over as many sheets as they need."""
    front = receipt.diseases[: _diseases_on_front(receipt)]
    return {
        "type": receipt.receipt_type,
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
        "sheets": fill_columns(_columns(receipt)),
    }


def _diseases_on_front(receipt: ClaimReceipt) -> int:
    """傷病名欄の行数 — the last line is given up for 以下、摘要欄 when not all fit."""
    return _DISEASE_LINES if len(receipt.diseases) <= _DISEASE_LINES else _DISEASE_LINES - 1


def _padded(programmes: tuple[ClaimProgramme, ...]) -> list[ClaimProgramme | None]:
    return [*programmes[:_PROGRAMMES_ON_FORM], None, None][:_PROGRAMMES_ON_FORM]


def _columns(receipt: ClaimReceipt) -> Columns:
    """摘要欄 — what did not fit its own box first, then the units, then 症状詳記."""
    columns = Columns(COLUMNS)
    for mark, programme in zip("③④", receipt.programmes[_PROGRAMMES_ON_FORM:], strict=False):
        columns.add_programme(
            mark,
            programme.payer_number,
            programme.recipient_number,
            programme.days,
            programme.points,
            programme.burden_yen,
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


def _insurer(insurer: ClaimInsurer | None) -> dict[str, Any] | None:
    if insurer is None:
        return None
    return {
        "number": cells(insurer.insurer_number.strip(), 8),
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
        "payer": cells(programme.payer_number, 8),
        "recipient": cells(programme.recipient_number, 7),
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
