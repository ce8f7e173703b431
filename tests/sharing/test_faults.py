# SPDX-License-Identifier: Apache-2.0
"""植えた誤りの検出 — every planted fault is found in our own made-up resources; the official examples likewise, by the
thousand, when they are beside the checkout."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from typing import Any

import pytest

import sharing.rule_faults  # noqa: F401 - adds its kinds to FAULTS
from sharing import invented, official
from sharing.faults import FAULTS
from sharing.profile_faults import PROFILE_FAULTS, required_slice_lost
from tasuki.sharing.validator import Validator, is_valid

VALIDATOR = Validator()
INVENTED = invented.every()


def is_found(resource: Any) -> bool:
    return not is_valid(VALIDATOR.validate(json.dumps(resource, ensure_ascii=False).encode()))


@pytest.mark.parametrize("name", list(INVENTED))
def test_the_ground_is_sound(name: str):
    assert not is_found(INVENTED[name])


@pytest.mark.parametrize("kind", list(FAULTS))
def test_a_planted_fault_is_found(kind: str):
    chosen = random.Random(kind)
    missed, planted = [], 0
    for name, ground in INVENTED.items():
        for _ in range(3):
            broken = copy.deepcopy(ground)
            place = FAULTS[kind](broken, chosen)
            if place is not None and broken != ground:
                planted += 1
                if not is_found(broken):
                    missed.append((name, place))
    assert planted or kind == "shared_code_of_other_test"
    assert missed == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"resourceType": "Patient", "active": true, "active": false}', "FHIR-J-01"),
        (b'{"resourceType": "Patient"', "FHIR-J-01"),
        (b"\xff\xfe", "FHIR-J-01"),
        (b'{"resourceType": "Patient", "a": ' + b"[" * 300 + b"]" * 300 + b"}", "FHIR-J-01"),
        (b"[]", "FHIR-S-03"),
        (b'"Patient"', "FHIR-S-03"),
        (b"{}", "FHIR-S-01"),
        (b'{"resourceType": "DomainResource"}', "FHIR-S-01"),
    ],
)
def test_what_is_no_resource_is_told(data: bytes, code: str):
    assert [each.code for each in VALIDATOR.validate(data)] == [code]


def test_hostile_input_ends_soon():
    deep: Any = {"url": "http://example.org/x"}
    for _ in range(40):
        deep = {"url": "http://example.org/x", "extension": [deep]}
    wide = {
        "resourceType": "Patient",
        "extension": [deep] + [{"url": f"http://example.org/{n}"} for n in range(3_000)],
    }
    found = VALIDATOR.validate(json.dumps(wide).encode())
    assert found[-1].code == "FHIR-J-02"
    assert len(found) < 3_100
    long = {
        "resourceType": "Patient",
        "birthDate": "1" * 1_000_000,
        "name": [{"text": "a" * 1_000_000 + "　"}],
    }
    assert is_found(long)


@official.examples_present
@pytest.mark.official
def test_faults_planted_in_the_official_examples_are_found():
    """63 kinds, up to 60 of each: at least 2,000 broken resources, of which 99 % are found."""
    grounds = {name: value for name, value in official.examples().items() if not is_found(value)}
    asked, slices = official.asked(), official.slices()
    planted, found = Counter[str](), Counter[str]()
    missed = []
    for kind in (*FAULTS, *PROFILE_FAULTS, "required_slice_lost"):
        chosen = random.Random(kind)
        names = sorted(grounds)
        chosen.shuffle(names)
        for name in names:
            if planted[kind] == 60:
                break
            broken = copy.deepcopy(grounds[name])
            claims = [url.partition("|")[0] for url in broken.get("meta", {}).get("profile", [])]
            if kind in FAULTS:
                place = FAULTS[kind](broken, chosen)
            elif kind in PROFILE_FAULTS:
                place = PROFILE_FAULTS[kind](
                    broken, [one for url in claims for one in asked.get(url, ())], chosen
                )
            else:
                place = required_slice_lost(
                    broken, [one for url in claims for one in slices.get(url, ())], chosen
                )
            if place is None or broken == grounds[name]:
                continue
            planted[kind] += 1
            if is_found(broken):
                found[kind] += 1
            else:
                missed.append((kind, name, place))
    assert len(planted) >= 40
    assert planted.total() >= 2_000
    assert found.total() / planted.total() >= 0.99, missed
    # A resource that no longer says which profile it means cannot be held against it.
    assert {place for _, _, place in missed} <= {"meta.profile", "meta"}
