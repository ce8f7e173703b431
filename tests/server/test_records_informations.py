# SPDX-License-Identifier: Apache-2.0
"""6情報 — registered by their key, replaced and deleted as a whole, and read by others with the person's consent."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from insured import make_cover, make_person
from records import (
    Asker,
    allergy,
    disease,
    drug,
    emptied,
    infection,
    letter,
    number_of,
    patient_of,
    person,
    refusal,
    register_as_one,
    result,
    sending,
    unit,
)
from server.test_records_documents import tidied
from tasuki.sharing.build.facts import Flag

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Asker("9990111", "架空医院"), Asker("9990112", "仮想病院"), Asker("9990113", "よその医院")
    close_house()


@pytest.fixture(scope="module")
def portal(server):
    return Asker("0000000", "本人の画面", "9", "00")


@pytest.fixture
def grant(portal):
    def permitted(who, institution, *kinds):
        given = {
            "insured": [{"number": number_of(who)}],
            "institution": institution.number,
            "kinds": list(kinds) or ["condition", "allergy", "laboratory", "infection", "prescription"],
            "until": (timezone.now() + timedelta(days=1)).isoformat(),
        }
        told = portal("POST", "records/person/permissions", given)
        assert told.status == 200, told.value

    return permitted


def registered(place, bundle):
    told = place("POST", "records/informations", bundle)
    assert told.status == 200, told.value
    return told.value


def seen(place, who, kinds=""):
    told = place(
        "GET", f"records/informations?insured={number_of(who)}" + (f"&kind={kinds}" if kinds else "")
    )
    assert told.status == 200, told.value
    return told.value


def texts(told):
    return sorted(
        item["resource"].get("code", item["resource"].get("medicationCodeableConcept"))["text"]
        for each in told["sets"]
        for item in each["items"]
    )


def searched(place, kind, who):
    """What the exchange itself finds, past the tables of this service."""
    told = place("GET", f"fhir/{kind}?patient:Patient.identifier={number_of(who).replace(':', '%3A')}").value
    return sorted(each["resource"]["code"]["text"] for each in told.get("entry", []))


def test_a_unit_is_read_by_another_with_consent_with_who_and_when(places, grant):
    clinic, hospital, other = places
    who = person()
    told = registered(clinic, unit(clinic, who, "C-1", disease("d1", "架空症"), disease("d2", "仮想頭痛")))
    assert (told["kind"], told["written"], told["is_replacement"]) == ("Condition", 2, False)
    closed = seen(hospital, who)
    assert closed["sets"] == [] and all(not each["is_open"] and each["reason"] for each in closed["kinds"])
    grant(who, hospital, "condition")
    opened = seen(hospital, who)
    (one,) = opened["sets"]
    assert (one["institution"], one["institution_name"], one["source"], one["kind"]) == (
        clinic.number, "架空医院", "unit", "condition",
    )  # fmt: skip
    assert texts(opened) == ["仮想頭痛", "架空症"] and one["registered_at"]
    assert [each["kind"] for each in opened["kinds"] if each["is_open"]] == ["condition"]
    assert seen(other, who)["sets"] == []


def test_the_same_number_replaces_and_the_rest_goes(places, grant):
    clinic, hospital, _ = places
    who = person()
    grant(who, hospital)
    registered(clinic, unit(clinic, who, "C-1", disease("d1", "はじめの病"), disease("d2", "残る病")))
    told = registered(clinic, unit(clinic, who, "C-1", disease("d2", "残る病"), disease("d3", "新しい病")))
    assert (told["written"], told["deleted"], told["is_replacement"]) == (2, 1, True)
    assert texts(seen(hospital, who)) == ["新しい病", "残る病"]
    assert searched(hospital, "Condition", who) == ["新しい病", "残る病"]


def test_a_unit_with_the_person_alone_deletes_it(places, grant):
    clinic, hospital, _ = places
    who = person()
    grant(who, hospital)
    bundle = unit(clinic, who, "A-1", allergy("a1"))
    registered(clinic, bundle)
    assert texts(seen(hospital, who)) == ["架空豆"]
    told = registered(clinic, emptied(bundle))
    assert (told["written"], told["deleted"]) == (0, 1)
    assert seen(hospital, who)["sets"] == [] and searched(hospital, "AllergyIntolerance", who) == []
    assert registered(clinic, bundle)["is_replacement"] is False


def test_the_key_is_person_system_and_value(places, grant):
    clinic, hospital, _ = places
    first, second = person(), person()
    for who in (first, second):
        grant(who, hospital)
        registered(clinic, unit(clinic, who, "C-key", disease(f"d{who.id}", f"病{who.id}")))
    registered(clinic, emptied(unit(clinic, first, "C-key", disease("x"))))
    assert seen(hospital, first)["sets"] == [] and texts(seen(hospital, second)) == [f"病{second.id}"]


def test_one_error_rejects_the_whole(places, grant):
    clinic, hospital, _ = places
    who = person()
    grant(who, hospital)
    bundle = unit(clinic, who, "C-bad", disease("d1", "よい病"), disease("d2", "わるい病"))
    del bundle["entry"][2]["resource"]["code"]
    told = clinic("POST", "records/informations", bundle)
    assert told.status == 422 and any(
        "entry[2]" in str(each.get("expression")) for each in told.value["issue"]
    )
    assert seen(hospital, who)["sets"] == []


def test_a_resource_that_cannot_be_written_rolls_everything_back(places, grant):
    """What is refused in the middle of the write leaves the unit as it was."""
    clinic, hospital, _ = places
    who = person()
    grant(who, hospital)
    registered(clinic, unit(clinic, who, "C-roll", disease("d1", "もとの病")))
    bundle = unit(clinic, who, "C-roll", disease("d1", "かわった病"), disease("d2", "次の病"))
    bundle["entry"][2]["resource"]["recorder"] = {
        "reference": "urn:uuid:00000000-0000-0000-0000-000000000000"
    }
    assert clinic("POST", "records/informations", bundle).status in (400, 422)
    assert texts(seen(hospital, who)) == ["もとの病"]


def test_foreign_types_are_dropped_and_types_of_the_service_not_mixed(places, grant):
    clinic, hospital, _ = places
    who = person()
    grant(who, hospital)
    bundle = unit(clinic, who, "C-drop", disease("d1", "架空症"))
    strange = {
        "resourceType": "Procedure",
        "status": "completed",
        "subject": {"reference": bundle["entry"][0]["fullUrl"]},
    }
    dropped = copy.deepcopy(bundle)
    dropped["entry"].append({"fullUrl": f"urn:uuid:{uuid4()}", "resource": strange})
    assert registered(clinic, dropped)["dropped"] == 1
    assert texts(seen(hospital, who)) == ["架空症"]
    mixed = copy.deepcopy(bundle)
    mixed["entry"].append(unit(clinic, who, "A-x", allergy("a1"))["entry"][1])
    assert clinic("POST", "records/informations", mixed).status == 422


def test_undelivered_is_never_shown_and_uninformed_with_its_mark(places, grant, portal):
    clinic, hospital, _ = places
    who = person()
    grant(who, hospital)
    facts = (
        disease("d1", "ふつうの病"),
        disease("d2", "告知前の病", Flag.UNINFORMED),
        disease("d3", "渡さない病", Flag.UNDELIVERED),
    )
    registered(clinic, unit(clinic, who, "C-flags", *facts))
    told = seen(hospital, who)
    assert texts(told) == ["ふつうの病", "告知前の病"]
    marks = {item["resource"]["code"]["text"]: item["is_uninformed"] for item in told["sets"][0]["items"]}
    assert marks == {"ふつうの病": False, "告知前の病": True}
    own = portal("GET", f"records/person/records?insured={number_of(who)}").value["resources"]
    assert [each["resource"]["code"]["text"] for each in own] == ["ふつうの病"]
    # By search too, and whatever the policy.
    from tasuki_server.records.rules import set_rules

    for policy in ("open", "closed"):
        set_rules("試験", policy=policy)
        found = hospital(
            "GET", f"fhir/Condition?patient:Patient.identifier={number_of(who).replace(':', '%3A')}"
        ).value
        assert "渡さない病" not in str(found) and "ふつうの病" in str(found), policy


def test_infections_are_a_kind_of_their_own(places, grant):
    clinic, hospital, _ = places
    who = person()
    registered(clinic, unit(clinic, who, "O-1", result("r1"), infection("i1")))
    grant(who, hospital, "laboratory")
    assert texts(seen(hospital, who)) == ["架空検査"]
    grant(who, hospital, "infection")
    assert len(texts(seen(hospital, who))) == 2


def test_the_newest_set_of_diseases_and_so_many_reports(places, grant):
    from tasuki_server.records.rules import set_rules

    clinic, hospital, _ = places
    who = person()
    grant(who, hospital)
    registered(clinic, unit(clinic, who, "C-1", disease("d1", "古い組の病")))
    registered(clinic, unit(clinic, who, "C-2", disease("d2", "新しい組の病")))
    for number in range(3):
        registered(clinic, unit(clinic, who, f"O-{number}", result(f"r{number}", f"{number}.5")))
    set_rules("試験", laboratory_newest=2)
    try:
        told = seen(hospital, who)
    finally:
        set_rules("試験", laboratory_newest=10)
    assert texts({"sets": [each for each in told["sets"] if each["kind"] == "condition"]}) == ["新しい組の病"]
    assert len([each for each in told["sets"] if each["kind"] == "laboratory"]) == 2
    assert len([each for each in seen(hospital, who)["sets"] if each["kind"] == "laboratory"]) == 3


def test_what_a_letter_said_stands_beside_the_complete_set(places, grant):
    clinic, hospital, other = places
    who = person()
    grant(who, hospital)
    registered(clinic, unit(clinic, who, "C-1", disease("d1", "組の病")))
    bundle = letter(clinic, other, who, "L-info", diseases=(disease("d9", "文書の病"),), drugs=(drug("m1"),))
    assert clinic("POST", "records/documents", sending(bundle, other)).status == 200
    told = seen(hospital, who)
    assert texts(told) == ["文書の病", "架空軟膏", "組の病"]
    assert {each["source"] for each in told["sets"]} == {"unit", "document"}


@pytest.mark.parametrize(
    ("fact", "days", "long"),
    [("drug", 101, False), ("disease", 5 * 366 + 1, False), ("long", 5 * 366 + 1, True)],
)
def test_what_is_past_its_days_is_neither_shown_nor_kept(places, grant, fact, days, long):
    from tasuki_server.exchange.models import StoredResource
    from tasuki_server.records.models import Unit, UnitItem

    clinic, hospital, other = places
    who = person()
    grant(who, hospital)
    if fact == "drug":
        bundle = letter(clinic, other, who, f"L-{uuid4().hex[:8]}", drugs=(drug("m1"),))
        assert clinic("POST", "records/documents", sending(bundle, other)).status == 200
    else:
        flags = (Flag.LONG_KEEPING,) if long else ()
        registered(clinic, unit(clinic, who, "C-old", disease("d1", "昔の病", *flags)))
    assert len(texts(seen(hospital, who))) == 1
    from tasuki_server.records.asked import keys_of
    from tasuki_server.records.messages import Insured

    units = Unit.objects.filter(person=keys_of([Insured(number_of(who))])[0])
    items = UnitItem.objects.filter(unit_id__in=[each.id for each in units])
    (place,) = [(each.type, each.logical_id) for each in items]
    items.update(registered_at=timezone.now() - timedelta(days=days))
    assert len(texts(seen(hospital, who))) == int(long)
    tidied()
    row = StoredResource.objects.get(type=place[0], logical_id=place[1])
    assert row.is_deleted is not long


def test_an_insured_person_is_one_over_insurers(places, portal):
    """What was registered under the insurer before is read by the number of now."""
    clinic, hospital, _ = places
    before, now = person(), person()
    register_as_one(before, now)
    registered(clinic, unit(clinic, before, "C-1", disease("d1", "前の保険の病")))
    given = {
        "insured": [{"number": number_of(now)}],
        "institution": hospital.number,
        "kinds": ["condition"],
        "until": (timezone.now() + timedelta(days=1)).isoformat(),
    }
    assert portal("POST", "records/person/permissions", given).status == 200
    assert texts(seen(hospital, now)) == ["前の保険の病"]
    assert portal("POST", "records/person/withdrawals", {"insured": given["insured"]}).status == 200
    assert seen(hospital, before)["sets"] == []


def test_the_consent_at_the_reader_opens_what_was_agreed_to(places):
    clinic, hospital, other = places
    who = person()
    register = make_person(card=f"CARD-{who.id}")
    held = who.insured
    make_cover(register, held.number, held.insurer, symbol=held.symbol, branch=held.branch)
    registered(clinic, unit(clinic, who, "C-1", disease("d1", "架空症")))
    registered(clinic, unit(clinic, who, "A-1", allergy("a1")))
    asked = {"insured": {"number": number_of(who)}, "basis": "reader"}
    before = hospital("POST", "records/views", asked).value["kinds"]
    assert not any(each["is_open"] for each in before)
    assert card_shown(hospital, f"CARD-{who.id}") == 200
    opened = {each["kind"]: each for each in hospital("POST", "records/views", asked).value["kinds"]}
    assert [kind for kind, each in opened.items() if each["is_open"]] == ["condition"]
    assert "カードリーダー" in opened["condition"]["reason"] and opened["condition"]["until"]
    assert texts(seen(hospital, who)) == ["架空症"]
    assert not any(each["is_open"] for each in other("POST", "records/views", asked).value["kinds"])


def card_shown(place, card):
    from tasuki_server.platform.engine import Pairs
    from tasuki_server.platform.house import ask_in_house

    body = f'{{"card": "{card}", "consents": {{"DiagnosisName": true, "AllergyInfo": false}}}}'.encode()
    return ask_in_house("POST", "eligibility/cards", Pairs.read(""), {}, place.token, body).status


def test_an_emergency_needs_a_reason_and_the_person_sees_it(places, portal):
    clinic, hospital, _ = places
    who = person()
    registered(clinic, unit(clinic, who, "A-1", allergy("a1")))
    asked = {"insured": {"number": number_of(who)}, "basis": "emergency"}
    assert hospital("POST", "records/views", asked).status == 422
    assert (
        hospital("POST", "records/views", {**asked, "reason": "意識なし", "kinds": ["referral"]}).status
        == 422
    )
    told = hospital("POST", "records/views", {**asked, "reason": "意識のない状態で搬送された"})
    assert {each["kind"]: each["is_open"] for each in told.value["kinds"]} == dict.fromkeys(
        ("allergy", "checkup", "condition", "infection", "laboratory", "prescription"), True
    )
    assert texts(seen(hospital, who)) == ["架空豆"]
    looks = portal("GET", f"records/person/looks?insured={number_of(who)}").value["looks"]
    emergency = [each for each in looks if each["is_emergency"]]
    assert [(each["institution_name"], each["reason"]) for each in emergency] == [
        ("仮想病院", "意識のない状態で搬送された")
    ]
    given = portal("GET", f"records/person/permissions?insured={number_of(who)}").value
    assert [each["act"] for each in given["now"]] == ["emergency"]
    # Asked again after a lost answer it is the same emergency; after a withdrawal it is one more.
    again = hospital("POST", "records/views", {**asked, "reason": "意識のない状態で搬送された"})
    assert again.value == told.value
    assert portal("POST", "records/person/withdrawals", {"insured": [asked["insured"]]}).status == 200
    assert hospital("POST", "records/views", {**asked, "reason": "意識のない状態で搬送された"}).status == 200
    acts = portal("GET", f"records/person/permissions?insured={number_of(who)}").value["history"]
    assert [each["act"] for each in acts] == ["emergency", "withdrawal", "emergency"]


def test_a_number_without_branch_opens_nothing(places, portal):
    _, hospital, _ = places
    asked = {"insured": {"number": "06139463:12:0000001:"}, "basis": "emergency", "reason": "意識のない状態"}
    told = hospital("POST", "records/views", asked)
    assert told.status == 422 and "枝番" in told.texts[0]
    assert hospital("GET", "records/informations?insured=187").status == 400


def test_pharmacies_portals_and_insurers_keep_to_their_own(places, portal, server):
    pharmacy = Asker("9990119", "架空薬局", "4")
    who = person()
    path = f"records/informations?insured={number_of(who)}"
    assert pharmacy("GET", path).status == 403 and portal("GET", path).status == 403
    assert pharmacy("POST", "records/documents", {}).status == 403
    assert places[0]("GET", f"records/person/records?insured={number_of(who)}").status == 403


def test_a_refusal_of_the_person_closes_every_way(places, grant):
    """A Consent that denies, written by any institution against its own Patient of the same insured person."""
    clinic, hospital, other = places
    who = person()
    registered(clinic, unit(clinic, who, "C-1", disease("d1", "拒まれた病")))
    grant(who, hospital)
    assert texts(seen(hospital, who)) == ["拒まれた病"]
    registered(other, unit(other, who, "C-1", disease("d1", "よその病")))
    assert other("POST", "fhir/Consent", refusal(patient_of(other, who))).status == 201
    told = seen(hospital, who)
    assert told["sets"] == [] and all("拒んで" in each["reason"] for each in told["kinds"])
    assert (
        hospital(
            "GET", f"fhir/Condition?patient:Patient.identifier={number_of(who).replace(':', '%3A')}"
        ).value.get("entry", [])
        == []
    )


def test_every_look_is_on_record_and_without_its_record_nothing_is_told(places, grant, owner):
    from tasuki_server.exchange.models import AccessEvent
    from tasuki_server.platform.models import ServiceEvent

    clinic, hospital, _ = places
    who = person()
    registered(clinic, unit(clinic, who, "C-1", disease("d1", "架空症")))
    grant(who, hospital)
    before = AccessEvent.objects.filter(caller=hospital.row, interaction="view").count()
    seen(hospital, who)
    assert AccessEvent.objects.filter(caller=hospital.row, interaction="view").count() == before + 1
    assert ServiceEvent.objects.filter(
        caller=hospital.row, operation="records.read-informations", outcome="ok"
    ).exists()
    owner.execute("REVOKE INSERT ON exchange_access FROM tasuki_platform")
    try:
        told = hospital("GET", f"records/informations?insured={number_of(who)}")
        assert told.status == 500 and "架空症" not in str(told.value)
    finally:
        owner.execute("GRANT INSERT ON exchange_access TO tasuki_platform")


def test_a_version_that_jumps_shuts_nobody_out(places):
    from tasuki_server.records.informations import MOST_STEP

    clinic, _, _ = places
    who = person()
    bundle = unit(clinic, who, "C-V", disease("v1"))

    def sent(version):
        return clinic("POST", "records/informations", bundle, Unit_Version=str(version))

    assert sent(3).status == 200
    for wild in (3 + MOST_STEP + 1, 10**9 - 1):
        told = sent(wild)
        assert told.status == 422 and told.value["issue"][0]["details"]["coding"][0]["code"] == "ahead"
    for none in (10**9, "9" * 5000, "0", "-1", "４"):
        told = clinic("POST", "records/informations", bundle, Unit_Version=str(none))
        assert told.status == 400, none
    assert sent(3 + MOST_STEP).status == 200 and sent(4).status == 409
    # Nor is a unit that nobody has begun with the last number there is.
    other = unit(clinic, person(), "C-W", disease("w1"))
    assert clinic("POST", "records/informations", other, Unit_Version=str(10**9 - 1)).status == 422


def test_of_several_digests_the_one_that_is_known_is_compared(places):
    clinic, _, _ = places
    bundle = unit(clinic, person(), "C-D", disease("x1"))
    from tasuki_server.platform.content_digest import content_digest

    body = json.dumps(bundle, ensure_ascii=False).encode()
    right = content_digest(body)
    for told, status in (
        (f"sha-512=:AA==:, {right}", 200),
        (f"{right}, sha-512=:AA==:", 200),
        ("sha-512=:AA==:, sha-256=:AAAA:", 400),
    ):
        assert clinic("POST", "records/informations", body, Content_Digest=told).status == status, told
