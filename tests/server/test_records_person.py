# SPDX-License-Identifier: Apache-2.0
"""本人の画面のための窓口 — own records, who looked, and permissions, by the functions a portal calls."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
from django.utils import timezone

from records import (
    Asker,
    disease,
    letter,
    number_of,
    patient_of,
    person,
    refusal,
    register_as_one,
    sending,
    unit,
)
from tasuki.sharing.build.facts import Flag
from tasuki.sharing.permission import RecordKind

pytestmark = pytest.mark.server
CONDITION, ALLERGY = RecordKind.CONDITION, RecordKind.ALLERGY


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Asker("9990131", "架空医院"), Asker("9990132", "仮想病院")
    close_house()


@pytest.fixture(scope="module")
def wire(server):
    from tasuki_server.records.person import portal_wire

    return portal_wire(UUID(int=9), "本人の画面")


def of(who):
    from tasuki_server.records.messages import Insured

    return [Insured(number_of(who))]


def tomorrow():
    return timezone.now() + timedelta(days=1)


def test_a_person_sees_what_every_institution_wrote_of_them(places, wire):
    from tasuki_server.records.person import own_records

    clinic, hospital = places
    who, other = person(), person()
    clinic("POST", "records/informations", unit(clinic, who, "C-1", disease("d1", "架空症")))
    hospital("POST", "records/informations", unit(hospital, who, "C-1", disease("d1", "仮想頭痛")))
    hospital("POST", "records/informations", unit(hospital, other, "C-1", disease("d1", "ほかの人の病")))
    secret = disease("d2", "伏せた病", Flag.UNDELIVERED)
    clinic("POST", "records/informations", unit(clinic, who, "C-2", secret))
    clinic("POST", "records/documents", sending(letter(clinic, hospital, who, "L-own"), hospital))
    told = own_records(wire, of(who))
    assert {(each.institution_name, each.kind) for each in told.resources} == {
        ("架空医院", CONDITION),
        ("仮想病院", CONDITION),
    }
    text = b"".join(bytes(each.resource) for each in told.resources).decode()
    assert "架空症" in text and "仮想頭痛" in text and "伏せた病" not in text and "ほかの人" not in text
    (document,) = told.documents
    assert (document.kind, document.institution_name, document.receiver_name, document.state) == (
        RecordKind.REFERRAL, "架空医院", "仮想病院", "readable",
    )  # fmt: skip


def test_a_grant_is_told_opens_ends_and_is_withdrawn(places, wire):
    from tasuki_server.records.person import grant, permissions_of, withdraw

    clinic, hospital = places
    who = person()
    clinic("POST", "records/informations", unit(clinic, who, "C-1", disease("d1", "架空症")))
    given = grant(wire, of(who), hospital.number, [CONDITION, ALLERGY], until=tomorrow())
    assert given.is_open and given.institution_name == "仮想病院" and given.act == "portal"
    told = permissions_of(wire, of(who))
    assert [each.id for each in told.now] == [given.id]
    path = f"records/informations?insured={quote(number_of(who), safe='')}"
    assert len(hospital("GET", path).value["sets"]) == 1
    # One kind alone leaves the other.
    withdraw(wire, of(who), institution=hospital.number, kinds=[CONDITION])
    assert hospital("GET", path).value["sets"] == []
    assert [each.is_open for each in permissions_of(wire, of(who)).history] == [False, True]
    withdraw(wire, of(who), reason="受診を終えた")
    told = permissions_of(wire, of(who))
    assert told.now == () and [each.act for each in told.history] == ["withdrawal", "withdrawal", "portal"]
    assert told.history[0].reason == "受診を終えた" and told.history[2].ended_at is not None


def test_a_proxys_grant_names_the_proxy(places, wire):
    from tasuki_server.records.person import grant

    _, hospital = places
    told = grant(wire, of(person()), hospital.number, [CONDITION], until=tomorrow(), proxy="架空 花子（母）")
    assert (told.act, told.proxy) == ("proxy", "架空 花子（母）")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"until": None}, "期間"),
        ({"until": "past"}, "終わり"),
        ({"until": "far"}, "366日"),
        ({"kinds": []}, "種類"),
        ({"institution": "1310000000"}, "接続していません"),
        ({"document": "019d0000-0000-7000-8000-000000000001", "kinds": [RecordKind.REFERRAL]}, "文書"),
    ],
)
def test_a_grant_that_cannot_be_is_refused_in_words(places, wire, change, words):
    from tasuki_server.records.person import NotDone, grant

    _, hospital = places
    times = {
        "past": timezone.now() - timedelta(days=1),
        "far": timezone.now() + timedelta(days=400),
        None: None,
    }
    given = {"institution": hospital.number, "kinds": [CONDITION], "until": tomorrow(), **change}
    given["until"] = (
        times.get(given["until"], given["until"]) if change.keys() & {"until"} else given["until"]
    )
    institution, kinds = given.pop("institution"), given.pop("kinds")
    with pytest.raises(NotDone, match=words):
        grant(wire, of(person()), institution, kinds, **given)


def test_who_looked_is_told_by_institution_on_the_service_and_on_the_exchange(places, wire):
    from tasuki_server.records.person import grant, looks_at

    clinic, hospital = places
    who = person()
    clinic("POST", "records/informations", unit(clinic, who, "C-1", disease("d1", "架空症")))
    grant(wire, of(who), hospital.number, [CONDITION], until=tomorrow())
    assert looks_at(wire, of(who)).looks == ()
    insured = quote(number_of(who), safe="")
    hospital("GET", f"records/informations?insured={insured}")
    hospital("GET", f"fhir/Condition?patient:Patient.identifier={insured}")
    told = looks_at(wire, of(who)).looks
    assert {(each.institution_name, each.what) for each in told} == {
        ("仮想病院", "6情報の閲覧"),
        ("仮想病院", "医療情報の交換での閲覧"),
    }
    # What could not be understood and what the portal read are no looks.
    clinic("POST", "records/views", {"insured": {"number": number_of(who)}, "basis": "emergency"})
    assert len(looks_at(wire, of(who)).looks) == len(told)


def test_a_look_after_the_withdrawal_is_told_as_one_that_was_refused(places, wire):
    from tasuki_server.records.person import grant, looks_at, withdraw

    clinic, hospital = places
    who = person()
    clinic("POST", "records/informations", unit(clinic, who, "C-1", disease("d1", "架空症")))
    grant(wire, of(who), hospital.number, [CONDITION], until=tomorrow())
    insured = quote(number_of(who), safe="")
    hospital("GET", f"records/informations?insured={insured}")
    withdraw(wire, of(who), institution=hospital.number)
    hospital("GET", f"records/informations?insured={insured}")
    assert hospital("GET", f"records/checkups?insured={insured}").status == 403
    told = looks_at(wire, of(who)).looks
    assert [(each.what, each.is_refused) for each in told] == [
        ("健診結果の閲覧", True), ("6情報の閲覧", True), ("6情報の閲覧", False),
    ]  # fmt: skip


def test_a_persons_own_view_is_a_portals_alone(places, wire):
    from tasuki_server.platform.wire import NotReached

    clinic, _ = places
    who = person()
    for path in ("records", "looks", "permissions"):
        assert clinic("GET", f"records/person/{path}?insured={number_of(who)}").status == 403
    from tasuki_server.records.person import own_records

    def broken(*_args, **_named):
        from tasuki_server.platform.engine import Reply

        return Reply(503, "application/json", b"{}")

    with pytest.raises(NotReached):
        own_records(broken, of(who))


def test_a_refusal_holds_for_every_number_of_the_person_and_says_who_wrote_it(places, wire):
    """Under the insurer of now the refusal, under the one before what others wrote; an emergency opens nothing then."""
    from tasuki_server.records.models import Opening
    from tasuki_server.records.person import grant, permissions_of

    clinic, hospital = places
    third = Asker("9990133", "第三医院")
    before, now = person(), person()
    register_as_one(before, now)
    clinic("POST", "records/informations", unit(clinic, before, "C-1", disease("d1", "前の保険の病")))
    clinic("POST", "records/documents", sending(letter(clinic, hospital, before, "L-den"), hospital))
    third("POST", "records/informations", unit(third, now, "C-1", disease("d1", "今の保険の病")))
    grant(wire, of(before), hospital.number, [CONDITION], until=tomorrow())
    path = f"fhir/Condition?patient=Patient/{patient_of(clinic, before)}"
    assert "前の保険の病" in str(hospital("GET", path).value)
    (sent,) = (
        each
        for each in hospital("GET", "records/documents").value["documents"]
        if each["number"].endswith("L-den")
    )
    assert third("POST", "fhir/Consent", refusal(patient_of(third, now))).status == 201
    assert hospital("GET", path).value.get("entry", []) == []
    assert "拒んで" in hospital("GET", f"records/documents/{sent['id']}").texts[0]
    rows = Opening.objects.filter(institution=hospital.number)
    count = rows.count()
    asked = {"insured": {"number": number_of(before)}, "basis": "emergency", "reason": "意識のない状態"}
    told = hospital("POST", "records/views", asked).value["kinds"]
    assert not any(each["is_open"] for each in told) and rows.count() == count
    (denial,) = permissions_of(wire, of(before)).denials
    assert (denial.institution_name, denial.until) == ("第三医院", None)


def test_a_denial_under_the_numbers_of_two_people_is_refused_whichever_is_written_last(places, wire):
    """One institution's word about one person must not close another's records."""
    from tasuki.sharing.build.names import INSURED, PUBLIC_PAYER

    clinic, _ = places
    before, now, stranger = person(), person(), person()
    register_as_one(before, now)

    def written(*whose, **more):
        identifiers = [{"system": INSURED, "value": number_of(each)} for each in whose]
        value = {"resourceType": "Patient", "identifier": identifiers, "birthDate": "1960-06-06", **more}
        way = ("PUT", f"fhir/Patient/{more['id']}") if more else ("POST", "fhir/Patient")
        return clinic(*way, value)

    two = written(now, stranger).value["id"]
    told = clinic("POST", "fhir/Consent", refusal(two))
    assert told.status == 422 and "同じ人と分からない" in told.texts[0]
    # 同じ人の番号: of insurers before and after, and beside them one of 公費.
    one = written(now, before).value
    assert clinic("POST", "fhir/Consent", refusal(one["id"])).status == 201
    assert written(now, stranger, id=one["id"]).status == 422
    public = {"system": PUBLIC_PAYER, "value": "12138057::1234567:"}
    beside = {**one, "identifier": [*one["identifier"], public]}
    assert clinic("PUT", f"fhir/Patient/{one['id']}", beside).status == 200
