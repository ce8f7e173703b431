# SPDX-License-Identifier: Apache-2.0
"""実装ガイドの取込みの試験 — made-up guides: differentials, every kind of discriminator, code lists, broken packages."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest

from tasuki.kernel.finding import BadInput, Severity
from tasuki.sharing.builtin import builtin_tables
from tasuki.sharing.ig import PackageFile, compile_ig, read_archive, read_table, write_table
from tasuki.sharing.validator import Validator

ROOT = "http://example.org/StructureDefinition/"


def profile(name: str, kind: str, *elements: dict[str, Any], over: str = "") -> dict[str, Any]:
    """A StructureDefinition with a differential only."""
    for each in elements:
        each.setdefault("path", each["id"].partition(":")[0])
    return {
        "resourceType": "StructureDefinition",
        "url": ROOT + name,
        "kind": "complex-type" if kind == "Extension" else "resource",
        "type": kind,
        "derivation": "constraint",
        "baseDefinition": over or f"http://hl7.org/fhir/StructureDefinition/{kind}",
        "differential": {"element": list(elements)},
    }


def validator(*resources: dict[str, Any]) -> Validator:
    files = [
        PackageFile(f"{number}.json", json.dumps(each).encode()) for number, each in enumerate(resources)
    ]
    made = compile_ig(files, ("made-up",), builtin_tables())
    assert made.findings == ()
    return Validator(more=(read_table(write_table(made.table), "made-up"),))


def errors(checker: Validator, resource: dict[str, Any], name: str) -> list[tuple[str, str]]:
    found = checker.validate(json.dumps(resource).encode(), profiles=(ROOT + name,))
    return [(each.code, each.where.field) for each in found if each.severity is Severity.BLOCK]


def slicing(path: str, kind: str, at: str, rules: str = "open", *, ordered: bool = False) -> dict[str, Any]:
    return {
        "id": path,
        "slicing": {"discriminator": [{"type": kind, "path": at}], "rules": rules, "ordered": ordered},
    }


PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:a", "value": "1"}, {"system": "urn:b", "value": "2"}],
}


def test_a_differential_stands_over_its_parent():
    checker = validator(
        profile("parent", "Patient", {"id": "Patient.birthDate", "min": 1}),
        profile("child", "Patient", {"id": "Patient.gender", "min": 1}, over=ROOT + "parent"),
    )
    assert errors(checker, {"resourceType": "Patient"}, "child") == [
        ("FHIR-C-01", "Patient.birthDate"),
        ("FHIR-C-01", "Patient.gender"),
    ]
    assert errors(checker, {"resourceType": "Patient", "gender": "male", "birthDate": "1960"}, "child") == []


def test_slices_by_value_count_close_and_keep_their_order():
    elements = (
        {"id": "Patient.identifier:a", "path": "Patient.identifier", "min": 1, "max": "1"},
        {"id": "Patient.identifier:a.system", "path": "Patient.identifier.system", "fixedUri": "urn:a"},
        {"id": "Patient.identifier:b", "path": "Patient.identifier", "min": 0, "max": "1"},
        {"id": "Patient.identifier:b.system", "path": "Patient.identifier.system", "patternUri": "urn:b"},
    )
    checker = validator(
        profile(
            "closed",
            "Patient",
            slicing("Patient.identifier", "value", "system", "closed", ordered=True),
            *elements,
        ),
        profile("ended", "Patient", slicing("Patient.identifier", "value", "system", "openAtEnd"), *elements),
    )
    a, b = PATIENT["identifier"]
    other = {"system": "urn:c"}
    assert errors(checker, PATIENT, "closed") == []
    assert errors(checker, {**PATIENT, "identifier": [b]}, "closed") == [("FHIR-L-01", "Patient.identifier")]
    assert errors(checker, {**PATIENT, "identifier": [a, a]}, "closed") == [
        ("FHIR-L-02", "Patient.identifier[1]")
    ]
    assert errors(checker, {**PATIENT, "identifier": [a, other]}, "closed") == [
        ("FHIR-L-03", "Patient.identifier[1]")
    ]
    assert errors(checker, {**PATIENT, "identifier": [b, a]}, "closed") == [
        ("FHIR-L-04", "Patient.identifier[1]")
    ]
    assert errors(checker, {**PATIENT, "identifier": [a, other]}, "ended") == []
    assert errors(checker, {**PATIENT, "identifier": [other, a]}, "ended") == [
        ("FHIR-L-05", "Patient.identifier[1]")
    ]


def test_slices_by_pattern_exists_type_and_profile():
    checker = validator(
        profile(
            "pattern", "Observation", slicing("Observation.category", "pattern", "$this"),
            {"id": "Observation.category:lab", "path": "Observation.category", "min": 1,
             "patternCodeableConcept": {"coding": [{"system": "urn:s", "code": "lab"}]}},
        ),
        profile(
            "exists", "Patient", slicing("Patient.name", "exists", "period"),
            {"id": "Patient.name:old", "path": "Patient.name", "max": "1"},
            {"id": "Patient.name:old.period", "path": "Patient.name.period", "min": 1},
            {"id": "Patient.name:now", "path": "Patient.name", "max": "1"},
            {"id": "Patient.name:now.period", "path": "Patient.name.period", "max": "0"},
        ),
        profile(
            "type", "Observation", slicing("Observation.value[x]", "type", "$this"),
            {"id": "Observation.value[x]:valueQuantity", "path": "Observation.value[x]", "type": [{"code": "Quantity"}]},
            {"id": "Observation.value[x]:valueQuantity.unit", "path": "Observation.value[x].unit", "min": 1},
        ),
        profile("tall", "Organization", {"id": "Organization.name", "min": 1}),
        profile(
            "profiled", "Bundle", slicing("Bundle.entry", "profile", "resource"),
            {"id": "Bundle.entry:one", "path": "Bundle.entry", "min": 1},
            {"id": "Bundle.entry:one.resource", "path": "Bundle.entry.resource",
             "type": [{"code": "Organization", "profile": [ROOT + "tall"]}]},
        ),
    )  # fmt: skip
    lab = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    category = {"coding": [{"system": "urn:s", "code": "lab", "display": "x"}]}
    assert errors(checker, {**lab, "category": [category]}, "pattern") == []
    assert errors(checker, {**lab, "category": [{"text": "x"}]}, "pattern") == [
        ("FHIR-L-01", "Observation.category")
    ]
    old, now = {"text": "a", "period": {"start": "2020"}}, {"text": "b"}
    assert errors(checker, {"resourceType": "Patient", "name": [old, now]}, "exists") == []
    assert errors(checker, {"resourceType": "Patient", "name": [now, now]}, "exists") == [
        ("FHIR-L-02", "Patient.name[1]")
    ]
    assert errors(checker, {**lab, "valueQuantity": {"value": 1}}, "type") == [
        ("FHIR-C-01", "Observation.valueQuantity.unit")
    ]
    assert errors(checker, {**lab, "valueString": "x"}, "type") == []
    entry = {"fullUrl": "urn:uuid:0b0f9bb1-4b7c-4c4c-9f0a-5b6c1b7e0001"}
    named = {"resourceType": "Organization", "name": "架空"}
    nameless = {"resourceType": "Organization", "identifier": [{"value": "1"}]}
    bundle = {"resourceType": "Bundle", "type": "collection"}
    assert errors(checker, {**bundle, "entry": [{**entry, "resource": named}]}, "profiled") == []
    assert errors(checker, {**bundle, "entry": [{**entry, "resource": nameless}]}, "profiled") == [
        ("FHIR-L-01", "Bundle.entry")
    ]
    # One that claims the profile is of the slice, and is told what it lacks.
    claiming = {**nameless, "meta": {"profile": [ROOT + "tall"]}}
    assert errors(checker, {**bundle, "entry": [{**entry, "resource": claiming}]}, "profiled") == [
        ("FHIR-C-01", "Bundle.entry[0].resource.name")
    ]


def test_values_types_lengths_targets_and_invariants():
    checker = validator(
        profile(
            "all", "Patient",
            {"id": "Patient.gender", "fixedCode": "male"},
            {"id": "Patient.maritalStatus", "patternCodeableConcept": {"text": "x"}},
            {"id": "Patient.deceased[x]", "type": [{"code": "boolean"}]},
            {"id": "Patient.photo", "max": "0"},
            {"id": "Patient.multipleBirth[x]", "minValueInteger": 1, "maxValueInteger": 9},
            {"id": "Patient.language", "maxLength": 2},
            {"id": "Patient.managingOrganization", "type": [
                {"code": "Reference", "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Organization"]}]},
            {"id": "Patient", "constraint": [
                {"key": "x-1", "severity": "error", "human": "x", "expression": "name.exists()"},
                {"key": "x-2", "severity": "warning", "human": "x", "expression": "active.exists()"},
                {"key": "x-3", "severity": "error", "human": "x", "expression": "noSuchFunction()"}]},
        )
    )  # fmt: skip
    wrong = {
        "resourceType": "Patient", "gender": "female", "maritalStatus": {"text": "y"}, "deceasedDateTime": "2020",
        "photo": [{"title": "x"}], "multipleBirthInteger": 10, "language": "jpn",
        "managingOrganization": {"reference": "Practitioner/1"},
    }  # fmt: skip
    found = checker.validate(json.dumps(wrong).encode(), profiles=(ROOT + "all",))
    assert {(each.code, each.severity.value) for each in found} == {
        ("FHIR-V-01", "block"), ("FHIR-V-02", "block"), ("FHIR-T-01", "block"), ("FHIR-C-03", "block"),
        ("FHIR-V-04", "block"), ("FHIR-V-03", "block"), ("FHIR-R-01", "block"), ("FHIR-I-01", "block"),
        ("FHIR-I-02", "confirm"), ("FHIR-I-03", "advice"),
    }  # fmt: skip


def test_code_lists_follow_parts_whole_systems_and_what_is_left_out():
    system = {
        "resourceType": "CodeSystem", "url": "urn:s", "content": "complete",
        "concept": [{"code": "a", "concept": [{"code": "a1"}]}, {"code": "b"}],
    }  # fmt: skip

    def bound(name: str, strength: str, compose: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"resourceType": "ValueSet", "url": f"urn:vs:{name}", "compose": compose},
            profile(
                name,
                "Condition",
                {"id": "Condition.code", "binding": {"strength": strength, "valueSet": f"urn:vs:{name}|1"}},
            ),
        ]

    checker = validator(
        system,
        *bound("whole", "required", {"include": [{"system": "urn:s"}]}),
        *bound("below", "required", {"include": [{"system": "urn:s", "filter": [{"property": "concept", "op": "is-a", "value": "a"}]}]}),
        *bound("less", "required", {"include": [{"valueSet": ["urn:vs:whole"]}], "exclude": [{"system": "urn:s", "concept": [{"code": "b"}]}]}),
        *bound("open", "required", {"include": [{"system": "urn:elsewhere"}]}),
        *bound("loose", "extensible", {"include": [{"system": "urn:s"}]}),
    )  # fmt: skip

    def told(name: str, code: str, of: str = "urn:s") -> list[tuple[str, str]]:
        value = {
            "resourceType": "Condition",
            "subject": {"display": "x"},
            "code": {"coding": [{"system": of, "code": code}]},
        }
        found = checker.validate(json.dumps(value).encode(), profiles=(ROOT + name,))
        return [(each.code, each.severity.value) for each in found if each.code != "FHIR-B-04"]

    assert told("whole", "a1") == []
    assert told("whole", "c") == [("FHIR-B-01", "block")]
    assert told("below", "a1") == []
    assert told("below", "b") == [("FHIR-B-01", "block")]
    assert told("less", "a") == []
    assert told("less", "b") == [("FHIR-B-01", "block")]
    assert told("open", "z", "urn:elsewhere") == [("FHIR-B-03", "advice")]
    assert told("open", "z") == [("FHIR-B-01", "block")]
    assert told("loose", "c") == [("FHIR-B-02", "confirm")]


def test_a_profile_on_an_unknown_type_is_told_and_not_guessed():
    made = compile_ig(
        [PackageFile("x.json", json.dumps(profile("x", "Spaceship")).encode())], ("x",), builtin_tables()
    )
    assert [each.code for each in made.findings] == ["FHIR-P-07"]
    assert made.table.profiles == ()


def test_a_package_is_read_from_its_archive_and_a_broken_one_refused():
    data = json.dumps(profile("p", "Patient", {"id": "Patient.name", "min": 1})).encode()
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in ("package/StructureDefinition-p.json", "package/readme.txt"):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    assert [each.name for each in read_archive(stream.getvalue(), "p.tgz")] == [
        "package/StructureDefinition-p.json"
    ]
    for broken in (b"", b"not an archive", stream.getvalue()[:60]):
        with pytest.raises(BadInput):
            list(read_archive(broken, "p.tgz"))
    with pytest.raises(BadInput):
        compile_ig([PackageFile("x.json", b'{"resourceType": "StructureDefinition"')], ("x",))
    for broken in (b"", b"x", write_table(builtin_tables()[1])[:500]):
        with pytest.raises(BadInput):
            read_table(broken, "x")


def test_the_tables_built_in_hold_facts_and_no_prose():
    import gzip
    from importlib.resources import files

    for each in (files("tasuki.sharing") / "data").iterdir():
        if each.name.endswith(".fhirtable"):
            text = gzip.decompress(each.read_bytes()).decode()
            for word in (
                "definition",
                "short",
                "comment",
                "human",
                "requirements",
                "copyright",
                "description",
            ):
                assert f'"{word}":' not in text
            assert "<div" not in text
