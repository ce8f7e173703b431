# SPDX-License-Identifier: Apache-2.0
"""縦覧・突合・作成後の変更 — earlier months and pharmacies' files are checked with; what changed since is found."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from made_up import AMLODIPINE, REBAMIPIDE, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
TOKYO = ZoneInfo("Asia/Tokyo")
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def _live(clinic, name, kana):
    """One person seen in August and in September, with an outside prescription in each."""
    from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.orders.catalogue import day_book
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder

    visits = []
    with clinic.work("doctor"):
        patient = make_patient(name, kana)
        card = make_insurance(patient, symbol="21700023", number="678")
        add_diagnosis(patient, "8833421", [], date(2026, 1, 5), day_book(date(2026, 1, 5)), is_main=True)
        for month in (8, 9):
            visit = make_visit(
                patient, at=datetime(2026, month, 7, 9, 30, tzinfo=TOKYO), insurance_record=card.record_id
            )
            order = Order(
                "d0", OrderKind.INTERNAL, (Item(AMLODIPINE, Decimal(1)),), 28, usage="1日1回 朝食後",
                dispensing=Dispensing.OUTSIDE,
            )  # fmt: skip
            PlacedOrder.objects.create(
                patient=patient, visit=visit, position=0, kind=order.kind.value, value=encode_order(order)
            )
            settle_bill(visit, read_version=0)
            visits.append(visit)
    return visits


@pytest.fixture(scope="module")
def people(server):
    return [
        _live(server.first, "架空　一郎", "カクウ　イチロウ"),
        _live(server.first, "架空　二郎", "カクウ　ジロウ"),
    ]


def _make(server, month, **given):
    from tasuki_server.claims.making import make_claims

    with server.first.work("clerk"):
        return make_claims(month, **given)


def _codes(server, build, patient_id):
    with server.first.work("clerk"):
        (claim,) = build.claims.filter(patient_id=patient_id)
        return [each["code"] for each in claim.findings]


def _undo_diseases(server, visit):
    from tasuki_server.chart.diagnose import add_diagnosis, undo_diagnosis
    from tasuki_server.chart.models import DiagnosisRecord
    from tasuki_server.orders.catalogue import day_book

    with server.first.work("doctor"):
        for row in DiagnosisRecord.objects.current().filter(patient=visit.patient):
            undo_diagnosis(row, read_version=row.version)
        add_diagnosis(visit.patient, "8832458", [], date(2026, 9, 7), day_book(visit.day), is_main=True)


def test_the_months_before_are_read_with_the_month(server, people):
    _make(server, AUGUST)
    before = _make(server, SEPTEMBER)
    changed, same = people[0][1], people[1][1]
    assert "UKE-D-12" not in _codes(server, before, changed.patient_id)
    _undo_diseases(server, changed)
    after = _make(server, SEPTEMBER)
    assert (after.months_back, after.reused_count) == (12, 1)
    assert "UKE-D-12" in _codes(server, after, changed.patient_id)
    assert "UKE-D-12" not in _codes(server, after, same.patient_id)
    alone = _make(server, SEPTEMBER, months_back=0)
    assert alone.reused_count == 0
    assert "UKE-D-12" not in _codes(server, alone, changed.patient_id)


def test_a_month_is_not_closed_on_diseases_that_changed_since(server, people):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.claims.changed import changed_patients, hints_of
    from tasuki_server.claims.closing import close_service_month
    from tasuki_server.orders.catalogue import day_book

    build = _make(server, SEPTEMBER)
    visit = people[1][1]
    with server.first.work("clerk"):
        assert changed_patients(build) == [] and hints_of(build) == []
    with server.first.work("doctor"):
        add_diagnosis(visit.patient, "8832458", [], date(2026, 9, 7), day_book(visit.day))
    with server.first.work("clerk"):
        assert [each.id for each in changed_patients(build)] == [visit.patient_id]
        (hint,) = hints_of(build)
        assert (hint.what, [each.id for each in hint.patients]) == ("病名", [visit.patient_id])
        with pytest.raises(BadInput) as refused:
            close_service_month(build)
        assert refused.value.findings[0].code == "CLM-0021"
        assert refused.value.findings[0].facts["numbers"] == str(visit.patient.number)
    page = server.first.browser("clerk").get("/claims/?month=2026-09").content.decode()
    assert "作成後に変わったもの" in page and "病名" in page
    again = _make(server, SEPTEMBER)
    assert again.reused_count == 1
    with server.first.work("clerk"):
        assert changed_patients(again) == [] and hints_of(again) == []


def test_a_disease_of_another_time_asks_for_nothing(server, people):
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.claims.changed import changed_patients, hints_of
    from tasuki_server.orders.catalogue import day_book

    build = _make(server, SEPTEMBER)
    visit = people[0][1]
    with server.first.work("doctor"):
        add_diagnosis(visit.patient, "8833421", [], date(2026, 10, 1), day_book(date(2026, 10, 1)))
    with server.first.work("clerk"):
        assert changed_patients(build) == [] and hints_of(build) == []


def test_a_card_that_changed_after_its_bill_is_looked_at_before_closing(server, people):
    from dataclasses import replace

    from tasuki.kernel.finding import BadInput
    from tasuki_server.claims.closing import close_service_month, reopen_month
    from tasuki_server.patients.coverage_values import insurance_members, insurance_value
    from tasuki_server.patients.models import InsuranceRecord
    from tasuki_server.patients.records import revise_record

    build = _make(server, SEPTEMBER)
    visit = people[1][1]
    with server.first.work("clerk"):
        card = InsuranceRecord.objects.current().get(patient=visit.patient)
        value = replace(insurance_value(card), number="679")
        members = insurance_members(value, since=card.since, until=card.until)
        revise_record(card, read_version=card.version, reason="番号の訂正", **members)
        with pytest.raises(BadInput) as refused:
            close_service_month(build)
        assert refused.value.findings[0].code == "CLM-0022"
        assert refused.value.findings[0].facts["count"] == 1
    browser = server.first.browser("clerk")
    page = browser.get("/claims/?month=2026-09").content.decode()
    assert "保険・公費が変わった会計が" in page and "is_despite_cards" in page
    sent = {"month": "2026-09", "build": str(build.id)}
    assert browser.post("/claims/close/", sent).status_code == 422
    assert browser.post("/claims/close/", {**sent, "is_despite_cards": "yes"}).status_code == 302
    with server.first.work("clerk"):
        reopen_month(SEPTEMBER, "番号を直す")


def _pharmacy_file(server, claim, *drugs):
    """A pharmacy's claim for prescriptions of this institution."""
    from tasuki_server.institutions.models import Institution

    receipt = claim.receipt()
    header, insurer = receipt.header, receipt.insurer
    day = "20260907"
    born = f"{header.born_on:%Y%m%d}"
    with server.first.work():
        own = Institution.objects.get()
        code, prefecture = own.code, own.prefecture
    head = ["RE", "1", "4112", "202609", header.patient_name, header.sex, born, "", "", prefecture, "1", code]
    rows = [
        ["IR", "1", prefecture, "4", "9999998", "", "架空薬局", "202610", "00", ""],
        [*head, *[""] * 26],
        ["HO", insurer.insurer_number, insurer.symbol, insurer.number, "1", "10"],
        *(
            row
            for at, (drug, amount, days) in enumerate(drugs, 1)
            for row in (
                ["SH", str(at), "1", "1日1回"],
                ["CZ", "1", day, day, "1", str(days)],
                ["IY", "1", drug, str(amount)],
            )
        ),
        ["GO", "1", "10", "99"],
    ]
    return "".join(",".join(row) + "\r\n" for row in rows).encode("cp932") + b"\x1a"


def test_a_pharmacys_file_is_held_against_what_was_prescribed(server, people):
    from django.core.files.uploadedfile import SimpleUploadedFile

    build = _make(server, SEPTEMBER)
    visit = people[0][1]
    with server.first.work("clerk"):
        claim = build.claims.get(patient_id=visit.patient_id)
    data = _pharmacy_file(server, claim, (AMLODIPINE, 1, 14), (REBAMIPIDE, 3, 28))
    browser = server.first.browser("clerk")
    sent = {"month": "2026-10", "payer": "1"}
    wrong = SimpleUploadedFile("RECEIPTC.UKE", bytes(build_file(server, build)))
    assert browser.post("/claims/sending/upload/", {**sent, "file": wrong}).status_code == 422
    right = SimpleUploadedFile("RECEIPTY.UKE", data)
    assert browser.post("/claims/sending/upload/", {**sent, "file": right}).status_code == 302
    assert "調剤レセプト" in browser.get("/claims/?month=2026-09").content.decode()
    after = _make(server, SEPTEMBER)
    codes = _codes(server, after, visit.patient_id)
    assert "UKE-P-01" in codes and "UKE-P-02" in codes
    assert not any(each.startswith("UKE-P-") for each in _codes(server, after, people[1][1].patient_id))
    assert _make(server, SEPTEMBER).reused_count == 2


def build_file(server, build):
    with server.first.work("clerk"):
        return build.files.first().data


def test_how_far_back_is_chosen_on_the_page(server, people):
    from tasuki_server.claims.long_work import wait_for_all
    from tasuki_server.claims.making import newest_build

    browser = server.first.browser("clerk")
    assert browser.post("/claims/build/", {"month": "2026-09", "back": "3"}).status_code == 302
    wait_for_all()
    with server.first.work("clerk"):
        newest = newest_build(SEPTEMBER)
        assert newest.months_back == 3
        assert newest.made_at - people[0][1].arrived_at > timedelta(0)
