# SPDX-License-Identifier: Apache-2.0
"""診療明細書 — every item that was billed, in words a patient can read, handed over without being asked.

Cite: 保険医療機関及び保険医療養担当規則 第5条の2の2; 令和6年3月5日 保発0305第11号 別紙様式5
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from tasuki.forms.fee_part import FeePart
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.wording import era_parts, grouped
from tasuki.kernel.finding import Finding, Severity, Where


class Paper(StrEnum):
    """用紙 — sheets a flowing form may be printed on."""

    A4 = "a4"
    A5 = "a5"


@dataclass(frozen=True, slots=True)
class ItemisedLine:
    """項目 — one item by its official name, with its amount and unit where it has one (drugs, materials)."""

    name: str
    amount: str = ""


@dataclass(frozen=True, slots=True)
class ItemisedUnit:
    """算定単位 — items that share one point value and one count.

    ``programme_marks`` names the programmes that pay for it (①, ② …) where not all of them do.
    """

    part: FeePart
    lines: tuple[ItemisedLine, ...]
    points: int
    times: int
    programme_marks: str = ""


@dataclass(frozen=True, slots=True)
class ItemisedStatement:
    """診療明細書 — one visit (or one payment of several visits).

    ``programme_labels`` are the programmes in the order of their marks.
    """

    issued_on: date
    service_on: date
    issuer: Issuer
    patient: PatientParty
    units: tuple[ItemisedUnit, ...]
    total_points: int
    service_until: date | None = None
    receipt_number: str = ""
    department: str = ""
    insurance_label: str = ""
    programme_labels: tuple[str, ...] = ()
    is_reissue: bool = False
    notes: tuple[str, ...] = ()
    paper: Paper = Paper.A4


def check(statement: ItemisedStatement) -> list[Finding]:
    """診療明細書の点検 — its lines must add up to the total of the receipt."""
    computed = sum(unit.points * unit.times for unit in statement.units)
    if computed == statement.total_points:
        return []
    return [
        Finding(
            "FORM002",
            Severity.BLOCK,
            Where(record="itemised_statement", field="total_points"),
            "form.sum",
            {"what": "合計点数", "computed": computed, "stated": statement.total_points},
        )
    ]


def layout(statement: ItemisedStatement) -> dict[str, Any]:
    """診療明細書の印字内容 — the units by part, in the order of the fee table."""
    return {
        "paper": statement.paper.value,
        "issued_on": era_parts(statement.issued_on)._asdict(),
        "service_on": era_parts(statement.service_on)._asdict(),
        "service_until": era_parts(statement.service_until)._asdict(),
        "issuer": {
            "name": statement.issuer.name,
            "address": " ".join(x for x in (statement.issuer.postal_code, statement.issuer.address) if x),
            "telephone": statement.issuer.telephone,
        },
        "patient": {
            "id": statement.patient.id,
            "name": statement.patient.name,
            "kana": statement.patient.kana,
        },
        "number": statement.receipt_number,
        "department": statement.department,
        "insurance": statement.insurance_label,
        "programmes": list(statement.programme_labels),
        "is_reissue": statement.is_reissue,
        "parts": [
            {
                "part": part.value,
                "units": [_unit(unit) for unit in statement.units if unit.part is part],
                "points": grouped(sum(u.points * u.times for u in statement.units if u.part is part)),
            }
            for part in FeePart
            if any(unit.part is part for unit in statement.units)
        ],
        "total_points": grouped(statement.total_points),
        "notes": list(statement.notes),
    }


def _unit(unit: ItemisedUnit) -> dict[str, Any]:
    return {
        "lines": [{"name": line.name, "amount": line.amount} for line in unit.lines],
        "points": grouped(unit.points),
        "times": str(unit.times),
        "marks": unit.programme_marks,
    }
