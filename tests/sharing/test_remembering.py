# SPDX-License-Identifier: Apache-2.0
"""点検の記憶 — what was looked through before gives the findings that a first look gives."""

from __future__ import annotations

import random

from tasuki.sharing.checks.remembering import plain_concept
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


def test_a_second_look_finds_what_a_first_one_finds():
    """Every value is looked at by one that has seen all the others, and by one that remembers nothing."""
    chance = random.Random(5)
    asked = [an_observation(chance) for _ in range(150)]
    warmed, forgetful = Validator(), Validator()
    for each in asked:
        warmed.validate_value(each)
    from tasuki.sharing.checks import remembering

    kept = remembering.plain_concept
    try:
        remembering.plain_concept = lambda value: None
        expected = [forgetful.validate_value(each) for each in asked]
    finally:
        remembering.plain_concept = kept
    assert [warmed.validate_value(each) for each in asked] == expected
    assert sum(not each for each in expected) > 3 and sum(bool(each) for each in expected) > 50


def test_a_wrong_code_told_once_is_told_again_the_next_time():
    wrong = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "", "code": "a"}]},
    }
    validator = Validator()
    first = validator.validate_value(wrong)
    assert first and validator.validate_value(wrong) == first == validator.validate_value(wrong)


def test_what_is_told_apart():
    one = {"coding": [{"system": "a", "code": "b"}]}
    assert plain_concept(one) != plain_concept({"coding": [{"system": "a"}, {"code": "b"}]})
    assert plain_concept({"text": "a"}) != plain_concept({"coding": [{"code": "a"}]})
    for unkept in (
        {"coding": [{"code": 7}]},
        {"coding": []},
        {"text": "x" * 101},
        {"extension": []},
        {"coding": [{"code": "a", "userSelected": True}]},
        {"coding": ["a"]},
        "a",
        None,
    ):
        assert plain_concept(unkept) is None
