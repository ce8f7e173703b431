# SPDX-License-Identifier: Apache-2.0
"""会計から書類へ — the receipt and the itemised statement of a confirmed bill."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from django.db.models import Sum

from tasuki.calculation import Statement
from tasuki.chart.coverage import Coverage
from tasuki.claims.codes import DEPARTMENTS
from tasuki.forms.from_statement import itemised_units, receipt_points
from tasuki.forms.itemised_statement import ItemisedStatement
from tasuki.forms.receipt_slip import ChargeKind, ReceiptSlip, UninsuredCharge
from tasuki.masters.book import DayBook
from tasuki_server.billing.draft import ELECTIVE
from tasuki_server.billing.models import AccountEntry, Bill, EntryKind
from tasuki_server.documents.parties import insurance_label, issuer_of, patient_party, programme_labels
from tasuki_server.documents.refusal import refusal
from tasuki_server.institutions.models import Institution
from tasuki_server.masters_source import current_book

MARKS = "①②③④"


def receipt_slip(bill: Bill, number: str, day: date, notes: tuple[str, ...] = ()) -> ReceiptSlip:
    """領収証の内容 — points by part from the bill's statement, money from the account.

    What is owed from earlier visits stands as 前回未収; what was taken in and given back for this visit as 領収額.
    """
    statement, book, coverage = _read(bill, "領収証")
    try:
        points = receipt_points(statement, book)
    except LookupError as missing:
        raise _no_names(bill, missing, "領収証") from missing
    return ReceiptSlip(
        number=number,
        issued_on=day,
        service_on=bill.day,
        issuer=issuer_of(Institution.objects.get()),
        patient=patient_party(bill.patient),
        insurance_label=insurance_label(coverage),
        share_percent=bill.charge["share_percent"] if bill.charge else None,
        points=points,
        total_points=bill.total_points,
        copayment_yen=bill.patient_yen,
        received_yen=_received_yen(bill),
        department=_department(statement),
        is_dependant=coverage.insurance.is_dependant if coverage.insurance else None,
        programme_labels=programme_labels(coverage),
        charges=tuple(
            UninsuredCharge(item["name"], item["yen"], _kind_of(item), item["tax_percent"])
            for item in bill.own_items
        ),
        previous_unpaid_yen=_owed_before_yen(bill),
        notes=notes,
    )


def itemised_statement(bill: Bill, number: str, day: date, notes: tuple[str, ...] = ()) -> ItemisedStatement:
    """診療明細書の内容 — every granted item of the bill's statement by its official name."""
    statement, book, coverage = _read(bill, "診療明細書")
    marks = {card.key: mark for card, mark in zip(coverage.programmes, MARKS, strict=False)}
    try:
        units = itemised_units(statement, book, marks)
    except LookupError as missing:
        raise _no_names(bill, missing, "診療明細書") from missing
    return ItemisedStatement(
        issued_on=day,
        service_on=bill.day,
        issuer=issuer_of(Institution.objects.get()),
        patient=patient_party(bill.patient),
        units=units,
        total_points=bill.total_points,
        receipt_number=number,
        department=_department(statement),
        insurance_label=insurance_label(coverage),
        programme_labels=programme_labels(coverage),
        notes=notes,
    )


def _kind_of(item: dict[str, Any]) -> ChargeKind:
    """選定療養 stands in a part of its own on the receipt."""
    is_elective = str(item.get("part", "")).startswith(f"{ELECTIVE}:")
    return ChargeKind.ELECTIVE if is_elective else ChargeKind.OTHER


def _read(bill: Bill, what: str) -> tuple[Statement, DayBook, Coverage]:
    try:
        book = current_book().at(bill.day)
    except LookupError as missing:
        raise _no_names(bill, missing, what) from missing
    return bill.calculated(), book, msgspec.convert(bill.coverage, Coverage)


def _no_names(bill: Bill, missing: LookupError, what: str) -> Exception:
    code = str(missing.args[0]) if missing.args else ""
    return refusal("document.no_names", day=f"{bill.day:%Y-%m-%d}", code=code, what=what)


def _department(statement: Statement) -> str:
    return DEPARTMENTS.get(statement.department, "")


def _received_yen(bill: Bill) -> int:
    moved = AccountEntry.objects.filter(
        visit_id=bill.visit_id, kind__in=[EntryKind.PAYMENT, EntryKind.REFUND]
    )
    return -(moved.aggregate(yen=Sum("yen"))["yen"] or 0)


def _owed_before_yen(bill: Bill) -> int:
    earlier = AccountEntry.objects.filter(
        patient_id=bill.patient_id, visit__arrived_at__lt=bill.visit.arrived_at
    )
    return earlier.aggregate(yen=Sum("yen"))["yen"] or 0
