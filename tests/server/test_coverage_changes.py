# SPDX-License-Identifier: Apache-2.0
"""A card changed after the bill: found, computed anew in the month's order, given back or collected, both receipts kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from made_up import make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
TOKYO = ZoneInfo("Asia/Tokyo")


def _at(day: int) -> datetime:
    return datetime(2026, 9, day, 10, tzinfo=TOKYO)


@pytest.fixture
def patient(server):
    with server.first.work("clerk"):
        person = make_patient(born=date(1980, 4, 1))
        make_insurance(person)
        yield person


def _card(patient):
    from tasuki_server.patients.models import InsuranceRecord

    return InsuranceRecord.objects.current().filter(patient=patient).first()


def _settled(patient, *days):
    from tasuki.chart.orders import Item, Order, OrderKind
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder

    visits = []
    for day in days:
        visit = make_visit(patient, at=_at(day), insurance_record=_card(patient).record_id)
        order = Order("o0", OrderKind.ACT, (Item("160008010"),))
        PlacedOrder.objects.create(
            patient=patient, visit=visit, position=0, kind="act", value=encode_order(order)
        )
        settle_bill(visit, read_version=0)
        visits.append(visit)
    return visits


def _revise(card, **changes):
    from tasuki_server.patients.coverage_values import insurance_members, insurance_value
    from tasuki_server.patients.records import revise_record

    until = changes.pop("until", card.until)
    value = replace(insurance_value(card), **changes)
    return revise_record(
        card,
        read_version=card.version,
        reason="資格確認の結果",
        **insurance_members(value, since=card.since, until=until),
    )


def _changed(visits):
    from tasuki_server.billing.changes import changed_bills

    return changed_bills([visit.id for visit in visits])


def test_a_lower_share_found_later_is_given_back(patient):
    from tasuki_server.billing.changes import recalculate_bill
    from tasuki_server.billing.models import Bill
    from tasuki_server.billing.settle import balance_yen, give_back, take_payment

    visits = _settled(patient, 2, 9)
    for visit in visits:
        take_payment(visit, balance_yen(patient, visit), "cash", day=visit.day)
    assert not _changed(visits)
    _revise(_card(patient), share_percent=20)
    lines = _changed(visits)
    assert [line.bill.visit_id for line in lines] == [visit.id for visit in visits]
    assert all(line.difference_yen < 0 for line in lines)
    for line in lines:
        made = recalculate_bill(
            line.bill.visit, read_version=line.bill.version, seen_yen=line.draft.patient_yen
        )
        assert made.version == line.bill.version + 1
        assert made.patient_yen == (made.total_points * 2 + 5) // 10 * 10
        assert balance_yen(patient, line.bill.visit) == line.difference_yen
        give_back(
            line.bill.visit, -line.difference_yen, "cash", day=date(2026, 9, 20), reason="負担割合の変更"
        )
    assert balance_yen(patient) == 0 and not _changed(visits)
    assert Bill.objects.filter(record_id=visits[0].id).count() == 2


def test_a_higher_share_found_later_is_collected(patient):
    from tasuki_server.billing.changes import recalculate_bill
    from tasuki_server.billing.settle import balance_yen

    _revise(_card(patient), share_percent=20)
    visits = _settled(patient, 2)
    _revise(_card(patient), share_percent=30)
    (line,) = _changed(visits)
    before = balance_yen(patient)
    recalculate_bill(line.bill.visit, read_version=1, seen_yen=line.draft.patient_yen)
    assert balance_yen(patient) - before == line.difference_yen > 0


def test_a_card_that_ended_mid_month_asks_for_another(patient):
    from tasuki.kernel.finding import BadInput
    from tasuki.kernel.validity import Validity
    from tasuki_server.billing.changes import NotUsable, recalculate_bill, switch_insurance

    early, late = _settled(patient, 2, 16)
    old = _card(patient)
    new = make_insurance(patient, number="999", days=Validity(date(2026, 9, 10)))
    _revise(old, until=date(2026, 9, 9))
    lines = {line.bill.visit_id: line for line in _changed([early, late])}
    assert list(lines) == [late.id] and lines[late.id].faults
    with pytest.raises(BadInput):
        recalculate_bill(late, read_version=1, seen_yen=0)
    with pytest.raises(NotUsable):
        switch_insurance(late, str(old.record_id))
    switch_insurance(late, str(new.record_id))
    again = {line.bill.visit_id: line for line in _changed([early, late])}[late.id]
    assert not again.faults and again.difference_yen == 0
    bill = recalculate_bill(late, read_version=1, seen_yen=again.draft.patient_yen)
    assert bill.coverage["insurance"]["number"] == "999"


def test_an_amount_that_moved_since_it_was_read_is_not_booked(patient):
    from tasuki_server.billing.changes import recalculate_bill
    from tasuki_server.billing.settle import MovedDraft

    visits = _settled(patient, 2)
    _revise(_card(patient), share_percent=20)
    with pytest.raises(MovedDraft):
        recalculate_bill(visits[0], read_version=1, seen_yen=1)


def test_both_receipts_are_kept_and_the_new_one_names_the_old(patient):
    from tasuki_server.billing.changes import recalculate_bill
    from tasuki_server.documents.issue import issue_receipt, newest_bill

    (visit,) = _settled(patient, 2)
    first = issue_receipt(newest_bill(visit))
    _revise(_card(patient), share_percent=20)
    (line,) = _changed([visit])
    recalculate_bill(visit, read_version=1, seen_yen=line.draft.patient_yen)
    second = issue_receipt(newest_bill(visit))
    assert second.number != first.number and second.bill_id != first.bill_id
    first.refresh_from_db()
    assert first.bill.patient_yen != second.bill.patient_yen


def test_a_municipality_file_counts_at_the_desk(patient):
    from tasuki.chart.coverage import PublicProgramme
    from tasuki.kernel.finding import BadInput
    from tasuki.kernel.validity import Validity
    from tasuki_server.billing.draft import draft_bill
    from tasuki_server.billing.local_rules import keep_local_file, own_programmes
    from tasuki_server.patients.records import add_programme

    header = "id\tprefecture\tlaw_code\tname\tsteps\n"
    with pytest.raises(BadInput):
        keep_local_file((header + "x\t99\t81\t名\tfree").encode())
    assert keep_local_file((header + "midori-child\t13\t81\tみどり市こども\tvisit 200").encode()) == 1
    assert keep_local_file((header + "midori-child\t13\t81\tみどり市こども\tvisit 300").encode()) == 1
    assert own_programmes()[0][1] == "visit 300"
    card = add_programme(
        patient,
        PublicProgramme("81136018", "1234566", local_rule="midori-child"),
        Validity(date(2026, 1, 1)),
        None,
    )
    visit = make_visit(
        patient,
        at=_at(3),
        insurance_record=_card(patient).record_id,
        programme_records=[str(card.record_id)],
    )
    assert draft_bill(visit).patient_yen == 300


def test_others_lines_fill_the_cap_in_their_month_and_not_after_the_visit(patient):
    from tasuki.chart.coverage import PublicProgramme
    from tasuki.kernel.validity import Validity
    from tasuki_server.billing.cap_ledger import BadLine, add_line, card_ledgers, withdraw_line
    from tasuki_server.billing.draft import draft_bill
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.patients.records import add_programme

    made = PublicProgramme("21136017", "1234566", month_cap_yen=2500)
    card = add_programme(patient, made, Validity(date(2026, 1, 1)), None)
    visit = make_visit(
        patient,
        at=_at(15),
        insurance_record=_card(patient).record_id,
        programme_records=[str(card.record_id)],
    )
    whole = draft_bill(visit).patient_yen
    assert 0 < whole < 2500
    line = add_line(visit, str(card.record_id), day=date(2026, 9, 3), place="あおば薬局", yen=2400)
    add_line(visit, str(card.record_id), day=date(2026, 9, 20), place="あおば薬局", yen=2500)
    assert draft_bill(visit).patient_yen == 100
    for day, place in ((date(2026, 8, 31), "あおば薬局"), (date(2026, 9, 1), " ")):
        with pytest.raises(BadLine):
            add_line(visit, str(card.record_id), day=day, place=place, yen=1)
    bill = settle_bill(visit, read_version=0)
    (ledger,) = card_ledgers(draft_bill(visit).coverage, visit)
    assert [(row.place, row.yen) for row in ledger.rows] == [
        ("あおば薬局", 2400),
        ("当院", 100),
        ("あおば薬局", 2500),
    ]
    withdraw_line(visit, line.record_id, read_version=1)
    (changed,) = _changed([visit])
    assert changed.difference_yen == whole - bill.patient_yen


def test_the_pages_of_this_room_answer(server):
    with server.first.work("clerk"):
        person = make_patient("架空 次郎", "カクウ ジロウ")
        make_insurance(person)
        (visit,) = _settled(person, 5)
        _revise(_card(person), share_percent=20)
    client = server.first.browser("clerk")
    listed = client.get("/billing/changes")
    assert listed.status_code == 200 and "架空 次郎" in listed.content.decode()
    assert client.get("/billing/prices").status_code == 200
    page = client.get(f"/billing/visit/{visit.id}?open=1")
    assert page.status_code == 200
    bad = client.post(f"/billing/changes/visit/{visit.id}", {"read_version": "9", "seen_yen": "1"})
    assert bad.status_code == 409
    assert client.post(f"/billing/changes/visit/{visit.id}", {"read_version": "x"}).status_code == 422
    assert client.post(f"/billing/visit/{visit.id}/ledger", {"day": "きのう"}).status_code == 422
    assert client.post(f"/billing/visit/{visit.id}/payers", {"other": "none"}).status_code == 422
