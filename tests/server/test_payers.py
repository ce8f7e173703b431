# SPDX-License-Identifier: Apache-2.0
"""A visit of several payers at the desk: chosen, drafted, settled, printed, and never billed twice."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from made_up import make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
TOKYO = ZoneInfo("Asia/Tokyo")
WOUND, BLOOD = "140000610", "160008010"
AT = datetime(2026, 10, 5, 10, tzinfo=TOKYO)


@pytest.fixture
def patient(server):
    with server.first.work("clerk"):
        person = make_patient()
        make_insurance(person)
        yield person


def _payer(patient, kind, **given):
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.patients.records import add_insurance

    row = add_insurance(patient, Insurance(InsuranceKind(kind), **given), Validity(date(2026, 1, 1)), None)
    return str(row.record_id)


def _visit(patient, *codes, at=AT, insurance=None):
    from tasuki.chart.orders import Item, Order, OrderKind
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder
    from tasuki_server.patients.models import InsuranceRecord

    card = (
        insurance
        or InsuranceRecord.objects.current().filter(patient=patient, kind="employees").first().record_id
    )
    visit = make_visit(patient, at=at, insurance_record=card)
    for position, code in enumerate(codes):
        order = Order(f"o{position}", OrderKind.ACT, (Item(code),))
        PlacedOrder.objects.create(
            patient=patient, visit=visit, position=position, kind="act", value=encode_order(order)
        )
    return visit


def test_a_mixed_visit_is_one_bill_of_two_payers(patient):
    from tasuki_server.billing.history import billed_before
    from tasuki_server.billing.parts import decode_parts
    from tasuki_server.billing.payers import choose_payers, order_payers
    from tasuki_server.billing.settle import settle_bill

    injury = _payer(patient, "work_accident")
    visit = _visit(patient, WOUND, BLOOD)
    choose_payers(visit, [injury], "", {"o0": injury})
    assert order_payers(visit.id) == {"o0": "労災"}
    bill = settle_bill(visit, read_version=0)
    (part,) = decode_parts(bill.parts)
    assert (part.label, part.points_yen, part.patient_yen) == ("労災", 52 * 12, 0)
    codes = {line.code for line in bill.calculated().granted()}
    assert WOUND not in codes and BLOOD in codes
    assert bill.patient_yen == (bill.total_points * 3 + 5) // 10 * 10 and bill.own_yen == 0
    past = billed_before(patient, datetime(2026, 10, 6, 10, tzinfo=TOKYO))
    assert [line.payer for line in past.lines if line.code == WOUND] == ["work_accident"]


def test_own_care_with_tax_stands_on_the_receipt_outside_insurance(patient):
    from tasuki_server.billing.draft import OwnItem
    from tasuki_server.billing.models import PayerContract
    from tasuki_server.billing.payers import choose_payers
    from tasuki_server.billing.settle import balance_yen, settle_bill
    from tasuki_server.documents.from_bill import receipt_slip

    own = _payer(patient, "private")
    PayerContract(
        kind="private",
        unit_price_yen=Decimal(15),
        tax="standard",
        is_patient_charged=True,
        since=date(2026, 1, 1),
    ).save()
    visit = _visit(patient, WOUND, BLOOD)
    choose_payers(visit, [own], "", {"o0": own})
    first = settle_bill(visit, read_version=0, own_items=[OwnItem("診断書", 3300)])
    assert first.own_yen == 3300 + 858 and first.own_tax_yen == 300 + 78
    slip = receipt_slip(first, "1", date(2026, 10, 5))
    assert [(charge.name, charge.amount_yen) for charge in slip.charges] == [
        ("診断書", 3300),
        ("自費診療（52点）", 858),
    ]
    again = settle_bill(visit, read_version=1, reason="もう一度")
    assert again.own_yen == first.own_yen and balance_yen(patient) == first.due_yen


def test_a_traffic_accident_without_a_contract_cannot_be_settled(patient):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.billing.models import PayerContract
    from tasuki_server.billing.settle import settle_bill

    crash = _payer(patient, "traffic_accident", symbol="みどり損保")
    visit = _visit(patient, WOUND, insurance=crash)
    with pytest.raises(BadInput) as refused:
        settle_bill(visit, read_version=0)
    assert [each.code for each in refused.value.findings] == ["PAY-0002"]
    PayerContract(
        kind="traffic_accident", contract="みどり損保", basis="work_accident", unit_price_yen=Decimal(12),
        technique_percent=120, since=date(2026, 1, 1),
    ).save()  # fmt: skip
    bill = settle_bill(visit, read_version=0)
    assert bill.charge is None and bill.due_yen == 0 and bill.parts[0]["act_yen"] == 4620


def test_work_accident_care_is_not_claimed_from_health_insurance(patient):
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.claims.gather import gather_month

    injury = _payer(patient, "work_accident")
    bill = settle_bill(_visit(patient, WOUND, insurance=injury), read_version=0)
    assert bill.id not in [each.id for each in gather_month(date(2026, 10, 1)).bills]


def test_a_checkup_is_paid_by_its_price(patient):
    from tasuki.calculation.payers import read_price_list
    from tasuki_server.billing.draft import OwnItem
    from tasuki_server.billing.payers import price_items, replace_price_list
    from tasuki_server.billing.settle import settle_bill

    text = "code\tname\tyen\ttax\tkind\tpatient_yen\tbilled_to\nK1\t特定健診\t8500\t非課税\t健診\t1000\tみどり市国保"
    replace_price_list(read_price_list(text.encode()))
    (item,) = price_items(date(2026, 10, 5))
    checkup = _payer(patient, "checkup")
    visit = _visit(patient, insurance=checkup)
    charged = OwnItem(
        item.name, item.charged_yen, 0, code=item.code, billed_to=item.billed_to, billed_yen=7500
    )
    bill = settle_bill(visit, read_version=0, own_items=[charged])
    assert (bill.due_yen, bill.total_points, bill.own_items[0]["billed_yen"]) == (1000, 0, 7500)


def test_a_payer_of_someone_else_is_refused(patient):
    from tasuki_server.billing.payers import BadPayers, choose_payers

    with_other = make_patient("架空 花子", "カクウ ハナコ")
    theirs = _payer(with_other, "work_accident")
    visit = _visit(patient, WOUND)
    for others, fee, orders in (([theirs], "", {}), ([], theirs, {}), ([], "", {"o0": theirs})):
        with pytest.raises(BadPayers):
            choose_payers(visit, others, fee, orders)


def test_a_brand_the_patient_wishes_is_charged_beside_insurance_with_tax(patient, monkeypatch):
    from calculation.payers.test_elective_lines import book_with_twin
    from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
    from tasuki.forms.receipt_slip import ChargeKind
    from tasuki_server.billing import draft as drafting
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.documents.from_bill import receipt_slip
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder

    monkeypatch.setattr(drafting, "current_book", book_with_twin)
    visit = _visit(patient)
    order = Order(
        "d1",
        OrderKind.INTERNAL,
        (Item("670000001", Decimal(2)),),
        14,
        usage="1日2回",
        dispensing=Dispensing.IN_HOUSE,
    )
    PlacedOrder.objects.create(
        patient=patient, visit=visit, position=9, kind="internal", value=encode_order(order)
    )
    bill = settle_bill(visit, read_version=0)
    assert (bill.own_yen, bill.own_tax_yen) == (924, 84)
    (charge,) = receipt_slip(bill, "1", date(2026, 10, 5)).charges
    assert charge.kind is ChargeKind.ELECTIVE
    assert "1/2" in bill.own_items[0]["reason"]


def test_the_desk_chooses_payers_settles_and_shows_each(server):
    from tasuki_server.billing.models import Bill
    from tasuki_server.chart.values import placed_orders

    with server.first.work("clerk"):
        person = make_patient("架空 三郎", "カクウ サブロウ")
        make_insurance(person)
        injury = _payer(person, "work_accident")
        visit = _visit(person, WOUND, BLOOD)
        first, _ = placed_orders(visit)
    desk = server.first.browser("clerk")
    page = desk.get(f"/billing/visit/{visit.id}").content.decode()
    assert "支払者を決める" in page and f'value="{injury}"' in page
    chosen = desk.post(f"/billing/visit/{visit.id}/payers", {"other": injury, f"order-{first.id}": injury})
    assert chosen.status_code == 302
    page = desk.get(f"/billing/visit/{visit.id}?open=1").content.decode()
    assert "の請求先へ（請求額に入らない）" in page and "52点×12円＝624円" in page
    settled = desk.post(f"/billing/visit/{visit.id}/settle", {"read_version": "0"})
    assert settled.status_code == 302
    with server.first.work("clerk"):
        bill = Bill.objects.current().get(record_id=visit.id)
        assert [part["kind"] for part in bill.parts] == ["work_accident"]
    page = desk.get(f"/billing/visit/{visit.id}").content.decode()
    assert "52点×12円＝624円" in page
    chart = server.first.browser("doctor").get(f"/chart/{visit.id}/")
    assert chart.status_code == 200
