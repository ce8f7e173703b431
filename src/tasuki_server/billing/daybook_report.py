# SPDX-License-Identifier: Apache-2.0
"""日計表の書類 — the day of the till on paper: every visit billed and every movement of money, adding up to the account."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

import msgspec

from tasuki.chart.coverage import Coverage
from tasuki.forms.daily_report import DailyEntry, DailyReport
from tasuki_server.billing.models import AccountEntry, Bill, EntryKind, PaymentMethod
from tasuki_server.documents.models import IssuedDocument
from tasuki_server.documents.parties import insurance_label, issuer_of
from tasuki_server.institutions.models import Institution

_MONEY = (EntryKind.PAYMENT, EntryKind.REFUND)
_METHODS = dict(PaymentMethod.choices)


def daybook_report(day: date, printed_by: str) -> DailyReport:
    """日計表の書類 — one line a bill of the day; money of other days' visits, and further ways of paying, below."""
    money = list(
        AccountEntry.objects.filter(day=day, kind__in=_MONEY)
        .select_related("patient", "visit")
        .order_by("at")
    )
    by_visit: dict[UUID, list[AccountEntry]] = defaultdict(list)
    for entry in money:
        by_visit[entry.visit_id].append(entry)
    bills = Bill.objects.current().filter(day=day).select_related("patient").order_by("visit__serial")
    entries: list[DailyEntry] = []
    numbers = _receipt_numbers(by_visit)
    for bill in bills:
        moved = by_visit.pop(bill.visit_id, [])
        entries.append(_of_bill(bill, moved[:1], numbers))
        entries += [_of_money(entry, numbers, is_of_day=True) for entry in moved[1:]]
    for moved in by_visit.values():
        entries += [_of_money(entry, numbers, is_of_day=False) for entry in moved]
    return DailyReport(
        day=day,
        issuer=issuer_of(Institution.objects.get()),
        entries=tuple(entries),
        received_yen=-sum(entry.yen for entry in money),
        printed_by=printed_by,
    )


def _of_bill(bill: Bill, moved: list[AccountEntry], numbers: dict[UUID, str]) -> DailyEntry:
    return DailyEntry(
        receipt_number=numbers.get(bill.visit_id, ""),
        patient_id=str(bill.patient.number),
        patient_name=bill.patient.shown_name,
        insurance_label=insurance_label(msgspec.convert(bill.coverage, Coverage)),
        points=bill.total_points,
        copayment_yen=bill.patient_yen,
        uninsured_yen=bill.own_yen,
        received_yen=-sum(entry.yen for entry in moved),
        method=_METHODS.get(moved[0].method, "") if moved else "",
        remark="返金" if moved and moved[0].kind == EntryKind.REFUND else "",
    )


def _of_money(entry: AccountEntry, numbers: dict[UUID, str], *, is_of_day: bool) -> DailyEntry:
    """Money beside a bill's own line: what it pays stands as owed before, so that the line leaves nothing open."""
    is_refund = entry.kind == EntryKind.REFUND
    remark = "返金" if is_refund else "同じ日の入金" if is_of_day else f"{entry.visit.day:%m/%d}分の入金"
    return DailyEntry(
        receipt_number=numbers.get(entry.visit_id, ""),
        patient_id=str(entry.patient.number),
        patient_name=entry.patient.shown_name,
        insurance_label="",
        points=0,
        copayment_yen=0,
        uninsured_yen=0,
        received_yen=-entry.yen,
        method=_METHODS.get(entry.method, ""),
        previous_unpaid_yen=0 if is_of_day else -entry.yen,
        remark=remark,
    )


def _receipt_numbers(visits: dict[UUID, list[AccountEntry]]) -> dict[UUID, str]:
    found = IssuedDocument.objects.filter(visit__in=list(visits), kind="receipt").select_related("reissue_of")
    return {each.visit_id: each.paper_number for each in found.order_by("made_at")}
