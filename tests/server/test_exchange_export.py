# SPDX-License-Identifier: Apache-2.0
"""一括出力 — kick-off, files, refusals; what a patient takes back is in no file any more, written or not."""

from __future__ import annotations

import asyncio
import json
import time
from urllib.parse import quote
from uuid import UUID

import pytest

from exchange import Place, observation, patient
from exchange_programs import forget_scopes, opened

pytestmark = pytest.mark.server
ASYNC = {"prefer": "respond-async"}
CONSENT_SCOPE = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
}
CONSENT_CATEGORY = [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Place("9990010", "試験医院"), Place("9990028", "となり医院")
    close_house()


@pytest.fixture(scope="module")
def people(places):
    """Three patients of the neighbour's, with two results each; and an organization of nobody's compartment."""
    neighbour = places[1]
    made = []
    for _ in range(3):
        who = neighbour("POST", "Patient", patient()).value["id"]
        results = [neighbour("POST", "Observation", observation(who, status=each)).value["id"] for each in ("final", "amended")]  # fmt: skip
        made.append((who, results))
    neighbour("POST", "Organization", {"resourceType": "Organization", "name": "架空病院"})
    return made


def place_of(told):
    return told.headers["content-location"].split("/fhir/")[1]


def finished(place, where):
    for _ in range(200):
        told = place("GET", where)
        if told.status != 202:
            return told
        assert told.headers["x-progress"] and told.headers["retry-after"] == "1"
        time.sleep(0.05)
    raise AssertionError("it never ended")


def lines(place, url):
    reply = place.raw("GET", url.split("/fhir/")[1], accept="application/fhir+ndjson")
    assert (reply.status, reply.media_type) == (200, "application/fhir+ndjson"), reply.body
    return [json.loads(each) for each in reply.body.splitlines()]


def exported(place, path, value=b"", method="GET", **headers):
    told = place(method, path, value, **{**ASYNC, **headers})
    assert told.status == 202, told.value
    done = finished(place, place_of(told))
    assert done.status == 200, done.value
    found = {}
    for each in done.value["output"]:
        found.setdefault(each["type"], []).extend(lines(place, each["url"]))
    return done, found


def withdraw(place, person):
    """A Consent that denies; gives how to take it back."""
    consent = {"resourceType": "Consent", "status": "active", "scope": CONSENT_SCOPE, "category": CONSENT_CATEGORY, "patient": {"reference": f"Patient/{person}"}, "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTOUT"}]}}  # fmt: skip
    made = place("POST", "Consent", consent)
    assert made.status == 201, made.value
    return lambda: place("DELETE", f"Consent/{made.value['id']}")


def test_everything_that_may_be_seen_comes_in_lines(places, people):
    done, found = exported(places[0], "$export")
    assert {who for who, _ in people} <= {each["id"] for each in found["Patient"]}
    assert len(found["Observation"]) == 6 and "Organization" in found
    assert done.value["requiresAccessToken"] is True and done.value["error"] == [] and done.headers["expires"]
    assert done.value["transactionTime"] < found["Patient"][0]["meta"]["lastUpdated"]
    of_people, found = exported(places[0], "Patient/$export")
    assert set(found) == {"Patient", "Observation"} and of_people.value["request"].endswith(
        "/Patient/$export"
    )
    who, results = people[0]
    _, found = exported(places[0], "Patient/$export", {"resourceType": "Parameters", "parameter": [
        {"name": "patient", "valueReference": {"reference": f"Patient/{who}"}}, {"name": "_type", "valueString": "Observation"},
    ]}, "POST")  # fmt: skip
    assert {each["id"] for each in found["Observation"]} == set(results) and set(found) == {"Observation"}


def test_filters_and_times_bound_it(places, people):
    wanted = quote("Observation?status=amended,corrected")
    _, found = exported(places[0], f"$export?_type=Observation,Patient&_typeFilter={wanted}")
    assert {each["status"] for each in found["Observation"]} == {"amended"} and len(found["Patient"]) == 3
    _, found = exported(places[0], "$export?_since=2999-01-01")
    assert found == {}
    _, found = exported(places[0], "$export?_since=2026-01-01&_outputFormat=ndjson&_type=Patient")
    assert len(found["Patient"]) == 3


def test_a_group_is_its_active_members(places, people):
    clinic = places[0]
    members = [
        {"entity": {"reference": f"Patient/{people[0][0]}"}},
        {"entity": {"reference": f"Patient/{people[1][0]}"}, "inactive": True},
    ]
    made = clinic(
        "POST", "Group", {"resourceType": "Group", "type": "person", "actual": True, "member": members}
    )
    assert made.status == 201, made.value
    _, found = exported(clinic, f"Group/{made.value['id']}/$export")
    assert [each["id"] for each in found["Patient"]] == [people[0][0]]
    assert {each["id"] for each in found["Observation"]} == set(people[0][1])
    assert clinic("GET", "Group/nothing/$export", **ASYNC).status == 404


def test_a_withdrawal_counts_for_files_that_were_written(places, people):
    from tasuki_server.exchange.models import AccessEvent

    clinic, neighbour = places
    done, found = exported(clinic, "$export?_type=Observation")
    assert len(found["Observation"]) == 6
    (file,) = done.value["output"]
    number = file["url"].split("$export/")[1]
    noted = {
        each.patient for each in AccessEvent.objects.filter(caller=clinic.row, query=f"$export/{number}")
    }
    assert noted == {who for who, _ in people}
    back = withdraw(neighbour, people[0][0])
    left = {each["id"] for each in lines(clinic, file["url"])}
    assert left == set(people[1][1] + people[2][1])
    _, again = exported(clinic, "$export?_type=Observation,Patient")
    assert len(again["Observation"]) == 4 and people[0][0] not in {each["id"] for each in again["Patient"]}
    assert len(exported(neighbour, "$export?_type=Observation")[1]["Observation"]) == 6
    back()
    assert len(lines(clinic, file["url"])) == 6


def test_a_file_keeps_the_version_it_was_written_with(places, people):
    clinic, neighbour = places
    done, _ = exported(clinic, "$export?_type=Patient")
    who = people[2][0]
    held = neighbour("GET", f"Patient/{who}").value
    neighbour("PUT", f"Patient/{who}", {**held, "gender": "other"})
    (file,) = done.value["output"]
    assert {each["id"]: each["gender"] for each in lines(clinic, file["url"])}[who] == "female"
    _, now = exported(clinic, "$export?_type=Patient")
    assert {each["id"]: each["gender"] for each in now["Patient"]}[who] == "other"
    neighbour("PUT", f"Patient/{who}", held)


def test_nobody_else_reads_it_and_it_can_be_stopped(places, people):
    clinic, neighbour = places
    where = place_of(clinic("GET", "$export?_type=Patient", **ASYNC))
    assert finished(clinic, where).status == 200
    assert neighbour("GET", where).status == 404 and neighbour("GET", f"{where}/1").status == 404
    assert neighbour("DELETE", where).status == 404 and clinic("GET", f"{where}/2").status == 404
    assert clinic("DELETE", where).status == 202
    assert (
        clinic("GET", where).status
        == clinic("GET", f"{where}/1").status
        == clinic("DELETE", where).status
        == 404
    )


def test_what_is_asked_wrongly_is_refused_before_it_begins(places):
    clinic = places[0]
    assert clinic("GET", "$export").status == 400
    wrong = (
        "_type=Nothing", "_type=OperationOutcome", "_outputFormat=text/csv", "_since=yesterday", "odd=1", "patient=Patient/x",
        "_type=Patient&_typeFilter=Observation%3Fstatus%3Dfinal", "_typeFilter=Patient%3Fodd%3D1", "_typeFilter=Patient%3F_sort%3D_id", "_typeFilter=Patient",
    )  # fmt: skip
    for query in wrong:
        assert clinic("GET", f"$export?{query}", **ASYNC).status == 400, query
    lenient = clinic("GET", "$export?odd=1&_type=Patient", prefer="respond-async, handling=lenient")
    assert lenient.status == 202 and finished(clinic, place_of(lenient)).status == 200
    unknown = {
        "resourceType": "Parameters",
        "parameter": [{"name": "patient", "valueReference": {"reference": "Patient/no"}}],
    }
    assert clinic("POST", "Patient/$export", unknown, **ASYNC).status == 404
    assert (
        clinic("GET", "$export/not-a-number").status == clinic("GET", f"$export/{UUID(int=1)}").status == 404
    )


def test_scopes_bound_an_export_when_written_and_when_fetched(places, people):

    from tasuki_server.exchange import clients

    lab = opened(places[0], "system/Observation.rs?status=amended", "system/Patient.s")
    refused = lab("GET", "$export?_type=Patient", **ASYNC)
    assert refused.status == 403 and "system/Patient.r" in refused.texts[0]
    done = finished(lab, place_of(lab("GET", "$export", **ASYNC)))
    assert [(each["type"], each["count"]) for each in done.value["output"]] == [("Observation", 3)]
    url = done.value["output"][0]["url"].split("/fhir/")[1]
    assert places[0]("GET", url.rpartition("/")[0]).status == 404
    # Reading and searching both bound it, each by its own conditions.
    for scopes in (["system/Observation.r", "system/Observation.s?status=final"], ["system/Observation.s", "system/Observation.r?status=final"]):  # fmt: skip
        clients.set_scopes(lab.client, scopes)
        forget_scopes()
        mixed = opened(places[0], *scopes)
        found = exported(mixed, "$export?_type=Observation")[1]["Observation"]
        assert {each["status"] for each in found} == {"final"} and lab("GET", url).value is None
    clients.set_scopes(lab.client, ["system/Observation.rs?status=final"])
    forget_scopes()
    assert lab("GET", url).value is None
    clients.set_scopes(lab.client, ["system/Patient.rs"])
    forget_scopes()
    assert lab("GET", url).value is None


def test_work_that_broke_off_goes_on_where_it_was(places, people, monkeypatch):
    """Every step fails once, in every place: no line is lost and none comes twice."""
    from tasuki_server.exchange import export_running
    from tasuki_server.exchange.models import ExportJob

    clinic = places[0]
    monkeypatch.setattr(export_running, "MOST_LINES", 2)
    real, broken = export_running._stepped, []

    async def stepped(room, job, guard):
        if len(broken) < 4 and (not broken or broken[-1] != "let go"):
            broken.append("let go")
            raise OSError("the process is gone")
        broken.append("went on")
        return await real(room, job, guard)

    monkeypatch.setattr(export_running, "_stepped", stepped)
    where = place_of(clinic("GET", "$export?_type=Observation", **ASYNC))
    for _ in range(50):
        told = clinic("GET", where)
        if told.status == 200:
            break
        time.sleep(0.02)
        # As if twenty seconds had passed without a sign of it.
        ExportJob.objects.filter(pk=where.split("/")[1]).update(beat_at="2026-01-01T00:00:00Z")
    assert told.status == 200 and broken.count("let go") >= 2
    assert [each["count"] for each in told.value["output"]] == [2, 2, 2]
    ids = [each["id"] for one in told.value["output"] for each in lines(clinic, one["url"])]
    assert len(ids) == len(set(ids)) == 6


def test_what_cannot_go_on_is_told_and_what_is_over_is_gone(places, monkeypatch):
    from datetime import UTC, datetime, timedelta

    from tasuki_server.exchange import export_running
    from tasuki_server.exchange.models import ExportJob

    clinic = places[0]

    async def stepped(room, job, guard):
        raise OSError("never")

    monkeypatch.setattr(export_running, "_stepped", stepped)
    where = place_of(clinic("GET", "$export?_type=Observation", **ASYNC))
    row = ExportJob.objects.filter(pk=where.split("/")[1])
    for _ in range(60):
        row.update(beat_at="2026-01-01T00:00:00Z")
        told = clinic("GET", where)
        if told.status == 500:
            break
        time.sleep(0.02)
    assert told.status == 500 and "もう一度" in told.texts[0]
    row.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert clinic("GET", where).status == 404


def test_so_many_at_once(places, monkeypatch):
    from tasuki_server.exchange import export_running

    async def stepped(room, job, guard):
        await asyncio.sleep(0)
        raise OSError("never")

    monkeypatch.setattr(export_running, "_stepped", stepped)
    clinic = places[1]
    begun = [clinic("GET", "$export?_type=Patient", **ASYNC) for _ in range(5)]
    assert {each.status for each in begun} == {202}
    many = clinic("GET", "$export?_type=Patient", **ASYNC)
    assert many.status == 429 and many.headers["retry-after"] == "60"
    for each in begun:
        assert clinic("DELETE", place_of(each)).status == 202


def test_what_was_deleted_since_is_listed_as_deletions(places):
    mine, neighbour = places
    since = mine("POST", "Patient", patient()).value["meta"]["lastUpdated"]
    who = neighbour("POST", "Patient", patient()).value["id"]
    gone, kept, again = (neighbour("POST", "Observation", observation(who)).value["id"] for _ in range(3))
    for each in (gone, again):
        assert neighbour("DELETE", f"Observation/{each}").status == 204

    def deleted(place, path):
        done, found = exported(place, path)
        assert all(each["type"] == "Bundle" for each in done.value["deleted"])
        told = [line for each in done.value["deleted"] for line in lines(place, each["url"])]
        assert all(each["type"] == "transaction" and len(each["entry"]) == 1 for each in told)
        requests = [each["entry"][0]["request"] for each in told]
        assert all(each["method"] == "DELETE" for each in requests)
        return {each["url"] for each in requests}, found, done

    asked = f"$export?_since={quote(since)}&_type=Observation"
    listed, found, done = deleted(mine, asked)
    assert {f"Observation/{gone}", f"Observation/{again}"} <= listed
    assert kept in {each["id"] for each in found["Observation"]} and gone not in {
        each["id"] for each in found["Observation"]
    }
    assert not any("Condition" in each for each in listed)
    # Of everything there is no list; a time that lies ahead has an empty one.
    assert exported(mine, "$export?_type=Observation")[0].value["deleted"] == []
    assert exported(mine, "$export?_since=2999-01-01&_type=Observation")[0].value["deleted"] == []
    assert deleted(mine, f"Patient/$export?_since={quote(since)}")[0] >= {f"Observation/{gone}"}
    # What is there again, or is hidden by now, is in the list no more.
    files = done.value["deleted"]
    neighbour("PUT", f"Observation/{again}", {**observation(who), "id": again})
    rest = {line["entry"][0]["request"]["url"] for each in files for line in lines(mine, each["url"])}
    assert f"Observation/{gone}" in rest and f"Observation/{again}" not in rest
    back = withdraw(neighbour, who)
    assert not any(
        f"Observation/{gone}" in json.dumps(line) for each in files for line in lines(mine, each["url"])
    )
    assert f"Observation/{gone}" not in deleted(mine, asked)[0]
    back()


def test_of_what_others_deleted_nothing_is_told_where_records_are_closed(places):
    from tasuki_server.records.rules import set_rules

    mine, neighbour = places
    since = mine("POST", "Patient", patient()).value["meta"]["lastUpdated"]
    who = neighbour("POST", "Patient", patient()).value["id"]
    theirs = neighbour("POST", "Observation", observation(who)).value["id"]
    own = mine("POST", "Observation", observation(mine("POST", "Patient", patient()).value["id"])).value["id"]
    for place, each in ((neighbour, theirs), (mine, own)):
        assert place("DELETE", f"Observation/{each}").status == 204
    set_rules("試験", policy="closed")
    try:
        done, _ = exported(mine, f"$export?_since={quote(since)}&_type=Observation")
        told = json.dumps([lines(mine, each["url"]) for each in done.value["deleted"]])
    finally:
        set_rules("試験", policy="open")
    assert f"Observation/{own}" in told and theirs not in told
