# SPDX-License-Identifier: Apache-2.0
"""日計表 — the takings of one day, payment by payment, with sums that must agree with the till."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tasuki.forms.parties import Issuer
from tasuki.forms.wording import era_parts, grouped
from tasuki.kernel.finding import Finding, Severity, Where


@dataclass(frozen=True, slots=True)
class DailyEntry:
    """日計表の明細 — one payment, or one visit not paid yet.

    ``received_yen`` is negative for a refund. ``method`` is the way of paying as the institution names it
    (現金, クレジット, 振込 …), ``remark`` whatever explains the line (返金, 前回未収分, 取消 …).
    """

    receipt_number: str
    patient_id: str
    patient_name: str
    insurance_label: str
    points: int
    copayment_yen: int
    uninsured_yen: int
    received_yen: int
    method: str = ""
    previous_unpaid_yen: int = 0
    remark: str = ""

    @property
    def due_yen(self) -> int:
        """請求額 — share and charges of this visit."""
        return self.copayment_yen + self.uninsured_yen

    @property
    def unpaid_yen(self) -> int:
        """未収額 — what is owed after this entry."""
        return self.previous_unpaid_yen + self.due_yen - self.received_yen


@dataclass(frozen=True, slots=True)
class DailyReport:
    """日計表 — one day of one till. ``received_yen`` is the sum the ledger states, checked against the lines."""

    day: date
    issuer: Issuer
    entries: tuple[DailyEntry, ...]
    received_yen: int
    printed_by: str = ""
    notes: tuple[str, ...] = ()


def check(report: DailyReport) -> list[Finding]:
    """日計表の点検 — a day whose lines and ledger differ is not printed as if they agreed."""
    computed = sum(entry.received_yen for entry in report.entries)
    if computed == report.received_yen:
        return []
    return [
        Finding(
            "FORM002",
            Severity.BLOCK,
            Where(record="daily_report", field="received_yen"),
            "form.sum",
            {"what": "入金額", "computed": computed, "stated": report.received_yen},
        )
    ]


def layout(report: DailyReport) -> dict[str, Any]:
    """日計表の印字内容 — the lines, and sums in all, by insurance and by way of paying."""
    return {
        "day": era_parts(report.day)._asdict(),
        "issuer": report.issuer.name,
        "printed_by": report.printed_by,
        "notes": list(report.notes),
        "entries": [
            {
                "number": entry.receipt_number,
                "id": entry.patient_id,
                "name": entry.patient_name,
                "insurance": entry.insurance_label,
                "method": entry.method,
                "remark": entry.remark,
                **_amounts([entry]),
            }
            for entry in report.entries
        ],
        "total": _amounts(report.entries),
        "by_insurance": _sums(report.entries, "insurance_label"),
        "by_method": _sums(report.entries, "method"),
    }


def _sums(entries: tuple[DailyEntry, ...], member: str) -> list[dict[str, str]]:
    names = sorted({getattr(entry, member) for entry in entries})
    return [
        {"name": name, **_amounts([entry for entry in entries if getattr(entry, member) == name])}
        for name in names
    ]


def _amounts(entries: tuple[DailyEntry, ...] | list[DailyEntry]) -> dict[str, str]:
    return {
        "count": grouped(len(entries)),
        "points": grouped(sum(e.points for e in entries)),
        "copayment": grouped(sum(e.copayment_yen for e in entries)),
        "uninsured": grouped(sum(e.uninsured_yen for e in entries)),
        "due": grouped(sum(e.due_yen for e in entries)),
        "previous": grouped(sum(e.previous_unpaid_yen for e in entries)),
        "received": grouped(sum(e.received_yen for e in entries)),
        "unpaid": grouped(sum(e.unpaid_yen for e in entries)),
    }
