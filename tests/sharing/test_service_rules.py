# SPDX-License-Identifier: Apache-2.0
"""情報共有サービスの規則の試験 — what the service asks beyond the profiles is a question, told once, where it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sharing import invented
from tasuki.kernel.finding import Severity
from tasuki.sharing.validator import Validator

VALIDATOR = Validator()
FLAG = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication"
CORE_LIST = "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS"


def asked(resource: dict[str, Any]) -> list[tuple[str, str]]:
    found = VALIDATOR.validate(json.dumps(resource, ensure_ascii=False).encode())
    questions = [each for each in found if each.code.startswith("FHIR-K-")]
    assert all(each.severity is Severity.CONFIRM for each in questions)
    return [(each.code, each.where.field) for each in questions]


def lab(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    made = invented.lab()
    change(made)
    return made


@pytest.mark.parametrize("name", list(invented.every()))
def test_what_is_right_is_not_asked_about(name: str):
    assert asked(invented.every()[name]) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda made: made["code"]["coding"].pop(0), ("FHIR-K-01", "Observation.code.coding")),
        (
            lambda made: made["code"]["coding"].append(
                {"system": CORE_LIST, "code": "0", "display": "架空の項目"}
            ),
            ("FHIR-K-02", "Observation.code.coding[2].display"),
        ),
        (
            lambda made: made["meta"].update(tag=[{"system": FLAG, "code": "LTS"}]),
            ("FHIR-K-03", "Observation.meta.tag"),
        ),
        (
            lambda made: made["referenceRange"][0]["low"].update(unit="g"),
            ("FHIR-K-04", "Observation.referenceRange[0].low"),
        ),
    ],
)
def test_a_laboratory_result(change: Callable[[dict[str, Any]], object], expected: tuple[str, str]):
    assert asked(lab(change)) == [expected]


def test_a_shared_name_of_the_list_is_known():
    coding = {"system": CORE_LIST, "code": "5H010000002326101", "display": "K"}
    names = VALIDATOR.engine.slice_texts(
        "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS",
        ("code", "coding"),
        "display",
    )
    assert len(names) > 40
    coding["display"] = next(iter(sorted(names)))
    assert asked(lab(lambda made: made["code"]["coding"].append(coding))) == []


def test_an_allergy_bears_one_flag_only():
    made = invented.allergy()
    made["meta"]["tag"] = [{"system": FLAG, "code": "LTS"}, {"system": FLAG, "code": "UNINFORMED"}]
    assert asked(made) == [("FHIR-K-05", "AllergyIntolerance.meta.tag[1]")]


def test_what_is_sent_needs_its_encounter_and_who_did_it():
    made = invented.bundle("Observation")
    sent = made["entry"][1]["resource"]
    del sent["encounter"], sent["performer"]
    sent["contained"] = []
    sent["hasMember"] = [{"display": "架空"}]
    at = "Bundle.entry[1].resource"
    assert asked(made) == [
        ("FHIR-K-06", f"{at}.encounter"),
        ("FHIR-K-07", f"{at}.performer"),
        ("FHIR-K-08", f"{at}.hasMember"),
        ("FHIR-K-09", f"{at}.contained"),
    ]
