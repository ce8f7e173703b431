# SPDX-License-Identifier: Apache-2.0
"""処方内容（控え） — what a patient with an electronic prescription takes home: no prescription, but the number that opens it.

It is also handed over with a paper prescription that was registered. A change of the prescription gives another number,
and so another copy.

Cite: 電子処方箋管理サービスの運用について（処方内容（控え）の交付）; 電子処方箋概要案内
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tasuki.forms.linked_symbols import draw_symbols
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.prescription import Rp, SplitPart
from tasuki.forms.wording import era_parts
from tasuki.kernel.finding import Finding, Severity, Where

_DIGITS = 16
_DAYS = 4  # 交付の日を含めて４日以内: 療担規則 第20条


@dataclass(frozen=True, slots=True)
class PrescriptionCopy:
    """処方内容（控え） — the drugs, and the 引換番号 by which a pharmacy finds the prescription.

    ``is_electronic`` is False where a paper prescription is handed over as well. ``usable_until`` is set only where the
    doctor gives another period than four days. ``replaces`` is the number that became void by a change.
    """

    issued_on: date
    issuer: Issuer
    doctor_name: str
    patient: PatientParty
    rps: tuple[Rp, ...]
    exchange_number: str
    insurer_number: str = ""
    symbol: str = ""
    number: str = ""
    branch: str = ""
    is_electronic: bool = True
    usable_until: date | None = None
    refill_count: int | None = None
    split: SplitPart | None = None
    remarks: tuple[str, ...] = ()
    replaces: str = ""
    is_reissue: bool = False


def check(copy: PrescriptionCopy) -> list[Finding]:
    """処方内容（控え）の点検 — a copy without its number is of no use to anybody."""
    found = []
    for field, value in (("exchange_number", copy.exchange_number), ("replaces", copy.replaces)):
        is_number = len(value) == _DIGITS and value.isascii() and value.isdecimal()
        if not is_number and (value or field == "exchange_number"):
            found.append(_finding(field, "引換番号は16桁の数字です。処方箋を登録してから印刷してください。"))
    if not any(rp.drugs for rp in copy.rps):
        found.append(_finding("rps", "処方薬がありません。"))
    return found


def _finding(field: str, reason: str) -> Finding:
    where = Where(record="prescription_copy", field=field)
    return Finding("FORM004", Severity.BLOCK, where, "form.not_allowed", {"reason": reason})


def symbol_text(copy: PrescriptionCopy) -> str:
    """控えの２次元コードの文字 — 保険者番号, 記号, 番号, 枝番, 生年月日, 引換番号, as one public implementation has it."""
    items = (copy.insurer_number, copy.symbol, copy.number, copy.branch)
    return ",".join(
        (*(item.replace(",", "，") for item in items), f"{copy.patient.born:%Y%m%d}", copy.exchange_number)
    )


def layout(copy: PrescriptionCopy) -> dict[str, Any]:
    """処方内容（控え）の印字内容 — everything the template draws, as text."""
    (symbol,) = draw_symbols(symbol_text(copy).encode(), 1)
    number = copy.exchange_number
    until = copy.usable_until or copy.issued_on + timedelta(days=_DAYS - 1)
    return {
        "issued_on": era_parts(copy.issued_on)._asdict(),
        "usable_until": era_parts(until)._asdict(),
        "issuer": {
            "name": copy.issuer.name,
            "address": " ".join(part for part in (copy.issuer.postal_code, copy.issuer.address) if part),
            "telephone": copy.issuer.telephone,
        },
        "doctor": copy.doctor_name,
        "patient": {"name": copy.patient.name, "kana": copy.patient.kana},
        "number_groups": [number[at : at + 4] for at in range(0, len(number), 4)],
        "insurer": copy.insurer_number,
        "symbol": copy.symbol,
        "number": copy.number,
        "branch": copy.branch,
        "is_electronic": copy.is_electronic,
        "refill_count": "" if copy.refill_count is None else str(copy.refill_count),
        "split": f"{copy.split.count}分割の{copy.split.nth}回目" if copy.split else "",
        "remarks": list(copy.remarks),
        "replaces": copy.replaces,
        "is_reissue": copy.is_reissue,
        "code": symbol._asdict(),
        "rps": [
            {
                "number": str(nth),
                "drugs": [
                    {
                        "name": drug.name,
                        "amount": drug.amount,
                        "notes": [
                            *drug.notes,
                            *(["変更不可（医療上必要）"] if drug.substitution_barred else []),
                            *(["先発品（患者希望）"] if drug.patient_wish else []),
                        ],
                    }
                    for drug in rp.drugs
                ],
                "usage": rp.usage,
                "quantity": rp.quantity,
                "notes": list(rp.notes),
            }
            for nth, rp in enumerate(copy.rps, start=1)
        ],
    }
