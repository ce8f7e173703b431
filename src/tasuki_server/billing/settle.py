# SPDX-License-Identifier: Apache-2.0
"""会計の確定 — a draft becomes a bill; the account, the billed lines and the month follow in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from tasuki.calculation.statement_store import encode_because, encode_statement
from tasuki.chart.visit import VisitKind
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki_server.audit.trail import emit, record
from tasuki_server.billing.draft import BillDraft, OwnItem, draft_bill, encode_coverage
from tasuki_server.billing.history import replace_billed_lines
from tasuki_server.billing.models import AccountEntry, Bill, EntryKind, PaymentMethod
from tasuki_server.billing.parts import encode_parts
from tasuki_server.claims.closing import is_closed, month_lock
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import Patient
from tasuki_server.reception.models import Visit, VisitState


class ClosedMonth(Exception):
    """締め済みの月 — the month's receipts were closed; a change needs to be opened with a reason first."""

    def __init__(self, day: date) -> None:
        self.day = day
        super().__init__(f"{day:%Y-%m} is closed")


class MovedDraft(Exception):
    """会計案の変化 — chart, payers or month changed after the clerk read what the visit would be billed at."""

    def __init__(self, draft: BillDraft) -> None:
        self.points, self.yen = draft.statement.total_points, draft.patient_yen
        super().__init__(f"visit {draft.visit.id} would now be billed otherwise")


class Seen(NamedTuple):
    """見た会計案 — points and insured share as the clerk read them."""

    points: int
    patient_yen: int


def settle_bill(
    visit: Visit,
    *,
    read_version: int,
    reason: str = "",
    own_items: Sequence[OwnItem] | None = None,
    seen: Seen | None = None,
) -> Bill:
    """会計の確定 — writes the next version of the visit's bill, its account entry and its billed lines.

    ``read_version`` is the version the clerk saw, 0 for none. ``own_items`` None keeps those of the bill before.
    Other visits of the month whose charge moves get an adjustment, so that the account follows the month.

    Raises :class:`StaleVersion` when another version was written meanwhile, :class:`MovedDraft` when the draft is no
    longer what was ``seen``, :class:`BadInput` when a finding blocks the bill, and :class:`ClosedMonth` when the month
    was closed.
    """
    month_lock(visit.day, is_shared=True)
    if is_closed(visit.day):
        raise ClosedMonth(visit.day)
    lock_patient(visit.patient)
    # Held until the commit, so that a signature or a change of payers cannot fall between reading and billing.
    visit = Visit.objects.select_for_update(of=("self",)).select_related("patient", "doctor").get(pk=visit.pk)
    if visit.state == VisitState.CANCELLED:
        raise BadInput([_cancelled(visit)])
    before = Bill.objects.filter(record_id=visit.id).order_by("-version").first()
    kept = (
        [OwnItem(**item) for item in before.own_items]
        if before and own_items is None
        else list(own_items or ())
    )
    draft = draft_bill(visit, kept)
    is_newest = read_version == (before.version if before else 0)
    if is_newest and seen is not None and seen != (draft.statement.total_points, draft.patient_yen):
        raise MovedDraft(draft)
    if not draft.can_settle:
        raise BadInput([finding for finding in draft.findings if finding.severity == "block"])
    bill = _write(draft, before, read_version, reason)
    _charge(bill, bill.due_yen - _charged_so_far(visit), EntryKind.CHARGE, reason)
    for other, now_yen in draft.moved:
        _move(other, now_yen)
    replace_billed_lines(visit, draft.as_history(), bill_version=bill.version)
    record("bill.settle", bill, visit.patient_id, {"version": bill.version, "points": bill.total_points})
    emit("bill.settled", {"visit": str(visit.id), "version": bill.version})
    return bill


def _cancelled(visit: Visit) -> Finding:
    return Finding(
        "BIL-0002", Severity.BLOCK, Where(record=str(visit.id), field="state"), "billing.cancelled"
    )


def lock_patient(patient: Patient) -> None:
    """患者の会計の順番待ち — until the end of the transaction, so that two clerks cannot bill one month at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"bill:{patient.id}"])


def _write(draft: BillDraft, before: Bill | None, read_version: int, reason: str) -> Bill:
    visit = draft.visit
    members: dict[str, Any] = {
        "statement": encode_statement(draft.statement),
        "charge": encode_charge(draft),
        "coverage": encode_coverage(draft.coverage),
        "own_items": msgspec.to_builtins(draft.own_items),
        "parts": encode_parts(draft.account),
        "total_points": draft.statement.total_points,
        "patient_yen": draft.patient_yen,
        "own_yen": draft.own_yen,
        "own_tax_yen": sum(item.tax_yen for item in draft.own_items),
        "is_first_visit": draft.statement.kind is VisitKind.FIRST,
        "book": draft.statement.revision,
    }
    if before is not None:
        return before.revise(read_version=read_version, reason=reason, withdrawn=False, **members)
    bill = Bill(record_id=visit.id, patient=visit.patient, visit=visit, day=visit.day, **members)
    if read_version != 0:
        raise StaleVersion(bill, bill)
    bill.save()
    return bill


def encode_charge(draft: BillDraft) -> dict[str, Any] | None:
    """窓口負担の符号化 — amounts and reasons as the receipt and the screen show them; None outside insurance."""
    charge = draft.charge
    if charge is None:
        return None
    return {
        "collect_yen": charge.collect_yen,
        "share_percent": charge.share_percent,
        "ledger_lines": [{**line._asdict(), "day": line.day.isoformat()} for line in charge.ledger_lines],
        "because": [encode_because(each) for each in charge.because],
    }


def _charged_so_far(visit: Visit) -> int:
    """請求済額 — what the account was charged for a visit, adjustments included."""
    kinds = [EntryKind.CHARGE, EntryKind.ADJUSTMENT]
    total = AccountEntry.objects.filter(visit=visit, kind__in=kinds).aggregate(yen=Sum("yen"))["yen"]
    return total or 0


def _move(bill: Bill, now_yen: int) -> None:
    """月次再計算による変更 — another visit's charge moved: its bill gets a version, the account an adjustment."""
    reason = "同じ月の会計の変更による負担金の再計算"
    revised = bill.revise(read_version=bill.version, reason=reason, patient_yen=now_yen)
    _charge(revised, now_yen - bill.patient_yen, EntryKind.ADJUSTMENT, reason)
    record("bill.adjust", revised, bill.patient_id, {"version": revised.version})


def _charge(bill: Bill, yen: int, kind: EntryKind, reason: str) -> None:
    if yen == 0:
        return
    AccountEntry.objects.create(
        patient_id=bill.patient_id,
        visit_id=bill.visit_id,
        day=bill.day,
        at=_instant(bill.visit),
        kind=kind,
        yen=yen,
        bill=bill,
        reason=reason,
        made_by_id=current_work().actor.staff_id,
    )


def take_payment(
    visit: Visit, yen: int, method: PaymentMethod, *, day: date, reason: str = ""
) -> AccountEntry:
    """入金 — money taken at the counter; raises ``ValueError`` unless it is above zero."""
    if yen <= 0:
        raise ValueError("a payment is above zero yen")
    return _move_money(visit, -yen, EntryKind.PAYMENT, method, day, reason)


def give_back(visit: Visit, yen: int, method: PaymentMethod, *, day: date, reason: str) -> AccountEntry:
    """返金 — money given back, with its reason; raises ``ValueError`` without one, or unless it is above zero."""
    if yen <= 0 or not reason.strip():
        raise ValueError("a refund is above zero yen and says why")
    return _move_money(visit, yen, EntryKind.REFUND, method, day, reason)


def _move_money(
    visit: Visit, yen: int, kind: EntryKind, method: PaymentMethod, day: date, reason: str
) -> AccountEntry:
    lock_patient(visit.patient)
    entry = AccountEntry.objects.create(
        patient_id=visit.patient_id,
        visit=visit,
        day=day,
        kind=kind,
        yen=yen,
        method=method,
        reason=reason,
        made_by_id=current_work().actor.staff_id,
    )
    record(f"account.{kind}", entry, visit.patient_id, {"yen": yen, "method": method})
    return entry


def balance_yen(patient: Patient, visit: Visit | None = None) -> int:
    """未収額 — what the patient owes (below zero: what is to be given back), of all visits or of one."""
    rows = AccountEntry.objects.filter(patient=patient)
    if visit is not None:
        rows = rows.filter(visit=visit)
    return rows.aggregate(yen=Sum("yen"))["yen"] or 0


def assessed_yen(visit: Visit) -> int:
    """査定減額 — credited to the account after a payer's cut, zero or less; bills know nothing of it."""
    rows = AccountEntry.objects.filter(visit=visit, kind=EntryKind.ASSESSED)
    return rows.aggregate(yen=Sum("yen"))["yen"] or 0


def _instant(visit: Visit) -> Any:
    now = timezone.now()
    return now if timezone.localtime(now).date() == visit.day else visit.arrived_at
