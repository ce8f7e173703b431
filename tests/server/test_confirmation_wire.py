# SPDX-License-Identifier: Apache-2.0
"""資格確認の両側 — the clinic's queue against the real service behind the wire: cards, numbers, consents, a broken line."""

from __future__ import annotations

import json
from datetime import date, datetime
from types import SimpleNamespace

import msgspec
import pytest

from confirming import go_round, switch_on
from insured import INSURER, make_cover, make_person
from made_up import make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def wire(server):
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.wire import Asker, wire_of

    switch_on(server.first)
    yield wire_of(Asker(server.first.id, "13", "9990001", server.first.name))
    close_house()


@pytest.fixture
def gateway(wire):
    from tasuki_server.confirmation.wire_gateway import WireGateway

    return WireGateway(wire)


@pytest.fixture
def faults(server):
    from tasuki_server.platform.faults import Faults
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.models import FaultSetting

    def switch(**chosen: object) -> None:
        value = json.loads(msgspec.json.encode(Faults(**chosen)))
        FaultSetting.objects.create(service="eligibility", faults=value, made_by="試験")
        close_house()

    yield switch
    switch()


def show(wire, card, prescription="1", **consents):
    body = json.dumps({"card": card, "consents": consents, "prescription": prescription}).encode()
    assert wire("POST", "eligibility/cards", body).status == 200


def newest(server):
    from tasuki_server.confirmation.models import ArrivedAnswer

    with server.first.work():
        return ArrivedAnswer.objects.select_related("patient").latest("arrived_at")


def test_a_card_at_the_reader_arrives_with_its_consents_and_is_known_by_our_number_next_time(
    server, wire, gateway
):
    from tasuki_server.confirmation.models import ConsentTerm, Inquiry

    make_cover(
        make_person("読取　機子", "ﾖﾐﾄﾘ ｷｺ", date(1990, 3, 3), sex="2", card="CARD-R1", address="架空県1"),
        "801",
    )
    show(wire, "CARD-R1", PharmacistsInfo=True, DiagnosisInfo=False)
    assert go_round(server.first, gateway).taken == 1
    assert go_round(server.first, gateway).taken == 0
    row = newest(server)
    browser = server.first.browser("reception")
    assert browser.post(f"/confirmation/answers/{row.id}/register/").status_code == 302
    with server.first.work():
        row.refresh_from_db()
        given = {each.name: each for each in ConsentTerm.objects.filter(patient=row.patient)}
        assert given["PharmacistsInfo"].is_given and not given["DiagnosisInfo"].is_given
        hours = (given["PharmacistsInfo"].until_at - given["PharmacistsInfo"].given_at).total_seconds() / 3600
        assert hours == 24
        assert Inquiry.objects.get(purpose="reference", patient=row.patient).state == "kept"


def test_an_unknown_card_is_told_with_the_services_sentence(server, wire, gateway):
    show(wire, "CARD-NOWHERE")
    go_round(server.first, gateway)
    page = (
        server.first.browser("reception").get(f"/confirmation/answers/{newest(server).id}/").content.decode()
    )
    assert "TSKP005" in page and "このカードの登録はありません" in page


def test_a_number_is_asked_and_answered_whatever_breaks_on_the_way(server, wire, gateway, faults):
    from tasuki_server.confirmation.ask import ask_record
    from tasuki_server.confirmation.models import ArrivedAnswer, Inquiry
    from tasuki_server.platform.models import ServiceEvent

    make_cover(make_person("問合　番子", "ﾄｲｱﾜｾ ﾊﾞﾝｺ", date(1955, 5, 5), sex="2"), "802", share_percent=20)
    with server.first.work("clerk"):
        patient = make_patient("問合 番子", "トイアワセ バンコ", date(1955, 5, 5), sex="female")
        card = make_insurance(patient, insurer_number=INSURER, symbol="", number="802")
        asked = ask_record(card)
    before = ServiceEvent.objects.count()
    for fault in ({"cut_after_percent": 100}, {"truncate_percent": 100}, {"is_maintenance": True}):
        faults(**fault)
        assert go_round(server.first, gateway).fault
        with server.first.work():
            Inquiry.objects.filter(pk=asked.pk).update(next_at="2026-01-01T00:00:00Z")
    faults()
    go_round(server.first, gateway)
    with server.first.work():
        row = ArrivedAnswer.objects.get(patient=patient)
        assert (row.source, row.validity) == ("number", "1")
        assert Inquiry.objects.get(pk=asked.pk).state == "answered"
    assert ServiceEvent.objects.count() > before


def again(server):
    from tasuki_server.confirmation.models import Inquiry

    with server.first.work():
        Inquiry.objects.filter(state__in=("kept", "sent")).update(next_at="2026-01-01T00:00:00Z")


def rounds(server, gateway, count=6):
    import time

    for _ in range(count):
        again(server)
        go_round(server.first, gateway)
        time.sleep(0.1)


def test_a_bulk_check_confirms_who_is_to_come_and_replaces_nothing(server, wire, gateway):
    from tasuki_server.confirmation.models import BulkPerson, BulkRun, Inquiry
    from tasuki_server.patients.models import InsuranceRecord

    make_cover(make_person("括　一", "ｸｸﾘ ﾊｼﾞﾒ", date(1950, 1, 1)), "901", share_percent=30)
    moved = make_person("括　二", "ｸｸﾘ ﾌﾀﾂ", date(1951, 1, 1))
    make_cover(moved, "902", lost_on=date(2026, 4, 1), loss_reason="03")
    make_cover(moved, "9902", qualified_on=date(2026, 4, 1))
    numbers = []
    with server.first.work("clerk"):
        for place, (name, born) in enumerate(
            (("括 一", date(1950, 1, 1)), ("括 二", date(1951, 1, 1)), ("括 三", date(1952, 1, 1)))
        ):
            patient = make_patient(name, "ククリ", born)
            make_insurance(
                patient, insurer_number=INSURER, symbol="", number=f"90{place + 1}", share_percent=20
            )
            numbers.append(patient.number)
    browser = server.first.browser("clerk")
    sent = browser.post(
        "/confirmation/bulk/",
        {"for_day": "2026-12-01", "months": "3", "numbers": " ".join(map(str, numbers))},
    )
    assert sent.status_code == 302
    rounds(server, gateway)
    with server.first.work():
        run = BulkRun.objects.get()
        assert (run.total, run.done) == (3, 3)
        got = dict(BulkPerson.objects.filter(bulk_run=run).values_list("patient__number", "validity"))
        assert [got[each] for each in numbers] == ["1", "3", "4"]
        assert BulkPerson.objects.get(patient__number=numbers[0]).difference_count >= 1
        assert InsuranceRecord.objects.filter(patient__number__in=numbers, version__gt=1).count() == 0
        assert Inquiry.objects.filter(bulk_run=run).count() == 2
    page = browser.get(sent["Location"]).content.decode()
    assert "確かめることのある人 <b>3人</b>" in page and "新しい資格あり" in page


def test_those_who_consented_at_home_are_asked_about_without_their_card(server, wire, gateway):
    """Known ones are found and their consent opens viewing; somebody new stands among the arrivals; who cancels is not told."""
    from tasuki_server.confirmation.consents import open_consents
    from tasuki_server.confirmation.models import ArrivedAnswer, BulkPerson, BulkRun

    for number, card in (("911", "CARD-V1"), ("912", "CARD-V2"), ("913", "CARD-V3")):
        person = make_person(f"在宅　{number}", "ｻﾞｲﾀｸ ｲﾁ", date(1941, 1, int(number[-1])), card=card)
        make_cover(person, number)
        body = {"card": card, "consents": {"PharmacistsInfo": True}, "prescription": "1", "way": "2"}
        assert wire("POST", "eligibility/cards", json.dumps(body).encode()).status == 200
    cancels = {"card": "CARD-V3", "consents": {}, "prescription": "", "way": "2", "cancels": True}
    assert wire("POST", "eligibility/cards", json.dumps(cancels).encode()).status == 200
    with server.first.work("clerk"):
        patient = make_patient("在宅 911", "ザイタク イチ", date(1941, 1, 1))
        make_insurance(patient, insurer_number=INSURER, symbol="", number="911")
    browser = server.first.browser("clerk")
    page = "/confirmation/bulk/consented/"
    days = {"consented-since": "2027-01-01", "consented-until": "2026-01-01", "consented-way": "2"}
    refused = browser.post(page, days)
    assert refused.status_code == 422 and "始まりより前" in refused.content.decode()
    today = _today()
    sent = browser.post(page, {**days, "consented-since": today, "consented-until": today})
    assert sent.status_code == 302
    waiting = browser.get(sent["Location"]).content.decode()
    assert "結果が届くと分かります" in waiting and "0件のうち" not in waiting and 'max="0"' not in waiting
    assert f"{today}〜{today}" in waiting
    rounds(server, gateway)
    with server.first.work():
        run = BulkRun.objects.latest("made_at")
        assert (run.total, run.done) == (2, 2)
        (found,) = BulkPerson.objects.filter(bulk_run=run)
        assert (found.patient_id, found.validity) == (patient.id, "1")
        given = {each.name for each in open_consents(patient.id, found.answer.arrived_at)}
        assert "PharmacistsInfo" in given
        (unknown,) = ArrivedAnswer.objects.filter(inquiry__bulk_run=run, patient=None)
        assert (unknown.state, unknown.shown["name"]) == ("open", "在宅 912")
    shown = browser.get(sent["Location"]).content.decode()
    assert "結び付かない回答が1件" in shown and "在宅 912" in shown and "在宅 911" in shown


def _today():
    from datetime import datetime

    from made_up import TOKYO

    return datetime.now(TOKYO).date().isoformat()


def test_information_is_shown_within_the_consent_and_gone_after_it(server, wire, gateway):
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.confirmation.information import delete_ended
    from tasuki_server.confirmation.models import ConsentTerm, FetchedInformation
    from tasuki_server.eligibility.models import CheckupRecord, DrugRecord
    from tasuki_server.reception.models import Visit

    person = make_person("同意　薬子", "ﾄﾞｳｲ ﾔｸｺ", date(1960, 6, 6), sex="2", card="CARD-I1")
    make_cover(person, "950")
    DrugRecord.objects.create(person=person, day=date(2026, 10, 1), source="MeTrMonthInf", institution_name="となり薬局", code="620007870", name="アムロジピン錠", quantity="1", unit="錠")  # fmt: skip
    CheckupRecord.objects.create(person=person, day=date(2026, 5, 1), code="9A755", name="収縮期血圧", value="142", unit="mmHg")  # fmt: skip
    show(wire, "CARD-I1", PharmacistsInfo=True, SpecificHealthCheckupsInfo=False)
    go_round(server.first, gateway)
    row = newest(server)
    server.first.browser("reception").post(f"/confirmation/answers/{row.id}/register/")
    with server.first.work():
        visit = Visit.objects.get(patient__name="同意 薬子")
    doctor = server.first.browser("doctor")
    assert "同意はありません" not in doctor.get(f"/confirmation/visits/{visit.id}/panel/").content.decode()
    doctor.post(f"/confirmation/visits/{visit.id}/ask/")
    rounds(server, gateway, 2)
    page = doctor.get(f"/confirmation/visits/{visit.id}/?sort=drugs.1").content.decode()
    assert "アムロジピン錠" in page and "となり薬局" in page and "まで閲覧できます" in page
    assert "収縮期血圧" not in page
    assert server.first.browser("reception").get(f"/confirmation/visits/{visit.id}/").status_code == 403
    with server.first.work():
        assert (
            AuditEvent.objects.filter(action="medical_information.read", patient_id=visit.patient_id).count()
            == 1
        )
        held = FetchedInformation.objects.get(patient=visit.patient)
        end = ConsentTerm.objects.get(patient=visit.patient, name="PharmacistsInfo").until_at
        assert held.until_at == end
        assert delete_ended(end) == 0
        from datetime import timedelta

        assert delete_ended(end + timedelta(seconds=1)) == 1
        held.refresh_from_db()
        assert held.data is None and held.deleted_at is not None
    assert "アムロジピン錠" not in doctor.get(f"/confirmation/visits/{visit.id}/").content.decode()


def test_a_confirmation_by_sight_is_noted_and_the_number_asked_when_the_line_is_back(server, wire, gateway):
    from tasuki_server.confirmation.models import Confirmation, Inquiry
    from tasuki_server.reception.clock import now
    from tasuki_server.reception.receive import Arrival, receive_patient

    with server.first.work("clerk"):
        patient = make_patient("目視 確", "モクシ タシカ", date(1966, 6, 6))
        card = make_insurance(patient, insurer_number=INSURER, symbol="", number="960")
        visit = receive_patient(patient, Arrival(insurance_record=card.record_id), now())
    browser = server.first.browser("reception")
    page = browser.get("/confirmation/outage/").content.decode()
    assert "目視 確" in page and "被保険者資格申立書" in page and "保発0710第1号" in page
    browser.post("/confirmation/outage/", {"serial": visit.serial, "method": "portal"})
    with server.first.work():
        visit.refresh_from_db()
        assert visit.eligibility_checked_at is not None
        assert Confirmation.objects.get(visit=visit).method == "portal"
        assert Inquiry.objects.get(visit=visit).purpose == "check"
    assert (
        browser.post("/confirmation/outage/", {"serial": visit.serial, "method": "portal"}).status_code == 302
    )
    with server.first.work():
        assert Confirmation.objects.filter(visit=visit).count() == 1


def test_the_usage_rate_counts_people_once_over_receipts(server, wire):
    from tasuki_server.confirmation.models import Confirmation
    from tasuki_server.confirmation.rates import month_rates, rates_csv
    from tasuki_server.reception.clock import today

    with server.first.work():
        (rate,) = month_rates(today(), 1)
        cards = Confirmation.objects.filter(method="card", day__gte=today().replace(day=1))
        assert rate.card_people == cards.values("patient").distinct().count() > 0
        assert rate.card_checks == cards.values("answer").distinct().count()
        assert not rate.is_from_claims and rate.receipts >= rate.card_people
        assert rate.by_receipts == rate.card_people * 1000 // rate.receipts / 10
        assert rates_csv([rate]).splitlines()[1].startswith(f"{today():%Y-%m},{rate.card_people},")
    page = server.first.browser("reception").get("/confirmation/usage/").content.decode()
    assert "支払基金から毎月通知される" in page
    assert server.first.browser("reception").get("/confirmation/usage.csv").status_code == 200


def test_an_emergency_look_needs_the_right_a_reason_and_another_persons_review(server, wire, gateway):
    """Refused without the setting and without the right; then shown without consent, told to the person, reviewed, and gone."""
    from django.utils import timezone

    from tasuki_server.confirmation.information import take_information
    from tasuki_server.confirmation.line import set_line
    from tasuki_server.confirmation.models import EmergencyLook, FetchedInformation, Inquiry, LineKind
    from tasuki_server.eligibility.models import DrugRecord, EmergencyRight
    from tasuki_server.eligibility.opening import allow_emergency, end_emergency_right
    from tasuki_server.platform.models import ConnectedInstitution, ServiceEvent

    person = make_person("救急　一郎", "ｷｭｳｷｭｳ ｲﾁﾛｳ", date(1971, 7, 7))
    make_cover(person, "960")
    DrugRecord.objects.create(person=person, day=date(2026, 10, 1), source="MeTrMonthInf", institution_name="となり薬局", code="620007870", name="ワルファリン錠", quantity="1", unit="錠")  # fmt: skip
    with server.first.work("reception"):
        patient = make_patient("救急 一郎", "キュウキュウ イチロウ", date(1971, 7, 7))
        card = make_insurance(patient, insurer_number=INSURER, symbol="", number="960")
        visit = make_visit(patient, at=timezone.localtime(), insurance_record=card.record_id)
    doctor, page = server.first.browser("doctor"), f"/confirmation/visits/{visit.id}/emergency/"
    words = {"words": "意識がなく同意を得られない"}
    assert server.first.browser("reception").post(page, words).status_code == 403
    assert "使わない設定" in doctor.post(page, words).content.decode()
    with server.first.work("admin"):
        set_line(LineKind.WEB, may_look_in_emergency=True)
    assert "言葉で書いて" in doctor.post(page, {"words": "  "}).content.decode()

    def looked():
        assert doctor.post(page, words).status_code == 302
        rounds(server, gateway, 2)
        return doctor.get(f"/confirmation/visits/{visit.id}/").content.decode()

    panel = f"/confirmation/visits/{visit.id}/panel/"
    assert page in doctor.get(panel).content.decode()
    shown = looked()
    assert "TSKP013" in shown and "ワルファリン錠" not in shown
    # Refused is not looked at: it can be asked for anew at once, and a key pressed twice asks once.
    assert page in doctor.get(panel).content.decode()
    assert [doctor.post(page, words).status_code for _ in "ab"] == [302, 302]
    with server.first.work("admin"):
        assert EmergencyLook.objects.filter(patient=patient).count() == 2
        bytes_sent = [bytes(each.data) for each in Inquiry.objects.filter(patient=patient)]
        assert len(bytes_sent) == len(set(bytes_sent)) == 4
    assert page not in doctor.get(panel).content.decode()
    rounds(server, gateway, 2)
    caller = ConnectedInstitution.objects.get(code="9990001", revoked_at=None)
    assert allow_emergency(caller, "試験", timezone.now()) and not allow_emergency(
        caller, "試験", timezone.now()
    )
    shown = looked()
    assert "ワルファリン錠" in shown and "救急時医療情報閲覧です" in shown
    told = ServiceEvent.objects.filter(operation="emergency-drugs", person_id=person.pk).latest("at")
    assert told.outcome == "1" and told.detail["reason"] == words["words"]
    with server.first.work("admin"):
        row = EmergencyLook.objects.latest("asked_at")
        assert row.seen[-1]["shown"] == {"drugs": 1, "acts": 0, "operations": 0, "checkups": 0}
        assert Inquiry.objects.filter(emergency=row).count() == 2
    review = f"/confirmation/emergencies/{row.id}/"
    said = {"ok": "0", "words": "同意を得られたはず"}
    assert "自分では確認できません" in doctor.post(review, said).content.decode()
    admin = server.first.browser("admin")
    assert "意識がなく" in admin.get("/confirmation/emergencies/").content.decode()
    told_to = admin.get(review).content.decode()
    seen_at = timezone.localtime(datetime.fromisoformat(row.seen[-1]["at"]))
    name = server.first.staff["doctor"].name
    assert f"{seen_at:%Y-%m-%d %H:%M} {name}: 薬剤1件" in told_to and row.seen[-1]["at"] not in told_to
    assert admin.post(review, {**said, "ok": ""}).status_code == 422
    assert admin.post(review, said).status_code == 302
    assert "すでに確認" in admin.post(review, said).content.decode()
    with server.first.work("admin"):
        held = FetchedInformation.objects.filter(inquiry__emergency=row)
        assert held and all(each.data is None for each in held)
    assert "ワルファリン錠" not in doctor.get(f"/confirmation/visits/{visit.id}/").content.decode()
    assert end_emergency_right(caller, timezone.now()) and not end_emergency_right(caller, timezone.now())
    assert EmergencyRight.objects.get(caller=caller).ended_at is not None
    assert "TSKP013" in looked()
    # What was refused is over as well once the look was judged: it is neither asked again nor kept.
    with server.first.work("admin"):
        row = EmergencyLook.objects.latest("asked_at")
        refused = list(Inquiry.objects.filter(emergency=row))
    assert admin.post(f"/confirmation/emergencies/{row.id}/", said).status_code == 302
    with server.first.work("doctor"):
        assert {each.state for each in Inquiry.objects.filter(emergency=row)} == {"cancelled"}
        Inquiry.objects.filter(emergency=row).update(state="refused")
    clerk, again = server.first.browser("clerk"), f"/confirmation/inquiries/{refused[0].id}/again/"
    assert "もう一度は送れません" in clerk.post(again, follow=True).content.decode()
    with server.first.work("doctor"):
        late = Inquiry.objects.get(pk=refused[0].pk)
        take_information(late, SimpleNamespace(data=b"<XmlMsg/>"))
        assert late.state == "refused" and not FetchedInformation.objects.filter(inquiry=late)
