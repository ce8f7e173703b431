# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の画面 — the part of the chart, the list, the check with and without consent, and signatures made elsewhere."""

from __future__ import annotations

import pytest

from eprescribing import (
    PHARMACY,
    begin_registering,
    choose,
    drug_order,
    keep_round,
    received,
    registrations,
    sign,
)
from prescription_service import Institution

pytestmark = pytest.mark.server
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(scope="module")
def clinic(server):
    from tasuki_server.platform.house import close_house

    begin_registering(server.first)
    yield server.first
    close_house()


@pytest.fixture(scope="module")
def doctor(clinic):
    return clinic.browser("doctor")


def _panel(browser, visit):
    return browser.get(f"/prescribing/visit/{visit.id}/").content.decode()


def _card(number):
    from tasuki.eligibility.requests import CardNumber

    return CardNumber("01130012", "12345", number, "")


def test_the_part_of_the_chart_follows_the_prescription(clinic, doctor):
    visit = received(clinic, "201")
    assert "院外処方を登録します" in _panel(doctor, visit)
    sign(clinic, visit, drug_order())
    page = _panel(doctor, visit)
    assert "登録待ち" in page and 'hx-trigger="every 2s"' in page
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    page = _panel(doctor, visit)
    assert "未受付" in page and row.access_code[:4] in page and "every 2s" not in page
    assert "電子処方箋" in doctor.get(f"/chart/{visit.id}/").content.decode()


def test_cancelled_by_key_and_taken_back(clinic, doctor):
    visit = received(clinic, "202")
    sign(clinic, visit, drug_order())
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    page = doctor.post(f"/prescribing/{row.id}/cancel/", {"reason": ""}, **HTMX).content.decode()
    assert "取消の理由を入れてください" in page
    doctor.post(f"/prescribing/{row.id}/cancel/", {"reason": "処方の中止"}, **HTMX)
    page = doctor.post(f"/prescribing/{row.id}/cancel/", {"reason": "処方の中止"}, **HTMX).content.decode()
    assert "前の送信が終わっていません" in page
    keep_round(clinic)
    assert registrations(clinic, visit)[0].stage == "cancelled"
    assert "取消を元に戻す" in _panel(doctor, visit)
    doctor.post(f"/prescribing/{row.id}/undo/", **HTMX)
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    assert (row.stage, row.status) == ("registered", "waiting")


def test_a_change_is_taken_back(clinic, doctor):
    visit = received(clinic, "203")
    order = drug_order()
    sign(clinic, visit, order)
    keep_round(clinic)
    sign(clinic, visit, drug_order(id=order.id, count=7), reason="日数の変更")
    keep_round(clinic)
    first, second = registrations(clinic, visit)
    assert "回収し、印刷し直して" in _panel(doctor, visit)
    doctor.post(f"/prescribing/{second.id}/undo/", **HTMX)
    keep_round(clinic)
    first, second = registrations(clinic, visit)
    assert (first.stage, second.stage) == ("registered", "cancelled")


def test_paper_becomes_electronic_as_the_patient_wishes(clinic, doctor):
    visit = received(clinic, "204")
    sign(clinic, visit, drug_order())
    keep_round(clinic)
    doctor.post(
        f"/prescribing/visit/{visit.id}/choose/",
        {"issue_type": "1", "comment": "眠気の少ない薬を希望"},
        **HTMX,
    )
    keep_round(clinic)
    first, second = registrations(clinic, visit)
    assert (first.stage, second.stage, second.issue_type) == ("replaced", "registered", "1")
    assert second.comment == "眠気の少ない薬を希望"


def test_what_the_patient_chose_at_the_reader_is_the_form(clinic, doctor):
    from tasuki_server.confirmation.models import Confirmation

    visit = received(clinic, "212")
    with clinic.work("reception"):
        Confirmation.objects.create(
            patient=visit.patient,
            visit=visit,
            method="card",
            validity="1",
            prescription_issue="1",
            day=visit.day,
        )
    assert "カードリーダーで選択" in _panel(doctor, visit)
    sign(clinic, visit, drug_order())
    keep_round(clinic)
    assert registrations(clinic, visit)[0].issue_type == "1"


def test_a_cancellation_the_pharmacy_was_faster_than_leaves_one_prescription(clinic):
    """A new prescription that waited behind it is then a change, and refused: never two of one matter."""
    visit = received(clinic, "213")
    sign(clinic, visit, drug_order())
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    sign(clinic, visit, reason="処方の中止")
    sign(clinic, visit, drug_order(count=7), reason="やはり処方する")
    assert PHARMACY.receive(row.access_code, _card("213")).is_fine
    keep_round(clinic)
    keep_round(clinic)
    first, second = registrations(clinic, visit)
    assert (first.stage, first.status, second.stage) == ("registered", "taken", "refused")


def test_what_is_wrong_stands_beside_the_drug_and_is_not_sent(clinic, doctor):
    from tasuki.chart.coverage import InsuranceKind

    visit = received(clinic, "205", insurer_number="", symbol="", kind=InsuranceKind.NATIONAL)
    sign(clinic, visit, drug_order(usage=""))
    (row,) = registrations(clinic, visit)
    assert row.stage == "faulty"
    page = _panel(doctor, visit)
    assert "用法がありません" in page and "保険者番号" in page
    assert keep_round(clinic).settled == 0


def test_a_dispensing_is_shown_beside_the_order_and_marked_until_read(clinic, doctor):
    visit = received(clinic, "206")
    sign(clinic, visit, drug_order())
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    PHARMACY.receive(row.access_code, _card("206"))
    changed = ("4", "2171022F3014", "アムロジピンＯＤ錠２．５ｍｇ「別」")
    assert PHARMACY.dispense(row.prescription_id, changed, message="在庫の都合で変更").is_fine
    with clinic.work("doctor"):
        from django.utils import timezone

        from tasuki_server.eprescribing.models import Registration

        Registration.objects.filter(pk=row.pk).update(next_status_at=timezone.now())
    keep_round(clinic)
    page = _panel(doctor, visit)
    assert "別の銘柄に変更" in page and "在庫の都合で変更" in page and "架空薬局" in page
    assert "未確認 1" in doctor.get("/prescribing/?show=trouble").content.decode()
    with clinic.work("doctor"):
        result = row.results.get()
    page = doctor.post(f"/prescribing/results/{result.id}/seen/", **HTMX).content.decode()
    assert "確認済" in page
    assert "未確認 1" not in doctor.get("/prescribing/?show=trouble").content.decode()
    assert "回答を受け取った" in doctor.get(f"/prescribing/{row.id}/").content.decode()


def test_the_list_is_narrowed_sorted_and_searched(clinic, doctor):
    visit = received(clinic, "207")
    sign(clinic, visit, drug_order())
    keep_round(clinic)
    (row,) = registrations(clinic, visit)
    for query in (
        "",
        f"?show=waiting&q={visit.patient.number}",
        f"?show=all&q={row.access_code[-6:]}&sort=number",
    ):
        page = doctor.get(f"/prescribing/{query}")
        assert page.status_code == 200 and f"…{row.access_code[12:]}" in page.content.decode(), query
    assert row.access_code not in page.content.decode()
    assert "この条件の処方箋はありません" in doctor.get("/prescribing/?q=いない人").content.decode()


def test_another_clinics_drug_is_found_and_told_only_with_consent(clinic, doctor):
    from tasuki_server.orders.shared_drugs import shared_history

    other = Institution("13", "1", "9990028", "となり医院")
    name = "アムロジピン錠２．５ｍｇ「となり」"
    assert other.register(("4", "2171022F1010", name), card=_card("208")).is_fine
    visit = received(clinic, "208")
    with clinic.work("doctor"):
        from made_up import AMLODIPINE
        from tasuki_server.chart.draft import hold_draft, save_basket
        from tasuki_server.orders.basket import Basket, Line

        draft = hold_draft(visit, clinic.staff["doctor"])
        save_basket(draft, Basket((Line(drug_order(AMLODIPINE)),)))
    address = f"/prescribing/visit/{visit.id}/"
    page = doctor.post(f"{address}check/", **HTMX).content.decode()
    assert "重複投薬" in page and "同意がないため" in page and "となり" not in page
    with clinic.work("doctor"):
        found = shared_history(visit.patient)
        assert found.is_asked and not found.medicines and "1件" in found.told
    page = doctor.post(f"{address}consent/", {"kind": "oral"}, **HTMX).content.decode()
    assert "口頭の同意" in page and "もう一度確かめて" in page and "となり" not in page
    page = doctor.post(f"{address}check/", **HTMX).content.decode()
    assert "となり" in page and "もう一度確かめて" not in page
    # The state of the orders is told anew beside it: they are checked against what just came.
    status = page.partition('id="order-status"')[2]
    assert 'hx-swap-oob="outerHTML"' in status and name in status
    assert "確認していません" not in status and "となり医院から" in status
    with clinic.work("doctor"):
        (medicine,) = shared_history(visit.patient).medicines
        assert (medicine.name, medicine.institution) == (name, "となり医院")


def test_a_signature_made_elsewhere_is_waited_for(clinic, doctor):
    visit = received(clinic, "209")
    assert doctor.post("/prescribing/signer/", {"kind": "remote"}).status_code == 302
    choose(clinic, visit, "1")
    sign(clinic, visit, drug_order())
    assert keep_round(clinic).settled == 0
    page = doctor.get("/prescribing/signer/").content.decode()
    assert "処方箋" in page and "アムロジピン" in page
    assert "署名の承認を待っています" in _panel(doctor, visit)
    with clinic.work("doctor"):
        from tasuki_server.eprescribing.models import RegistrationAct, SigningRequest

        request = SigningRequest.objects.get(state="waiting")
    # An open session alone approves nothing: the second factor is asked for once more.
    asked = clinic.browser("doctor", proved=False).post(
        f"/prescribing/signer/requests/{request.id}/", {"answer": "yes"}
    )
    assert asked.status_code == 401
    with clinic.work("doctor"):
        assert SigningRequest.objects.get(id=request.id).state == "waiting"
    doctor.post(f"/prescribing/signer/requests/{request.id}/", {"answer": "yes"})
    _now(clinic, RegistrationAct, visit)
    assert keep_round(clinic).settled == 1
    (row,) = registrations(clinic, visit)
    assert (row.stage, row.issue_type) == ("registered", "1")

    refused = received(clinic, "210")
    choose(clinic, refused, "1")
    sign(clinic, refused, drug_order())
    keep_round(clinic)
    with clinic.work("doctor"):
        request = SigningRequest.objects.get(state="waiting")
    doctor.post(f"/prescribing/signer/requests/{request.id}/", {"answer": "no"})
    _now(clinic, RegistrationAct, refused)
    keep_round(clinic)
    assert registrations(clinic, refused)[0].stage == "refused"
    assert "医師が署名を承認しませんでした" in _panel(doctor, refused)


def test_without_a_key_it_waits_and_a_bad_file_says_why(clinic, doctor):
    from io import BytesIO

    visit = received(clinic, "211")
    doctor.post("/prescribing/signer/", {"kind": "none"})
    choose(clinic, visit, "1")
    sign(clinic, visit, drug_order())
    keep_round(clinic)
    assert "署名の用意がありません" in _panel(doctor, visit)
    given = BytesIO(b"no key")
    given.name = "key.p12"
    answer = doctor.post("/prescribing/signer/", {"kind": "file", "file": given, "password": "x"})
    assert answer.status_code == 422 and "PKCS#12として開けません" in answer.content.decode()


def test_the_administrator_begins_and_ends_it(clinic, server):
    admin = clinic.browser("admin")
    assert "利用中" in admin.get("/prescribing/setup/").content.decode()
    other = server.second.browser("admin")
    assert "利用していない" in other.get("/prescribing/setup/").content.decode()
    visit = received(server.second, "301")
    sign(server.second, visit, drug_order())
    assert registrations(server.second, visit) == []


def _now(clinic, acts, visit):
    from django.utils import timezone

    with clinic.work("doctor"):
        acts.objects.filter(visit=visit).update(next_at=timezone.now())
