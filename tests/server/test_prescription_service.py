# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービス — from registration to the result, every step that is allowed and every one that is not."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from prescription_service import (
    AMLODIPINE,
    AMLODIPINE_OTHER,
    CARD,
    LOXOPROFEN,
    TODAY,
    Institution,
    days_ago,
    prescription_text,
)
from tasuki.eligibility.requests import CardNumber
from tasuki.prescriptions.service.messages import card_values, to_base64
from tasuki.prescriptions.service.states import ACTS, Act, PrescriptionState, next_state

pytestmark = pytest.mark.server
NOT_TOGETHER = (
    ("4", "2190028F1025", "シルデナフィル錠２０ｍｇ"),
    ("4", "2171018K1033", "ニトログリセリン舌下錠"),
)


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield (
        Institution("13", "1", "9990010", "試験医院"),
        Institution("13", "1", "9990028", "となり医院"),
        Institution("13", "4", "9990036", "架空薬局"),
        Institution("13", "4", "9990044", "別の薬局"),
    )
    close_house()


_persons = iter(range(1000, 9999))


@pytest.fixture
def card() -> CardNumber:
    """A person whom no other test knows."""
    return CARD._replace(number=str(next(_persons)))


def _state(clinic: Institution, number: str) -> str:
    return clinic.ask("217", ("PrescriptionId", number)).value("PrescriptionStatus")


def _events(operation: str) -> int:
    from tasuki_server.platform.models import ServiceEvent

    return ServiceEvent.objects.filter(operation=f"prescriptions.{operation}", outcome="ok").count()


def test_from_registration_to_the_result(places, card):
    clinic, _, pharmacy, _ = places
    made = clinic.register(AMLODIPINE, card=card)
    assert made.is_fine, (made, made.csv_checks)
    code, number = made.value("AccessCode"), made.value("PrescriptionId")
    assert len(code) == 16 and code.isdecimal()
    assert _state(clinic, number) == "未受付"
    got = pharmacy.receive(code, card)
    assert got.value("PrescriptionId") == number and "アムロジピン" in got.data("PrescriptionInfo").decode()
    assert _state(clinic, number) == "調剤中"
    done = pharmacy.dispense(number, AMLODIPINE_OTHER, message="後発品に変更しました")
    assert done.is_fine, (done, done.csv_checks)
    told = clinic.ask("217", ("PrescriptionId", number))
    assert told.value("PrescriptionStatus") == "調剤済"
    assert told.value("ReceptionPharmacyName") == "架空薬局"
    assert (told.value("MessageFlg"), told.value("MessageContents")) == ("2", "後発品に変更しました")
    assert "「別」" in told.data("DispensingResult").decode()
    assert all(_events(each) for each in ("201", "217", "301", "307"))


def test_a_key_is_answered_once_and_the_same_again(places, card):
    clinic = places[0]
    key = uuid4()
    data = to_base64(prescription_text(clinic.number, AMLODIPINE, card=card))
    values = (("PrescriptionInfo", data), ("IssueType", "2"))
    first = clinic.raw("201", *values, key=key)
    assert clinic.raw("201", *values, key=key).body == first.body
    other = clinic.ask("201", *values, ("Comment", "別"), key=key)
    assert other.error_code == "TSKE013"
    found = clinic.ask("220", *card_values(card))
    assert found.value("NumberOfResult") == "1"


def test_one_key_sent_many_times_at_once_registers_once(places, card):
    clinic = places[0]
    key = uuid4()
    data = to_base64(prescription_text(clinic.number, AMLODIPINE, card=card))

    def send(_: int) -> bytes:
        return clinic.raw("201", ("PrescriptionInfo", data), ("IssueType", "2"), key=key).body

    from django.db import connections

    def alone(n: int) -> bytes:
        try:
            return send(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(alone, range(12)))
    assert len(answers) == 1
    assert clinic.ask("220", *card_values(card)).value("NumberOfResult") == "1"


def test_two_pharmacies_at_once_receive_it_once(places, card):
    clinic, _, pharmacy, other = places
    made = clinic.register(AMLODIPINE, card=card)

    from django.db import connections

    def receive(who: Institution) -> str:
        try:
            return who.receive(made.value("AccessCode"), card).error_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(receive, (pharmacy, other)))
    assert codes == ["", "TSKE009"]


def test_the_faults_of_the_wire_lose_and_double_nothing(places, card):
    """The answer is cut after the work was done: asking again under the same key finds it done."""
    from tasuki_server.platform.faults import Faults
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.models import FaultSetting
    from tasuki_server.platform.wire import NotReached

    clinic, _, pharmacy, _ = places
    key = uuid4()

    def switch(**chosen: object) -> None:
        import msgspec

        value = json.loads(msgspec.json.encode(Faults(**chosen)))
        FaultSetting.objects.create(service="prescriptions", faults=value, made_by="試験")
        close_house()

    switch(cut_after_percent=100)
    with pytest.raises(NotReached):
        clinic.register(AMLODIPINE, card=card, key=key)
    switch(is_maintenance=True)
    closed = clinic.raw("220", *card_values(card))
    assert (closed.status, b"TSKE090" in closed.body) == (503, True)
    switch()
    again = clinic.register(AMLODIPINE, card=card, key=key)
    assert again.is_fine
    found = clinic.ask("220", *card_values(card))
    assert [each.value("PrescriptionId") for each in found.all("PrescriptionIdList")] == [
        again.value("PrescriptionId")
    ]
    pharmacy.receive(again.value("AccessCode"), card)
    result = uuid4()
    switch(cut_after_percent=100)
    with pytest.raises(NotReached):
        pharmacy.dispense(again.value("PrescriptionId"), AMLODIPINE, key=result)
    switch()
    assert pharmacy.dispense(again.value("PrescriptionId"), AMLODIPINE, key=result).is_fine
    told = clinic.ask("217", ("PrescriptionId", again.value("PrescriptionId")))
    assert len(told.all("DispensingResultList")) == 1


# --- 状況の遷移: each state against each act; what the table allows is done, all else is refused and changes nothing.


def _brought_to(
    state: PrescriptionState, clinic: Institution, pharmacy: Institution, card: CardNumber
) -> tuple[str, str, str]:
    made = clinic.register(AMLODIPINE, card=card)
    number, code, result = made.value("PrescriptionId"), made.value("AccessCode"), str(UUID(int=1))
    if state is PrescriptionState.CANCELLED:
        assert clinic.ask("203", ("PrescriptionId", number)).is_fine
    elif state is not PrescriptionState.WAITING:
        assert pharmacy.receive(code, card).is_fine
        if state is PrescriptionState.DISPENSED:
            result = pharmacy.dispense(number, AMLODIPINE).value("DispensingId")
        if state is PrescriptionState.COLLECTED:
            assert pharmacy.ask("305", ("PrescriptionId", number)).is_fine
    return number, code, result


_OPERATIONS = {
    Act.CANCEL: "203", Act.RESTORE: "207", Act.RELEASE: "303", Act.COLLECT: "305", Act.RETURN_COLLECTED: "318",
}  # fmt: skip


@pytest.mark.parametrize("state", PrescriptionState)
@pytest.mark.parametrize("act", [each for each in Act if each not in (Act.REPLACE, Act.RESTORE_REPLACED)])
def test_what_is_allowed_from_a_state_and_what_is_not(places, card, state, act):
    clinic, _, pharmacy, _ = places
    number, code, result = _brought_to(state, clinic, pharmacy, card)
    if act is Act.RECEIVE:
        answer = pharmacy.receive(code, card)
    elif act is Act.DISPENSE:
        answer = pharmacy.dispense(number, AMLODIPINE)
    elif act is Act.CANCEL_RESULT:
        answer = pharmacy.ask("309", ("DispensingId", result))
    else:
        asker = pharmacy if ACTS[act].by_holder else clinic
        answer = asker.ask(_OPERATIONS[act], ("PrescriptionId", number))
    after = next_state(state, act)
    assert answer.is_fine is (after is not None), (answer.error_code, answer.error_message)
    assert _state(clinic, number) == (after or state).label
    if after is None:
        assert answer.error_code in ("TSKE008", "TSKE012")


def test_a_change_gives_new_numbers_and_its_undo_the_old_ones(places, card):
    clinic, _, pharmacy, _ = places
    made = clinic.register(AMLODIPINE, card=card)
    old, code = made.value("PrescriptionId"), made.value("AccessCode")
    data = to_base64(prescription_text(clinic.number, LOXOPROFEN, card=card))
    changed = clinic.ask("205", ("PrescriptionId", old), ("PrescriptionInfo", data), ("IssueType", "2"))
    assert changed.is_fine and changed.value("AlertFlg") == "0"
    new, new_code = changed.value("PrescriptionId"), changed.value("AccessCode")
    assert new != old and new_code != code
    assert pharmacy.receive(code, card).error_code == "TSKE008"
    assert clinic.ask("207", ("PrescriptionId", old)).error_code == "TSKE020"
    back = clinic.ask("209", ("PrescriptionId", new))
    assert (back.value("PrescriptionId"), back.value("AccessCode")) == (old, code)
    assert pharmacy.receive(new_code, card).error_code == "TSKE008"
    assert pharmacy.receive(code, card).is_fine
    assert (
        clinic.ask("205", ("PrescriptionId", old), ("PrescriptionInfo", data), ("IssueType", "2")).error_code
        == "TSKE008"
    )


def test_a_refill_waits_again_until_its_last_round(places, card):
    clinic, _, pharmacy, other = places
    made = clinic.register(AMLODIPINE, card=card, extra=("64,2",), issued_on=days_ago(3))
    number, code = made.value("PrescriptionId"), made.value("AccessCode")
    assert pharmacy.receive(code, card).value("RefillRound") == "1"
    first = pharmacy.dispense(number, AMLODIPINE, on=days_ago(2))
    assert first.value("PrescriptionStatus") == "未受付"
    assert clinic.ask("203", ("PrescriptionId", number)).error_code == "TSKE021"
    second = other.receive(code, card)
    assert second.value("RefillRound") == "2"
    due = days_ago(2) + timedelta(days=28)
    assert second.value("NextDispensingFrom") == f"{due - timedelta(days=7):%Y%m%d}"
    assert second.value("NextDispensingTo") == f"{due + timedelta(days=7):%Y%m%d}"
    assert "アムロジピン" in second.all("DispensingResultList")[0].value("PharmacyName") + "アムロジピン"
    assert pharmacy.ask("309", ("DispensingId", first.value("DispensingId"))).error_code == "TSKE022"
    last = other.dispense(number, AMLODIPINE)
    assert last.value("PrescriptionStatus") == "調剤済"
    told = clinic.ask("217", ("PrescriptionId", number))
    assert [each.value("RefillRound") for each in told.all("DispensingResultList")] == ["1", "2"]


def test_a_part_of_a_split_prescription_is_one_of_its_own(places, card):
    clinic, _, pharmacy, _ = places
    late = clinic.register(AMLODIPINE, card=card, extra=("63,3,2",), issued_on=days_ago(20))
    assert late.is_fine
    assert pharmacy.receive(late.value("AccessCode"), card).is_fine
    too_many = clinic.register(AMLODIPINE, card=card, extra=("63,4,1",))
    assert [each.code for each in too_many.csv_checks] == ["TSKE034"]
    both = clinic.register(AMLODIPINE, card=card, extra=("63,3,1", "64,2"))
    assert [each.code for each in both.csv_checks] == ["TSKE035"]


def test_results_are_changed_and_cancelled_by_their_pharmacy_alone(places, card):
    clinic, _, pharmacy, other = places
    made = clinic.register(AMLODIPINE, card=card)
    number = made.value("PrescriptionId")
    pharmacy.receive(made.value("AccessCode"), card)
    assert other.dispense(number, AMLODIPINE).error_code == "TSKE009"
    first = pharmacy.dispense(number, AMLODIPINE).value("DispensingId")
    assert other.ask("309", ("DispensingId", first)).error_code == "TSKE012"
    from prescription_service import dispensing_text

    changed = pharmacy.ask(
        "311", ("DispensingId", first), ("MessageFlg", "1"),
        ("DispensingInfo", to_base64(dispensing_text(AMLODIPINE_OTHER))),
    )  # fmt: skip
    assert changed.is_fine and changed.value("DispensingId") != first
    told = clinic.ask("217", ("PrescriptionId", number))
    assert len(told.all("DispensingResultList")) == 1 and "「別」" in told.data("DispensingResult").decode()
    assert pharmacy.ask("309", ("DispensingId", first)).error_code == "TSKE012"
    assert pharmacy.ask("309", ("DispensingId", changed.value("DispensingId"))).is_fine
    assert _state(clinic, number) == "調剤中"
    ids = pharmacy.ask("322", ("PrescriptionId", number))
    assert [each.value("DispensingStatus") for each in ids.all("DispensingIdList")] == ["取消", "変更済み"]


def test_days_of_use_and_days_of_reading(places, card):
    from tasuki_server.prescriptions.models import Prescription

    clinic, _, pharmacy, _ = places
    last_day = clinic.register(AMLODIPINE, card=card, issued_on=days_ago(3))
    assert pharmacy.receive(last_day.value("AccessCode"), card).is_fine
    assert clinic.register(AMLODIPINE, card=card, issued_on=days_ago(4)).error_code == "TSKE041"
    old = clinic.register(AMLODIPINE, card=card)
    row = Prescription.objects.filter(pk=old.value("PrescriptionId"))
    row.update(usable_until=days_ago(1))
    assert pharmacy.receive(old.value("AccessCode"), card).error_code == "TSKE010"
    row.update(registered_at=row.get().registered_at - timedelta(days=100))
    assert clinic.ask("217", ("PrescriptionId", old.value("PrescriptionId"))).is_fine
    row.update(registered_at=row.get().registered_at - timedelta(days=1))
    assert clinic.ask("217", ("PrescriptionId", old.value("PrescriptionId"))).error_code == "TSKE007"
    listed = clinic.ask("220", *card_values(card), ("IssueDateFrom", f"{days_ago(200):%Y%m%d}"))
    assert old.value("PrescriptionId") not in [
        each.value("PrescriptionId") for each in listed.all("PrescriptionIdList")
    ]


def test_nobody_opens_it_without_the_number_and_the_card(places, card):
    clinic, neighbour, pharmacy, _ = places
    made = clinic.register(AMLODIPINE, card=card)
    number, code = made.value("PrescriptionId"), made.value("AccessCode")
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert pharmacy.receive(wrong, card).error_code == "TSKE007"
    assert pharmacy.receive(code, card._replace(number="1")).error_code == "TSKE007"
    assert pharmacy.ask("301", ("PrescriptionId", number), *card_values(card)).error_code == "TSKE017"
    assert pharmacy.ask("320", *card_values(card)).error_code == "TSKE017"
    assert neighbour.ask("217", ("PrescriptionId", number)).error_code == "TSKE007"
    assert neighbour.ask("203", ("PrescriptionId", number)).error_code == "TSKE007"
    assert clinic.receive(code, card).error_code == "TSKE004"
    assert pharmacy.register(AMLODIPINE, card=card).error_code == "TSKE004"
    found = pharmacy.ask("320", *card_values(card), ("OnlineConsent", "1"))
    assert [each.value("PrescriptionId") for each in found.all("PrescriptionIdList")] == [number]
    by_card = pharmacy.ask("301", ("PrescriptionId", number), ("OnlineConsent", "1"), *card_values(card))
    assert by_card.is_fine
    # Full-width digits and blanks do not make another person.
    assert pharmacy.ask("303", ("PrescriptionId", number)).is_fine
    assert pharmacy.receive(code, card._replace(insurer_number="０６１３９４６３")).is_fine


def test_access_codes_are_of_chance_and_never_twice(places):
    from tasuki_server.prescriptions.registering import new_access_code

    codes = [new_access_code() for _ in range(5000)]
    assert len(set(codes)) == 5000 and {len(each) for each in codes} == {16}
    tally = [sum(each[place] == "7" for each in codes) for place in range(16)]
    assert all(380 < each < 620 for each in tally)


def test_a_taken_access_code_is_drawn_again(places, card, monkeypatch):
    from tasuki_server.prescriptions import registering

    clinic = places[0]
    taken = clinic.register(AMLODIPINE, card=card).value("AccessCode")
    draws = iter([taken, taken, "0000000000000042"])
    monkeypatch.setattr(registering, "new_access_code", lambda: next(draws))
    assert clinic.register(LOXOPROFEN, card=card).value("AccessCode") == "0000000000000042"
    data = to_base64(prescription_text(clinic.number, LOXOPROFEN, card=card))
    draws = iter([taken, "0000000000000043"])
    number = clinic.ask("220", *card_values(card)).all("PrescriptionIdList")[0].value("PrescriptionId")
    changed = clinic.ask("205", ("PrescriptionId", number), ("PrescriptionInfo", data), ("IssueType", "2"))
    assert changed.value("AccessCode") == "0000000000000043"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace("\n", "\r\n"), "EPSB0052E"),
        (lambda text: text.replace("SJ1", "SJX"), "RX-F-01"),
        (lambda text: text.replace("201,1,1,1,4,2171022F1010", "201,1,1,1,1,"), "TSKE036"),
        (lambda text: text.replace("22,06139463", "22,"), "TSKE038"),
        (
            lambda text: text.replace(f"51,{TODAY:%Y%m%d}", f"51,{TODAY + timedelta(days=1):%Y%m%d}"),
            "TSKE031",
        ),
        (lambda text: text.replace("1,1,9990010", "1,1,9990028"), "TSKE030"),
        (lambda text: text.replace("12,2", "12,3"), "RX-C-05"),
        (lambda text: text.replace("5,,,襷　太郎\n", ""), "RX-C-10"),
        (lambda text: text.replace("101,1,1,,28\n", ""), "RX-C-13"),
        (lambda text: text.replace("101,1,1", "64,9\n101,1,1"), "TSKE033"),
    ],
)
def test_what_cannot_be_registered_is_told_item_by_item(places, card, change, code):
    clinic = places[0]
    text = change(prescription_text(clinic.number, AMLODIPINE, card=card).decode())
    answer = clinic.ask("201", ("PrescriptionInfo", to_base64(text.encode())), ("IssueType", "2"))
    assert answer.error_code == "TSKE014" and not answer.value("PrescriptionId")
    assert code in [each.code for each in answer.csv_checks], answer.csv_checks
    assert all(each.message for each in answer.csv_checks)


def test_requests_that_are_none_are_told_so(places):
    clinic = places[0]
    wire = clinic.wire()
    for path, body, code in (
        ("prescriptions/messages?file=memo.xml", b"<XmlMsg/>", b"TSKE001"),
        ("prescriptions/messages?file=EPSsiPIR01req_1.xml", b"not xml", b"TSKE002"),
        (
            "prescriptions/messages?file=EPSsiPIR01req_1.xml",
            b"<!DOCTYPE a [<!ENTITY b 'c'>]><XmlMsg/>",
            b"TSKE002",
        ),
        ("prescriptions/messages?file=EPSsiPIR01req_1.xml", b"<XmlMsg/>", b"TSKE003"),
    ):
        reply = wire("POST", path, body)
        assert (reply.status, code in reply.body) == (200, True), reply
    assert wire("GET", "prescriptions/messages").status == 404
    assert clinic.ask("217", ("PrescriptionId", "x")).error_code == "TSKE006"
    assert clinic.ask("217").error_code == "TSKE005"
    assert clinic.ask("201", ("PrescriptionInfo", "＠"), ("IssueType", "2")).error_code == "TSKE006"


def test_json_is_answered_in_json(places, card):
    from tasuki.eligibility.json_text import read_json, write_json
    from tasuki.eligibility.requests import Sender
    from tasuki.prescriptions.service.messages import read_answer, request_message

    clinic = places[0]
    message = request_message(Sender(clinic.number, "J"), *card_values(card))
    reply = clinic.wire()("POST", "prescriptions/messages?file=EPS-IF-220req_1.json", write_json(message))
    assert reply.media_type == "application/json"
    assert read_answer(read_json(reply.body)).value("NumberOfResult") == "0"


# --- 重複投薬等チェック


def test_what_another_institution_gave_is_found_and_withheld_without_consent(places, card):
    clinic, neighbour, pharmacy, _ = places
    first = neighbour.register(AMLODIPINE, card=card)
    draft = to_base64(prescription_text(clinic.number, AMLODIPINE_OTHER, card=card))
    blind = clinic.ask("219", ("PrescriptionInfo", draft), *card_values(card))
    (found,) = blind.all("CheckResultDetail")
    assert (found.value("MessageCategory"), found.value("SameMedicalInstitutionAlertFlg")) == ("1", "0")
    assert not found.value("PastName") and "となり医院" not in found.value("Message")
    for consent in ("OnlineConsent", "OralBrowsingConsent"):
        seen = clinic.ask("219", ("PrescriptionInfo", draft), *card_values(card), (consent, "1"))
        (found,) = seen.all("CheckResultDetail")
        assert found.value("PastName") == AMLODIPINE[2]
        assert found.value("PastMedicalInstitutionName") == "となり医院"
    registered = clinic.register(AMLODIPINE_OTHER, card=card, values=(("Comment", "切替えのため"),))
    assert registered.value("AlertFlg") == "1" and not registered.all("CheckResultDetail")[0].value(
        "PastName"
    )
    assert pharmacy.receive(registered.value("AccessCode"), card).value("Comment") == "切替えのため"
    # 取消された処方は服用されない。
    assert neighbour.ask("203", ("PrescriptionId", first.value("PrescriptionId"))).is_fine
    again = clinic.ask(
        "219",
        ("PrescriptionInfo", draft),
        *card_values(card),
        ("PrescriptionId", registered.value("PrescriptionId")),
    )
    assert again.value("AlertFlg") == "0"


def test_what_was_dispensed_counts_instead_of_what_was_prescribed(places, card):
    clinic, neighbour, pharmacy, _ = places
    made = neighbour.register(AMLODIPINE, card=card)
    pharmacy.receive(made.value("AccessCode"), card)
    result = pharmacy.dispense(made.value("PrescriptionId"), LOXOPROFEN)
    draft = to_base64(prescription_text(clinic.number, AMLODIPINE, LOXOPROFEN, card=card))

    def asked() -> list[str]:
        answer = clinic.ask("219", ("PrescriptionInfo", draft), *card_values(card), ("OnlineConsent", "1"))
        return [each.value("PastName") for each in answer.all("CheckResultDetail")]

    assert asked() == [LOXOPROFEN[2]]
    assert pharmacy.ask("309", ("DispensingId", result.value("DispensingId"))).is_fine
    assert asked() == [AMLODIPINE[2]]


def test_days_that_do_not_meet_are_no_duplicate(places, card):
    clinic, neighbour, _, _ = places
    made = neighbour.register(AMLODIPINE, card=card, days=7, issued_on=days_ago(3))
    assert made.is_fine

    def alerts(issued_in: int) -> str:
        data = prescription_text(
            clinic.number, AMLODIPINE, card=card, issued_on=TODAY + timedelta(days=issued_in)
        )
        return clinic.ask("219", ("PrescriptionInfo", to_base64(data)), *card_values(card)).value("AlertFlg")

    assert [alerts(3), alerts(4)] == ["1", "0"]


def test_drugs_not_to_be_given_together_are_found_across_institutions(places, card):
    clinic, neighbour, _, _ = places
    one, other = NOT_TOGETHER
    assert neighbour.register(one, card=card).is_fine
    draft = to_base64(prescription_text(clinic.number, other, card=card))
    answer = clinic.ask("219", ("PrescriptionInfo", draft), *card_values(card), ("OnlineConsent", "1"))
    (found,) = answer.all("CheckResultDetail")
    assert found.value("MessageCategory") == "2" and "禁忌" in found.value("Message")


def test_the_preparation_stands_for_the_person_that_day(places, card):
    clinic, neighbour, _, _ = places
    assert clinic.ask("101", *card_values(card)).value("ReceptionNumber") == ""
    neighbour.register(AMLODIPINE, card=card)
    prepared = clinic.ask("101", *card_values(card))
    assert prepared.value("PastMedicationFlg") == "1"
    draft = to_base64(prescription_text(clinic.number, AMLODIPINE, card=card))
    number = ("ReceptionNumber", prepared.value("ReceptionNumber"))
    assert clinic.ask("219", ("PrescriptionInfo", draft), number).value("AlertFlg") == "1"
    assert neighbour.ask("219", ("PrescriptionInfo", draft), number).error_code == "TSKE018"


def test_a_drug_without_a_known_code_is_counted_and_not_judged(places, card):
    clinic = places[0]
    draft = to_base64(prescription_text(clinic.number, ("2", "699999999", "知らない薬"), card=card))
    answer = clinic.ask("219", ("PrescriptionInfo", draft), *card_values(card))
    assert answer.value("NumberOfUncheckedDrugs") == "1"


# --- 院内処方・一括取得・保存・控え・本人の閲覧


def test_drugs_given_in_the_house_count_until_they_are_cancelled(places, card):
    clinic, neighbour, pharmacy, _ = places
    data = to_base64(prescription_text(clinic.number, AMLODIPINE, card=card))
    made = clinic.ask("401", ("PrescriptionInfo", data))
    assert made.is_fine and not made.value("AccessCode")
    draft = ("PrescriptionInfo", to_base64(prescription_text(neighbour.number, AMLODIPINE, card=card)))
    assert neighbour.ask("219", draft, *card_values(card)).value("AlertFlg") == "1"
    assert pharmacy.ask("320", *card_values(card), ("OnlineConsent", "1")).value("NumberOfResult") == "0"
    changed = clinic.ask(
        "405", ("PrescriptionId", made.value("PrescriptionId")),
        ("PrescriptionInfo", to_base64(prescription_text(clinic.number, LOXOPROFEN, card=card))),
    )  # fmt: skip
    assert changed.is_fine, changed.csv_checks
    assert neighbour.ask("409", draft, *card_values(card)).value("AlertFlg") == "0"
    assert clinic.ask("407", *card_values(card)).value("NumberOfResult") == "2"
    assert clinic.ask("403", ("PrescriptionId", changed.value("PrescriptionId"))).is_fine
    assert clinic.ask("403", ("PrescriptionId", changed.value("PrescriptionId"))).error_code == "TSKE008"


def test_results_of_a_period_are_collected_by_their_clinic(places, card):
    clinic, neighbour, pharmacy, _ = places
    made = clinic.register(AMLODIPINE, card=card)
    pharmacy.receive(made.value("AccessCode"), card)
    pharmacy.dispense(made.value("PrescriptionId"), AMLODIPINE, message="飲み残しがあります")
    asked = clinic.ask("213", ("StartDate", f"{TODAY:%Y%m%d}"), ("EndDate", f"{TODAY:%Y%m%d}"))
    number = ("ReceptionNumber", asked.value("ReceptionNumber"))
    told = clinic.ask("215", number)
    mine = [
        each
        for each in told.all("DispensingResultList")
        if each.value("PrescriptionId") == made.value("PrescriptionId")
    ]
    assert [each.value("MessageContents") for each in mine] == ["飲み残しがあります"]
    assert neighbour.ask("215", number).error_code == "TSKE018"


def test_paper_that_was_never_registered_is_told_by_its_pharmacy(places, card):
    from prescription_service import dispensing_text

    clinic, _, pharmacy, _ = places
    told = pharmacy.ask(
        "307", ("IssueType", "2"), ("MessageFlg", "1"), *card_values(card),
        ("DispensingInfo", to_base64(dispensing_text(AMLODIPINE))),
    )  # fmt: skip
    assert told.is_fine and not told.value("PrescriptionId")
    draft = to_base64(prescription_text(clinic.number, AMLODIPINE, card=card))
    assert clinic.ask("219", ("PrescriptionInfo", draft), *card_values(card)).value("AlertFlg") == "1"
    got = pharmacy.ask("316", ("DispensingId", told.value("DispensingId")))
    assert got.is_fine and not got.value("PrescriptionInfo")


def test_the_copy_for_the_patient_carries_the_number(places, card):
    import io

    from pypdf import PdfReader

    clinic, neighbour, _, _ = places
    made = clinic.register(AMLODIPINE, card=card)
    copy = clinic.ask("211", ("PrescriptionId", made.value("PrescriptionId")))
    assert copy.is_fine, copy.error_message
    text = "".join(
        page.extract_text()
        for page in PdfReader(io.BytesIO(copy.data("PrescriptionReferenceInformationFile"))).pages
    )
    assert made.value("AccessCode") in text.replace(" ", "").replace("\n", "")
    assert neighbour.ask("211", ("PrescriptionId", made.value("PrescriptionId"))).error_code == "TSKE007"
    clinic.ask("203", ("PrescriptionId", made.value("PrescriptionId")))
    assert clinic.ask("211", ("PrescriptionId", made.value("PrescriptionId"))).error_code == "TSKE008"


def test_a_person_sees_their_own_and_who_looked(places, card):
    from tasuki_server.platform.clients import house_token, token_digest
    from tasuki_server.platform.models import ConnectedInstitution

    clinic, _, pharmacy, _ = places
    made = clinic.register(AMLODIPINE, card=card)
    query = f"prescriptions/person?insurer={card.insurer_number}&symbol=%E6%9E%B6%E7%A9%BA&number={card.number}&branch=01"
    assert clinic.wire()("GET", query).status == 403
    portal = Institution("13", "1", "0000000", "試験ポータル")
    portal.wire()("GET", "status")
    row = ConnectedInstitution.objects.get(digest=token_digest(house_token(portal.id)))
    ConnectedInstitution.objects.filter(pk=row.pk).update(fee_table="9")
    from tasuki_server.platform.house import close_house

    close_house()
    mine = json.loads(portal.wire()("GET", query).body)
    assert [each["access_code"] for each in mine["prescriptions"]] == [made.value("AccessCode")]
    assert mine["prescriptions"][0]["drugs"][0]["name"] == AMLODIPINE[2]
    pharmacy.receive(made.value("AccessCode"), card)
    pharmacy.dispense(made.value("PrescriptionId"), AMLODIPINE)
    mine = json.loads(portal.wire()("GET", query).body)
    assert mine["prescriptions"][0]["access_code"] == "" and mine["prescriptions"][0]["state"] == "調剤済"
    assert [each["pharmacy"] for each in mine["dispensings"]] == ["架空薬局"]
    looks = [(each["institution"], each["what"]) for each in mine["looks"]]
    assert ("架空薬局", "処方箋受付（取得）") in looks and ("試験ポータル", "本人の閲覧") in looks


# --- 署名


@pytest.fixture(scope="module")
def hpki(server):
    from datetime import UTC, datetime

    from tasuki_server.prescriptions.trust import ensure_practice_hpki, practice_signer

    at = datetime.now(UTC)
    # Another module of this process may have made them before.
    ensure_practice_hpki(at)
    assert ensure_practice_hpki(at) is False
    return practice_signer("doctor"), practice_signer("pharmacist"), at


def _signed(clinic, card, signer, at, *drugs) -> bytes:
    from tasuki.prescriptions.documents import prescription_document
    from tasuki.prescriptions.signature.xades import sign_document

    return sign_document(
        prescription_document(prescription_text(clinic.number, *drugs, card=card)), signer, at
    )


def test_an_electronic_prescription_is_signed_verified_dispensed_and_stored(places, card, hpki):
    from prescription_service import dispensing_text
    from tasuki.prescriptions.documents import dispensing_document
    from tasuki.prescriptions.signature.xades import sign_document

    clinic, _, pharmacy, _ = places
    doctor, pharmacist, at = hpki
    data = _signed(clinic, card, doctor, at, AMLODIPINE)
    made = clinic.ask("201", ("PrescriptionInfo", to_base64(data)), ("IssueType", "1"))
    assert made.is_fine, (made.error_message, made.verifications)
    assert [each.status for each in made.verifications] == ["1"]
    number = made.value("PrescriptionId")
    got = pharmacy.receive(made.value("AccessCode"), card).data("PrescriptionInfo")
    assert number.encode() in got
    unsigned = dispensing_document(got, dispensing_text(AMLODIPINE))
    values = ("PrescriptionId", number), ("MessageFlg", "1")
    refused = pharmacy.ask("307", *values, ("DispensingInfo", to_base64(unsigned)))
    assert refused.error_code == "TSKE042"
    signed = sign_document(unsigned, pharmacist, at)
    done = pharmacy.ask("307", *values, ("DispensingInfo", to_base64(signed)))
    assert done.is_fine, (done.error_message, done.verifications)
    assert [each.status for each in done.verifications] == ["1", "1"]
    stored = pharmacy.ask("324", ("DispensingId", done.value("DispensingId")))
    assert stored.value("StoredUntil")[:4] == str(TODAY.year + 5) or TODAY.month > 9
    kept = pharmacy.ask("328", ("DispensingId", done.value("DispensingId")))
    (each,) = kept.all("StoredPrescriptionList")
    assert each.value("PrescriptionInfo") == to_base64(got)


@pytest.mark.parametrize("broken", ["unsigned", "changed", "another authority", "not a document"])
def test_an_electronic_prescription_without_a_good_signature_is_refused(places, card, hpki, broken):
    from tasuki.prescriptions.documents import prescription_document

    clinic = places[0]
    doctor, _, at = hpki
    data = _signed(clinic, card, doctor, at, AMLODIPINE)
    code = "TSKE015"
    if broken == "unsigned":
        data, code = prescription_document(prescription_text(clinic.number, AMLODIPINE, card=card)), "TSKE037"
    elif broken == "changed":
        other = to_base64(prescription_text(clinic.number, LOXOPROFEN, card=card)).encode()
        mine = to_base64(prescription_text(clinic.number, AMLODIPINE, card=card)).encode()
        assert mine in data
        data = data.replace(mine, other)
    elif broken == "another authority":
        from tasuki.prescriptions.signature.practice_hpki import make_practice_hpki

        data = _signed(clinic, card, make_practice_hpki(at).doctor, at, AMLODIPINE)
    else:
        data, code = b"<Document/>", "TSKE014"
    answer = clinic.ask("201", ("PrescriptionInfo", to_base64(data)), ("IssueType", "1"))
    assert answer.error_code == code, (answer.error_code, answer.verifications, answer.xml_checks)
    if code == "TSKE015":
        assert answer.verifications[0].status == "9" and answer.verifications[0].reasons
    if broken == "not a document":
        assert answer.xml_checks


def test_what_is_not_electronic_is_not_stored(places, card):
    clinic, _, pharmacy, _ = places
    made = clinic.register(AMLODIPINE, card=card)
    pharmacy.receive(made.value("AccessCode"), card)
    done = pharmacy.dispense(made.value("PrescriptionId"), AMLODIPINE)
    assert pharmacy.ask("324", ("DispensingId", done.value("DispensingId"))).error_code == "TSKE019"
