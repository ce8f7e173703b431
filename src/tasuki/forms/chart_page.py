# SPDX-License-Identifier: Apache-2.0
"""診療録2号紙 — what was found and what was done, day by day, as the law's form sets it out on paper.

Every version of an entry is printed with its author and time; a corrected text stays readable, struck
through, beside the reason for its correction (真正性・見読性).

Cite: 保険医療機関及び保険医療養担当規則 第22条 様式第一号（一）の2; 医師法 第24条; 医師法施行規則 第23条
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.wording import era_parts
from tasuki.kernel.finding import Finding, Severity, Where


@dataclass(frozen=True, slots=True)
class ChartEntry:
    """診療録の記載 — one note of one visit: the left column's text, the right column's orders, who and when.

    ``findings`` are paragraphs (S, O, A, P with their letter, or free text); ``treatments`` the
    prescriptions, procedures and so on. ``recorded_at`` is an aware instant at the institution's clock.
    ``supersedes`` is set on a correction: its version number and reason are printed.
    """

    day: date
    findings: tuple[str, ...]
    treatments: tuple[str, ...]
    author: str
    recorded_at: datetime
    department: str = ""
    version: int = 1
    correction_reason: str = ""
    is_superseded: bool = False
    is_signed: bool = True
    proxy_for: str = ""  # 代行入力: the doctor on whose order the author wrote


@dataclass(frozen=True, slots=True)
class ChartPages:
    """診療録2号紙 — entries in the order they are to be read. ``printed_on`` and ``printed_by`` tell copies apart."""

    issuer: Issuer
    patient: PatientParty
    entries: tuple[ChartEntry, ...]
    printed_on: date
    printed_by: str
    alerts: tuple[str, ...] = ()  # allergies and contraindications, on every sheet


def check(pages: ChartPages) -> list[Finding]:
    """診療録の点検 — a correction without its reason is not a correction."""
    return [
        Finding(
            "FORM004",
            Severity.BLOCK,
            Where(record="chart_page", field=f"entries[{n}].correction_reason"),
            "form.not_allowed",
            {"reason": "訂正された記載に訂正理由がありません。"},
        )
        for n, entry in enumerate(pages.entries)
        if entry.version > 1 and not entry.correction_reason
    ]


def layout(pages: ChartPages) -> dict[str, Any]:
    """診療録2号紙の印字内容 — everything the template draws, as text."""
    return {
        "issuer": pages.issuer.name,
        "patient": {
            "id": pages.patient.id,
            "name": pages.patient.name,
            "kana": pages.patient.kana,
            "born": era_parts(pages.patient.born)._asdict(),
            "sex": pages.patient.sex.value,
        },
        "alerts": list(pages.alerts),
        "printed_on": era_parts(pages.printed_on)._asdict(),
        "printed_by": pages.printed_by,
        "entries": [
            {
                "day": era_parts(entry.day)._asdict(),
                "department": entry.department,
                "findings": list(entry.findings),
                "treatments": list(entry.treatments),
                "author": entry.author,
                "proxy_for": entry.proxy_for,
                "recorded_at": f"{entry.recorded_at:%Y-%m-%d %H:%M}",
                "version": str(entry.version),
                "reason": entry.correction_reason,
                "is_superseded": entry.is_superseded,
                "is_signed": entry.is_signed,
            }
            for entry in pages.entries
        ],
    }
