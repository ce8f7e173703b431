# SPDX-License-Identifier: Apache-2.0
"""労災・自賠責の請求 — a month of each from its bills to its statement, with the diseases chosen by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from made_up import make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
TOKYO = ZoneInfo("Asia/Tokyo")
WOUND = "140000610"


@pytest.fixture(scope="module")
def crash(server):
    """Two visits under 自賠責 in a month, one of them beside health insurance, and two diseases."""
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.chart.orders import Item, Order, OrderKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.billing.models import PayerContract
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.chart.models import DiagnosisRecord
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder
    from tasuki_server.patients.records import add_insurance

    with server.first.work("doctor"):
        person = make_patient("架空 四郎", "カクウ シロウ")
        make_insurance(person)
        insurance = Insurance(InsuranceKind.TRAFFIC_ACCIDENT, symbol="あおぞら損保")
        card = add_insurance(person, insurance, Validity(date(2026, 1, 1)), None)
        PayerContract(
            kind="traffic_accident", contract="あおぞら損保", basis="work_accident", unit_price_yen=Decimal(12),
            technique_percent=120, since=date(2026, 1, 1),
        ).save()  # fmt: skip
        for name in ("頚椎捻挫", "高血圧症"):
            DiagnosisRecord(patient=person, code="0000999", name=name, since=date(2026, 10, 5)).save()
        for day in (5, 7):
            at = datetime(2026, 10, day, 10, tzinfo=TOKYO)
            visit = make_visit(person, at=at, insurance_record=card.record_id)
            order = Order("o0", OrderKind.ACT, (Item(WOUND),))
            PlacedOrder.objects.create(
                patient=person, visit=visit, position=0, kind="act", value=encode_order(order)
            )
            settle_bill(visit, read_version=0)
    return person, card


@pytest.fixture(scope="module")
def injury(server, crash):
    """A visit of the same person under 労災 in the same month."""
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.chart.orders import Item, Order, OrderKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder
    from tasuki_server.patients.records import add_insurance

    person, _ = crash
    with server.first.work("doctor"):
        card = add_insurance(person, Insurance(InsuranceKind.WORK_ACCIDENT), Validity(date(2026, 1, 1)), None)
        visit = make_visit(
            person, at=datetime(2026, 10, 20, 10, tzinfo=TOKYO), insurance_record=card.record_id
        )
        order = Order("o0", OrderKind.ACT, (Item(WOUND),))
        PlacedOrder.objects.create(
            patient=person, visit=visit, position=0, kind="act", value=encode_order(order)
        )
        settle_bill(visit, read_version=0)
    return card


def words_of(answer) -> str:
    from pypdf import PdfReader

    pages = PdfReader(BytesIO(answer.content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def test_the_month_lists_what_the_bills_ask_of_motor_insurers(server, crash):
    from tasuki_server.claims.accidents import accident_claims

    with server.first.work("clerk"):
        (claim,) = accident_claims(date(2026, 10, 1))
        # Points at 12 × 1.2 are cut at every visit; 初診料 3,850 and 再診料 1,420 in yen × 1.2.
        points = [part.statement.total_points for part in claim.parts]
        assert claim.total_yen == sum(each * 144 // 10 for each in points) + 4620 + 1704
        assert claim.points == sum(points)
        assert [day.day for day in claim.days] == [5, 7]
        assert accident_claims(date(2026, 11, 1)) == []
    page = server.first.browser("clerk").get("/claims/accidents/?month=2026-10").content.decode()
    assert "あおぞら損保" in page
    assert f"{claim.total_yen:,}円" in page


def test_the_statement_is_the_visits_of_the_month_by_the_formula_of_the_form(server, crash):
    from tasuki_server.chart.models import DiagnosisRecord
    from tasuki_server.claims.accidents import find_accident

    person, card = crash
    with server.first.work("clerk"):
        points = find_accident(date(2026, 10, 1), card.record_id).points
        neck = DiagnosisRecord.objects.get(patient=person, name="頚椎捻挫")
    asked = {"month": "2026-10", "diseases": str(neck.record_id), "injured_on": "R8.10.4", "outcome": "continued",
             "statement_yen": "3300", "claimed_on": "2026-11-10"}  # fmt: skip
    answer = server.first.browser("clerk").get(f"/claims/accidents/{card.record_id}/sheet.pdf", asked)
    assert answer["Content-Type"] == "application/pdf"
    printed = words_of(answer)
    # A points × 12 × 1.2 of the whole month, B no goods, C (3,850 + 1,420) × 1.2, D 3,300
    technique = points * 144 // 10
    yen = f"{technique:,}06,3243,300{technique + 6324 + 3300:,}"
    for words in ("あおぞら損保", "令和8年10月4日", yen, "頚椎捻挫"):
        assert words in printed, words
    assert "高血圧症" not in printed


def test_no_disease_is_printed_that_was_not_chosen(server, crash):
    _, card = crash
    answer = server.first.browser("clerk").get(f"/claims/accidents/{card.record_id}/sheet.pdf?month=2026-10")
    assert "捻挫" not in words_of(answer)


def test_the_page_offers_the_diseases_and_the_bills(server, crash):
    from tasuki_server.claims.accidents import find_accident

    _, card = crash
    with server.first.work("clerk"):
        yen = find_accident(date(2026, 10, 1), card.record_id).total_yen
    page = (
        server.first.browser("clerk")
        .get(f"/claims/accidents/{card.record_id}/?month=2026-10")
        .content.decode()
    )
    assert "頚椎捻挫" in page and "高血圧症" in page and "checked" not in page.split("<form method")[2]
    assert f"{yen:,}円" in page


def test_what_cannot_be_printed_is_said_on_the_page(server, crash):
    _, card = crash
    browser = server.first.browser("clerk")
    empty = browser.get(f"/claims/accidents/{card.record_id}/sheet.pdf?month=2026-11")
    assert empty.status_code == 422 and "この月に受診がありません" in empty.content.decode()
    wrong = browser.get(f"/claims/accidents/{card.record_id}/sheet.pdf?month=2026-10&injured_on=31")
    assert wrong.status_code == 422 and "日付として読めません" in wrong.content.decode()


def test_who_may_see_a_month_may_not_for_that_print_it(server, crash):
    _, card = crash
    browser = server.first.browser("doctor")
    assert browser.get(f"/claims/accidents/{card.record_id}/sheet.pdf?month=2026-10").status_code == 403


def test_the_sheet_of_a_work_accident_asks_the_labour_number(server, crash, injury):
    from tasuki_server.claims.accidents import find_accident

    with server.first.work("clerk"):
        claim = find_accident(date(2026, 10, 1), injury.record_id)
    browser = server.first.browser("clerk")
    page = browser.get(f"/claims/accidents/{injury.record_id}/?month=2026-10").content.decode()
    assert "労働保険番号" in page and "診断書料" not in page
    asked = {
        "month": "2026-10",
        "labour_number": "13-1-01-123456-000",
        "begun": "5",
        "workplace_name": "架空製作所",
    }
    answer = browser.get(f"/claims/accidents/{injury.record_id}/sheet.pdf", asked)
    assert answer["Content-Type"] == "application/pdf"
    printed = words_of(answer)
    for words in (
        "診療費請求内訳書（入院外用）",
        "13101123456000",
        "架空製作所",
        "".join(f"¥{claim.total_yen}"),
    ):
        assert words in printed, words
    wrong = browser.get(f"/claims/accidents/{injury.record_id}/sheet.pdf?month=2026-10&labour_number=12")
    assert wrong.status_code == 422 and "労働保険番号は14桁" in wrong.content.decode()


def test_another_kind_of_insurance_has_no_statement(server, crash):
    from tasuki_server.patients.models import InsuranceRecord

    person, _ = crash
    with server.first.work("clerk"):
        health = InsuranceRecord.objects.current().get(patient=person, kind="employees")
    page = server.first.browser("clerk").get(f"/claims/accidents/{health.record_id}/?month=2026-10")
    assert page.status_code == 404


def test_a_contract_that_changed_within_the_month_is_refused(server, crash):
    from tasuki_server.billing.models import PayerContract

    _, card = crash
    with server.first.work("clerk"):
        PayerContract(
            kind="traffic_accident", contract="あおぞら損保", basis="work_accident", unit_price_yen=Decimal(13),
            technique_percent=100, since=date(2026, 10, 6),
        ).save()  # fmt: skip
    answer = server.first.browser("clerk").get(f"/claims/accidents/{card.record_id}/sheet.pdf?month=2026-10")
    assert answer.status_code == 422
    assert "月の途中で契約が変わっています" in answer.content.decode()
