# SPDX-License-Identifier: Apache-2.0
"""医療情報の交換の操作 — searches as Bundles, $validate and the rest, audit events, and a statement that is true."""

from __future__ import annotations

import base64
import json
import random
from urllib.parse import quote

import pytest

from exchange import Place, observation, patient

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Place("9990010", "試験医院"), Place("9990028", "となり医院")
    close_house()


@pytest.fixture
def clinic(places):
    return places[0]


@pytest.fixture(scope="module")
def person(places):
    """A patient with an organization and six results of two codes."""
    clinic = places[0]
    house = clinic("POST", "Organization", {"resourceType": "Organization", "name": "架空病院"}).value["id"]
    found = clinic(
        "POST", "Patient", patient(managingOrganization={"reference": f"Organization/{house}"})
    ).value["id"]
    for day in (1, 2, 3):
        for code in ("4548-4", "718-7"):
            clinic("POST", "Observation", observation(
                found, code={"coding": [{"system": "http://loinc.org", "code": code}]},
                effectiveDateTime=f"2026-10-0{day}", performer=[{"reference": f"Organization/{house}"}],
            ))  # fmt: skip
    return found


def _ids(told):
    assert told.status == 200, told.value
    return [each["resource"]["id"] for each in told.value.get("entry", [])]


def _next(told):
    return (
        {each["relation"]: each["url"] for each in told.value["link"]}["next"]
        .split("/v1/fhir")[1]
        .lstrip("/")
    )


def test_a_search_pages_to_its_end_and_says_what_it_ignored(clinic, person):
    told = clinic("GET", f"Observation?patient={person}&_sort=-date&_count=4&_total=accurate")
    assert told.value["total"] == 6 and len(_ids(told)) == 4
    assert told.value["entry"][0]["search"] == {"mode": "match"}
    rest = clinic("GET", _next(told))
    assert len(_ids(rest)) == 2 and not set(_ids(rest)) & set(_ids(told))
    assert clinic("GET", f"Observation?patient={person}&odd=1").status == 400
    lenient = clinic("GET", f"Observation?patient={person}&odd=1", prefer="handling=lenient")
    assert "odd" in str(lenient.value["entry"][-1]) and "odd" not in lenient.value["link"][0]["url"]
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert (
        len(_ids(clinic("POST", "Observation/_search", f"patient={person}&_count=9".encode(), **form))) == 6
    )
    included = clinic("GET", f"Observation?patient={person}&_include=Observation:patient&code=718-7")
    assert [each["search"]["mode"] for each in included.value["entry"]] == ["match"] * 3 + ["include"]


def test_everything_of_a_patient_and_what_it_points_at(clinic, person):
    first = clinic("GET", f"Patient/{person}/$everything?_count=4")
    kinds = [each["resource"]["resourceType"] for each in first.value["entry"]]
    assert kinds == ["Patient", *["Observation"] * 4, "Organization"]
    rest = clinic("GET", _next(first))
    assert [each["resource"]["resourceType"] for each in rest.value["entry"]] == [
        *["Observation"] * 2,
        "Organization",
    ]
    assert clinic("GET", "Patient/nobody/$everything").status == 404


def test_the_newest_of_each_code(clinic, person):
    told = clinic(
        "GET", f"Observation/$lastn?patient={person}&code=http://loinc.org|718-7,http://loinc.org|4548-4"
    )
    days = [each["resource"]["effectiveDateTime"] for each in told.value["entry"]]
    assert days == ["2026-10-03", "2026-10-03"]
    assert len(_ids(clinic("GET", f"Observation/$lastn?patient={person}&code=718-7&max=2"))) == 2
    assert clinic("GET", f"Observation/$lastn?patient={person}").status == 400


def test_a_document_holds_what_it_points_at(clinic, person):
    record = clinic("GET", f"Observation?patient={person}&_count=1").value["entry"][0]["resource"]["id"]
    loinc = {"coding": [{"system": "http://loinc.org", "code": "18842-5"}]}
    made = clinic("POST", "Composition", {
        "resourceType": "Composition", "status": "final", "type": loinc, "date": "2026-10-01", "title": "退院時サマリー",
        "subject": {"reference": f"Patient/{person}"}, "author": [{"display": "襷　太郎"}],
        "section": [{"title": "検査", "entry": [{"reference": f"Observation/{record}"}]}],
    })  # fmt: skip
    assert made.status == 201, made.value
    told = clinic("GET", f"Composition/{made.value['id']}/$document?persist=true")
    kinds = [each["resource"]["resourceType"] for each in told.value["entry"]]
    assert kinds[0] == "Composition" and set(kinds) == {
        "Composition",
        "Patient",
        "Observation",
        "Organization",
    }
    kept = clinic("GET", f"Bundle/{told.value['id']}")
    assert kept.value["type"] == "document" and kept.value["meta"]["versionId"] == "1"


def test_validate_tells_everything_and_keeps_nothing(clinic):
    told = clinic("POST", "Patient/$validate", patient(gender="x"))
    assert told.status == 200 and told.value["issue"][0]["severity"] == "error"
    fine = clinic("POST", "Patient/$validate", patient())
    assert {each["severity"] for each in fine.value["issue"]} == {"information"}
    wrapped = {
        "resourceType": "Parameters",
        "parameter": [{"name": "resource", "resource": patient(gender="x")}],
    }
    assert clinic("POST", "Patient/$validate", wrapped).value["issue"][0]["severity"] == "error"
    ecs = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS"
    assert "error" in {
        each["severity"]
        for each in clinic("POST", f"Patient/$validate?profile={ecs}", patient()).value["issue"]
    }
    assert clinic("POST", "Patient/$validate", observation("p")).status == 400


def test_a_stored_resource_that_is_validated_was_looked_at(places):
    clinic, other = places
    made = clinic("POST", "Patient", patient()).value["id"]
    assert other("GET", f"Patient/{made}/$validate").status == 200
    assert other("GET", f"Patient/{made}/$validate?mode=delete").status == 200
    events = clinic("GET", f"AuditEvent?patient={made}").value["entry"]
    named = [each["resource"]["agent"][0]["who"]["display"] for each in events]
    assert named == ["となり医院", "となり医院", "試験医院"]


def test_a_writer_is_not_told_what_else_a_reader_asked_for(places):
    clinic, other = places
    one, two = (clinic("POST", "Patient", patient()).value["id"] for _ in range(2))
    assert other("GET", f"Patient?_id={one},{two}").status == 200
    (told,) = clinic("GET", f"AuditEvent?patient={one}&subtype=search-type").value["entry"]
    assert two not in str(told) and not any("query" in each for each in told["resource"]["entity"])
    (mine,) = other("GET", f"AuditEvent?patient={one}&subtype=search-type").value["entry"]
    assert two in base64.b64decode(mine["resource"]["entity"][-1]["query"]).decode()


def test_audit_events_are_seen_by_who_asked_and_by_who_wrote(places):
    clinic, other = places
    made = clinic("POST", "Patient", patient()).value["id"]
    other("GET", f"Patient/{made}")
    other("GET", "Patient/nobody-before")
    other("GET", "Patient/nobody-here")
    events = clinic("GET", f"AuditEvent?entity=Patient/{made}").value["entry"]
    assert [each["resource"]["action"] for each in events] == ["R", "C"]
    assert events[0]["resource"]["agent"][0]["who"]["display"] == "となり医院"
    assert clinic("GET", f"AuditEvent/{events[0]['resource']['id']}").value == events[0]["resource"]
    assert _ids(clinic("GET", "AuditEvent?entity=Patient/nobody-here")) == []
    failed = other("GET", "AuditEvent?outcome=4&_count=1")
    assert failed.value["entry"][0]["resource"]["outcomeDesc"] == "HTTP 404" and _next(failed)
    clinic("GET", f"Observation?patient={made}")
    (searched,) = clinic("GET", "AuditEvent?subtype=search-type&_count=1").value["entry"]
    assert f"patient={made}" in base64.b64decode(searched["resource"]["entity"][0]["query"]).decode()
    assert len(_ids(clinic("GET", f"AuditEvent?patient={made}&date=ge2026&action=C"))) == 1
    assert clinic("GET", "AuditEvent?date=x").status == clinic("GET", "AuditEvent?odd=1").status == 400
    assert clinic("POST", "AuditEvent", {"resourceType": "AuditEvent"}).status == 405
    assert clinic("GET", "AuditEvent?date=lt2020").value.get("entry") is None


def test_the_statement_says_what_the_routes_do(clinic):
    told = clinic("GET", "metadata").value
    (rest,) = told["rest"]
    assert {each["code"] for each in rest["interaction"]} == {
        "transaction",
        "batch",
        "history-system",
        "search-system",
    }
    kinds = {each["type"]: each for each in rest["resource"]}
    assert len(kinds) > 130 and "OperationOutcome" not in kinds
    assert [each["code"] for each in kinds["AuditEvent"]["interaction"]] == ["read", "search-type"]
    assert {each["name"] for each in kinds["Patient"]["operation"]} == {"validate", "everything", "export"}
    assert [each["name"] for each in rest["operation"]] == ["export"]
    assert {"birthdate", "identifier"} <= {each["name"] for each in kinds["Patient"]["searchParam"]}
    check = clinic("POST", "CapabilityStatement/$validate", told).value["issue"]
    assert "error" not in {each["severity"] for each in check}, check[:3]


def test_a_provenance_comes_with_what_it_is_of(clinic):
    agent = [{"who": {"display": "襷　太郎"}}]
    header = json.dumps(
        {"resourceType": "Provenance", "recorded": "2026-11-30T09:00:00+09:00", "agent": agent}
    )
    made = clinic("POST", "Patient", patient(), x_provenance=header.encode().decode("latin-1"))
    assert made.status == 201, made.value
    found = clinic("GET", f"Provenance?target=Patient/{made.value['id']}")
    assert found.value["entry"][0]["resource"]["agent"][0]["who"]["display"] == "襷　太郎"
    assert clinic("POST", "Patient", patient(), x_provenance="{}").status == 400


def test_a_bulk_load_checks_indexes_and_records_each(clinic, server):
    """In this process: what the processes of `./tasuki fhir load` do."""
    from tasuki_server.exchange.loading import begin_worker, take_batch

    made = [
        patient(id="loaded-1"),
        observation("loaded-1", id="loaded-2"),
        patient(id="loaded-3", gender="x"),
        [],
    ]
    lines = [json.dumps(each, ensure_ascii=False).encode() for each in made]
    begin_worker(server.connections.platform, clinic.row.id)
    done = take_batch(list(enumerate([*lines, b"", b"{"], 1)))
    assert (done.count, [each.line for each in done.refused]) == (2, [3, 4, 6])
    assert "unknown" not in done.refused[0].texts[0] and "x" in done.refused[0].texts[0]
    assert _ids(clinic("GET", "Observation?patient=loaded-1")) == ["loaded-2"]
    assert clinic("GET", "Patient/loaded-1/_history/1").status == 200
    assert len(_ids(clinic("GET", "AuditEvent?entity=Patient/loaded-1&action=C"))) == 1
    # Again: what is there already becomes a new version.
    assert take_batch(list(enumerate(lines[:2], 1))).count == 2
    assert clinic("GET", "Patient/loaded-1").value["meta"]["versionId"] == "2"


def test_no_request_is_our_own_fault(clinic):
    """Whatever is asked, by whatever method, with whatever body: an OperationOutcome or an answer, never a 5xx."""
    from tasuki_server.drills.fuzz_values import broken, hostile
    from tasuki_server.exchange.routes import ROUTES

    chosen = random.Random(9)
    # One of its own: it may be deleted by what is asked.
    person = clinic("POST", "Patient", patient()).value["id"]
    bodies = [json.dumps(each, ensure_ascii=False).encode() for each in (
        patient(), observation(person), [{"op": "add", "path": "/x", "value": 1}],
        {"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": "urn:uuid:1", "resource": patient(), "request": {"method": "PUT", "url": "Patient?identifier=a|b"}},
            {"resource": observation(person), "request": {"method": "POST", "url": "Observation"}},
            {"request": {"method": "GET", "url": f"Patient/{person}"}}]},
        {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "DELETE", "url": "Patient/x"}}]},
    )]  # fmt: skip
    pieces = {
        "T": ("Patient", "Observation", "Bundle", "Consent", "Nothing"),
        "I": (person, "x", "a_b", "%00"),
        "V": ("1", "0", "x", "9" * 30),
    }
    names = ("_count", "_cursor", "_since", "_type", "_id", "identifier", "patient", "_sort", "_include", "date", "max", "code", "odd", "birthdate", "_has:Observation:patient:code", "name:exact")  # fmt: skip
    statuses = set()
    for _ in range(600):
        route = chosen.choice(ROUTES)
        parts = [chosen.choice(pieces[each]) if each in pieces else each for each in route.shape]
        method = (
            route.method
            if chosen.random() < 0.9
            else chosen.choice(("GET", "POST", "PUT", "PATCH", "DELETE"))
        )
        query = "&".join(
            f"{chosen.choice(names)}={quote(chosen.choice(('1', '2026', person, '-date', '|', 'a|b', hostile(chosen)[:40])))}"
            for _ in range(chosen.randrange(3) if method != "POST" or chosen.random() < 0.3 else 0)
        )
        body = b"" if method == "GET" else chosen.choice(bodies)
        if body and parts[:1] in (["Patient"], ["Observation"]) and chosen.random() < 0.8:
            body = bodies[parts[0] == "Observation"]
        if body and chosen.random() < 0.5:
            body = broken(body, chosen)
        headers = {}
        if chosen.random() < 0.2:
            headers = {chosen.choice(("if_match", "if_none_exist", "if_none_match", "prefer", "accept", "host", "x_provenance")): hostile(chosen)[:30]}  # fmt: skip
        path = "/".join(parts) + (f"?{query}" if query else "")
        told = clinic(method, path, body, **headers)
        statuses.add(told.status)
        assert told.status < 500, (method, path, body[:300], headers, told.value)
        assert told.status < 400 or told.value["resourceType"] == "OperationOutcome"
    assert {200, 201, 400, 404, 405, 422} <= statuses


def test_a_search_goes_across_the_types_that_it_names(places):
    clinic = places[0]
    # One of its own: a test before this one asks at random, and deletes.
    person = clinic("POST", "Patient", patient()).value["id"]
    assert clinic("POST", "Observation", observation(person)).status == 201
    told = clinic("GET", f"?_type=Observation,Patient&_id={person}&_total=accurate")
    assert told.value["total"] == 1 and _ids(told) == [person]
    walked, kinds, told = (
        [],
        [],
        clinic("GET", "?_type=Patient,Observation&_lastUpdated=ge2026&_sort=-_lastUpdated&_count=7"),
    )
    for _ in range(100):
        walked += _ids(told)
        kinds += [each["resource"]["resourceType"] for each in told.value["entry"]]
        if not any(each["relation"] == "next" for each in told.value["link"]):
            break
        told = clinic("GET", _next(told))
    alone = [
        _ids(clinic("GET", f"{kind}?_lastUpdated=ge2026&_count=500")) for kind in ("Patient", "Observation")
    ]
    assert len(walked) == len(set(walked)) and set(walked) == {*alone[0], *alone[1]} and len(set(kinds)) == 2
    form = {"content_type": "application/x-www-form-urlencoded"}
    posted = clinic("POST", "_search", f"_type=Observation,Condition&patient={person}".encode(), **form)
    assert set(_ids(posted)) == set(_ids(clinic("GET", f"Observation?patient={person}&_count=500")))
    for wrong in (
        "",
        "?_type=Nothing",
        "?_type=AuditEvent",
        "?_type=Patient,Observation&birthdate=1960",
        "?_type=Patient&_include=Patient:organization",
        "?_type=Patient,Observation&_sort=birthdate",
        "?_type=Patient&odd=1",
    ):
        assert clinic("GET", wrong, prefer="handling=lenient").status == 400, wrong
