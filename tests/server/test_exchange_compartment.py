# SPDX-License-Identifier: Apache-2.0
"""患者コンパートメントの検索 — what belongs to a patient, of a type or of all, within consent; histories of a moment; rows of pairs."""

from __future__ import annotations

import time

import pytest

from exchange import Place, observation, patient

pytestmark = pytest.mark.server
CODES = ("1-1", "1-2")


@pytest.fixture(scope="module")
def clinic(server):
    from tasuki_server.platform.house import close_house

    yield Place("9990031", "試験医院")
    close_house()


@pytest.fixture(scope="module")
def other(clinic):
    return Place("9990032", "別の医院")


@pytest.fixture(scope="module")
def people(clinic):
    """Two patients with two observations each, and one that the first performed on the second."""
    made = [clinic("POST", "Patient", patient()).value["id"] for _ in range(2)]
    for person in made:
        for code in CODES:
            coded = {"coding": [{"system": "http://loinc.org", "code": code}]}
            assert clinic("POST", "Observation", observation(person, code=coded)).status == 201
    performed = observation(made[1], performer=[{"reference": f"Patient/{made[0]}"}])
    assert clinic("POST", "Observation", performed).status == 201
    condition = {"resourceType": "Condition", "subject": {"reference": f"Patient/{made[0]}"}}
    assert clinic("POST", "Condition", condition).status == 201
    return made


def found(told) -> list[str]:
    assert told.status == 200, told.value
    return sorted(each["resource"]["resourceType"] for each in told.value.get("entry", ()))


def test_a_type_within_a_patient_is_what_points_at_the_patient_in_any_of_its_roles(clinic, people):
    first, second = people
    assert found(clinic("GET", f"Patient/{first}/Observation")) == ["Observation"] * 3
    assert found(clinic("GET", f"Patient/{second}/Observation")) == ["Observation"] * 3
    told = clinic("GET", f"Patient/{first}/Observation?code=http://loinc.org|1-1")
    assert found(told) == ["Observation"]
    assert told.value["total"] == 1
    assert told.value["link"][0]["url"].endswith(
        f"Patient/{first}/Observation?code=http%3A%2F%2Floinc.org%7C1-1"
    )
    form = {"content_type": "application/x-www-form-urlencoded"}
    asked = clinic("POST", f"Patient/{first}/Observation/_search", b"code=1-2", **form)
    assert found(asked) == ["Observation"]
    assert found(clinic("GET", "Patient/nobody/Observation")) == []


def test_everything_within_a_patient_comes_page_by_page(clinic, people):
    first, _ = people
    everything = ["Condition", *["Observation"] * 3, "Patient"]
    assert found(clinic("GET", f"Patient/{first}/*")) == everything
    assert found(clinic("GET", f"Patient/{first}/*?_type=Observation,Condition")) == everything[:-1]
    assert found(clinic("GET", f"Patient/{first}/*?_type=Patient")) == ["Patient"]
    walked, path = [], f"Patient/{first}/*?_count=2"
    while path:
        told = clinic("GET", path)
        walked += found(told)
        links = {each["relation"]: each["url"] for each in told.value["link"]}
        path = links.get("next", "").partition("/fhir/")[2]
    assert sorted(walked) == everything
    assert clinic("GET", f"Patient/{first}/*?_total=accurate&_count=1").value["total"] == 5
    assert clinic("GET", f"Patient/{first}/*?_summary=count").value["total"] == 5


def test_what_belongs_to_no_patient_or_needs_a_type_is_refused_with_what_to_do(clinic, people):
    first, _ = people
    assert clinic("GET", f"Patient/{first}/Organization").status == 404
    assert clinic("GET", f"Patient/{first}/AuditEvent").status == 400
    told = clinic("GET", f"Patient/{first}/*?code=1-1")
    assert told.status == 400 and "_type" in told.texts[0]
    assert clinic("GET", f"Patient/{first}/*?_type=Observation&code=1-1").status == 200
    assert clinic("GET", f"Patient/{first}/*?_sort=date").status == 400
    assert clinic("GET", f"Organization/{first}/Observation").status == 404


def test_a_denial_hides_the_compartment_from_others_and_each_look_is_recorded(clinic, other, people):
    from tasuki_server.exchange.models import AccessEvent

    _, second = people
    assert len(found(other("GET", f"Patient/{second}/*"))) == 4
    denial = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": f"Patient/{second}"},
        "policyRule": {"coding": [{"code": "OPTOUT"}]},
    }  # fmt: skip
    consent = clinic("POST", "Consent", denial)
    assert consent.status == 201, consent.value
    assert found(other("GET", f"Patient/{second}/*")) == []
    assert found(other("GET", f"Patient/{second}/Observation")) == []
    assert len(found(clinic("GET", f"Patient/{second}/Observation"))) == 3
    clinic("DELETE", f"Consent/{consent.value['id']}")
    about = AccessEvent.objects.using("owner").filter(caller_id=other.row.pk, patient=second)
    assert about.exists()
    nothing = AccessEvent.objects.using("owner").filter(caller_id=other.row.pk, patient=None)
    assert nothing.count() >= 2


def test_scopes_bound_a_compartment_by_type(clinic, people):
    from django.utils import timezone

    from tasuki_server.exchange.clients import narrow

    first, _ = people
    narrow(clinic.row, ["system/Condition.rs"], timezone.now())
    time.sleep(1.1)
    try:
        assert found(clinic("GET", f"Patient/{first}/*")) == ["Condition"]
        assert clinic("GET", f"Patient/{first}/Observation").status == 403
        assert clinic("GET", f"Patient/{first}/*?_type=Observation").status == 403
    finally:
        narrow(clinic.row, None, timezone.now())
        time.sleep(1.1)


def test_compartments_are_declared(clinic):
    rest = clinic("GET", "metadata").value["rest"][0]
    assert rest["compartment"] == ["http://hl7.org/fhir/CompartmentDefinition/patient"]
    from tasuki_server.exchange.routes import paths

    assert {"Patient/{id}/{type}", "Patient/{id}/*"} <= set(paths())


def test_a_history_of_a_moment_holds_what_was_current_then(clinic):
    made = clinic("POST", "Patient", patient())
    place, moments = f"Patient/{made.value['id']}", [made.value["meta"]["lastUpdated"]]
    for gender in ("male", "other"):
        time.sleep(0.01)
        told = clinic("PUT", place, made.value | {"gender": gender})
        moments.append(told.value["meta"]["lastUpdated"])

    def versions(at: str) -> list[str]:
        told = clinic("GET", f"{place}/_history?_at={at}")
        assert told.status == 200, told.value
        return [each["resource"]["meta"]["versionId"] for each in told.value.get("entry", ())]

    assert [versions(each) for each in moments] == [["1"], ["2"], ["3"]]
    assert versions("2020-01-01") == []
    assert versions("2040") == ["3"]
    assert clinic("GET", f"{place}/_history?_at=yesterday").status == 400


def test_what_an_older_version_wrote_for_code_and_quantity_moves_into_one_row(clinic, people):
    from importlib import import_module
    from types import SimpleNamespace

    from django.db import connections

    from tasuki.sharing.search.parameters import parameter

    move = import_module("tasuki_server.exchange.migrations.0003_pairs").move
    asked = f"Observation?patient={people[0]}&code-value-quantity=http://loinc.org|1-1$gt6"
    assert len(found(clinic("GET", asked))) == 1
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("SELECT * FROM exchange_pair ORDER BY key, param, concept, high")
        before = [(each[0], each[1], *each[3:]) for each in cursor.fetchall()]
        for code in ("code-value-quantity", "combo-code-value-quantity"):
            composite = parameter("Observation", code)
            concept, quantity = (each.number for each in composite.components)
            cursor.execute(
                "INSERT INTO exchange_token (key, param, nth, item, system, code, words)"
                " SELECT key, %s, nth, item, concept_system, concept, '' FROM exchange_pair WHERE param = %s",
                [concept, composite.number],
            )
            cursor.execute(
                "INSERT INTO exchange_quantity (key, param, nth, item, low, high, system, code, unit)"
                " SELECT key, %s, nth, item, low, high, system, code, unit FROM exchange_pair WHERE param = %s",
                [quantity, composite.number],
            )
        cursor.execute("DELETE FROM exchange_pair")
    assert found(clinic("GET", asked)) == []
    move(None, SimpleNamespace(connection=owner))
    assert len(found(clinic("GET", asked))) == 1
    with owner.cursor() as cursor:
        cursor.execute("SELECT * FROM exchange_pair ORDER BY key, param, concept, high")
        assert [(each[0], each[1], *each[3:]) for each in cursor.fetchall()] == before
        cursor.execute("SELECT count(*) FROM exchange_token WHERE param = %s", [concept])
        assert cursor.fetchone() == (0,)
