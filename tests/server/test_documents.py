# SPDX-License-Identifier: Apache-2.0
"""書類の発行 — numbered once, printed again from the same data, refused with a reason, all or nothing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from made_up import make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
AT = datetime(2026, 10, 5, 10, tzinfo=ZoneInfo("Asia/Tokyo"))


def _place(visit, order, position=1):
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder

    PlacedOrder.objects.create(
        patient=visit.patient,
        visit=visit,
        position=position,
        kind=order.kind.value,
        value=encode_order(order),
    )


def _drug(code="622074901", **given):
    from tasuki.chart.orders import Dispensing, Item, Order, OrderKind

    members = {"count": 28, "usage": "1日1回 朝食後", "dispensing": Dispensing.OUTSIDE, **given}
    return Order("d1", OrderKind.INTERNAL, (Item(code, Decimal(1)),), **members)


def _a_drug():
    from tasuki_server.masters_source import current_book

    book = current_book().at(AT.date())
    return next(
        code for code in book.book.drugs if book.book.drugs[code][0].form == "1" and _is_valid(book, code)
    )


def _is_valid(book, code):
    try:
        return book.item(code).controlled == "0"
    except LookupError:
        return False


def _seen(clinic, *orders, at=AT):
    """A visit that was signed by the doctor, with these orders."""
    from tasuki_server.chart.models import Note

    with clinic.work("doctor"):
        patient = make_patient()
        card = make_insurance(patient)
        visit = make_visit(patient, at=at, insurance_record=card.record_id)
        Note.objects.create(patient=patient, visit=visit, record_id=visit.id, subjective="咳")
        for position, order in enumerate(orders):
            _place(visit, order, position)
    return visit


def _settled(clinic, *orders):
    from tasuki_server.billing.settle import settle_bill

    visit = _seen(clinic, *orders)
    with clinic.work("clerk"):
        settle_bill(visit, read_version=0)
    return visit


def _text(data):
    import io

    from pypdf import PdfReader

    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).replace(" ", "")


def test_a_receipt_carries_the_bill_and_a_reprint_is_the_same_but_marked(server):
    from tasuki_server.billing.settle import take_payment
    from tasuki_server.documents.issue import is_as_issued, issue_receipt, newest_bill, print_document

    visit = _settled(server.first)
    with server.first.work("clerk"):
        bill = newest_bill(visit)
        take_payment(visit, bill.patient_yen, "cash", day=date(2026, 10, 5))
        first = issue_receipt(bill)
        second = issue_receipt(bill)
    assert first.number + 1 == second.number
    assert (second.reissue_of_id, second.paper_number) == (first.id, first.paper_number)
    (mine,), (again,) = first.sheets, second.sheets
    assert (mine["total_points"], mine["copayment_yen"]) == (bill.total_points, bill.patient_yen)
    assert sum(mine["points"].values()) == bill.total_points
    assert mine["received_yen"] == bill.patient_yen
    assert {name for name in mine if mine[name] != again[name]} == {"is_reissue", "reissued_on"}
    assert is_as_issued(first, print_document(first))
    assert is_as_issued(second, print_document(second))
    assert "再発行" in _text(print_document(second)) and "再発行" not in _text(print_document(first))


def test_after_a_correction_a_new_receipt_says_which_one_is_void(server):
    from tasuki_server.billing.draft import OwnItem
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.documents.issue import issue, newest_bill
    from tasuki_server.documents.models import DocumentKind

    visit = _settled(server.first)
    with server.first.work("clerk"):
        first = issue(visit, DocumentKind.RECEIPT)
        settle_bill(visit, read_version=1, reason="診断書", own_items=[OwnItem("診断書", 3300)])
        second = issue(visit, DocumentKind.RECEIPT)
        assert second.bill_id == newest_bill(visit).id != first.bill_id
    assert second.replaces_id == first.id and second.reissue_of_id is None
    assert first.paper_number in second.sheets[0]["notes"][0]
    assert second.sheets[0]["charges"][0]["amount_yen"] == 3300


def test_the_itemised_statement_adds_up_to_the_bill(server):
    from tasuki_server.documents.issue import issue_statement, newest_bill, print_document

    visit = _settled(server.first)
    with server.first.work("clerk"):
        bill = newest_bill(visit)
        made = issue_statement(bill)
        units = made.sheets[0]["units"]
        assert sum(unit["points"] * unit["times"] for unit in units) == bill.total_points
        assert "診療明細書" in _text(print_document(made))


def test_a_prescription_holds_the_signed_orders_dispensed_outside(server):
    from tasuki.chart.orders import Dispensing
    from tasuki_server.documents.issue import issue_prescription, print_document

    code = _a_drug()
    visit = _seen(server.first, _drug(code), _drug(code, dispensing=Dispensing.IN_HOUSE, count=3))
    with server.first.work("doctor"):
        made = issue_prescription(visit)
        (sheet,) = made.sheets
        assert [rp["quantity"] for rp in sheet["rps"]] == ["28日分"]
        assert sheet["issued_on"] == "2026-10-05"
        assert sheet["doctor_name"] == server.first.staff["doctor"].name
        assert sheet["insurer_number"] == "01130012"
        assert print_document(made).startswith(b"%PDF")
        assert issue_prescription(visit).reissue_of_id == made.id


def _symbol(sheet):
    import base64

    from tasuki.prescriptions.reader import read_prescription

    (payload,) = sheet["qr_payloads"]
    return read_prescription(base64.b64decode(payload))


def test_the_symbol_says_what_the_paper_says(server):
    from tasuki.prescriptions.orders import rp_orders
    from tasuki_server.documents.issue import issue_prescription

    code = _a_drug()
    visit = _seen(
        server.first, _drug(code), _drug(code, usage="夕食の途中", count=7, comments=(("", "粉砕"),))
    )
    with server.first.work("doctor"):
        (sheet,) = issue_prescription(visit).sheets
    read = _symbol(sheet)
    assert read.findings == ()
    assert read.value("1", "institution_code") == sheet["issuer"]["code"]
    assert read.value("22", "insurer_number") == sheet["insurer_number"]
    assert read.value("23", "number") == sheet["number"]
    assert read.value("24", "share_percent") == "30"
    assert read.value("51", "issued_on") == "20261005"
    assert read.value("82", "prescription_number") == "" == sheet["exchange_number"]
    first, second = rp_orders(read)
    assert (first.quantity, first.usage_code, first.usage_name) == (28, "1011000400000000", "1日1回 朝食後")
    assert (second.quantity, second.usage_code, second.usage_name) == (7, "", "夕食の途中")
    assert second.notes == ("粉砕",)
    assert [(each.code_kind, each.code) for each in first.drugs] == [("2", code)]
    assert first.drugs[0].name == sheet["rps"][0]["drugs"][0]["name"]


def _register(monkeypatch, visit, *given):
    from tasuki.prescriptions.contents import PrescriptionKey
    from tasuki_server.documents import exchange_numbers
    from tasuki_server.documents.exchange_numbers import RegisteredPrescription

    made = {PrescriptionKey(): RegisteredPrescription(*given)}
    monkeypatch.setattr(exchange_numbers, "_sources", [lambda asked: made if asked == visit else {}])


def test_an_electronic_prescription_gives_a_copy_and_no_paper(server, monkeypatch):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.documents.issue import issue, print_document
    from tasuki_server.documents.models import DocumentKind
    from tasuki_server.documents.prescription import prescription_contents

    visit = _seen(server.first, _drug(_a_drug()))
    browser = server.first.browser("doctor")
    page = f"/documents/visit/{visit.id}/"
    answer = browser.post(f"{page}copy/")
    assert (answer.status_code, "引換番号を受け取ってから" in answer.content.decode()) == (422, True)
    assert "処方内容（控え）" not in browser.get(page).content.decode()
    _register(monkeypatch, visit, "1000000000000002", True, "1000000000000001")
    assert "処方内容（控え）" in browser.get(page).content.decode()
    with server.first.work("doctor"):
        (contents,) = prescription_contents(visit).values()
        assert contents.exchange_number == ""
        with pytest.raises(BadInput) as refused:
            issue(visit, DocumentKind.PRESCRIPTION)
        assert [each.code for each in refused.value.findings] == ["DOC-0007"]
        made = issue(visit, DocumentKind.COPY)
        again = issue(visit, DocumentKind.COPY)
        printed = _text(print_document(made))
    assert "1000000000000002" in printed and "1000000000000001は使えなくなりました" in printed
    assert again.reissue_of_id == made.id
    assert "再発行" in _text(print_document(again)) and "再発行" not in printed


def test_a_registered_prescription_bears_its_number_on_paper_and_in_the_symbol(server, monkeypatch):
    from tasuki_server.documents.issue import issue_prescription, print_document

    number = "1000000000000001"
    code = _a_drug()
    visit = _seen(server.first, _drug(code), _drug(code, is_refill=True, refill_count=3))
    _register(monkeypatch, visit, number)
    with server.first.work("doctor"):
        made = issue_prescription(visit)
        assert number in _text(print_document(made))
    assert [_symbol(sheet).value("82", "prescription_number") for sheet in made.sheets] == [number, ""]
    assert [_symbol(sheet).value("64", "refill_count") for sheet in made.sheets] == ["", "3"]


def test_what_the_symbol_cannot_hold_does_not_stop_the_paper(server):
    from tasuki_server.documents.issue import issue_prescription

    visit = _seen(server.first, _drug(_a_drug(), usage=""))
    with server.first.work("doctor"):
        (sheet,) = issue_prescription(visit).sheets
    assert sheet["qr_payloads"] == []
    assert any("２次元シンボルなし" in remark and "用法名称" in remark for remark in sheet["remarks"])


def test_refills_stand_on_a_sheet_of_their_own(server):
    from tasuki_server.documents.issue import issue_prescription

    code = _a_drug()
    visit = _seen(server.first, _drug(code), _drug(code, is_refill=True, refill_count=3))
    with server.first.work("doctor"):
        sheets = issue_prescription(visit).sheets
    assert [sheet["refill_count"] for sheet in sheets] == [None, 3]


def test_what_cannot_be_issued_is_refused_with_what_to_do(server):
    from tasuki_server.documents.models import IssuedDocument

    visit = _seen(server.first)
    with server.first.work("clerk"):
        unsigned = make_visit(make_patient(), at=AT)
        before = IssuedDocument.objects.count()
    browser = server.first.browser("clerk")
    for found, kind, words in (
        (visit, "receipt", "会計を確定してから"),
        (visit, "statement", "会計を確定してから"),
        (visit, "prescription", "院外処方のオーダがない"),
        (unsigned, "prescription", "署名されていない"),
    ):
        answer = browser.post(f"/documents/visit/{found.id}/{kind}/")
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert browser.post(f"/documents/visit/{visit.id}/letter/").status_code == 404
    with server.first.work("clerk"):
        assert IssuedDocument.objects.count() == before


def test_the_pages_issue_show_and_list(server):
    visit = _settled(server.first)
    browser = server.first.browser("reception")
    answer = browser.post(f"/documents/visit/{visit.id}/receipt/")
    assert answer.status_code == 302
    shown = browser.get(answer["Location"])
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert shown["Content-Disposition"].startswith("inline")
    assert shown.content.startswith(b"%PDF")
    assert "領収証" in browser.get(f"/documents/visit/{visit.id}/").content.decode()
    again = browser.post(answer["Location"].replace(".pdf", "/reissue/"))
    assert again.status_code == 302 and again["Location"] != answer["Location"]
    assert server.second.browser("reception").get(answer["Location"]).status_code == 404


def test_nothing_is_left_when_the_trail_cannot_be_written(server, monkeypatch):
    from tasuki_server.audit.models import OutboxMessage
    from tasuki_server.documents import issue as room
    from tasuki_server.documents.models import IssuedDocument

    visit = _settled(server.first)
    with server.first.work("clerk"):
        before = IssuedDocument.objects.count(), OutboxMessage.objects.count()
    with monkeypatch.context() as broken, pytest.raises(RuntimeError), server.first.work("clerk"):
        broken.setattr(room, "emit", _fail)
        room.issue(visit, room.DocumentKind.RECEIPT)
    with server.first.work("clerk"):
        assert (IssuedDocument.objects.count(), OutboxMessage.objects.count()) == before


def _fail(*_args, **_named):
    raise RuntimeError("the disk is full")


def test_the_app_cannot_change_an_issued_document(server):
    from django.db import ProgrammingError, transaction

    from tasuki_server.documents.models import IssuedDocument

    with server.first.work("clerk"):
        with pytest.raises(ProgrammingError), transaction.atomic():
            IssuedDocument.objects.update(number=1)
        with pytest.raises(ProgrammingError), transaction.atomic():
            IssuedDocument.objects.all()._raw_delete("default")
