# SPDX-License-Identifier: Apache-2.0
"""世帯合算の画面 — a family proposed by its card, stored with its days, added up and explained; nobody else sees it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from made_up import TOKYO, make_insurance, make_patient, make_visit
from tasuki.chart.coverage import IncomeClass, InsuranceKind

pytestmark = pytest.mark.server

CARD = {"insurer_number": "01990010", "symbol": "77", "number": "1234", "income_class": IncomeClass.U}


@pytest.fixture(scope="module")
def family(server):
    from tasuki_server.billing.settle import settle_bill

    with server.first.work("clerk"):
        people = [
            make_patient("家族野 一郎", "カゾクノ イチロウ"),
            make_patient("家族野 花", "カゾクノ ハナ", born=date(1962, 3, 3), sex="female"),
            make_patient("別野 次郎", "ベツノ ジロウ"),
        ]
        for person, number in zip(people, ("1234", "１２３４", "9999"), strict=True):
            card = make_insurance(person, **CARD | {"number": number})
            visit = make_visit(person, insurance_record=card.record_id)
            settle_bill(visit, read_version=0)
    return people


def page(server, patient, role="clerk", **query):
    answer = server.first.browser(role).get(
        f"/billing/household/{patient.number}", {"month": "2026-06"} | query
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_family_is_proposed_by_its_card_stored_and_added_up(server, family):
    husband, wife, stranger = family
    before = page(server, husband)
    assert wife.name in before and stranger.name not in before
    assert "本人だけで計算しています" in before
    browser = server.first.browser("clerk")
    added = browser.post(
        f"/billing/household/{husband.number}/add", {"month": "2026-06", "member": wife.number}
    )
    assert added.status_code == 302
    after = page(server, husband)
    assert "21,000円に満たないので合算しない" in after and wife.name in after
    # Payments elsewhere come with the address: 80,430円 and 21,000円 are the law's own example.
    told = page(
        server,
        husband,
        who=[str(husband.number), str(wife.number)],
        place=["inpatient", "outpatient"],
        cost=["300000", "70,000"],
        paid=["80430", "21,000"],
    )
    assert "支給見込 <b>20,300</b>" in told and "81,130円" in told
    # The other member's page tells the same family.
    assert husband.name in page(server, wife)


def test_who_is_of_another_household_is_refused(server, family):
    husband, wife, stranger = family
    browser = server.first.browser("clerk", raise_request_exception=False)

    def add(to, member):
        return browser.post(f"/billing/household/{to.number}/add", {"month": "2026-06", "member": member})

    add(husband, wife.number)
    for member, says in ((wife.number, "すでにこの世帯"), (husband.number, "本人です"), ("9" * 30, "いません"), ("x", "いません")):  # fmt: skip
        answer = add(husband, member)
        assert answer.status_code == 422 and says in answer.content.decode(), member
    assert "すでに別の世帯" in add(stranger, wife.number).content.decode()


def test_leaving_keeps_the_record_and_needs_a_reason(server, family):
    from tasuki_server.patients.household import members_in
    from tasuki_server.patients.models import HouseholdMember

    husband, wife, _ = family
    browser = server.first.browser("clerk", raise_request_exception=False)
    browser.post(f"/billing/household/{husband.number}/add", {"month": "2026-06", "member": wife.number})
    with server.first.work("clerk"):
        row = HouseholdMember.objects.current().get(patient=wife)
    where = f"/billing/household/{husband.number}/member/{row.record_id}"
    given = {"month": "2026-06", "read_version": row.version, "until": "2026-06-30"}
    assert browser.post(where, given).status_code == 422
    assert browser.post(where, given | {"reason": "世帯分離", "until": "2026-13-01"}).status_code == 422
    assert browser.post(where, given | {"reason": "世帯分離"}).status_code == 302
    assert browser.post(where, given | {"reason": "世帯分離"}).status_code == 409
    with server.first.work("clerk"):
        assert len(members_in(husband, date(2026, 6, 1))) == 2
        assert len(members_in(husband, date(2026, 7, 1))) == 1
        assert HouseholdMember.objects.filter(record_id=row.record_id).count() == 2


def test_the_year_is_told_from_august_on(server):
    from tasuki_server.billing.settle import settle_bill

    with server.first.work("clerk"):
        elder = make_patient("年野 間子", "トシノ マコ", born=date(1953, 1, 1))
        card = make_insurance(
            elder, kind=InsuranceKind.NATIONAL, insurer_number="990011", share_percent=20, number="5"
        )
        for month in (8, 9):
            visit = make_visit(
                elder, datetime(2026, month, 17, 9, 30, tzinfo=TOKYO), insurance_record=card.record_id
            )
            settle_bill(visit, read_version=0)
    text = page(server, elder, month="2026-09")
    assert "2か月" in text and "外来年間の上限216,000円を超えない" in text
    assert "1か月" in page(server, elder, month="2026-08")


def test_wrong_payments_elsewhere_are_said(server, family):
    husband, _, stranger = family
    told = page(server, husband, who=str(husband.number), place="outpatient", cost="x", paid="1")
    assert "金額として読めません" in told
    told = page(server, husband, who=str(stranger.number), place="outpatient", cost="100", paid="10")
    assert "家族と場所を選び" in told


def test_another_institution_sees_no_household(server, family):
    from tasuki_server.patients.models import HouseholdMember

    husband, wife, _ = family
    browser = server.first.browser("clerk")
    browser.post(f"/billing/household/{husband.number}/add", {"month": "2026-06", "member": wife.number})
    with server.second.work("clerk"):
        assert HouseholdMember.objects.count() == 0
    assert (
        server.first.browser("nurse", raise_request_exception=False)
        .get(f"/billing/household/{husband.number}")
        .status_code
        == 403
    )


def test_reading_leaves_a_trail_for_every_member(server, family):
    from tasuki_server.audit.models import AuditEvent

    husband, _, _ = family
    page(server, husband)
    with server.first.work("admin"):
        assert AuditEvent.objects.filter(action="household.read", patient_id=husband.id).exists()
