# SPDX-License-Identifier: Apache-2.0
"""一括照会・照会番号・閲覧 — jobs in four steps and over a restart, an institution's own numbers, views within consent."""

from __future__ import annotations

import io
import json
import time
import zipfile
from datetime import date, timedelta

import pytest
from django.utils import timezone

from insured import INSURER, make_cover, make_person
from tasuki.eligibility.message import Message, Node

pytestmark = pytest.mark.server
BORN = date(1980, 4, 1)


@pytest.fixture(scope="module")
def asker(server):
    from tasuki_server.platform.wire import Asker

    return Asker(server.first.id, "13", "9990001", "試験医院")


@pytest.fixture(scope="module")
def wire(asker):
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.wire import wire_of

    yield wire_of(asker)
    close_house()


@pytest.fixture(scope="module")
def send(wire):
    from tasuki.eligibility.reading import read_message
    from tasuki.eligibility.xml_text import write_xml

    def sent(file, message):
        reply = wire("POST", f"eligibility/messages?file={file}", write_xml(message))
        assert reply.status == 200
        found = read_message(reply.body, f"{file}.xml")
        assert {each.code for each in found.findings} <= {"OQS-V-07"}
        return found

    return sent


@pytest.fixture(scope="module")
def sender(asker):
    from tasuki.eligibility.requests import Sender

    return Sender(asker.number, "J1")


@pytest.fixture(scope="module")
def run_job(send, sender):
    from tasuki.eligibility.answer import Progress, read_answer
    from tasuki.eligibility.requests import collect_bulk

    def run(kind, message):
        taken = read_answer(send(f"{kind}01req_1", message))
        assert taken.progress is Progress.DONE, taken.error_message
        for _ in range(200):
            found = read_answer(send(f"{kind}02req_1", collect_bulk(sender, taken.reception_number)))
            if found.progress is not Progress.RUNNING:
                return taken.reception_number, found
            time.sleep(0.02)
        raise AssertionError("the job did not end")

    return run


def _cards(*numbers):
    from tasuki.eligibility.requests import CardNumber, CardSearch

    return [CardSearch(CardNumber(INSURER, "", number), BORN, False, number) for number in numbers]


def test_a_bulk_job_answers_each_person_and_comes_as_a_zip(run_job, send, sender, wire):
    from tasuki.eligibility.requests import ask_by_card, collect_bulk
    from tasuki.eligibility.xml_text import write_xml

    make_cover(make_person(), "1001")
    make_cover(make_person(), "1002", lost_on=date(2026, 1, 1))
    number, found = run_job("OQSmuquc", ask_by_card(sender, _cards("1001", "1002", "1003")))
    assert [each.eligibility.value for each in found.persons] == ["1", "2", "4"]
    assert [each.asked.value("ArbitraryIdentifier") for each in found.persons] == ["1001", "1002", "1003"]
    # What was asked is let go; the result may be collected again.
    from tasuki_server.eligibility.models import BulkJob

    assert BulkJob.objects.get(reception_number=number).request is None
    body = write_xml(collect_bulk(sender, number))
    reply = wire("POST", "eligibility/messages?file=OQSmuquc02req_1.xml&zip=1", body)
    assert reply.media_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.namelist() == ["OQSmuquc02res_1.xml"]
        assert b"<NumberOfProcessingResult>3<" in archive.read("OQSmuquc02res_1.xml")
    told = send("OQSmuquc02req_2", collect_bulk(sender, "123"))
    assert told.header.value("ErrorCode") == "TSKQ007"
    # The number belongs to the kind that was asked.
    assert send("OQSmuhvq02req_1", collect_bulk(sender, number)).header.value("ErrorCode") == "TSKQ007"


def test_a_job_that_a_restart_left_is_done_when_it_is_asked_for(send, sender, asker):
    from tasuki.eligibility.requests import ask_by_card, collect_bulk
    from tasuki.eligibility.xml_text import write_xml
    from tasuki_server.eligibility.models import BulkJob
    from tasuki_server.platform.clients import house_token, token_digest
    from tasuki_server.platform.models import ConnectedInstitution

    send("OQSmuquc02req_0", collect_bulk(sender, "1"))
    caller = ConnectedInstitution.objects.get(digest=token_digest(house_token(asker.institution)))
    BulkJob.objects.create(
        caller=caller, kind="OQSmuquc", reception_number="77", received_at=timezone.now(),
        request=write_xml(ask_by_card(sender, _cards("1003"))),
    )  # fmt: skip
    first = send("OQSmuquc02req_1", collect_bulk(sender, "77"))
    assert first.header.value("SegmentOfResult") == "2"
    for _ in range(200):
        time.sleep(0.02)
        again = send("OQSmuquc02req_1", collect_bulk(sender, "77"))
        if again.header.value("SegmentOfResult") == "1":
            break
    assert [each.value("QualificationValidity") for each in again.persons] == ["4"]


def test_a_bulk_job_in_json_stays_json(wire, asker):
    make_cover(make_person(), "1010")
    search = {"InsurerNumber": INSURER, "InsuredIdentificationNumber": "1010", "Birthdate": "19800401"}
    head = {"MedicalInstitutionCode": asker.number}
    body = {
        "XmlMsg": {"MessageHeader": head, "MessageBody": {"QualificationConfirmSearchInfo": [search] * 2}}
    }
    taken = json.loads(
        wire("POST", "eligibility/messages?file=OQSmuquc01req_1", json.dumps(body).encode()).body
    )
    number = taken["XmlMsg"]["MessageBody"]["ReceptionNumber"]
    body = {"XmlMsg": {"MessageHeader": {**head, "ReceptionNumber": number}, "MessageBody": {}}}
    for _ in range(200):
        reply = wire("POST", "eligibility/messages?file=OQSmuquc02req_1", json.dumps(body).encode())
        told = json.loads(reply.body)["XmlMsg"]
        if told["MessageHeader"]["SegmentOfResult"] == "1":
            break
        time.sleep(0.02)
    assert told["MessageHeader"]["NumberOfNormalProcessing"] == "2"
    assert [each["QualificationValidity"] for each in told["MessageBody"]["BulkConfirmUnit"]] == ["1", "1"]


def test_our_number_of_a_patient_comes_back_with_the_card_to_us_alone(send, sender, run_job, wire, server):
    from tasuki.eligibility.answer import read_answer
    from tasuki.eligibility.reading import read_message
    from tasuki.eligibility.requests import CardNumber, register_reference_numbers
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.house import ask_in_house

    make_cover(make_person(card="CARD-R"), "1100")
    card = CardNumber(INSURER, "", "1100")
    told = send("OQSsiimm01req_1", register_reference_numbers(sender, [("患-7", card)]))
    assert told.body.value("ProcessingResultStatus") == "1"
    shown = b'{"card": "CARD-R"}'
    mine = read_answer(read_message(wire("POST", "eligibility/cards", shown).body))
    assert mine.persons[0].qualifications[0].reference_number == "患-7"
    _, token = register_institution("13", "4", "9990077", "試験薬局")
    reply = ask_in_house("POST", "eligibility/cards", {}, {}, token, shown)
    assert read_answer(read_message(reply.body)).persons[0].qualifications[0].reference_number == ""
    nobody = CardNumber(INSURER, "", "1199")
    _, found = run_job("OQSmuimm", register_reference_numbers(sender, [("患-8", card), ("患-9", nobody)]))
    assert [(each.is_fine, each.code) for each in found.persons] == [(True, ""), (False, "TSKP007")]
    mine = read_answer(read_message(wire("POST", "eligibility/cards", shown).body))
    assert mine.persons[0].qualifications[0].reference_number == "患-8"


def _view(asker, number, **body):
    head = (
        ("MedicalInstitutionCode", asker.number), ("InsurerNumber", INSURER),
        ("InsuredPersonIdentificationNumber", number), ("ArbitraryFileIdentifier", "V1"),
    )  # fmt: skip
    nodes = [Node("MessageHeader", "", tuple(Node(*each) for each in head))]
    nodes.append(Node("MessageBody", "", tuple(Node(*each) for each in body.items())))
    return Message(Node("XmlMsg", "", tuple(nodes)))


def test_drugs_are_seen_within_the_consent_only_and_each_view_is_kept(send, asker, wire):
    from tasuki_server.eligibility.models import ConsentRow, DrugRecord, HeldQualification
    from tasuki_server.platform.models import ServiceEvent

    person = make_person(card="CARD-V")
    make_cover(person, "1200")
    DrugRecord.objects.create(
        person=person, day=timezone.localdate() - timedelta(days=40), source="MeTrMonthInf",
        institution_name="架空医院", code="620007870", name="架空錠５ｍｇ", quantity="1", unit="錠", usage="朝食後",
    )  # fmt: skip
    file = "YZKsiquc01req_012611300900000001"
    refused = send(file, _view(asker, "1200"))
    assert refused.header.value("ErrorCode") == "TSKP010"
    wire("POST", "eligibility/cards", b'{"card": "CARD-V", "consents": {"PharmacistsInfo": true}}')
    seen = send(file, _view(asker, "1200"))
    (drug,) = seen.body.walk("MeTrMonthInf", "DrugInfs", "DrugInf")
    assert (seen.header.value("ResultCode"), drug.value("DrugN")) == ("1", "架空錠５ｍｇ")
    ConsentRow.objects.filter(person=person).update(until_at=timezone.now() - timedelta(minutes=1))
    assert send(file, _view(asker, "1200")).header.value("ErrorCode") == "TSKP011"
    ConsentRow.objects.filter(person=person).update(until_at=timezone.now() + timedelta(hours=1))
    HeldQualification.objects.filter(person=person).update(lost_on=timezone.localdate())
    assert send(file, _view(asker, "1200")).header.value("ErrorCode") == "TSKP009"
    outcomes = ServiceEvent.objects.filter(person_id=person.id, operation="view-drugs").order_by("at")
    assert [each.outcome for each in outcomes] == ["TSKP010", "1", "TSKP011", "TSKP009"]


def test_operations_need_a_consent_of_their_own(send, asker, wire):
    from tasuki_server.eligibility.models import TreatmentRecord

    person = make_person(card="CARD-O")
    make_cover(person, "1210")
    for name, is_operation in (("架空の検査", False), ("架空の手術", True)):
        TreatmentRecord.objects.create(
            person=person, day=timezone.localdate(), code="1", name=name, is_operation=is_operation
        )
    wire("POST", "eligibility/cards", b'{"card": "CARD-O", "consents": {"DiagnosisInfo": true}}')
    seen = send("YZKsiquc01req_1", _view(asker, "1210"))
    acts = [each.value("MeTrN") for each in seen.body.walk("MeTrMonthInf", "MeTrInfs", "MeTrInf")]
    assert acts == ["架空の検査"]
    wire("POST", "eligibility/cards", b'{"card": "CARD-O", "consents": {"OperationInfo": true}}')
    seen = send("YZKsiquc01req_1", _view(asker, "1210"))
    assert len(list(seen.body.walk("MeTrMonthInf", "MeTrInfs", "MeTrInf"))) == 2


def test_checkups_are_seen_with_their_items(send, asker, wire):
    from tasuki_server.eligibility.models import CheckupRecord

    person = make_person(card="CARD-T")
    make_cover(person, "1220")
    CheckupRecord.objects.create(
        person=person,
        day=date(2026, 6, 1),
        code="9N001000000000001",
        name="身長",
        data_type="PQ",
        value="170.1",
        unit="cm",
    )
    wire("POST", "eligibility/cards", b'{"card": "CARD-T", "consents": {"SpecificHealthCheckupsInfo": true}}')
    seen = send("TKKsiquc01req_1", _view(asker, "1220"))
    path = (
        "SpecificHealthCheckupInfo",
        "HealthCheckupResultAndQuestionInfos",
        "HealthCheckupResultAndQuestionInfo",
    )
    (item,) = seen.body.walk(*path)
    assert (item.value("DataValue"), item.value("Unit")) == ("170.1", "cm")


def test_visits_are_asked_about_again_without_the_card_until_cancelled(run_job, send, sender, asker, wire):
    from tasuki.eligibility.requests import ask_consented

    make_cover(make_person(card="CARD-H"), "1300")
    shown = {"card": "CARD-H", "way": "2", "consents": {"PharmacistsInfo": True}, "prescription": "2"}
    wire("POST", "eligibility/cards", json.dumps(shown).encode())
    today = timezone.localdate()
    asked = ask_consented(sender, today, today, "2")
    _, found = run_job("OQSmuhvq", asked)
    (person,) = found.persons
    consent = next(each for each in person.qualifications[0].consents if each.is_given)
    assert (person.qualifications[0].number, consent.name) == ("1300", "PharmacistsInfo")
    assert consent.is_open(timezone.now())
    assert send("YZKsiquc01req_1", _view(asker, "1300")).header.value("ResultCode") == "1"
    wire("POST", "eligibility/cards", b'{"card": "CARD-H", "way": "2", "cancels": true}')
    _, found = run_job("OQSmuhvq", asked)
    assert found.persons == ()
    assert send("YZKsiquc01req_1", _view(asker, "1300")).header.value("ErrorCode") == "TSKP010"
    wrong = send("OQSmuonq01req_1", asked)
    assert wrong.header.value("ErrorCode") == "TSKQ008"


def test_medical_aid_is_valid_with_a_ticket_made_out_to_the_asker(run_job, send, sender, asker, wire):
    from tasuki.eligibility.answer import read_answer
    from tasuki.eligibility.requests import CardNumber, CardSearch, ask_by_card, ask_medical_tickets
    from tasuki_server.eligibility.models import TicketRow

    cover = make_cover(make_person(card="CARD-A"), "0000018", insurer="12139999", card_class="A1")
    asked = ask_by_card(sender, [CardSearch(CardNumber("12139999", "", "0000018"), BORN)])
    assert read_answer(send("OQSsiquc01req_1", asked)).persons[0].eligibility.name == "NOT_REGISTERED"
    today = timezone.localdate()
    TicketRow.objects.create(
        qualification=cover, month=f"{today:%Y%m}", institution_number=asker.number, since_on=today.replace(day=1),
        until_on=today, items={"TicketType": "1", "IssueNumber": "架-1", "InjuryName1": "高血圧症", "SelfPayAmount": "0"},
    )  # fmt: skip
    (person,) = read_answer(send("OQSsiquc01req_1", asked)).persons
    assert (person.eligibility.name, person.tickets[0].issue_number) == ("VALID", "架-1")
    _, found = run_job("OQSmutic", ask_medical_tickets(sender, today.year, today.month))
    assert [each.tickets[0].self_pay_yen for each in found.persons] == [0]
    _, found = run_job("OQSmutic", ask_medical_tickets(sender, today.year - 1, today.month))
    assert found.persons == ()


def test_a_subsidy_comes_with_the_card_when_it_is_given(wire):
    from tasuki.eligibility.answer import read_answer
    from tasuki.eligibility.reading import read_message
    from tasuki_server.eligibility.models import SubsidyRow

    person = make_person(card="CARD-P")
    make_cover(person, "1400")
    SubsidyRow.objects.create(
        person=person, payer_number="54136015", recipient_number="9000004", certificate_name="特定医療費",
        since_on=date(2026, 1, 1), most_yen=10000,
    )  # fmt: skip
    message = read_message(
        wire("POST", "eligibility/cards", b'{"card": "CARD-P", "consents": {"MedicalSubsidy": true}}').body
    )
    assert {each.code for each in message.findings} <= {"OQS-V-07"}
    (found,) = read_answer(message).persons[0].subsidies
    assert (found.recipient_number, found.most_yen, found.is_reimbursed) == ("9000004", 10000, False)
    other = wire("POST", "eligibility/cards", b'{"card": "CARD-P"}')
    assert read_answer(read_message(other.body)).persons[0].subsidies == ()


def test_in_a_disaster_a_person_is_found_by_name_and_only_then(wire):
    from tasuki.eligibility.answer import read_answer
    from tasuki.eligibility.reading import read_message
    from tasuki_server.eligibility.models import ServiceMode

    make_cover(make_person(name="災害　花子", kana="ｻｲｶﾞｲ ﾊﾅｺ", address="架空県見本市1番地"), "1500")
    sought = json.dumps({"name": "災害花子", "born": "1980-04-01", "address": "見本市"}).encode()

    def asked():
        return read_answer(read_message(wire("POST", "eligibility/people", sought).body))

    assert asked().error_code == "TSKQ011"
    ServiceMode.objects.create(is_disaster=True, made_by="試験")
    assert asked().persons[0].qualifications[0].number == "1500"
    make_cover(make_person(name="災害　花子", address="架空県見本市2番地"), "1501")
    assert asked().persons[0].eligibility.name == "SEVERAL"
    ServiceMode.objects.create(is_disaster=False, made_by="試験")
    assert asked().error_code == "TSKQ011"
