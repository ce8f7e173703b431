# SPDX-License-Identifier: Apache-2.0
"""処方箋 — 様式第二号 on A5: what the patient takes to any pharmacy.

Cite: 保険医療機関及び保険医療養担当規則 第23条 様式第二号; 薬剤師法 第23条; 記載要領 第5 処方箋の記載上の注意事項
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tasuki.chart.orders import ResidualAction
from tasuki.forms.linked_symbols import MOST_SYMBOLS, draw_symbols, most_bytes, symbols_needed
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.wording import cells, era_parts
from tasuki.kernel.finding import Finding, Severity, Where

# 残薬確認時の対応 and リフィル reworded for prescriptions issued from this day.
R8_FORM_SINCE = date(2026, 6, 1)
MOST_PARTS = 3
_PROGRAMMES_ON_FORM = 2
# Characters of 備考 that stay readable, by the symbols beside them; a remark takes a line of its own.
_REMARKS, _REMARK_LINE = (400, 240, 110), 25
# A scanner wants modules of 0.25 mm; the 備考 column has room for 23 mm, so for codes of version 16.
_VERSION_IN_REMARKS, _VERSION_ON_SHEET = 16, 25


@dataclass(frozen=True, slots=True)
class ProgrammeNumber:
    """公費負担者番号・受給者番号 — one programme's pair of numbers."""

    payer_number: str
    recipient_number: str = ""


@dataclass(frozen=True, slots=True)
class PrescribedDrug:
    """処方薬 — one drug: its name as ordered (a generic name carries 【般】) and its amount with the unit.

    ``substitution_barred`` ticks 変更不可（医療上必要）, ``patient_wish`` ticks 患者希望; the two exclude each other.
    """

    name: str
    amount: str
    substitution_barred: bool = False
    patient_wish: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rp:
    """剤 — drugs taken together: usage, and how many days, doses or pieces in all."""

    drugs: tuple[PrescribedDrug, ...]
    usage: str
    quantity: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NarcoticDetails:
    """麻薬の記載事項 — what a prescription of narcotics must also say.

    Cite: 麻薬及び向精神薬取締法 第27条第6項; 同法施行規則 第9条の3
    """

    licence_number: str
    patient_address: str


@dataclass(frozen=True, slots=True)
class SplitPart:
    """分割指示に係る処方箋の回 — of how many parts this is which; the last brings the sheet on which pharmacies hand on (別紙).

    Cite: 保険医療機関及び保険医療養担当規則 第23条 様式第二号の二・第二号の三
    """

    count: int
    nth: int
    telephone: str = ""
    fax: str = ""
    other_contact: str = ""


@dataclass(frozen=True, slots=True)
class Prescription:
    """処方箋 — one prescription for drugs dispensed outside.

    ``usable_until`` is set only where the doctor gives another period than four days. ``refill_count`` is
    the total number of uses (2 or 3). ``qr_payloads`` are JAHIS texts as bytes; one that is too long for a symbol is
    linked over several. Up to two go into 備考 when the remarks leave room, others onto a sheet of their own.
    ``exchange_number`` is the 引換番号 of 電子処方箋管理サービス for a paper prescription registered there.
    """

    issued_on: date
    issuer: Issuer
    doctor_name: str
    patient: PatientParty
    rps: tuple[Rp, ...]
    insurer_number: str = ""
    symbol: str = ""
    number: str = ""
    branch: str = ""
    is_dependant: bool | None = None
    programmes: tuple[ProgrammeNumber, ...] = ()
    usable_until: date | None = None
    refill_count: int | None = None
    split: SplitPart | None = None
    residual_action: ResidualAction | None = None
    remarks: tuple[str, ...] = ()
    narcotic: NarcoticDetails | None = None
    exchange_number: str = ""
    qr_payloads: tuple[bytes, ...] = ()


def check(slip: Prescription) -> list[Finding]:
    """処方箋の点検 — what the form has no cell for, or the law does not let it say."""
    found = [
        _finding("form.too_long", field, what=what, limit=limit, value=value)
        for field, what, value, limit in (
            ("insurer_number", "保険者番号", slip.insurer_number, 8),
            ("issuer.code", "医療機関コード", slip.issuer.code, 7),
            ("issuer.prefecture", "都道府県番号", slip.issuer.prefecture, 2),
            *(("programmes", "公費負担者番号", p.payer_number, 8) for p in slip.programmes),
            *(("programmes", "公費負担医療の受給者番号", p.recipient_number, 7) for p in slip.programmes),
        )
        if len(value) > limit
    ]
    if (length := _remark_length(slip)) > _REMARKS[0]:
        found.append(
            _finding("form.too_long", "remarks", what="備考", limit=_REMARKS[0], value=f"{length}字相当")
        )
    if not any(rp.drugs for rp in slip.rps):
        found.append(_finding("form.not_allowed", "rps", reason="処方薬がありません。"))
    if slip.refill_count is not None and slip.refill_count not in (2, 3):
        found.append(
            _finding(
                "form.not_allowed",
                "refill_count",
                reason="リフィルの総使用回数は2回又は3回です（療担規則 第20条）。",
            )
        )
    found += _split_faults(slip)
    found += [
        _finding(
            "form.too_long",
            f"qr_payloads[{n}]",
            what="２次元シンボルのデータ",
            limit=most_bytes(_VERSION_ON_SHEET),
            value=len(p),
        )
        for n, p in enumerate(slip.qr_payloads)
        if symbols_needed(len(p), _VERSION_ON_SHEET) > MOST_SYMBOLS
    ]
    for n, rp in enumerate(slip.rps):
        for m, drug in enumerate(rp.drugs):
            if drug.substitution_barred and drug.patient_wish:
                found.append(
                    _finding(
                        "form.not_allowed",
                        f"rps[{n}].drugs[{m}]",
                        reason="「変更不可（医療上必要）」と「患者希望」は同時に記載できません。",
                    )
                )
    return found


def _split_faults(slip: Prescription) -> list[Finding]:
    if slip.split is None:
        return []
    reasons = []
    if not (2 <= slip.split.count <= MOST_PARTS and 1 <= slip.split.nth <= slip.split.count):
        reasons.append(
            f"分割は2回から{MOST_PARTS}回までです（{slip.split.count}分割の{slip.split.nth}回目）。"
        )
    if slip.refill_count is not None:
        reasons.append("リフィルと分割は同時に指示できません。")
    return [_finding("form.not_allowed", "split", reason=each) for each in reasons]


def _finding(key: str, field: str, **facts: object) -> Finding:
    return Finding("FORM004", Severity.BLOCK, Where(record="prescription", field=field), key, facts)


def layout(slip: Prescription) -> dict[str, Any]:
    """処方箋の印字内容 — everything the template draws, as text."""
    first, second = ([*slip.programmes, None, None])[:_PROGRAMMES_ON_FORM]
    return {
        "issued_on": era_parts(slip.issued_on)._asdict(),
        "usable_until": era_parts(slip.usable_until)._asdict(),
        "issuer": {
            "name": slip.issuer.name,
            "address": " ".join(part for part in (slip.issuer.postal_code, slip.issuer.address) if part),
            "telephone": slip.issuer.telephone,
            "prefecture": cells(slip.issuer.prefecture, 2),
            "code": cells(slip.issuer.code, 7),
        },
        "doctor": slip.doctor_name,
        "patient": {
            "name": slip.patient.name,
            "kana": slip.patient.kana,
            "born": era_parts(slip.patient.born)._asdict(),
            "sex": slip.patient.sex.value,
        },
        "insurer": cells(slip.insurer_number, 8),
        "symbol": slip.symbol,
        "number": slip.number,
        "branch": slip.branch,
        "is_dependant": slip.is_dependant,
        "programmes": [_programme(first), _programme(second)],
        "more_programmes": [
            {"payer": p.payer_number, "recipient": p.recipient_number}
            for p in slip.programmes[_PROGRAMMES_ON_FORM:]
        ],
        "rps": [
            {
                "number": str(n),
                "drugs": [
                    {
                        "name": drug.name,
                        "amount": drug.amount,
                        "barred": drug.substitution_barred,
                        "wish": drug.patient_wish,
                        "notes": list(drug.notes),
                    }
                    for drug in rp.drugs
                ],
                "usage": rp.usage,
                "quantity": rp.quantity,
                "notes": list(rp.notes),
            }
            for n, rp in enumerate(slip.rps, start=1)
        ],
        "refill_count": "" if slip.refill_count is None else str(slip.refill_count),
        "split": None
        if slip.split is None
        else {
            "count": str(slip.split.count),
            "nth": str(slip.split.nth),
            "is_last": slip.split.nth == slip.split.count,
            "telephone": slip.split.telephone,
            "fax": slip.split.fax,
            "other": slip.split.other_contact,
        },
        "residual_action": slip.residual_action.value if slip.residual_action else "",
        "is_r8_form": slip.issued_on >= R8_FORM_SINCE,
        "needs_signature": any(drug.substitution_barred for rp in slip.rps for drug in rp.drugs),
        "remarks": list(slip.remarks),
        "narcotic": None
        if slip.narcotic is None
        else {"licence": slip.narcotic.licence_number, "address": slip.narcotic.patient_address},
        "exchange_number": slip.exchange_number,
        "symbols": _symbols(slip),
        "symbols_beside_remarks": symbols_beside_remarks(slip),
    }


def _remark_length(slip: Prescription) -> int:
    return sum(max(len(remark), _REMARK_LINE) for remark in slip.remarks)


def symbols_beside_remarks(slip: Prescription) -> int:
    """備考欄の２次元シンボル — how many stand beside the remarks; 0 where they get a sheet of their own, or there are none."""
    count = sum(symbols_needed(len(payload), _VERSION_IN_REMARKS) for payload in slip.qr_payloads)
    return count if 0 < count < len(_REMARKS) and _remark_length(slip) <= _REMARKS[count] else 0


def _symbols(slip: Prescription) -> list[dict[str, Any]]:
    version = _VERSION_IN_REMARKS if symbols_beside_remarks(slip) else _VERSION_ON_SHEET
    return [
        drawn._asdict()
        for payload in slip.qr_payloads
        for drawn in draw_symbols(payload, symbols_needed(len(payload), version))
    ]


def _programme(programme: ProgrammeNumber | None) -> dict[str, list[str]]:
    return {
        "payer": cells(programme.payer_number if programme else "", 8),
        "recipient": cells(programme.recipient_number if programme else "", 7),
    }
