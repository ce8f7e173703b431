# SPDX-License-Identifier: Apache-2.0
"""資格確認の窓口 — asked by number and by card over the wire: six states, forms of message, refusals, what is recorded."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from insured import INSURER, make_cover, make_person

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
def ask(wire, asker):
    from tasuki.eligibility.answer import read_answer
    from tasuki.eligibility.reading import read_message
    from tasuki.eligibility.requests import CardNumber, CardSearch, Sender, ask_by_card
    from tasuki.eligibility.xml_text import write_xml

    def asked(
        number, *, symbol="", branch="", born=BORN, insurer=INSURER, limit=False, encoding="UTF-8", code=None
    ):
        sender = Sender(code or asker.number, "試1", encoding)
        search = CardSearch(CardNumber(insurer, symbol, number, branch), born, limit, "手元の番号")
        reply = wire(
            "POST", "eligibility/messages?file=OQSsiquc01req_1.xml", write_xml(ask_by_card(sender, [search]))
        )
        assert (reply.status, reply.media_type) == (200, "application/xml")
        message = read_message(reply.body)
        assert message.encoding == encoding
        # 検証番号 of made-up insurers, and what the question itself held.
        assert {each.code for each in message.findings} <= {"OQS-V-06", "OQS-V-07"}
        return read_answer(message)

    return asked


def _state(answer):
    (person,) = answer.persons
    return person.eligibility.name if person.eligibility else person.code


def test_a_card_in_force_is_answered_with_its_items_and_the_question_comes_back(ask, asker):
    person = make_person(address="架空県見本市1番地", postal_code="000-0000")
    make_cover(person, "101", symbol="12-34", branch="01", insured_name="架空　太郎", share_percent=30)
    answer = ask("１０１", symbol="１２３４", branch="1")
    (found,) = answer.persons
    assert (_state(answer), answer.institution_code, answer.file_identifier) == ("VALID", asker.number, "試1")
    (held,) = found.qualifications
    assert (held.name, held.symbol, held.number, held.branch) == ("架空　太郎", "12-34", "101", "01")
    assert (held.insurer_name, held.share_percent, held.own_identifier) == (
        "架空健康保険組合",
        30,
        "手元の番号",
    )
    assert found.asked.value("InsuredIdentificationNumber") == "１０１"


def test_the_six_states(ask):
    today = timezone.localdate()
    make_cover(make_person(), "201")
    assert _state(ask("201")) == "VALID"
    ended = make_person()
    make_cover(ended, "202", lost_on=today, loss_reason="99")
    assert _state(ask("202")) == "INVALID"
    moved = make_person()
    make_cover(moved, "203", lost_on=today - timedelta(days=30), loss_reason="03")
    make_cover(moved, "9203", qualified_on=today - timedelta(days=30))
    answer = ask("203")
    # 番号の照会 answers about the number that was asked, never with the newer card.
    assert (_state(answer), answer.persons[0].qualifications[0].number) == ("REPLACED", "203")
    assert _state(ask("204")) == "NOT_FOUND"
    for branch in ("01", "02"):
        make_cover(make_person(name=f"双子　{branch}"), "205", branch=branch)
    assert _state(ask("205")) == "SEVERAL"
    assert _state(ask("205", branch="02")) == "VALID"
    make_cover(make_person(), "1234566", insurer="12139999", card_class="A1")
    assert _state(ask("1234566", insurer="12139999")) == "NOT_REGISTERED"


def test_the_day_of_loss_is_the_first_day_without(ask):
    today = timezone.localdate()
    make_cover(make_person(), "210", lost_on=today + timedelta(days=1))
    assert _state(ask("210")) == "VALID"
    make_cover(make_person(), "211", until_on=today - timedelta(days=1), card_class="03")
    assert _state(ask("211")) == "INVALID"
    make_cover(make_person(), "212", qualified_on=today + timedelta(days=1))
    assert _state(ask("212")) == "NOT_FOUND"


def test_a_limit_is_shown_by_number_only_with_the_consent(ask):
    certificates = {"limits": [{"since": "2025-08-01", "kind": "01", "limit_class": "A03"}]}
    make_cover(make_person(), "220", certificates=certificates)
    assert ask("220").persons[0].qualifications[0].limit is None
    found = ask("220", limit=True).persons[0].qualifications[0]
    assert (found.is_limit_consented, found.limit.limit_class) == (True, "A03")


def test_a_stopped_person_is_told_and_not_shown(ask):
    make_cover(make_person(service_stopped_at=timezone.now()), "230")
    answer = ask("230")
    assert (_state(answer), answer.persons[0].qualifications) == ("TSKP003", ())


def test_shift_jis_gets_shift_jis_and_what_it_lacks_is_a_black_circle(ask):
    make_cover(make_person(name="葛󠄀野　𠮷子"), "240")
    assert ask("240", encoding="Shift_JIS").persons[0].qualifications[0].name == "葛野　●子"
    assert ask("240").persons[0].qualifications[0].name == "葛󠄀野　𠮷子"


def test_json_gets_json(wire, asker):
    make_cover(make_person(), "250")
    body = {"XmlMsg": {"MessageHeader": {"MedicalInstitutionCode": asker.number}, "MessageBody": {
        "QualificationConfirmSearchInfo": [{
            "InsurerNumber": INSURER, "InsuredIdentificationNumber": "250", "Birthdate": "19800401",
        }]}}}  # fmt: skip
    reply = wire("POST", "eligibility/messages?file=OQSsiquc01req_1", json.dumps(body).encode())
    told = json.loads(reply.body)["XmlMsg"]
    assert (reply.media_type, told["MessageHeader"]["SegmentOfResult"]) == ("application/json", "1")
    assert told["MessageBody"]["QualificationValidity"] == "1"


def test_what_cannot_be_answered_is_refused_at_its_level(ask, wire):
    from tasuki.eligibility.answer import read_answer
    from tasuki.eligibility.reading import read_message

    answer = ask("1", code="1310000000")
    assert (answer.progress.name, answer.error_code) == ("FAILED", "TSKQ003")
    answer = ask("1", insurer="123")
    assert (answer.progress.name, _state(answer)) == ("DONE", "TSKP002")
    for file, body in (("OQSsiquc01req_1.xml", b"<XmlMsg>"), ("memo.xml", b"<XmlMsg/>")):
        reply = wire("POST", f"eligibility/messages?file={file}", body)
        told = read_answer(read_message(reply.body))
        assert (reply.status, told.progress.name, told.error_code[:4]) == (200, "FAILED", "TSKQ")
        assert told.error_message


def test_each_question_leaves_a_row_of_use(ask):
    from tasuki_server.platform.models import ServiceEvent

    person = make_person()
    make_cover(person, "260")
    ask("260")
    ask("26000")
    found = ServiceEvent.objects.get(person_id=person.id)
    assert (found.operation, found.outcome, found.caller.name) == ("confirm", "1", "試験医院")
    newest = ServiceEvent.objects.order_by("-at").first()
    assert (newest.person_id, newest.outcome) == (None, "4")


def test_a_card_at_the_reader_gives_the_face_result_and_its_consents(wire):
    from tasuki.eligibility.answer import read_answer
    from tasuki.eligibility.reading import read_message

    certificates = {
        "limits": [{"since": "2025-08-01", "kind": "01", "limit_class": "A04"}],
        "diseases": [{"since": "2025-08-01", "category": "1", "limit_yen": 10000}],
    }
    make_cover(make_person(card="CARD-1"), "301", certificates=certificates)
    shown = {
        "card": "CARD-1", "prescription": "1",
        "consents": {"PharmacistsInfo": True, "DiagnosisInfo": False, "SpecificDiseasesCertificateRelated": True},
    }  # fmt: skip
    reply = wire("POST", "eligibility/cards", json.dumps(shown).encode())
    message = read_message(reply.body)
    assert [each for each in message.findings if each.code != "OQS-V-07"] == []
    answer = read_answer(message)
    (person,) = answer.persons
    (held,) = person.qualifications
    assert (answer.is_by_card, person.eligibility.name, person.prescription_issue) == (True, "VALID", "1")
    assert (held.limit.limit_class, held.diseases[0].category) == ("A04", "1")
    given = {each.name: each for each in held.consents}
    assert (given["PharmacistsInfo"].is_given, given["DiagnosisInfo"].is_given) == (True, False)
    assert given["PharmacistsInfo"].until_at - given["PharmacistsInfo"].given_at == timedelta(hours=24)
    faces = json.loads(wire("GET", "eligibility/faces?since=0").body)
    assert faces["faces"][-1]["message"].encode() == reply.body
    after = json.loads(wire("GET", f"eligibility/faces?since={faces['last']}").body)
    assert after == {"last": faces["last"], "faces": []}
    unknown = read_answer(read_message(wire("POST", "eligibility/cards", b'{"card": "CARD-0"}').body))
    assert unknown.persons[0].code == "TSKP005"


def test_many_askers_at_once_are_all_answered(ask):
    from concurrent.futures import ThreadPoolExecutor

    for number in range(8):
        make_cover(make_person(), f"40{number}")
    with ThreadPoolExecutor(8) as askers:
        answers = list(askers.map(ask, [f"40{place % 9}" for place in range(120)]))
    # 408 is nobody's: each answer is that of its own question, whoever was asked about beside it.
    assert [_state(each) for each in answers] == [
        "NOT_FOUND" if place % 9 == 8 else "VALID" for place in range(120)
    ]


def test_closed_hours_are_told_in_the_form_of_the_request(wire):
    from tasuki.eligibility.answer import read_answer
    from tasuki.eligibility.reading import read_message
    from tasuki_server.platform.access import set_faults
    from tasuki_server.platform.faults import NO_FAULTS, Faults
    from tasuki_server.platform.house import close_house

    set_faults("eligibility", Faults(is_maintenance=True, maintenance_text="夜間の点検中です。"), "試験")
    close_house()
    for body, kind in ((b"<XmlMsg/>", "application/xml"), (b"{}", "application/json")):
        reply = wire("POST", "eligibility/messages?file=OQSsiquc01req_1", body)
        told = read_answer(read_message(reply.body))
        assert (reply.status, reply.media_type, told.error_code) == (503, kind, "TSKQ020")
        assert told.error_message == "夜間の点検中です。"
    set_faults("eligibility", NO_FAULTS, "試験")
    close_house()


def test_a_card_is_compared_here_as_the_sharing_service_compares_it():
    from tasuki.sharing.permission import insured_key
    from tasuki_server.eligibility.keys import card_key

    for symbol, number in (
        ("１２－３", "00 12"),
        ("あいう", "ｱ・イ"),
        ("a-1", "３,４．5"),
        ("一ー二", "1‑2–3—4"),
    ):
        key = insured_key(f"138057:{symbol}:{number}:5")
        assert key == f"00138057:{card_key(symbol)}:{card_key(number)}:05", (symbol, number)
