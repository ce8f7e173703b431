# SPDX-License-Identifier: Apache-2.0
"""資格確認 — a card result arrives by itself, finds or proposes the patient, and one key does the rest."""

from __future__ import annotations

from datetime import date

import pytest

from confirming import FakeGateway, answer, face, go_round, identifier_of, qualification, switch_on
from made_up import make_insurance, make_patient
from tasuki.eligibility.answer import Eligibility

pytestmark = pytest.mark.server


@pytest.fixture
def gateway(server):
    switch_on(server.first)
    made = FakeGateway()
    from tasuki_server.confirmation.models import Line

    with server.first.work():
        Line.objects.update(faces_since=0, failed_at=None)
    return made


def arrive(server, gateway, *qualifications, **given):
    """A card result that is on the board, as its row."""
    from tasuki_server.confirmation.models import ArrivedAnswer

    gateway.cards.append(face(*qualifications, **given))
    assert go_round(server.first, gateway).taken == 1
    with server.first.work():
        return ArrivedAnswer.objects.select_related("patient").latest("arrived_at")


def test_a_stranger_is_registered_and_received_from_the_card_by_one_key(server, gateway):
    from tasuki_server.confirmation.models import Confirmation
    from tasuki_server.patients.models import Demographics, InsuranceRecord
    from tasuki_server.reception.models import Visit

    row = arrive(server, gateway, qualification(name="新　来人", kana="ｱﾗﾀ ﾗｲﾄ", number="901"), issue="1")
    assert row.patient is None
    browser = server.first.browser("reception")
    board = browser.get("/reception/").content.decode()
    assert "新 来人" in board and "患者未定" in board and "電子処方箋" in board
    page = browser.get(f"/confirmation/answers/{row.id}/").content.decode()
    assert "カードの内容で登録して受付" in page
    assert browser.post(f"/confirmation/answers/{row.id}/register/").status_code == 302
    with server.first.work():
        row.refresh_from_db()
        visit = Visit.objects.get(patient=row.patient)
        who = Demographics.objects.get(patient=row.patient)
        card = InsuranceRecord.objects.get(patient=row.patient)
        assert (who.name, who.kana, who.born, who.sex) == (
            "新 来人",
            "アラタ ライト",
            date(1960, 4, 1),
            "male",
        )
        assert who.address == "東京都千代田区架空町1-2-3"
        assert (card.insurer_number, card.value["number"], card.since) == (
            "01130012",
            "901",
            date(2024, 4, 1),
        )
        assert visit.insurance_record == card.record_id and visit.eligibility_checked_at is not None
        kept = Confirmation.objects.get(visit=visit)
        assert (kept.method, kept.validity, kept.prescription_issue) == ("card", "1", "1")
    assert "新 来人" not in browser.get("/reception/").content.decode().split("受付</th>")[0]
    # The same answer again is neither shown nor taken twice.
    gateway.cards.append(gateway.cards[-1])
    assert go_round(server.first, gateway).taken == 0


def test_a_known_patient_is_found_by_number_and_birth_and_differences_are_taken_by_one_key(server, gateway):
    from tasuki_server.confirmation.models import Takeover
    from tasuki_server.patients.models import Demographics, InsuranceRecord
    from tasuki_server.reception.models import Visit

    with server.first.work("clerk"):
        patient = make_patient(
            "知野 人子", "シリノ ヒトコ", date(1951, 5, 5), sex="female", address="横浜市架空区9"
        )
        make_insurance(patient, symbol="１２", number="４５", share_percent=20)
    told = qualification(name="知野　人子", kana="ｼﾘﾉ ﾋﾄｺ", born_on=date(1951, 5, 5), sex="2", symbol="12", number="45", share_percent=30)  # fmt: skip
    row = arrive(server, gateway, told)
    assert row.patient.name == "知野 人子"
    browser = server.first.browser("clerk")
    page = browser.get(f"/confirmation/answers/{row.id}/").content.decode()
    assert (
        "2割" in page and "3割" in page and "横浜市架空区9" in page and "保険者番号・番号・生年月日" in page
    )
    browser.post(f"/confirmation/answers/{row.id}/receive/", {"item": ["card:share_percent", "who:address"]})
    with server.first.work():
        card = InsuranceRecord.objects.current().get(patient=row.patient, until=None)
        assert card.value["share_percent"] == 30
        who = Demographics.objects.filter(patient=row.patient).latest("version")
        assert (who.address, who.reason, who.postal_code) == ("東京都千代田区架空町1-2-3", "資格確認", "")
        visit = Visit.objects.get(patient=row.patient)
        assert visit.insurance_record == card.record_id
        assert {each.item for each in Takeover.objects.filter(answer=row)} == {
            "card:share_percent",
            "who:address",
        }


def test_a_newer_qualification_elsewhere_replaces_nothing(server, gateway):
    from tasuki_server.patients.models import InsuranceRecord

    with server.first.work("clerk"):
        patient = make_patient("古井 証一", "フルイ ショウイチ", date(1970, 1, 1))
        card = make_insurance(patient, number="777")
    told = qualification(name="古井　証一", kana="ﾌﾙｲ ｼｮｳｲﾁ", born_on=date(1970, 1, 1), number="777", branch="", lost_on=date(2026, 4, 1))  # fmt: skip
    row = arrive(server, gateway, told, eligibility=Eligibility.REPLACED)
    browser = server.first.browser("clerk")
    page = browser.get(f"/confirmation/answers/{row.id}/").content.decode()
    assert "新しい保険は自動では登録しません" in page
    browser.post(f"/confirmation/answers/{row.id}/receive/", {"item": ["card:until", "card:new"]})
    with server.first.work():
        (only,) = InsuranceRecord.objects.filter(patient=patient)
        assert (only.record_id, only.version, only.until) == (card.record_id, 1, None)


def test_a_request_by_number_is_kept_sent_once_known_again_and_answered(server, gateway):
    from tasuki_server.confirmation.models import ArrivedAnswer, Inquiry

    with server.first.work("clerk"):
        patient = make_patient("番号 問子", "バンゴウ トイコ", date(1980, 2, 2), sex="female")
        make_insurance(patient, number="31")
    browser = server.first.browser("clerk")
    gateway.is_away = True
    sent = browser.post(
        f"/confirmation/patients/{patient.number}/",
        {
            "insurer_number": "01130012",
            "symbol": "12345",
            "number": "31",
            "born": "1980-02-02",
            "confirmed": "yes",
        },
    )
    assert sent.status_code == 302
    assert "試験のため" in go_round(server.first, gateway).fault
    assert "オンライン資格確認につながりません" in browser.get("/reception/").content.decode()
    gateway.is_away = False
    gateway.reply = lambda file, data: b"<XmlMsg>half"
    assert go_round(server.first, gateway)[1:3] == (1, 0)
    with server.first.work():
        Inquiry.objects.filter(purpose="check").update(next_at="2026-01-01T00:00:00Z")
    told = qualification(name="番号　問子", born_on=date(1980, 2, 2), sex="2", number="31")
    gateway.reply = lambda file, data: answer(told, is_by_card=False, identifier=identifier_of(data))
    assert go_round(server.first, gateway)[1:3] == (1, 1)
    mine = [each for each in gateway.asked if "OQSsiquc" in each[0]]
    assert len(mine) == 2 and mine[0] == mine[1]
    with server.first.work():
        row = ArrivedAnswer.objects.get(patient=patient)
        assert row.source == "number"
    page = browser.get(sent["Location"]).content.decode()
    assert "読めない回答" in page and "回答あり" in page
