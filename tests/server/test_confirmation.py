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


def received(server, patient, told, chosen, **given):
    """An answer about a patient, received with the chosen items; gives the comparison that was shown."""
    from tasuki_server.confirmation import models, take
    from tasuki_server.confirmation.compare import compare
    from tasuki_server.confirmation.receive import receive_answer
    from tasuki_server.confirmation.takeover import known_of
    from tasuki_server.confirmation.told import told_of
    from tasuki_server.reception.clock import today

    file, data = face(told, **given)
    with server.first.work("clerk"):
        row = take.keep_answer(models.AnswerSource.CARD, file, data, take.opened(data, file), patient=patient)
        found = compare(told_of(take.answer_of(row)), known_of(patient, today()))
        receive_answer(row, chosen if chosen is not None else [each.key for each in found.takeable])
    return found


def test_what_was_booked_holds_for_who_comes_by_card(server, gateway):
    from datetime import time

    from tasuki_server.reception.booking import Wish, book
    from tasuki_server.reception.clock import today
    from tasuki_server.reception.models import Visit

    told = {"kana": "ﾖﾔｸ ｸﾙｺ", "sex": "2", "born_on": date(1985, 3, 3), "branch": ""}
    people = []
    for number, department in (("71", "10"), ("72", "")):
        with server.first.work("reception"):
            patient = make_patient("予約 来子", "ヨヤク クルコ", date(1985, 3, 3), sex="female")
            make_insurance(patient, number=number)
            if department:
                doctor = server.first.staff["doctor"]
                book(patient, Wish(today(), time(9), department, doctor.id, "採血から"))
        received(server, patient, qualification(name="予約　来子", number=number, **told), [])
        people.append(patient)
    with server.first.work():
        booked, walked_in = (Visit.objects.get(patient=each) for each in people)
        assert (booked.department, booked.doctor_id, booked.memo) == ("10", doctor.id, "採血から")
        assert (walked_in.department, walked_in.doctor_id, walked_in.memo) == ("01", None, "")
        assert booked.bookings.get().state == "arrived"


def test_what_counts_from_a_day_on_begins_a_record_of_its_own_on_that_day(server, gateway):
    from tasuki.eligibility.answer import (
        Certificate,
        DiseaseCertificate,
        ElderCertificate,
        LimitCertificate,
    )
    from tasuki_server.patients.models import InsuranceRecord
    from tasuki_server.reception.models import Visit

    with server.first.work("clerk"):
        patient = make_patient("高齢 受子", "コウレイ ウケコ", date(1954, 2, 2), sex="female")
        old = make_insurance(patient, number="52", share_percent=30)
    since = Certificate(None, date(2026, 8, 1), date(2027, 7, 31))
    told = qualification(
        name="高齢　受子", kana="ｺｳﾚｲ ｳｹｺ", sex="2", born_on=date(1954, 2, 2), number="52", branch="",
        elder=ElderCertificate(since, 20), limit=LimitCertificate(since, "01", "B05", None),
        diseases=(DiseaseCertificate(since, "1", 10000),),
    )  # fmt: skip
    found = received(server, patient, told, None)
    assert {each.item for each in found.differences} >= {
        "share_percent", "income_class", "specific_disease_limit_yen",
    }  # fmt: skip
    with server.first.work():
        now, before = InsuranceRecord.objects.current().filter(patient=patient).order_by("-since")
        assert (before.record_id, before.value["share_percent"], before.until) == (
            old.record_id,
            30,
            date(2026, 7, 31),
        )
        assert (now.since, now.value["share_percent"], now.value["income_class"]) == (
            date(2026, 8, 1),
            20,
            "低所得Ⅱ",
        )
        assert now.value["specific_disease_limit_yen"] == 10000
        # The record begins anew, the membership does not: the month of the 75th birthday asks for it.
        assert now.value["member_since"] == (told.qualified_on or old.since).isoformat()
        assert Visit.objects.get(patient=patient).insurance_record == now.record_id


def test_a_programme_is_added_or_extended_and_never_ended(server, gateway):
    from tasuki.chart.coverage import PublicProgramme
    from tasuki.kernel.validity import Validity
    from tasuki_server.confirmation.compare import Known, KnownProgramme, compare
    from tasuki_server.confirmation.told import Told, ToldProgramme
    from tasuki_server.patients.records import add_programme
    from tasuki_server.patients.register import WhoTheyAre

    who = WhoTheyAre("公費 子", "コウヒ コ", date(2020, 1, 1), "male")
    mine = PublicProgramme("80136019", "1234567")
    with server.first.work("clerk"):
        patient = make_patient("公費 子", "コウヒ コ", date(2020, 1, 1))
        make_insurance(patient, number="61")
        kept = add_programme(
            patient, PublicProgramme("54136015", "1234566"), Validity(date(2026, 1, 1)), None
        )
    known = Known(date(2026, 11, 30), who, (), (KnownProgramme(kept.record_id, 1, mine, Validity(date(2026, 4, 1), date(2027, 3, 31))),))  # fmt: skip
    earlier = Told(
        Eligibility.VALID, who, programmes=(ToldProgramme(mine, date(2026, 4, 1), date(2026, 9, 30)),)
    )
    (shorter,) = compare(earlier, known).differences
    assert (shorter.item, shorter.may_take) == ("until", False)
    later = Told(
        Eligibility.VALID, who, programmes=(ToldProgramme(mine, date(2026, 4, 1), date(2028, 3, 31)),)
    )
    (longer,) = compare(later, known).differences
    assert (longer.item, longer.may_take) == ("until", True)
    assert [each.record_id for each in compare(Told(Eligibility.VALID, who), known).unnamed] == [
        kept.record_id
    ]
    told = qualification(name="公費　子", kana="ｺｳﾋ ｺ", born_on=date(2020, 1, 1), number="61", branch="")
    found = received(server, patient, told, None)
    assert len(found.unnamed) == 1
    with server.first.work():
        kept.refresh_from_db()
        assert (kept.until, type(kept).objects.filter(record_id=kept.record_id).count()) == (None, 1)


def test_a_new_insurer_ends_the_old_card_the_day_before_and_a_wrong_birth_is_a_doubt(server, gateway):
    from tasuki_server.confirmation.compare import compare
    from tasuki_server.confirmation.take import opened
    from tasuki_server.confirmation.takeover import known_of
    from tasuki_server.confirmation.told import told_of
    from tasuki_server.patients.models import InsuranceRecord
    from tasuki_server.reception.clock import today

    with server.first.work("clerk"):
        patient = make_patient("転職 太", "テンショク フトシ", date(1985, 5, 5))
        old = make_insurance(patient, number="71")
    told = qualification(name="転職　太", kana="ﾃﾝｼｮｸ ﾌﾄｼ", born_on=date(1985, 5, 5), insurer_number="06139463", number="9", symbol="", qualified_on=date(2026, 10, 1))  # fmt: skip
    received(server, patient, told, ["card:new"])
    with server.first.work():
        now, before = InsuranceRecord.objects.current().filter(patient=patient).order_by("-since")
        assert (before.record_id, before.until, before.reason) == (
            old.record_id,
            date(2026, 9, 30),
            "資格確認",
        )
        assert (now.insurer_number, now.since) == ("06139463", date(2026, 10, 1))
        file, data = face(qualification(name="転職　太", born_on=date(1985, 5, 6), number="71"))
        found = compare(told_of(opened(data, file)), known_of(patient, today()))
    assert found.has_doubt and "who:born" not in [each.key for each in found.takeable]


def test_two_desks_that_press_the_key_receive_the_person_once(server, gateway):
    from tasuki_server.reception.models import Visit

    row = arrive(
        server, gateway, qualification(name="二重　来", kana="ﾆｼﾞｭｳ ﾗｲ", number="81", born_on=date(1991, 9, 9))
    )
    browsers = [server.first.browser("reception"), server.first.browser("clerk")]
    for each in browsers:
        each.post(f"/confirmation/answers/{row.id}/register/")
    with server.first.work():
        assert Visit.objects.filter(patient__name="二重 来").count() == 1
    page = browsers[1].get(f"/confirmation/answers/{row.id}/").content.decode()
    assert "処理済" in page
