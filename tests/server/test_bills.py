# SPDX-License-Identifier: Apache-2.0
"""会計の確定 — bills by version, the month that moves with them, and an account that always adds up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from made_up import make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
TOKYO = ZoneInfo("Asia/Tokyo")


def _visit_of_orders(patient, *codes, at):
    from tasuki.chart.orders import Item, Order, OrderKind
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder
    from tasuki_server.patients.models import InsuranceRecord

    card = InsuranceRecord.objects.current().filter(patient=patient).first()
    visit = make_visit(patient, at=at, insurance_record=card.record_id if card else None)
    for position, code in enumerate(codes):
        order = Order(f"o{position}", OrderKind.ACT, (Item(code),))
        PlacedOrder.objects.create(
            patient=patient, visit=visit, position=position, kind="act", value=encode_order(order)
        )
    return visit


@pytest.fixture
def patient(server):
    with server.first.work("clerk"):
        person = make_patient()
        make_insurance(person)
        yield person


def test_a_bill_charges_the_share_and_leaves_a_history(patient):
    from tasuki_server.billing.history import billed_before
    from tasuki_server.billing.settle import balance_yen, settle_bill, take_payment

    at = datetime(2026, 10, 5, 10, tzinfo=TOKYO)
    visit = _visit_of_orders(patient, "160008010", at=at)
    bill = settle_bill(visit, read_version=0)
    assert bill.total_points == bill.calculated().total_points > 291
    assert bill.patient_yen == (bill.total_points * 3 + 5) // 10 * 10
    assert balance_yen(patient) == bill.patient_yen
    take_payment(visit, bill.patient_yen, "cash", day=date(2026, 10, 5))
    assert balance_yen(patient) == 0
    past = billed_before(patient, at + timedelta(days=1))
    assert "160008010" in past.by_code


def test_a_second_version_needs_a_reason_and_charges_the_difference(patient):
    from tasuki_server.billing.draft import OwnItem
    from tasuki_server.billing.models import AccountEntry
    from tasuki_server.billing.settle import balance_yen, settle_bill
    from tasuki_server.institutions.rows import StaleVersion

    visit = _visit_of_orders(patient, at=datetime(2026, 10, 5, 10, tzinfo=TOKYO))
    first = settle_bill(visit, read_version=0)
    second = settle_bill(
        visit, read_version=1, reason="診断書を追加", own_items=[OwnItem("診断書", 3300, 10)]
    )
    assert (second.version, second.own_tax_yen) == (2, 300)
    assert balance_yen(patient) == first.patient_yen + 3300
    assert [entry.yen for entry in AccountEntry.objects.filter(visit=visit).order_by("at", "yen")] == [
        first.patient_yen,
        3300,
    ]
    with pytest.raises(StaleVersion):
        settle_bill(visit, read_version=1, reason="古い画面から")


def test_a_late_bill_of_an_earlier_visit_moves_the_later_one_under_the_limit(server):
    from tasuki.chart.coverage import IncomeClass, InsuranceKind
    from tasuki_server.billing.models import AccountEntry, Bill
    from tasuki_server.billing.settle import balance_yen, settle_bill

    with server.first.work("clerk"):
        elder = make_patient(born=date(1940, 1, 1))
        make_insurance(
            elder, kind=InsuranceKind.LATE_ELDERLY, insurer_number="39990013", income_class=IncomeClass.LOW_1,
            share_percent=10,
        )  # fmt: skip
        costly = ["150002210"] * 5
        early = _visit_of_orders(elder, *costly, at=datetime(2026, 10, 5, 10, tzinfo=TOKYO))
        late = _visit_of_orders(elder, *costly, at=datetime(2026, 10, 20, 10, tzinfo=TOKYO))
        settle_bill(late, read_version=0)
        assert balance_yen(elder) == 8000
        settle_bill(early, read_version=0)
        assert balance_yen(elder) == 8000, "the month's limit holds whatever the order of billing"
        newest = Bill.objects.current().get(visit=late)
        assert (newest.version, newest.patient_yen) == (2, 0)
        assert AccountEntry.objects.filter(visit=late, kind="adjustment").get().yen == -8000


def test_without_a_payer_nothing_is_billed_and_the_finding_says_what_to_do(server):
    from tasuki.kernel.finding import BadInput
    from tasuki.kernel.messages import sentence
    from tasuki_server.billing.settle import settle_bill

    with server.first.work("clerk"):
        visit = _visit_of_orders(make_patient(), at=datetime(2026, 10, 5, 10, tzinfo=TOKYO))
        with pytest.raises(BadInput) as refused:
            settle_bill(visit, read_version=0)
    (finding,) = refused.value.findings
    assert finding.code == "BIL-0001"
    assert "受付で保険を選ぶ" in sentence(finding)


def test_nothing_is_left_when_the_account_cannot_be_written(server, monkeypatch):
    from tasuki_server.billing import settle
    from tasuki_server.billing.models import Bill, BilledLine

    with server.first.work("clerk"):
        person = make_patient()
        make_insurance(person)
        visit = _visit_of_orders(person, at=datetime(2026, 10, 6, 10, tzinfo=TOKYO))
    with pytest.raises(RuntimeError), server.first.work("clerk"):
        monkeypatch.setattr(settle, "replace_billed_lines", _fail)
        settle.settle_bill(visit, read_version=0)
    with server.first.work("clerk"):
        assert not Bill.objects.filter(visit=visit).exists()
        assert not BilledLine.objects.filter(visit=visit).exists()


def _fail(*_args, **_named):
    raise RuntimeError("the disk is full")


def test_the_app_cannot_change_a_bill_or_an_account_entry(patient):
    from django.db import ProgrammingError, transaction

    from tasuki_server.billing.models import AccountEntry, Bill
    from tasuki_server.billing.settle import settle_bill

    visit = _visit_of_orders(patient, at=datetime(2026, 10, 7, 10, tzinfo=TOKYO))
    settle_bill(visit, read_version=0)
    for model in (Bill, AccountEntry):
        with pytest.raises(ProgrammingError), transaction.atomic():
            model.objects.filter(visit=visit).update(day=date(2026, 1, 1))
        with pytest.raises(ProgrammingError), transaction.atomic():
            model.objects.filter(visit=visit)._raw_delete("default")


def test_the_daybook_on_paper_adds_up_to_the_account(server, patient):
    from tasuki.forms.daily_report import check
    from tasuki_server.billing.daybook import daybook_of
    from tasuki_server.billing.daybook_report import daybook_report
    from tasuki_server.billing.settle import give_back, settle_bill, take_payment

    day = date(2026, 10, 29)
    earlier = _visit_of_orders(patient, "160008010", at=datetime(2026, 10, 28, 10, tzinfo=TOKYO))
    owed = settle_bill(earlier, read_version=0).patient_yen
    visit = _visit_of_orders(patient, "160008010", at=datetime(2026, 10, 29, 10, tzinfo=TOKYO))
    due = settle_bill(visit, read_version=0).patient_yen
    take_payment(visit, 100, "cash", day=day)
    take_payment(visit, due, "card", day=day)
    give_back(visit, 100, "cash", day=day, reason="二重に受け取った")
    take_payment(earlier, owed, "transfer", day=day)
    report = daybook_report(day, "試験")
    assert check(report) == []
    mine = [entry for entry in report.entries if entry.patient_id == str(patient.number)]
    assert sum(entry.received_yen for entry in mine) == due + owed
    assert sum(entry.unpaid_yen for entry in mine) == 0
    assert {entry.method for entry in mine} == {"現金", "カード", "振込"}
    assert report.received_yen == daybook_of(day).received_yen
    pdf = server.first.browser("clerk").get("/billing/daybook.pdf?day=2026-10-29")
    assert pdf.status_code == 200
    assert pdf.content.startswith(b"%PDF-")


def test_the_amount_of_a_billed_line_is_kept_for_the_next_calculation(patient):
    """13単位まで: the rule of 疾患別リハビリテーション counts the units of earlier days from here, and need ask no one."""
    from decimal import Decimal

    from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
    from tasuki_server.billing.history import billed_before
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder

    at = datetime(2026, 10, 5, 10, tzinfo=TOKYO)
    visit = _visit_of_orders(patient, at=at)
    drug = Item("620007870", Decimal("1.5"))
    order = Order("o0", OrderKind.INTERNAL, (drug,), 7, usage="1日1回 朝食後", dispensing=Dispensing.IN_HOUSE)
    PlacedOrder.objects.create(
        patient=patient, visit=visit, position=0, kind=order.kind, value=encode_order(order)
    )
    settle_bill(visit, read_version=0)
    past = billed_before(patient, at + timedelta(days=1))
    assert [line.amount for line in past.by_code["620007870"]] == [Decimal("1.5")]
    assert [line.amount for line in past.by_code["111000110"]] == [None]


def test_the_share_is_named_as_the_insurance_s_where_a_programme_pays(server, patient):
    from tasuki.chart.coverage import PublicProgramme
    from tasuki.kernel.validity import Validity
    from tasuki_server.billing.access import access_bill_page
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.patients.records import add_programme

    plain = _visit_of_orders(patient, "160008010", at=datetime(2026, 10, 5, 10, tzinfo=TOKYO))
    assert access_bill_page(plain.id)["share_label"] == "3割"
    given = {"month_cap_yen": 5000}
    card = add_programme(
        patient, PublicProgramme("54136015", "1234566", **given), Validity(date(2026, 1, 1)), None
    )
    insurance = str(plain.insurance_record)
    visit = make_visit(
        patient,
        at=datetime(2026, 10, 6, 10, tzinfo=TOKYO),
        insurance_record=insurance,
        programme_records=[str(card.record_id)],
    )
    named = "保険3割のうち公費54 特定医療（指定難病）の負担後"
    assert access_bill_page(visit.id)["share_label"] == named
    settle_bill(visit, read_version=0)
    assert access_bill_page(visit.id)["share_label"] == named
