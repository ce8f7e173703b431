# SPDX-License-Identifier: Apache-2.0
"""FHIR点検の事例 — each readable case says exactly which errors, and where."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sharing import invented
from tasuki.kernel.finding import Severity
from tasuki.kernel.messages import sentence
from tasuki.sharing.validator import Validator

CASES = yaml.load(
    (Path(__file__).parents[1] / "cases" / "sharing" / "validate_2026_04.yaml").read_text("utf-8"),
    Loader=yaml.CSafeLoader,
)
VALIDATOR = Validator()


def at(value: Any, place: str) -> tuple[Any, Any]:
    """The holder and key of a place: ``code.coding[0].system``."""
    steps: list[Any] = [
        int(each) if each.isdecimal() else each for each in re.findall(r"[A-Za-z_]+|[0-9]+", place)
    ]
    for step in steps[:-1]:
        value = value[step]
    return value, steps[-1]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]):
    resource = invented.every()[case["ground"]]
    for place in case.get("drop", ()):
        holder, key = at(resource, place)
        del holder[key]
    for place, value in case.get("set", {}).items():
        holder, key = at(resource, place)
        holder[key] = value
    for place, value in case.get("add", {}).items():
        holder, key = at(resource, place)
        holder[key].append(value)
    found = VALIDATOR.validate(json.dumps(resource, ensure_ascii=False).encode())
    errors = [(each.code, each.where.field) for each in found if each.severity is Severity.BLOCK]
    expected = [(f"FHIR-{code}", place) for code, place in case["expect"]]
    if case.get("also"):
        assert set(expected[:1]) <= set(errors), [sentence(each) for each in found]
    else:
        assert sorted(errors) == sorted(expected), [sentence(each) for each in found]


def test_every_finding_is_a_sentence_with_a_place_and_a_remedy():
    resource = invented.patient()
    resource["gender"] = "kakuu"
    (finding,) = [
        each
        for each in VALIDATOR.validate(json.dumps(resource).encode(), "a.json")
        if each.code == "FHIR-B-01"
    ]
    assert sentence(finding) == (
        "a.json Patient.gender: コード「kakuu」は値セット http://hl7.org/fhir/ValueSet/administrative-gender "
        "にありません。値セットのコードから選んでください。"
    )


def test_a_target_is_told_as_the_profile_narrows_it():
    resource = invented.lab()
    resource["subject"] = {"reference": "Practitioner/1"}
    (finding,) = VALIDATOR.validate(json.dumps(resource).encode())
    assert finding.facts == {"found": "Practitioner", "wanted": "Patient"}


def test_a_missing_slice_says_what_tells_it():
    resource = invented.lab()
    resource["category"] = [{"text": "検査"}]
    (finding,) = VALIDATOR.validate(json.dumps(resource).encode())
    assert "coding.code = laboratory" in sentence(finding)


def test_the_same_input_gives_the_same_findings_in_the_same_order():
    resource = invented.bundle()
    resource["entry"][1]["resource"]["code"] = {"text": 1, "架空": 2}
    data = json.dumps(resource).encode()
    first = VALIDATOR.validate(data)
    assert len(first) > 2
    assert first == VALIDATOR.validate(data) == Validator().validate(data)
