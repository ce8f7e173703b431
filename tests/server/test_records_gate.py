# SPDX-License-Identifier: Apache-2.0
"""閲覧の門 — closed by default on every path of the exchange, open with a permission for its kind, closed again after it."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.utils import timezone

from records import Asker, allergy, disease, infection, letter, number_of, person, result, sending, unit
from tasuki.sharing.build.names import INSURED

pytestmark = pytest.mark.server
TYPES = ("Patient", "Condition", "AllergyIntolerance", "Observation")
KINDS = ("condition", "allergy", "laboratory", "infection", "prescription")


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Asker("9990121", "架空医院"), Asker("9990122", "仮想病院")
    close_house()


@pytest.fixture(scope="module")
def portal(server):
    return Asker("0000000", "本人の画面", "9", "00")


class Written:
    """What one institution wrote of one person, by type, and the words by which it is known when it leaks."""

    def __init__(self, clinic, mark):
        self.who = person(family=f"姓{mark}")
        self.marks = (f"姓{mark}", f"病{mark}", f"原因{mark}", f"所見{mark}")
        lab = result("r1")
        units = (
            unit(clinic, self.who, "C-1", disease("d1", f"病{mark}")),
            unit(clinic, self.who, "A-1", allergy("a1", f"原因{mark}")),
            unit(clinic, self.who, "O-1", lab, infection("i1")),
        )
        for bundle in units:
            for each in bundle["entry"]:
                if each["resource"]["resourceType"] == "Observation":
                    each["resource"]["note"] = [{"text": f"所見{mark}"}]
            told = clinic("POST", "records/informations", bundle)
            assert told.status == 200, told.value
        self.insured = quote(number_of(self.who), safe="")
        entries = clinic("GET", f"fhir/Patient?identifier={self.insured}").value["entry"]
        self.patient = entries[0]["resource"]["id"]
        self.ids = {"Patient": [self.patient]}
        for kind in TYPES[1:]:
            found = clinic("GET", f"fhir/{kind}?patient=Patient/{self.patient}").value["entry"]
            self.ids[kind] = [each["resource"]["id"] for each in found]

    def places(self):
        return [(kind, each) for kind, ids in self.ids.items() for each in ids]


def walked(caller, written):
    """Every route of the exchange that could tell of these resources, with what it answered."""
    from tasuki_server.exchange.routes import ROUTES

    answers = {}

    def ask(code, method, path, body=b"", **headers):
        told = caller(method, f"fhir/{path}", body, **headers)
        answers[f"{code} {method} {path.partition('?')[0]} {len(answers)}"] = told

    for route in ROUTES:
        kinds = set()
        for kind, logical_id in written.places():
            if "I" not in route.shape and route.code != "search-type" and kind in kinds:
                continue
            kinds.add(kind)
            fixed = [each for each in route.shape if each not in ("T", "I", "V")]
            if any(each[:1].isupper() and each != kind for each in fixed):
                continue
            path = "/".join({"T": kind, "I": logical_id, "V": "1"}.get(each, each) for each in route.shape)
            if route.method == "GET":
                for query in _queries(route, kind, logical_id, written):
                    ask(route.code, "GET", f"{path}?{query}" if query else path)
            elif route.shape == ("T", "_search"):
                form = f"_id={logical_id}".encode()
                ask(route.code, "POST", path, form, content_type="application/x-www-form-urlencoded")
            elif route.shape == ():
                for bundle in ("batch", "transaction"):
                    entry = [{"request": {"method": "GET", "url": f"{kind}/{logical_id}"}}]
                    ask(bundle, "POST", "", {"resourceType": "Bundle", "type": bundle, "entry": entry})
            elif "$validate" in route.shape:
                ask(route.code, "POST", path)
            elif route.method == "PUT":
                body = {"resourceType": kind, "id": logical_id}
                ask(route.code, "PUT", path if "I" in route.shape else f"{path}?_id={logical_id}", body)
            elif route.method == "PATCH":
                body = [{"op": "add", "path": "/language", "value": "ja"}]
                headers = {"content_type": "application/json-patch+json"}
                ask(
                    route.code,
                    "PATCH",
                    path if "I" in route.shape else f"{path}?_id={logical_id}",
                    body,
                    **headers,
                )
            elif route.method == "DELETE":
                ask(route.code, "DELETE", path if "I" in route.shape else f"{path}?_id={logical_id}")
            elif route.code == "create":
                headers = {"if_none_exist": f"_id={logical_id}"}
                ask(route.code, "POST", path, {"resourceType": "Basic", "code": {"text": "x"}}, **headers)
    return answers


def _queries(route, kind, logical_id, written):
    if route.shape == ("Observation", "$lastn"):
        return [f"patient=Patient/{written.patient}&category=laboratory&max=5"]
    if route.code != "search-type" or kind == "AuditEvent" or route.shape != ("T",):
        return [""]
    made = [f"_id={logical_id}", f"_id={logical_id}&_summary=count", "_count=200&_sort=-_lastUpdated"]
    if kind == "Patient":
        made += [f"identifier={written.insured}", f"_id={written.patient}&_revinclude=Condition:patient"]
        made += [f"_has:Condition:patient:_id={each}" for each in written.ids["Condition"]]
        made += [
            f"_id={written.patient}&_revinclude=Observation:subject&_revinclude=AllergyIntolerance:patient"
        ]
    else:
        made += [f"patient=Patient/{written.patient}", f"patient:Patient.identifier={written.insured}"]
        made += [f"_id={logical_id}&_include={kind}:patient", f"patient.name={quote(written.marks[0])}"]
    return made


def leaks(answers, written):
    told = {}
    for where, answer in answers.items():
        text = json.dumps(answer.value, ensure_ascii=False)
        found = [mark for mark in written.marks if mark in text]
        counted = isinstance(answer.value, dict) and answer.value.get("total", 0) and "_summary" in where
        if found or counted:
            told[where] = found
    return told


def permit(portal, who, institution, *kinds):
    given = {
        "insured": [{"number": number_of(who)}],
        "institution": institution.number,
        "kinds": list(kinds),
        "until": (timezone.now() + timedelta(days=1)).isoformat(),
    }
    told = portal("POST", "records/person/permissions", given)
    assert told.status == 200, told.value
    return told.value


def test_closed_open_and_closed_again_on_every_path(places, portal):
    from tasuki_server.exchange.routes import ROUTES

    clinic, hospital = places
    written = Written(clinic, "甲0001")
    assert leaks(walked(hospital, written), written) == {}
    permit(portal, written.who, hospital, *KINDS)
    answers = walked(hospital, written)
    opened = leaks(answers, written)
    codes = {where.partition(" ")[0] for where in opened}
    # The walk does find what may be read: by reading, in history, by search, in batches and by operations.
    assert {
        "read",
        "vread",
        "history-instance",
        "history-type",
        "history-system",
        "search-type",
        "operation",
        "batch",
    } <= codes
    assert {mark for found in opened.values() for mark in found} == set(written.marks)
    assert {route.code for route in ROUTES} - {"capabilities"} <= {
        *(where.partition(" ")[0] for where in answers), "transaction", "create",
    }  # fmt: skip
    gone = portal("POST", "records/person/withdrawals", {"insured": [{"number": number_of(written.who)}]})
    assert gone.status == 200
    assert leaks(walked(hospital, written), written) == {}
    # Nothing that was tried has changed what its writer has.
    assert clinic("GET", f"fhir/Condition/{written.ids['Condition'][0]}").value["meta"]["versionId"] == "1"


@pytest.mark.parametrize(
    ("kind", "mark"),
    [("condition", "病"), ("allergy", "原因"), ("laboratory", "所見"), ("infection", "所見")],
)
def test_each_kind_opens_itself_alone(places, portal, kind, mark):
    clinic, hospital = places
    written = Written(clinic, f"乙{kind}")
    permit(portal, written.who, hospital, kind)
    path = f"fhir/Patient/{written.patient}/$everything"
    entries = hospital("GET", path).value["entry"]
    types = [each["resource"]["resourceType"] for each in entries]
    expected = {"condition": "Condition", "allergy": "AllergyIntolerance"}.get(kind, "Observation")
    assert sorted(types) == sorted(["Patient", expected])
    assert mark in json.dumps(entries, ensure_ascii=False)
    if expected == "Observation":
        systems = json.dumps(entries[1]["resource"]["code"])
        assert ("InfectionLabo" in systems) is (kind == "infection")


def test_a_period_ends_by_itself(places, portal, owner):
    clinic, hospital = places
    written = Written(clinic, "丙0001")
    permit(portal, written.who, hospital, "condition")
    path = f"fhir/Condition/{written.ids['Condition'][0]}"
    assert hospital("GET", path).status == 200
    owner.execute("UPDATE records_opening SET until = now() WHERE institution = %s", [hospital.number])
    assert hospital("GET", path).status == 404


def test_open_is_the_regional_rule(places):
    from tasuki_server.records.rules import set_rules

    clinic, hospital = places
    written = Written(clinic, "丁0001")
    path = f"fhir/Condition/{written.ids['Condition'][0]}"
    assert hospital("GET", path).status == 404
    set_rules("試験", policy="open")
    try:
        assert hospital("GET", path).status == 200
    finally:
        set_rules("試験", policy="closed")
    assert hospital("GET", path).status == 404


def test_what_is_of_no_kind_stays_its_writers(places, portal):
    clinic, hospital = places
    written = Written(clinic, "戊0001")
    permit(portal, written.who, hospital, *KINDS)
    subject = {"reference": f"Patient/{written.patient}"}
    note = {"resourceType": "Basic", "code": {"text": "覚え書き戊"}, "subject": subject}
    vital = {"resourceType": "Observation", "status": "final", "code": {"text": "体重戊"}, "subject": subject}
    for value in (note, vital):
        made = clinic("POST", f"fhir/{value['resourceType']}", value)
        assert made.status == 201, made.value
        assert hospital("GET", f"fhir/{value['resourceType']}/{made.value['id']}").status == 404
    told = json.dumps(
        hospital("GET", f"fhir/Patient/{written.patient}/$everything").value, ensure_ascii=False
    )
    assert "覚え書き戊" not in told and "体重戊" not in told and "病戊0001" in told


def test_who_a_patient_is_is_said_by_its_writer_alone(places, portal):
    """Else a permission of one person would open another's records."""
    clinic, hospital = places
    written = Written(clinic, "己0001")
    permit(portal, written.who, hospital, *KINDS)
    own = hospital("GET", f"fhir/Patient/{written.patient}").value
    own["identifier"][0]["value"] = number_of(person())
    assert hospital("PUT", f"fhir/Patient/{written.patient}", own).status == 403


def test_a_change_of_what_is_not_seen_is_as_of_what_is_not_there(places):
    clinic, hospital = places
    written = Written(clinic, "己0002")
    steps = [{"op": "add", "path": "/language", "value": "ja"}]
    kind = {"content_type": "application/json-patch+json"}
    for type_name, logical_id in written.places():
        absent = str(uuid4())
        there, nowhere = f"fhir/{type_name}/{logical_id}", f"fhir/{type_name}/{absent}"
        for method, body in (("PATCH", steps), ("DELETE", b"")):
            for headers in ({}, {"if_match": 'W/"9"'}):
                more = {**headers, **(kind if body else {})}
                told, other = (hospital(method, each, body, **more) for each in (there, nowhere))
                assert told.status == other.status
                # Messages shorten a place.
                seen, missing = there.removeprefix("fhir/")[:40], nowhere.removeprefix("fhir/")[:40]
                assert str(told.value).replace(seen, missing) == str(other.value)
        assert clinic("GET", there).status == 200


def test_a_patient_of_another_writer_opens_nothing(places, portal):
    """An institution that says its own Patient is an accomplice has what others wrote about it no nearer."""
    clinic, hospital = places
    who, accomplice = person(), person()
    identifier = {"system": INSURED, "value": number_of(who)}
    made = hospital("POST", "fhir/Patient", {"resourceType": "Patient", "identifier": [identifier]}).value
    permit(portal, who, clinic, *KINDS)
    disease_ = {
        "resourceType": "Condition",
        "code": {"text": "病壬0001"},
        "subject": {"reference": f"Patient/{made['id']}"},
    }
    own = clinic("POST", "fhir/Condition", disease_)
    assert own.status == 201, own.value
    made["identifier"] = [{"system": INSURED, "value": number_of(accomplice)}]
    assert hospital("PUT", f"fhir/Patient/{made['id']}", made).status == 200
    permit(portal, accomplice, hospital, *KINDS)
    assert hospital("GET", f"fhir/Condition/{own.value['id']}").status == 404
    insured = quote(number_of(accomplice), safe="")
    assert portal("GET", f"records/person/records?insured={insured}").value["resources"] == []


def test_who_is_narrowed_does_not_use_the_service(places):
    from tasuki_server.exchange import clients

    clinic, _ = places
    path = f"records/informations?insured={quote(number_of(person()), safe='')}"
    try:
        for scopes, status in ((["system/Condition.rs"], 403), (["system/*.cruds"], 200)):
            clients.narrow(clinic.row, scopes, timezone.now())
            time.sleep(1.1)
            told = clinic("GET", path)
            assert told.status == status, told.value
            assert status == 200 or "限られている" in told.texts[0]
    finally:
        clients.narrow(clinic.row, None, timezone.now())
        time.sleep(1.1)


def test_earlier_versions_of_others_are_not_read(places, portal):
    clinic, hospital = places
    written = Written(clinic, "庚0001")
    clinic("POST", "records/informations", unit(clinic, written.who, "C-1", disease("d1", "直した病")))
    permit(portal, written.who, hospital, *KINDS)
    path = f"fhir/Condition/{written.ids['Condition'][0]}"
    assert hospital("GET", path).value["code"]["text"] == "直した病"
    assert clinic("GET", f"{path}/_history/1").status == 200
    assert hospital("GET", f"{path}/_history/1").status == 404
    assert len(hospital("GET", f"{path}/_history").value["entry"]) == 1


def test_a_document_on_the_exchange_is_its_addressees(places, portal, server):
    """The way of a Communication: read by whom it names, until the person withdraws or the sender deletes it."""
    clinic, hospital = places
    third = Asker("9990123", "第三医院")
    who = person()
    made = []
    for _ in range(2):
        bundle = clinic("POST", "fhir/Bundle", letter(clinic, hospital, who, f"L-{len(made)}"))
        assert bundle.status == 201, bundle.value
        note = {
            "resourceType": "Communication",
            "status": "completed",
            "about": [{"reference": f"Bundle/{bundle.value['id']}"}],
            "recipient": [
                {
                    "identifier": {
                        "system": "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no",
                        "value": hospital.number,
                    }
                }
            ],
        }
        told = clinic("POST", "fhir/Communication", note)
        made.append((f"fhir/Bundle/{bundle.value['id']}", f"fhir/Communication/{told.value['id']}"))
    for pair in made:
        assert [hospital("GET", each).status for each in pair] == [200, 200]
        assert [third("GET", each).status for each in pair] == [404, 404]
    assert clinic("DELETE", made[0][1]).status == 204
    assert hospital("GET", made[0][0]).status == 404
    assert (
        portal("POST", "records/person/withdrawals", {"insured": [{"number": number_of(who)}]}).status == 200
    )
    assert [hospital("GET", each).status for each in made[1]] == [404, 404]
    # Nobody addresses another's document to themselves.
    grab = {
        "resourceType": "Communication",
        "status": "completed",
        "about": [{"reference": made[1][0].removeprefix("fhir/")}],
        "recipient": [
            {
                "identifier": {
                    "system": "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no",
                    "value": third.number,
                }
            }
        ],
    }
    assert third("POST", "fhir/Communication", grab).status == 201
    assert third("GET", made[1][0]).status == 404


def test_each_insured_number_of_a_document_counts_as_addressed(places, monkeypatch):
    from tasuki.sharing.build.names import INSTITUTION_NUMBER, INSURED
    from tasuki_server.exchange import standing

    clinic, hospital = places
    people = [
        {"resourceType": "Patient", "identifier": [{"system": INSURED, "value": number_of(person())}]}
        for _ in range(2)
    ]
    entries = [{"fullUrl": f"urn:uuid:{uuid4()}", "resource": each} for each in people]
    given = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    bundle = clinic("POST", "fhir/Bundle", given)
    assert bundle.status == 201, bundle.value
    note = {
        "resourceType": "Communication", "status": "completed",
        "about": [{"reference": f"Bundle/{bundle.value['id']}"}],
        "recipient": [{"identifier": {"system": INSTITUTION_NUMBER, "value": hospital.number}}],
    }  # fmt: skip
    monkeypatch.setattr(standing, "MOST_ADDRESSED", 1)
    told = clinic("POST", "fhir/Communication", note)
    assert told.status == 422 and "一度に2組" in told.texts[0]
    assert hospital("GET", f"fhir/Bundle/{bundle.value['id']}").status == 404


def test_what_the_openings_say_is_what_the_history_decides(places, portal, server):
    """The rows that searches ask and the function that explains agree, for random acts of a person."""
    import random

    from tasuki.sharing.permission import RecordKind
    from tasuki_server.exchange.consent import live
    from tasuki_server.records.models import Opening

    chance = random.Random(7)
    _, hospital = places
    third = Asker("9990124", "第四医院")
    who = person()
    insured = [{"number": number_of(who)}]
    for _ in range(25):
        kinds = chance.sample(KINDS, chance.randrange(1, 4))
        if chance.random() < 0.5:
            permit(portal, who, chance.choice((hospital, third)), *kinds)
        else:
            body = {
                "insured": insured,
                "institution": chance.choice(("", hospital.number, third.number)),
                "kinds": kinds,
            }
            assert portal("POST", "records/person/withdrawals", body).status == 200
        for place in (hospital, third):
            told = place("GET", f"records/informations?insured={quote(number_of(who), safe='')}").value[
                "kinds"
            ]
            said = {each["kind"] for each in told if each["is_open"]}
            rows = Opening.objects.raw(
                f"SELECT * FROM records_opening o WHERE institution = %s AND person = %s AND {live('o')}",
                [place.number, _key(who)],
            )
            assert {row.kind for row in rows} & set(RecordKind) == said


def _key(who):
    from tasuki.sharing.permission import insured_key

    return insured_key(number_of(who))


def test_a_sent_letter_is_not_on_the_exchange(places, portal):
    """Documents of the service are read at the service: no search of the exchange finds one."""
    clinic, hospital = places
    who = person(family="姓辛0001")
    told = clinic("POST", "records/documents", sending(letter(clinic, hospital, who, "L-x"), hospital))
    assert told.status == 200
    for path in ("fhir/Bundle", "fhir/Composition", "fhir/_history", "fhir/Patient?name=姓辛0001"):
        assert "姓辛0001" not in json.dumps(hospital("GET", path).value, ensure_ascii=False)
