# SPDX-License-Identifier: Apache-2.0
"""読まれ方の抜け道 — what is looked at by a condition, by a patch, by a count or by an earlier version is recorded, or not told."""

from __future__ import annotations

import json

import pytest

from exchange import Place, observation, patient
from exchange_programs import opened

pytestmark = pytest.mark.server
JSON_PATCH = {"content_type": "application/json-patch+json"}
SECRET = "ほかに言わない覚え"


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Place("9990010", "試験医院"), Place("9990028", "となり医院")
    close_house()


@pytest.fixture
def neighbours(places):
    """A patient and a result of the neighbour."""
    who = places[1]("POST", "Patient", patient()).value["id"]
    result = places[1]("POST", "Observation", observation(who, note=[{"text": SECRET}])).value["id"]
    return who, result


def records_since(number: int) -> list[tuple]:
    """The record of use after a number: interaction, type, identifier, patient, whether of another than who asked, status."""
    from django.db import connections

    with connections["platform"].cursor() as cursor:
        cursor.execute(
            "SELECT interaction, type, id, patient, writer_id <> caller_id, status FROM exchange_access"
            " WHERE number > %s ORDER BY number",
            [number],
        )
        return cursor.fetchall()


def last_number() -> int:
    from django.db import connections

    with connections["platform"].cursor() as cursor:
        cursor.execute("SELECT coalesce(max(number), 0) FROM exchange_access")
        return cursor.fetchone()[0]


def transaction(*entries):
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def test_a_condition_of_a_transaction_is_a_search_and_is_recorded_as_one(places, neighbours):
    who, _ = neighbours
    before = last_number()
    wish = {"method": "POST", "url": "Observation", "ifNoneExist": f"patient={who}&code=4548-4"}
    told = places[0]("POST", "", transaction({"resource": observation(who), "request": wish}))
    assert told.status == 200 and "/Observation/" in told.value["entry"][0]["response"]["location"]
    assert ("search-type", "Observation", "", who, True, 200) in records_since(before)


@pytest.mark.parametrize("adds_a_fault", [False, True])
def test_a_condition_that_finds_nothing_is_recorded_whatever_becomes_of_the_request(
    places, neighbours, adds_a_fault
):
    who, _ = neighbours
    before = last_number()
    asked = [{"request": {"method": "DELETE", "url": f"Observation?patient={who}&value-quantity=ge99"}}]
    if adds_a_fault:
        broken = {"resourceType": "Observation", "subject": {"reference": f"Patient/{who}"}}
        asked.append({"resource": broken, "request": {"method": "POST", "url": "Observation"}})
    told = places[0]("POST", "", transaction(*asked))
    assert (told.status == 200) != adds_a_fault
    assert ("search-type", "Observation", "", None, None, 200) in records_since(before)


def test_what_a_conditional_create_answers_was_read_and_the_person_hears_of_it(places, neighbours):
    who, result = neighbours
    before = last_number()
    told = places[0]("POST", "Observation", observation(who), if_none_exist=f"_id={result}")
    assert told.status == 200 and SECRET in json.dumps(told.value, ensure_ascii=False)
    assert ("read", "Observation", result, who, True, 200) in records_since(before)


def test_a_change_of_anothers_patient_is_recorded_as_of_that_other(places, neighbours):
    who, _ = neighbours
    before = last_number()
    steps = [{"op": "replace", "path": "/gender", "value": "male"}]
    assert places[0]("PATCH", f"Patient/{who}", steps, **JSON_PATCH).status == 200
    assert ("patch", "Patient", who, who, True, 200) in records_since(before)
    told = places[1]("GET", f"AuditEvent?entity=Patient/{who}&_count=50").value
    assert "patch" in [each["resource"]["subtype"][0]["code"] for each in told["entry"]]


def test_a_refused_patch_of_anothers_patient_names_whose_it_was(places):
    who = places[1]("POST", "Patient", patient(address=[{"text": SECRET}])).value["id"]
    before = last_number()
    steps = [{"op": "copy", "from": "/address/0/text", "path": "/birthDate"}]
    assert places[0]("PATCH", f"Patient/{who}", steps, **JSON_PATCH).status == 422
    assert ("patch", "Patient", who, who, True, 422) in records_since(before)


def test_who_may_not_read_learns_nothing_from_a_patch_that_fails(places):
    who = places[0]("POST", "Patient", patient()).value["id"]
    result = places[0]("POST", "Observation", observation(who, note=[{"text": SECRET}])).value["id"]
    blind = opened(places[0], "system/Observation.u")
    copying = [{"op": "copy", "from": "/note/0/text", "path": "/status"}]
    moving = [{"op": "move", "from": "/note/0/text", "path": "/status"}]
    assert [
        blind("PATCH", f"Observation/{result}", each, **JSON_PATCH).status for each in (copying, moving)
    ] == [403, 403]
    fixed = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS"
    answers = [
        blind("PATCH", f"Observation/{result}", steps, **JSON_PATCH)
        for steps in (
            [{"op": "remove", "path": "/bodySite"}],
            [{"op": "add", "path": "/meta/profile", "value": [fixed]}],
            [{"op": "remove", "path": "/status"}],
        )
    ]
    assert [each.status for each in answers] == [422] * 3
    assert len({tuple(each.texts) for each in answers}) == 1
    assert all(SECRET not in json.dumps(each.value, ensure_ascii=False) for each in answers)


def test_a_scope_with_conditions_holds_for_what_a_patch_answers_and_asks(places):
    category = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}
    who = places[0]("POST", "Patient", patient()).value["id"]
    made = observation(who, category=[{"coding": [category]}], note=[{"text": SECRET}])
    result = places[0]("POST", "Observation", made).value["id"]
    made = opened(places[0], "system/Observation.rs?category=laboratory", "system/Observation.u")
    assert made("GET", f"Observation/{result}").status == 404
    done = made(
        "PATCH",
        f"Observation/{result}",
        [{"op": "replace", "path": "/status", "value": "final"}],
        **JSON_PATCH,
    )
    assert done.status in (200, 204) and not done.value
    for value in (SECRET, "別の覚え"):
        asking = [{"op": "test", "path": "/note/0/text", "value": value}]
        assert made("PATCH", f"Observation/{result}", asking, **JSON_PATCH).status == 403


def test_an_earlier_version_of_another_patient_is_not_told_to_others(places):
    first, second = (places[1]("POST", "Patient", patient()).value["id"] for _ in range(2))
    made = places[1]("POST", "Observation", observation(first, note=[{"text": SECRET}])).value["id"]
    corrected = observation(second)
    corrected["id"] = made
    assert places[1]("PUT", f"Observation/{made}", corrected).status == 200
    assert places[0]("GET", f"Observation/{made}").status == 200
    for address in (f"Observation/{made}/_history", f"Observation/{made}/_history/1"):
        assert SECRET not in json.dumps(places[0]("GET", address).value, ensure_ascii=False)
        assert SECRET in json.dumps(places[1]("GET", address).value, ensure_ascii=False)


def test_an_estimate_counts_what_may_be_seen_and_no_more(places):
    from tasuki_server.records.rules import set_rules

    set_rules("試験", policy="closed")
    try:
        for place, count in ((places[0], 3), (places[1], 7)):
            for _ in range(count):
                assert (
                    place(
                        "POST", "Patient", patient(name=[{"text": "秘密　太郎", "family": "ヒミツ"}])
                    ).status
                    == 201
                )
        # More than a page, so that a total is worked out.
        asked = "Patient?name=ヒミツ&_count=1&_total=estimate"
        assert [place("GET", asked).value["total"] for place in places] == [3, 7]
    finally:
        set_rules("試験", policy="open")
