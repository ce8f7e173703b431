# SPDX-License-Identifier: Apache-2.0
"""同時の検索と一度の保存 — what goes together in one statement is found, hidden and recorded as if each had come alone."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from exchange import Place, observation, patient
from tasuki.sharing.build import names

pytestmark = pytest.mark.server
INSURED = {"system": names.INSURED, "value": "00138057:12:187:05"}


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Place("9990041", "試験医院"), Place("9990042", "別の医院")
    close_house()


@pytest.fixture(scope="module")
def people(places):
    """Four patients with as many observations as their number, of two writers."""
    made = []
    for count in range(1, 5):
        clinic, other = places
        person = clinic("POST", "Patient", patient()).value["id"]
        for nth in range(count):
            code = {"coding": [{"system": "http://loinc.org", "code": f"1-{nth % 2}"}]}
            by = clinic if nth % 2 == 0 else other
            assert by("POST", "Observation", observation(person, code=code)).status == 201
        made.append(person)
    return made


def asked_of(people) -> list[str]:
    """Searches of a few shapes, some of which find nothing."""
    return [
        path
        for person in people
        for path in (
            f"Observation?patient={person}&_count=20",
            f"Observation?patient={person}&_count=2",
            f"Observation?subject=Patient/{person}&code=http://loinc.org|1-1",
            f"Observation?patient={person}&date=ge2026-01-01&_sort=-date,code&_count=3",
            f"Observation?patient={person}&combo-code=1-0&_total=none",
            f"Condition?patient={person}",
        )
    ] + ["Observation?patient=nobody", "Patient?identifier=urn:test:patient|nobody"]


def told_by(reply) -> tuple[int, object]:
    """An answer without what each has of its own."""
    value = json.loads(reply.body)
    value.pop("id", None)
    value.pop("meta", None)
    return reply.status, value


def records(owner) -> Counter[tuple[object, ...]]:
    found = owner.execute(
        "SELECT caller_id, interaction, type, id, version, patient, writer_id, status, query FROM exchange_access"
        " WHERE interaction = 'search-type'"
    )
    return Counter(found.fetchall())


def at_once(asks) -> list[object]:
    with ThreadPoolExecutor(24) as pool:
        return list(pool.map(lambda ask: ask(), asks))


def test_searches_that_come_together_answer_and_record_as_those_that_come_alone(
    places, people, owner, monkeypatch
):
    from tasuki_server.exchange import searching_together

    sizes = []
    fetch = searching_together.Searches._fetch

    async def counting(self, shape, waiting):
        sizes.append(len(waiting))
        return await fetch(self, shape, waiting)

    monkeypatch.setattr(searching_together.Searches, "_fetch", counting)
    asks = [(place, path) for place in places for path in asked_of(people)] * 2
    before = records(owner)
    together = at_once([lambda each=each: told_by(each[0].raw("GET", each[1])) for each in asks])
    middle = records(owner)
    assert max(sizes) > 1 and sum(sizes) == len(asks)
    monkeypatch.setattr(searching_together, "is_narrow", lambda query: False)
    alone = [told_by(place.raw("GET", path)) for place, path in asks]
    assert sum(sizes) == len(asks), "alone each has its own statement"
    assert together == alone
    assert any(value["total"] == 4 for _, value in alone if "total" in value)
    assert any(len(value["link"]) > 1 for _, value in alone), "one has a next page"
    assert middle - before == records(owner) - middle


def test_the_next_page_is_found_together_too(places, people):
    clinic, _ = places
    walked, path = [], f"Observation?patient={people[3]}&_count=1&_sort=-_lastUpdated"
    while path:
        told = clinic("GET", path)
        walked += [each["resource"]["id"] for each in told.value.get("entry", ())]
        links = {each["relation"]: each["url"] for each in told.value["link"]}
        path = links.get("next", "").partition("/fhir/")[2]
    assert len(walked) == len(set(walked)) == 4


def test_what_is_denied_is_hidden_among_what_is_not(places, people):
    clinic, other = places
    denied = clinic("POST", "Patient", patient()).value["id"]
    assert clinic("POST", "Observation", observation(denied)).status == 201
    consent = {
        "resourceType": "Consent", "status": "active", "patient": {"reference": f"Patient/{denied}"},
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTOUT"}]},
    }  # fmt: skip
    assert clinic("POST", "Consent", consent).status == 201
    asked = [f"Observation?patient={person}" for person in (denied, people[0], denied, people[2])] * 4
    seen = at_once([lambda path=path: other("GET", path).value["total"] for path in asked])
    assert seen == [0, 1, 0, 3] * 4
    own = at_once([lambda path=path: clinic("GET", path).value["total"] for path in asked])
    assert own == [1, 1, 1, 3] * 4


def test_one_that_cannot_be_asked_takes_no_other_with_it(places, people, monkeypatch):
    from tasuki_server.exchange import searching_together

    clinic, _ = places
    fetch = searching_together.Searches._fetch
    bad = people[1]

    async def failing(self, shape, waiting):
        if any(bad in each.values for each in waiting):
            raise OSError("cut")
        return await fetch(self, shape, waiting)

    monkeypatch.setattr(searching_together.Searches, "_fetch", failing)
    told = at_once(
        [lambda each=each: clinic("GET", f"Observation?patient={each}").status for each in people * 5]
    )
    assert told == [200, 500, 200, 200] * 5


def test_without_its_record_no_page_is_told(places, people, owner):
    clinic, _ = places
    owner.execute("ALTER TABLE exchange_access RENAME TO exchange_access_away")
    try:
        told = clinic.raw("GET", f"Observation?patient={people[3]}")
        assert told.status == 500 and people[3].encode() not in told.body
    finally:
        owner.execute("ALTER TABLE exchange_access_away RENAME TO exchange_access")
    assert clinic("GET", f"Observation?patient={people[3]}").value["total"] == 4


def test_what_is_all_new_is_written_in_one_statement_and_whole(places, owner, monkeypatch):
    from tasuki_server.exchange import acting, transactions

    async def never(*_):
        raise AssertionError("a transaction of several statements")

    clinic, _ = places
    monkeypatch.setattr(acting, "keep", never)
    monkeypatch.setattr(transactions, "keep", never)
    person = {**patient(), "identifier": [INSURED]}
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": person, "request": {"method": "POST", "url": "Patient"}},
        {"resource": observation("x", subject={"reference": "urn:uuid:1"}), "request": {"method": "POST", "url": "Observation"}},
    ]  # fmt: skip
    told = clinic("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert told.status == 200, told.value
    place = told.value["entry"][0]["response"]["location"].partition("/_history")[0].rpartition("/")[2]
    assert clinic("GET", f"Observation?patient={place}").value["total"] == 1
    insured = owner.execute("SELECT person FROM records_insured WHERE patient = %s", [place])
    assert len(insured.fetchall()) == 1
    noted = owner.execute("SELECT interaction, type, status FROM exchange_access WHERE patient = %s", [place])
    made = Counter(noted.fetchall())
    assert made[("create", "Patient", 201)] == made[("create", "Observation", 201)] == 1
    wrong = [*entries[:1], {**entries[1], "resource": {**entries[1]["resource"], "status": "no-such"}}]
    before = clinic("GET", "Patient?_summary=count").value["total"]
    assert clinic("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": wrong}).status == 422
    assert clinic("GET", "Patient?_summary=count").value["total"] == before
