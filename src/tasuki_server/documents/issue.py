# SPDX-License-Identifier: Apache-2.0
"""書類の発行 — a form is made, numbered, kept and told of in one transaction; a second print equals the first."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Max

from tasuki.forms import render
from tasuki.forms.catalogue import FORMS
from tasuki.forms.prescription import Prescription
from tasuki.forms.render import read
from tasuki_server.audit.trail import emit, record
from tasuki_server.billing.models import Bill
from tasuki_server.documents.from_bill import itemised_statement, receipt_slip
from tasuki_server.documents.joined import joined
from tasuki_server.documents.models import DocumentKind, IssuedDocument
from tasuki_server.documents.prescription import prescription_copies, prescriptions
from tasuki_server.documents.refusal import refusal
from tasuki_server.institutions.work import current_institution_id, current_work
from tasuki_server.reception.clock import today
from tasuki_server.reception.models import Visit

FORM_OF = {
    DocumentKind.RECEIPT: "receipt_slip",
    DocumentKind.STATEMENT: "itemised_statement",
    DocumentKind.PRESCRIPTION: "prescription",
    DocumentKind.COPY: "prescription_copy",
}
# Members that differ between two prints of one and the same matter.
_NOT_CONTENT = frozenset({"number", "receipt_number", "issued_on", "notes", "remarks", "previous_unpaid_yen"})


def issue_receipt(bill: Bill) -> IssuedDocument:
    """領収証の発行 — of a confirmed bill with what was paid so far.

    The same bill with the same payments again is a reissue; after a change it is a new receipt that says which one
    it replaces.
    """
    return _issue(DocumentKind.RECEIPT, bill.visit, bill)


def issue_statement(bill: Bill) -> IssuedDocument:
    """診療明細書の発行 — handed over with every receipt, free of charge."""
    return _issue(DocumentKind.STATEMENT, bill.visit, bill)


def issue_prescription(visit: Visit) -> IssuedDocument:
    """処方箋の発行 — raises ``BadInput`` unless drugs dispensed outside were signed for this visit."""
    return _issue(DocumentKind.PRESCRIPTION, visit, None)


def issue(visit: Visit, kind: DocumentKind) -> IssuedDocument:
    """書類の発行 — of a visit by kind; raises ``BadInput`` saying why it cannot be made."""
    if kind in (DocumentKind.PRESCRIPTION, DocumentKind.COPY):
        return _issue(kind, visit, None)
    bill = newest_bill(visit)
    if bill is None:
        raise refusal("document.no_bill", what=kind.label)
    return issue_receipt(bill) if kind is DocumentKind.RECEIPT else issue_statement(bill)


def newest_bill(visit: Visit) -> Bill | None:
    """確定した会計 — the current version, None when there is none or it was withdrawn."""
    return Bill.objects.current().filter(visit=visit).select_related("visit", "patient").first()


def reissue(document: IssuedDocument) -> IssuedDocument:
    """再発行 — the same data as the first print, marked 再発行 with the day."""
    first = document.reissue_of or document
    kind = DocumentKind(first.kind)
    sheets = [_marked(read(FORMS[first.form], sheet)) for sheet in first.sheets]
    made = _keep(kind, first.visit, first.bill, sheets, _next_number(kind), reissue_of=first)
    record("document.reissue", made, made.patient_id, {"kind": made.kind, "first": first.number})
    emit("document.issued", {"document": str(made.id), "kind": made.kind, "reissue_of": str(first.id)})
    return made


def print_document(document: IssuedDocument) -> bytes:
    """書類のPDF — set again from the kept data."""
    return _print(document.form, document.sheets)


def is_as_issued(document: IssuedDocument, pdf: bytes) -> bool:
    """発行時との一致 — byte for byte; a later release may set the same data in another way."""
    return hashlib.sha256(pdf).hexdigest() == document.sha256


def _issue(kind: DocumentKind, visit: Visit, bill: Bill | None) -> IssuedDocument:
    number = _next_number(kind)
    last = IssuedDocument.objects.filter(visit=visit, kind=kind, reissue_of=None).order_by("-number").first()
    sheets = _sheets(kind, visit, bill, number, last=None)
    if last is not None:
        # Read first: what an older release kept has none of the members that came later.
        if _content(_plain(sheets)) == _content(
            _plain([read(FORMS[last.form], each) for each in last.sheets])
        ):
            return reissue(last)
        sheets = _sheets(kind, visit, bill, number, last=last)
    made = _keep(kind, visit, bill, sheets, number, replaces=last)
    record("document.issue", made, made.patient_id, {"kind": made.kind, "number": made.number})
    emit("document.issued", {"document": str(made.id), "kind": made.kind, "number": made.number})
    return made


def _sheets(
    kind: DocumentKind, visit: Visit, bill: Bill | None, number: int, *, last: IssuedDocument | None
) -> Sequence[object]:
    printed, day = f"{number:08d}", today()
    if kind is DocumentKind.COPY:
        return prescription_copies(visit)
    if bill is None:
        made = prescriptions(visit, printed, day)
        if last is None:
            return made
        void = f"処方変更（番号 {last.paper_number} の処方箋は無効）"
        return tuple(replace(sheet, remarks=(*sheet.remarks, void)) for sheet in made)
    notes = ()
    if last is not None:
        notes = (
            f"番号 {last.paper_number}（{last.day:%Y-%m-%d}発行）に代わるものです。前のものは無効です。",
        )
    make = receipt_slip if kind is DocumentKind.RECEIPT else itemised_statement
    return (make(bill, printed, day, notes),)


def _marked(sheet: Any) -> Any:
    if isinstance(sheet, Prescription):
        return replace(sheet, remarks=(*sheet.remarks, f"再発行 {today():%Y-%m-%d}"))
    if hasattr(sheet, "reissued_on"):
        return replace(sheet, is_reissue=True, reissued_on=today())
    return replace(sheet, is_reissue=True)


def _keep(
    kind: DocumentKind,
    visit: Visit,
    bill: Bill | None,
    sheets: Sequence[object],
    number: int,
    *,
    reissue_of: IssuedDocument | None = None,
    replaces: IssuedDocument | None = None,
) -> IssuedDocument:
    form, data = FORM_OF[kind], _plain(sheets)
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    return IssuedDocument.objects.create(
        kind=kind,
        number=number,
        patient_id=visit.patient_id,
        visit=visit,
        bill=bill,
        day=today(),
        form=form,
        sheets=data,
        sha256=hashlib.sha256(_print(form, data)).hexdigest(),
        reissue_of=reissue_of,
        replaces=replaces,
        made_by_id=staff_id,
        made_at=current_work().at,
    )


def _next_number(kind: DocumentKind) -> int:
    """The next number of the kind, without gaps: who asks at the same moment waits for the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"document:{current_institution_id()}:{kind.value}"],
        )
    last = IssuedDocument.objects.filter(kind=kind).aggregate(number=Max("number"))["number"]
    return (last or 0) + 1


def _print(form: str, sheets: Sequence[Mapping[str, Any]]) -> bytes:
    return joined([render(form, sheet) for sheet in sheets])


def _plain(sheets: Sequence[object]) -> list[dict[str, Any]]:
    plain: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(sheets))
    return plain


def _content(sheets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in sheet.items() if name not in _NOT_CONTENT} for sheet in sheets]
