# SPDX-License-Identifier: Apache-2.0
"""FHIRPathパッチ — each operation by its words, what is refused, and the same over the door."""

from __future__ import annotations

import pytest

from exchange import Place, observation, patient
from tasuki_server.exchange.fhirpath_patch import apply_steps, is_probing, read_steps
from tasuki_server.exchange.outcome import Refused


def step(kind, path, **more):
    named = {
        "index": "valueInteger",
        "source": "valueInteger",
        "destination": "valueInteger",
        "name": "valueString",
    }
    parts = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    parts += [{"name": name, named[name]: value} for name, value in more.items() if name in named]
    parts += [{"name": "value", **more["value"]}] if "value" in more else []
    return {"name": "operation", "part": parts}


def applied(resource, *steps):
    return apply_steps(resource, read_steps({"resourceType": "Parameters", "parameter": list(steps)}))


NAMES = {
    "resourceType": "Patient",
    "name": [{"family": "一", "given": ["a", "b"]}, {"family": "二", "use": "old"}],
    "gender": "male",
}
TEXT = {"valueString": "架空"}


@pytest.mark.parametrize(("steps", "name", "made"), [
    ([step("replace", "Patient.gender", value={"valueCode": "female"})], "gender", "female"),
    ([step("add", "Patient", name="birthDate", value={"valueDate": "1960-06-06"})], "birthDate", "1960-06-06"),
    ([step("add", "Patient", name="deceased", value={"valueBoolean": True})], "deceasedBoolean", True),
    ([step("add", "Patient", name="name", value={"valueHumanName": {"text": "三"}})], "name", [*NAMES["name"], {"text": "三"}]),
    ([step("add", "Patient.name[1]", name="given", value=TEXT)], "name", [NAMES["name"][0], {**NAMES["name"][1], "given": ["架空"]}]),
    ([step("insert", "Patient.name", index=0, value={"valueHumanName": {"text": "零"}})], "name", [{"text": "零"}, *NAMES["name"]]),
    ([step("delete", "Patient.name.where(use = 'old' and family = '二')")], "name", NAMES["name"][:1]),
    ([step("delete", "Patient.name[0]"), step("delete", "Patient.name[0]")], "name", None),
    ([step("delete", "Patient.birthDate")], "birthDate", None),
    ([step("move", "Patient.name[0].given", source=1, destination=0)], "name", [{"family": "一", "given": ["b", "a"]}, NAMES["name"][1]]),
    ([step("replace", "Patient.name.last().family", value=TEXT)], "name", [NAMES["name"][0], {"family": "架空", "use": "old"}]),
    ([step("add", "Patient", name="contact", value={"part": [
        {"name": "name", "valueHumanName": {"text": "母"}}, {"name": "relationship", "valueCodeableConcept": {"text": "母"}}]})],
     "contact", [{"name": {"text": "母"}, "relationship": [{"text": "母"}]}]),
])  # fmt: skip
def test_each_operation_does_what_its_words_say(steps, name, made):
    before = str(NAMES)
    assert applied(NAMES, *steps).get(name) == made
    assert str(NAMES) == before


@pytest.mark.parametrize("wrong", [
    step("replace", "Patient.name.family", value=TEXT), step("replace", "Patient.birthDate", value={"valueDate": "1960"}),
    step("delete", "Patient.name"), step("delete", "Patient"), step("add", "Patient", name="gender", value={"valueCode": "male"}),
    step("add", "Patient", name="odd", value=TEXT), step("insert", "Patient.name", index=3, value=TEXT), step("insert", "Patient.gender", index=0, value=TEXT),
    step("move", "Patient.name", source=0, destination=2), step("delete", "Patient.name.where(family.matches('(a+)+$'))"),
    step("delete", "Patient.name.where(family = 'x'"), step("delete", "Patient.name.resolve()"), step("paint", "Patient.name"),
    step("insert", "Patient.name", value=TEXT), step("move", "Patient.name", source=-1, destination=0), step("delete", "Patient..name"),
    {"name": "other"}, {"name": "operation", "part": [{"name": "type"}]},
])  # fmt: skip
def test_what_means_nothing_or_too_much_is_refused(wrong):
    with pytest.raises(Refused):
        applied(NAMES, wrong)


def test_a_choice_is_found_by_its_name():
    made = applied(observation("p"), step("replace", "Observation.value.value", value={"valueDecimal": 7}))
    assert made["valueQuantity"]["value"] == 7
    assert is_probing(read_steps({"parameter": [step("delete", "Patient.name.where(use = 'old')")]}))


@pytest.mark.server
def test_it_goes_over_the_door_and_in_a_transaction(server):
    from tasuki_server.platform.house import close_house

    clinic = Place("9990010", "試験医院")
    where = f"Patient/{clinic('POST', 'Patient', patient()).value['id']}"
    patch = {
        "resourceType": "Parameters",
        "parameter": [step("replace", "Patient.gender", value={"valueCode": "male"})],
    }
    told = clinic("PATCH", where, patch)
    assert (told.status, told.value["gender"], told.value["meta"]["versionId"]) == (200, "male", "2")
    wrong = {**patch, "parameter": [step("replace", "Patient.gender", value={"valueCode": "odd"})]}
    assert clinic("PATCH", where, wrong).status == 422
    other = {**patch, "parameter": [step("replace", "Patient.id", value={"valueId": "other"})]}
    assert clinic("PATCH", where, other).status == 422
    xml = b'<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="delete"/></part><part><name value="path"/><valueString value="Patient.gender"/></part></parameter></Parameters>'
    assert "gender" not in clinic("PATCH", where, xml, content_type="application/fhir+xml").value
    entry = {
        "resource": patch
        | {"parameter": [step("add", "Patient", name="gender", value={"valueCode": "female"})]},
        "request": {"method": "PATCH", "url": where},
    }
    assert (
        clinic("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).status == 200
    )
    assert clinic("GET", where).value["gender"] == "female"
    close_house()


@pytest.mark.server
def test_patches_of_much_are_refused_before_anything_is_read(server, monkeypatch):
    """Each patch is small, and what they are put to is read whole."""
    from tasuki_server.exchange import storing
    from tasuki_server.platform.house import close_house

    clinic = Place("9990010", "試験医院")
    places = [f"Patient/{clinic('POST', 'Patient', patient()).value['id']}" for _ in range(3)]
    one = len(clinic.raw("GET", places[0]).body)
    gender = {
        "resourceType": "Parameters",
        "parameter": [step("replace", "Patient.gender", value={"valueCode": "male"})],
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": gender, "request": {"method": "PATCH", "url": where}} for where in places],
    }
    read = []
    real = storing.read_kept
    monkeypatch.setattr(storing, "read_kept", lambda data: read.append(data) or real(data))
    monkeypatch.setattr(storing, "LARGEST", one * 2)
    assert clinic("POST", "", bundle).status == 413 and read == []
    monkeypatch.setattr(storing, "LARGEST", one * 4)
    assert clinic("POST", "", bundle).status == 200 and len(read) >= 3
    close_house()
