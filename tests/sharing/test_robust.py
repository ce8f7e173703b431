# SPDX-License-Identifier: Apache-2.0
"""FHIR点検の頑健さ — whatever JSON comes in, wherever, the answer is findings; and threads do not disturb each other."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sharing import invented
from sharing.faults import holders
from tasuki.sharing.validator import Validator

VALIDATOR = Validator()
GROUNDS = {
    **invented.every(),
    "document": {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": "urn:x", "value": "1"},
        "timestamp": "2026-04-01T09:00:00Z",
        "entry": [
            {
                "fullUrl": "http://example.org/Composition/1",
                "resource": {
                    "resourceType": "Composition",
                    "id": "1",
                    "meta": {
                        "profile": [
                            "http://jpfhir.jp/fhir/eReferral/StructureDefinition/JP_Composition_eReferral"
                        ]
                    },
                    "status": "final",
                    "section": [
                        {"code": {"coding": [{"code": "300"}]}, "entry": [{"reference": "Patient/1"}]}
                    ],
                },
            }
        ],
    },
    "transaction": {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": {"resourceType": "Patient", "id": "1"},
                "request": {"method": "PUT", "url": "Patient/1"},
            }
        ],
    },
    "questions": {
        "resourceType": "Questionnaire",
        "status": "draft",
        "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "2", "type": "string"}]}],
    },
}
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["#", "#x", "urn:uuid:", "Patient/1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "id",
                    "extension",
                    "url",
                    "reference",
                    "code",
                    "coding",
                    "system",
                    "_id",
                    "valueString",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)


@settings(max_examples=400)
@given(data=st.data(), name=st.sampled_from(sorted(GROUNDS)), value=ANY)
def test_any_value_in_any_place_is_answered(data: st.DataObject, name: str, value: Any):
    resource = json.loads(json.dumps(GROUNDS[name]))
    places = [(holder, key) for holder, _ in holders(resource) for key in holder]
    holder, key = data.draw(st.sampled_from(places))
    holder[data.draw(st.sampled_from([key, "_" + key]))] = value
    for each in VALIDATOR.validate(json.dumps(resource).encode()):
        assert each.code.startswith("FHIR-")


# Each was once met where a text or an object was taken for granted.
UGLY: list[Any] = [
    None, True, 1, -1.5, "", "#", "urn:uuid:0", [], {}, [[]], [{}], {"reference": {}}, {"coding": {}}, {"coding": [1]},
    {"coding": [{"code": [], "system": {}}]}, {"resourceType": []}, {"resourceType": "Patient", "meta": []}, [None],
    {"url": []}, {"id": {}},
]  # fmt: skip


def test_ugly_values_in_many_places_are_answered():
    chosen = random.Random(8)
    for _ in range(1_500):
        resource = json.loads(json.dumps(chosen.choice(list(GROUNDS.values()))))
        for _ in range(chosen.choice((1, 2, 3))):
            places = [(holder, key) for holder, _ in holders(resource) for key in holder]
            if places:
                holder, key = chosen.choice(places)
                holder[chosen.choice((key, key, "_" + key))] = json.loads(json.dumps(chosen.choice(UGLY)))
        VALIDATOR.validate(json.dumps(resource).encode())


@given(value=ANY)
def test_any_json_is_answered(value: Any):
    VALIDATOR.validate(json.dumps(value).encode())


@given(st.binary(max_size=50))
def test_any_bytes_are_answered(data: bytes):
    VALIDATOR.validate(data)


def test_threads_share_one_validator():
    fresh = Validator()
    files = [json.dumps(each, ensure_ascii=False).encode() for each in GROUNDS.values()] * 4
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(fresh.validate, files))
    assert found == [VALIDATOR.validate(each) for each in files]
