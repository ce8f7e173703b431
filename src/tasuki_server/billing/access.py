# SPDX-License-Identifier: Apache-2.0
"""会計の閲覧 — what a member of staff may see of bills and accounts; everything else is 404."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.http import Http404

from tasuki.chart.orders import Dispensing
from tasuki.masters.book import OutOfBook
from tasuki_server.audit.trail import record
from tasuki_server.billing.cap_ledger import card_ledgers
from tasuki_server.billing.draft import BillDraft, OwnItem, draft_bill
from tasuki_server.billing.models import AccountEntry, Bill, PaymentMethod
from tasuki_server.billing.page import (
    account_lines,
    charge_reasons,
    own_lines,
    page_of,
    part_pages,
    share_label,
)
from tasuki_server.billing.payer_desk import payer_desk
from tasuki_server.billing.payers import price_items
from tasuki_server.billing.settle import assessed_yen, balance_yen
from tasuki_server.chart.values import placed_orders
from tasuki_server.patients.models import AllergyRecord, Patient
from tasuki_server.reception.clock import today
from tasuki_server.reception.decide_kind import kind_decisions
from tasuki_server.reception.models import KIND_LABELS, Visit, VisitState


def access_visit(visit_id: UUID) -> Visit:
    """受診 — 404 when the institution has no such visit."""
    try:
        return Visit.objects.select_related("patient", "doctor").get(pk=visit_id)
    except Visit.DoesNotExist as missing:
        raise Http404 from missing


def access_bill_page(visit_id: UUID, *, is_open: bool = False) -> dict[str, Any]:
    """会計の画面 — the confirmed bill, or what the visit would be billed at now when there is none or it is reopened."""
    visit = access_visit(visit_id)
    bill = Bill.objects.filter(record_id=visit.id).order_by("-version").first()
    context: dict[str, Any] = {
        "visit": visit,
        "patient": visit.patient,
        "today": today(),
        "allergies": AllergyRecord.objects.current().filter(patient=visit.patient),
        "bill": bill,
        "has_prescription": any(order.dispensing is Dispensing.OUTSIDE for order in placed_orders(visit)),
        "versions": Bill.objects.filter(record_id=visit.id).select_related("made_by").order_by("-version"),
        "methods": PaymentMethod.choices,
        "kind_decisions": kind_decisions(visit),
        "kinds": [(kind.value, label) for kind, label in KIND_LABELS.items()],
        "owed_yen": balance_yen(visit.patient, visit),
        "assessed_yen": -assessed_yen(visit),
        "other_owed_yen": balance_yen(visit.patient) - balance_yen(visit.patient, visit),
        "entries": account_lines(
            AccountEntry.objects.filter(visit=visit).select_related("made_by").order_by("at")
        ),
    }
    if bill is not None and not is_open:
        source: Bill | BillDraft = bill
        main = bill.calculated()
        context |= {
            "page": page_of(main, ()),
            "is_draft": False,
            "patient_yen": bill.patient_yen,
        }
        context |= {"due_yen": bill.due_yen, "can_settle": False}
    else:
        kept: Sequence[OwnItem] = [OwnItem(**item) for item in bill.own_items] if bill else ()
        try:
            source = draft_bill(visit, kept)
        except OutOfBook as outside:
            return {**context, "outside": outside}
        main = source.statement
        context |= {"payers": payer_desk(visit), "prices": price_items(visit.day)}
        context |= {"ledgers": card_ledgers(source.coverage, visit)}
        context |= {
            "page": page_of(source.statement, source.findings),
            "is_draft": True,
            "moved": source.moved,
        }
        context |= {"patient_yen": source.patient_yen, "due_yen": source.patient_yen + source.own_yen}
        context |= {"can_settle": source.can_settle, "is_signed": has_note(visit)}
        if bill is not None:
            context["difference_yen"] = context["due_yen"] - bill.due_yen
    record("bill.read", visit, visit.patient_id)
    context["refund_yen"] = max(0, -context["owed_yen"])
    context |= {"parts": part_pages(source, main), "share_label": share_label(source)}
    return {**context, "charge_reasons": charge_reasons(source), "own_items": own_lines(source)}


def has_note(visit: Visit) -> bool:
    """署名の有無 — whether a note of the visit was signed."""
    from tasuki_server.chart.models import Note

    return Note.objects.filter(record_id=visit.id).exists()


def access_waiting() -> dict[str, Any]:
    """会計待ち — today's visits at the desk and those done, with what is still owed."""
    rows = Visit.objects.filter(day=today(), state__in=[VisitState.TO_PAY, VisitState.DONE])
    visits = list(rows.select_related("patient").order_by("state_at"))
    owed = owed_by_visit([visit.id for visit in visits])
    lines = [(visit, owed.get(visit.id, 0)) for visit in visits]
    return {
        "waiting": [line for line in lines if line[0].state == VisitState.TO_PAY],
        "done": [line for line in lines if line[0].state == VisitState.DONE],
        "day": today(),
        "unpaid_yen": sum(yen for _, yen in access_unpaid_lines()),
    }


def owed_by_visit(visit_ids: Sequence[UUID]) -> dict[UUID, int]:
    """受診ごとの未収 — from the account."""
    rows = AccountEntry.objects.filter(visit_id__in=visit_ids).values("visit_id").annotate(total=Sum("yen"))
    return {row["visit_id"]: row["total"] for row in rows}


def access_unpaid_lines() -> list[tuple[Patient, int]]:
    """未収一覧 — patients who owe, the most first."""
    rows = (
        AccountEntry.objects.values("patient_id")
        .annotate(total=Sum("yen"))
        .exclude(total=0)
        .order_by("-total")
    )
    totals = {row["patient_id"]: row["total"] for row in rows}
    patients = Patient.objects.in_bulk(totals)
    return [(patients[key], yen) for key, yen in totals.items()]


def access_unpaid() -> dict[str, Any]:
    """未収の画面 — each patient who owes or is owed, with the visits it is about."""
    lines = []
    for patient, yen in access_unpaid_lines():
        rows = (
            AccountEntry.objects.filter(patient=patient)
            .values("visit_id", "visit__day")
            .annotate(total=Sum("yen"))
        )
        lines.append((patient, yen, [row for row in rows.order_by("visit__day") if row["total"]]))
    return {"lines": lines, "total_yen": sum(line[1] for line in lines), "day": today()}


def read_day(text: str, otherwise: date) -> date:
    """日付の読取り — ISO; the other day when it cannot be read, or no clinic could have worked on it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if 1900 <= day.year <= 2199 else otherwise
