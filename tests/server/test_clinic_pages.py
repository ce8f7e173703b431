# SPDX-License-Identifier: Apache-2.0
"""診療所の画面 — search folds, forms say what is wrong, the board is cheap to ask, and rights are kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from made_up import TOKYO, make_history, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def clinic(server):
    """Four people whose names are written in every troublesome way."""
    with server.first.work("reception"):
        make_patient("髙橋 花子", "タカハシ ハナコ", date(1960, 4, 1), sex="female", phone="03-1234-5678")
        make_patient("ヴァン ルイ", "ヴァン ルイ", date(1985, 2, 14))
        make_patient("葛\U000e0100城 みどり", "カツラギ ミドリ", date(1972, 9, 30), sex="female")
        make_patient("渡邊 健", "ワタナベ ケン", date(1939, 1, 8))
    return server.first


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("高橋", 1),
        ("髙橋", 1),
        ("ﾀｶﾊｼ", 1),
        ("たかはし", 1),
        ("たかはし はなこ", 1),
        ("はなこ　たかはし", 1),
        ("1960-04-01", 1),
        ("S35.4.1", 1),
        ("昭和35年4月1日", 1),
        ("Ｓ３５．４．１", 1),
        ("昭和35年", 1),
        ("タカハシ S35", 1),
        ("5678", 1),
        ("03-1234-5678", 1),
        ("１", 1),
        ("ブァン", 2),
        ("ゔぁん", 2),
        ("葛城", 3),
        ("渡辺", 4),
        ("渡邉", 4),
        ("かつらき\u3099", 3),
    ],
)
def test_one_box_finds_every_way_of_writing(clinic, text, number):
    page = clinic.browser("reception").get("/patients/", {"q": text}).content.decode()
    assert f'href="/patients/{number}/"' in page
    others = {1, 2, 3, 4} - {number}
    assert not any(f'href="/patients/{each}/"' in page for each in others)


@pytest.mark.parametrize("text", ["該当なし", "99999999999999999", "%", "_", "1960-02-30", "'; DROP"])
def test_what_nobody_is_called_offers_registration(clinic, text):
    answer = clinic.browser("reception").get("/patients/", {"q": text})
    assert answer.status_code == 200
    assert "当てはまる患者はいません" in answer.content.decode()


def _given(**changes):
    given = {"name": "新田 実", "kana": "にった　みのる", "born": "S50.12.3", "sex": "male"}
    return {**given, **changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "氏名を入れてください"),
        ({"kana": "新田"}, "カナで入れてください"),
        ({"born": "1960-02-30"}, "日付として読めません"),
        ({"born": "R99.1.1"}, "未来の日付"),
        ({"born": "M1.1.25"}, "古すぎます"),
        ({"sex": ""}, "性別を入れてください"),
        ({"postal_code": "123"}, "郵便番号は7桁"),
        ({"phone": "電話なし"}, "電話番号は数字"),
        ({"claim_name": "髙田 実"}, "レセプトで使えない文字があります: 髙"),
    ],
)
def test_a_wrong_registration_is_refused_in_japanese(clinic, changes, message):
    answer = clinic.browser("reception").post("/patients/new/", _given(**changes))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    with clinic.work():
        assert not _patients().filter(name="新田 実").exists()


def test_a_namesake_of_the_same_day_is_shown_before_a_second_number(clinic):
    browser = clinic.browser("reception")
    twin = _given(name="高橋 花子", kana="タカハシ ハナコ", born="1960-04-01", sex="female")
    answer = browser.post("/patients/new/", twin)
    assert answer.status_code == 422
    assert "よく似た患者がいます" in answer.content.decode()
    answer = browser.post("/patients/new/", {**twin, "confirmed": "yes"})
    assert answer.status_code == 302
    with clinic.work():
        assert _patients().filter(born=date(1960, 4, 1)).count() == 2
        newest = _patients().latest("number")
        assert newest.kana == "タカハシ ハナコ"


def test_a_change_is_a_version_and_a_stale_change_shows_both_texts(clinic):
    browser = clinic.browser("reception")
    given = _given(name="渡邊 健", kana="ワタナベ ケン", born="1939-01-08", read_version="1", reason="転居")
    assert browser.post("/patients/4/revise/", {**given, "address": "新しい町 1"}).status_code == 302
    answer = browser.post("/patients/4/revise/", {**given, "address": "別の町 2"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "新しい町 1" in page and "別の町 2" in page
    assert "新しい町 1" in browser.get("/patients/4/revise/").content.decode()


def test_the_spelling_for_claims_is_shown_and_goes_into_the_claim(clinic):
    from tasuki_server.claims.claim_name import claim_name

    browser = clinic.browser("reception")
    assert "高橋 花子" in browser.get("/patients/1/").content.decode()
    given = _given(
        name="髙橋 花子", kana="タカハシ ハナコ", born="1960-04-01", sex="female", claim_name="高はし 花子"
    )
    read_version = {"read_version": "1", "reason": "本人の希望"}
    assert browser.post("/patients/1/revise/", {**given, **read_version}).status_code == 302
    assert "高はし　花子" in browser.get("/patients/1/").content.decode()
    with clinic.work():
        patient = _patients().get(number=1)
        assert claim_name(patient.name, patient.kana, patient.claim_name) == "高はし　花子"


def test_the_board_tells_who_still_owes_for_an_earlier_visit(server):
    from tasuki_server.billing.settle import settle_bill, take_payment

    with server.first.work("doctor"):
        patient = make_patient("仮田 太郎", "カリタ タロウ")
        card = make_insurance(patient)
        last = datetime(2026, 10, 1, 9, tzinfo=TOKYO)
        bill = settle_bill(make_visit(patient, last, insurance_record=card.record_id), read_version=0)
        make_visit(patient, datetime(2026, 11, 5, 9, tzinfo=TOKYO), insurance_record=card.record_id)
    board = server.first.browser("reception").get("/reception/?day=2026-11-05").content.decode()
    assert f"未収 {bill.patient_yen:,}円" in board
    with server.first.work("clerk"):
        take_payment(bill.visit, bill.patient_yen, "cash", day=date(2026, 10, 2))
    board = server.first.browser("reception").get("/reception/?day=2026-11-05").content.decode()
    assert "未収 " not in board


INSURANCE = {
    "kind": "employees",
    "insurer_number": "01130012",
    "symbol": "1",
    "number": "2",
    "since": "2026-04-01",
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"insurer_number": "01130013"}, "検証番号が合いません"),
        ({"insurer_number": "138057"}, "8桁です"),
        ({"insurer_number": ""}, "保険者番号を入れてください"),
        ({"insurer_number": "abc"}, "数字で入れてください"),
        ({"kind": "late_elderly"}, "39で始まります"),
        ({"number": ""}, "番号を入れてください"),
        ({"until": "2026-03-31"}, "開始日より前"),
        ({"since": ""}, "有効開始日（資格取得日）を入れてください"),
    ],
)
def test_a_wrong_card_is_refused_in_japanese(clinic, changes, message):
    answer = clinic.browser("clerk").post("/patients/2/insurances/new/", {**INSURANCE, **changes})
    assert answer.status_code == 422
    assert message in answer.content.decode()


def test_an_overlapping_card_asks_and_closes_the_one_before(clinic):
    browser = clinic.browser("clerk")
    assert (
        browser.post("/patients/2/insurances/new/", {**INSURANCE, "since": "2025-04-01"}).status_code == 302
    )
    second = {**INSURANCE, "insurer_number": "１３８０５７", "kind": "national", "since": "R8.6.1"}
    answer = browser.post("/patients/2/insurances/new/", second)
    assert answer.status_code == 422
    assert "期間が重なっています" in answer.content.decode()
    answer = browser.post(
        "/patients/2/insurances/new/", {**second, "confirmed": "yes", "close_before": "yes"}
    )
    assert answer.status_code == 302
    on_may, on_june = (
        browser.get("/patients/2/coverage/", {"on": on}) for on in ("2026-05-31", "2026-06-01")
    )
    shown = [answer.content.decode().split("保険の履歴")[0] for answer in (on_may, on_june)]
    assert ["01130012" in each for each in shown] == [True, False]
    assert ["138057" in each for each in shown] == [False, True]


def test_every_member_of_a_card_survives_the_form(clinic):
    from tasuki_server.patients.coverage_values import insurance_value
    from tasuki_server.patients.models import InsuranceRecord

    given = {
        **INSURANCE,
        "branch": "1",
        "is_dependant": "yes",
        "share_percent": "30",
        "income_class": "ウ",
        "is_repeated_high_cost": "on",
        "specific_disease_limit_yen": "10000",
        "is_limit_halved": "on",
        "reduction_kind": "1",
        "reduction_percent": "50",
        "certificate_number": "77",
    }
    assert clinic.browser("clerk").post("/patients/3/insurances/new/", given).status_code == 302
    with clinic.work():
        value = insurance_value(InsuranceRecord.objects.get(patient__number=3))
    assert (value.branch, value.is_dependant, value.share_percent) == ("01", True, 30)
    assert (value.income_class, value.is_repeated_high_cost, value.is_limit_halved) == ("ウ", True, True)
    assert value.specific_disease_limit_yen == 10000
    assert value.share_reduction.percent == 50
    assert value.validity.since == date(2026, 4, 1)


def test_the_board_says_unchanged_until_something_changes(clinic, monkeypatch):
    from tasuki_server.reception import access

    # The mark carries the minute; the test stands still within one.
    moment = timezone.localtime()
    monkeypatch.setattr(access, "now", lambda: moment)
    browser = clinic.browser("reception")
    with clinic.work("reception"):
        patient = _patients().get(number=1)
        make_insurance(patient)
        visit = make_visit(patient, moment)
        mark = access.board_mark(visit.day)
    assert browser.get("/reception/rows/", {"mark": mark}).status_code == 204
    assert browser.get("/reception/rows/", {"mark": mark}).content == b""
    moved = browser.post(f"/reception/{visit.id}/move/", {"state": "in_room", "stamp": "1"})
    assert moved.status_code == 200
    answer = browser.get("/reception/rows/", {"mark": mark})
    assert answer.status_code == 200
    assert "診察中" in answer.content.decode()
    later = moment + timedelta(minutes=1)
    monkeypatch.setattr(access, "now", lambda: later)
    with clinic.work():
        assert access.board_mark(visit.day) != mark


def test_a_move_from_an_old_board_is_not_made(clinic):
    with clinic.work("reception"):
        visit = make_visit(_patients().get(number=3), timezone.localtime())
    first, second = clinic.browser("reception"), clinic.browser("nurse")
    first.post(f"/reception/{visit.id}/move/", {"state": "cancelled", "stamp": "1"})
    answer = second.post(f"/reception/{visit.id}/move/", {"state": "in_room", "stamp": "1"})
    assert "先に変わりました" in answer.content.decode()
    with clinic.work():
        visit.refresh_from_db()
        assert visit.state == "cancelled"
        assert [step.state for step in visit.steps.order_by("id")] == ["waiting", "cancelled"]


def test_a_stale_change_of_a_reception_shows_both(clinic):
    with clinic.work("reception"):
        visit = make_visit(_patients().get(number=4), timezone.localtime())
    browser = clinic.browser("reception")
    given = {"department": "01", "insurance": "none", "read_stamp": "1"}
    assert browser.post(f"/reception/{visit.id}/", {**given, "memo": "車いす"}).status_code == 302
    answer = browser.post(f"/reception/{visit.id}/", {**given, "memo": "採血"})
    assert answer.status_code == 409
    assert "車いす" in answer.content.decode() and "採血" in answer.content.decode()


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("reception", "/patients/1/", 200),
        ("reception", "/patients/1/revise/", 200),
        ("doctor", "/patients/1/revise/", 403),
        ("reception", "/patients/1/allergies/new/", 403),
        ("nurse", "/patients/1/allergies/new/", 200),
        ("admin", "/patients/1/", 403),
        ("nurse", "/patients/1/insurances/new/", 403),
        ("reception", "/orders/sets/", 403),
        ("doctor", "/orders/sets/", 200),
        ("clerk", "/reception/", 200),
        ("admin", "/reception/", 403),
    ],
)
def test_each_role_sees_its_own_pages(clinic, role, path, status):
    assert clinic.browser(role).get(path).status_code == status


def test_who_does_not_read_charts_gets_none(clinic):
    with clinic.work("doctor"):
        visit = make_visit(_patients().get(number=2), timezone.localtime() - timedelta(days=1))
        make_history(visit, clinic.staff["doctor"])
    assert clinic.browser("reception").get(f"/chart/{visit.id}/").status_code == 403
    for role in ("doctor", "nurse", "clerk"):
        assert clinic.browser(role).get(f"/chart/{visit.id}/").status_code == 200
    for role in ("nurse", "clerk", "reception"):
        assert clinic.browser(role).post(f"/chart/{visit.id}/sign/").status_code == 403


def test_reading_a_chart_is_in_the_trail(clinic):
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        visit = _patients().get(number=2).visits.get()
        before = AuditEvent.objects.filter(action="chart.read", patient_id=visit.patient_id).count()
    clinic.browser("nurse").get(f"/chart/{visit.id}/")
    with clinic.work():
        events = AuditEvent.objects.filter(action="chart.read", patient_id=visit.patient_id)
        assert events.count() == before + 1
        assert events.latest("number").staff_id == clinic.staff["nurse"].id


def _patients():
    from tasuki_server.patients.models import Patient

    return Patient.objects.all()
