# SPDX-License-Identifier: Apache-2.0
"""点検の記憶 — what was looked through before gives the findings that a first look gives, whatever stands around it."""

from __future__ import annotations

import copy
import random
from decimal import Decimal
from typing import Any

import pytest

import sharing.rule_faults  # noqa: F401 - adds its kinds to FAULTS
from sharing import invented
from sharing.faults import FAULTS
from tasuki.sharing.checks import remembering
from tasuki.sharing.validator import Validator

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SYSTEMS = (
    CATEGORY,
    "http://loinc.org",
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS",
    "urn:x y",
    "",
)
CODES = ("laboratory", "vital-signs", "no-such", "718-7", " ", "")  # fmt: skip
SPECIALS: tuple[Any, ...] = (
    None, "", [], {}, 7, True, 1.5, Decimal(1), " ", "#doctor", "#nobody", "urn:uuid:1", "Patient/1", [None],
    {"extension": [{"url": "http://example.com/x", "valueString": "a"}]},
)  # fmt: skip


class Forgetful(dict[Any, Any]):
    """Keeps nothing."""

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


def forgetful() -> Validator:
    made = Validator()
    made.engine.memory.fine = Forgetful()
    return made


WARMED, FORGETFUL = Validator(), forgetful()


def a_concept(chance: random.Random) -> object:
    """One that is right, or may be wrong in any of its parts."""
    if chance.random() < 0.5:
        return {"coding": [{"system": CATEGORY, "code": chance.choice(CODES[:2])}]}
    coding = [
        {
            name: value
            for name, value in (
                ("system", chance.choice(SYSTEMS)),
                ("code", chance.choice(CODES)),
                ("display", chance.choice(("検査", "", 7))),
                ("extension", [{"url": "http://example.com/x", "valueString": "a"}]),
                ("nothing", "x"),
            )
            if chance.random() < (0.8 if name in ("system", "code") else 0.1)
        }
        for _ in range(chance.randrange(3))
    ]
    made: dict[str, object] = {"coding": coding} if chance.random() < 0.9 else {}
    if chance.random() < 0.2:
        made["text"] = chance.choice(("血色素", "", None))
    return made if chance.random() < 0.95 else chance.choice(([], "text", None, 3))


def an_observation(chance: random.Random) -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [a_concept(chance) for _ in range(chance.randrange(1, 3))],
        "code": a_concept(chance),
        **({"interpretation": [a_concept(chance)]} if chance.random() < 0.3 else {}),
    }


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a value: what holds it, and its name or number there."""
    names = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, name) for name in names] + [one for name in names for one in places(value[name])]


def spoiled(chance: random.Random) -> Any:
    """A made-up resource with something taken away, put elsewhere, or from another, or written as nobody should."""
    grounds = list(invented.every().values())
    made = chance.choice(grounds)
    for _ in range(chance.randrange(1, 3)):
        holder, name = chance.choice(places(made))
        kind = chance.randrange(4)
        if kind == 0:
            del holder[name]
        elif kind == 1:
            other, place = chance.choice(places(chance.choice(grounds)))
            holder[name] = copy.deepcopy(other[place])
        elif kind == 2 and isinstance(holder, dict):
            holder[chance.choice((f"_{name}", "zzz", "extension", "contained", "id", "reference"))] = (
                copy.deepcopy(chance.choice(SPECIALS))
            )
        else:
            holder[name] = copy.deepcopy(chance.choice(SPECIALS))
    return made


def planted() -> list[Any]:
    made = []
    for kind in FAULTS:
        chance = random.Random(kind)
        for ground in invented.every().values():
            broken = copy.deepcopy(ground)
            FAULTS[kind](broken, chance)
            made.append(broken)
    return made


@pytest.mark.parametrize("seed", range(2))
def test_a_second_look_finds_what_a_first_one_finds(seed: int):
    """Every value is looked at by one that has seen all the others, and by one that remembers nothing."""
    chance = random.Random(seed)
    asked = [
        *invented.every().values(),
        *planted(),
        *(spoiled(chance) for _ in range(300)),
        *(an_observation(chance) for _ in range(150)),
    ]
    chance.shuffle(asked)
    expected = [FORGETFUL.validate_value(each) for each in asked]
    for _ in range(2):
        assert [WARMED.validate_value(each) for each in asked] == expected
    assert not FORGETFUL.engine.memory.fine
    assert sum(not each for each in expected) > 20
    assert sum(bool(each) for each in expected) > 500


def test_a_wrong_code_told_once_is_told_again_the_next_time():
    wrong = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "", "code": "a"}]},
    }
    validator = Validator()
    first = validator.validate_value(wrong)
    assert first and validator.validate_value(wrong) == first == validator.validate_value(wrong)


def codes_of(validator: Validator, value: Any) -> list[str]:
    return [each.code for each in validator.validate_value(value)]


def test_the_same_reference_is_judged_by_what_it_means_each_time():
    validator = Validator()
    sound = invented.condition()
    for _ in range(3):
        assert codes_of(validator, sound) == []
    lost = copy.deepcopy(sound)
    lost["contained"] = lost["contained"][1:]
    assert "FHIR-R-02" in codes_of(validator, lost)
    other = copy.deepcopy(sound)
    other["contained"][0] = {**other["contained"][1], "id": "encounter"}
    assert "FHIR-R-01" in codes_of(validator, other)
    worse = copy.deepcopy(sound)
    del worse["contained"][1]["name"]
    assert validator.validate_value(worse) == FORGETFUL.validate_value(worse)
    assert codes_of(validator, sound) == []


def test_the_same_reference_is_judged_by_the_bundle_around_it():
    validator = Validator()
    person = {"reference": "urn:uuid:0b0f9bb1-4b7c-4c4c-9f0a-5b6c1b7e0009"}
    alone = {**invented.condition(), "subject": {**invented.subject(), **person}}
    together = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": alone}]}
    for _ in range(3):
        assert "FHIR-R-03" not in codes_of(validator, alone)
        assert "FHIR-R-03" in codes_of(validator, together)


@pytest.mark.parametrize("rank", [True, Decimal(1), 1.0, "1"])
def test_values_of_other_types_are_other_values(rank: Any):
    validator = Validator()

    def a_patient(rank: Any) -> Any:
        return {"resourceType": "Patient", "telecom": [{"system": "phone", "value": "1", "rank": rank}]}

    assert codes_of(validator, a_patient(1)) == codes_of(validator, a_patient(1)) == []
    assert codes_of(validator, a_patient(rank)) == ["FHIR-S-07"]


def test_nothing_is_kept_of_a_definition_that_nobody_knows():
    validator = Validator()
    url = "http://hl7.org/fhir/StructureDefinition/DiagnosticReport-geneticsAnalysis"
    unknown = "http://example.com/StructureDefinition/unknown"
    misplaced = {
        "resourceType": "Basic",
        "meta": {"profile": [unknown]},
        "extension": [{"url": url}, {"url": unknown}],
    }
    assert "FHIR-E-04" in codes_of(validator, misplaced)
    assert unknown not in validator.engine._named and unknown not in validator.engine._deltas


def test_what_is_kept_is_bounded_and_no_text_of_a_person(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remembering, "MOST_REMEMBERED", 50)
    validator = Validator()
    fine = validator.engine.memory.fine
    for number in range(60):
        person = invented.patient()
        person["name"][0]["text"] = person["name"][1]["text"] = f"架空 {number}"
        validator.validate_value(person)
        assert len(fine) <= 50
    validator.validate_value({"resourceType": "Bundle", "type": "架空", "entry": [{"resource": person}]})
    assert fine and "架空" not in repr(fine)
    fine.clear()
    words = "x" * remembering.LONGEST
    long = {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": words}]}
    deep: dict[str, Any] = {"url": "http://example.com/x", "valueCodeableConcept": long}
    validator.validate_value({"resourceType": "Basic", "code": long, "extension": [deep]})
    assert not fine
