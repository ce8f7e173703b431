# SPDX-License-Identifier: Apache-2.0
"""共通算定モジュールの応答 — whatever is asked, the answer is one of the documented ones and never a fault of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasuki.calculation.openapi import openapi_document
from tasuki.calculation.service import JSON, KINDS, PROBLEM, Operation, answer
from tasuki.calculation.trace_wire import MonthTrace, Problem, StatementTrace
from tasuki.calculation.visit_json import decode_visit
from tasuki.kernel.strict_json import NotStrict, read_strictly
from tasuki.masters.starter import load_starter

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
VISIT = (GUIDE / "examples" / "visit.json").read_bytes()
COPAY = (GUIDE / "copay" / "local-programme.json").read_bytes()
BOOK = load_starter()


def asked(data: bytes, operation: Operation = Operation.CALCULATE, **more: Any) -> tuple[int, dict[str, Any]]:
    """Every answer is of the published shape, whatever was asked."""
    told = answer(operation, data, BOOK, **more)
    if told.status == 200:
        assert told.media_type == JSON
        msgspec.json.decode(told.body, type=MonthTrace if operation is Operation.COPAY else StatementTrace)
    else:
        assert told.media_type == PROBLEM
        assert told.status in (400, 422), told.body
        problem = msgspec.json.decode(told.body, type=Problem)
        assert (problem.status, problem.title) == KINDS[problem.type.rpartition(":")[2]]
        assert problem.findings and problem.detail
    return told.status, json.loads(told.body)


def test_examples_are_answered_in_the_published_shapes() -> None:
    assert asked(VISIT)[1]["total_points"] == 1248
    assert asked(VISIT, Operation.SIMULATE) == asked(VISIT)
    assert asked(COPAY, Operation.COPAY)[1]["month"] == "2026-06"


def test_own_institution_answers_for_a_visit_that_names_none() -> None:
    whole = json.loads(VISIT)
    own = decode_visit(VISIT).institution
    bare = json.dumps({key: value for key, value in whole.items() if key != "institution"}).encode()
    assert asked(bare, own=own) == asked(VISIT)
    status, problem = asked(bare)
    assert status == 422
    assert problem["findings"][0]["pointer"] == "/institution"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Expecting value"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"schema": NaN}', "NaN"),
        (b'{"schema": 1, "schema": 2}', "schema が二度"),
        (b"[" * 40 + b"]" * 40, "32段"),
        (b"[" * 900_000, "32段"),
        (b'"\\ud800"', "サロゲート"),
        (b'{"a": ' + b"9" * 5000 + b"}", "数が長すぎる"),
        (b'{"a": 1e99999999999999999999}', "数が長すぎる"),
    ],
)
@pytest.mark.parametrize("operation", Operation)
def test_unreadable_json_is_400_and_says_why(data: bytes, says: str, operation: Operation) -> None:
    status, problem = asked(data, operation)
    assert status == 400
    assert says in problem["detail"]


def test_brackets_inside_texts_are_no_nesting() -> None:
    assert read_strictly(json.dumps(["[" * 100, '\\"[[[' * 40]).encode())
    with pytest.raises(NotStrict):
        read_strictly(b"[" * 33 + b"]" * 33)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"visit": {"at": "1999-06-15T10:00"}, "diagnoses": [], "history": []}, "/visit/at"),
        ({"visit": {"at": "2026-02-30T10:00"}}, "/visit/at"),
        ({"visit": {"at": "0001-01-01T00:00+09:00"}}, "/visit/at"),
        ({"visit": {"at": "2026-06-15T10:00", "flags": ["no_such_flag"]}}, "/visit/flags/0"),
        ({"insurance": None}, "/insurance"),
        ({"orders": [{"kind": "act", "items": [{"code": "999999999"}]}]}, "/orders/0/items/0/code"),
        (
            {"orders": [{"kind": "act", "items": [{"code": "160054710", "amount": 1e300}]}]},
            "/orders/0/items/0/amount",
        ),
        (
            {"orders": [{"kind": "act", "items": [{"code": "160054710", "amount": "1E-9"}]}]},
            "/orders/0/items/0/amount",
        ),
        ({"diagnoses": [{"code": "0000000", "since": "2026-06-01"}]}, "/diagnoses/0/code"),
        ({"no/such~member": 1}, "/no~1such~0member"),
    ],
)
def test_what_cannot_be_used_is_422_and_points_at_the_member(change: dict[str, Any], pointer: str) -> None:
    standards = {"institution": json.loads(VISIT)["institution"] | {"standards": []}}
    status, problem = asked(json.dumps(json.loads(VISIT) | standards | change).encode())
    assert status == 422
    assert pointer in [each["pointer"] for each in problem["findings"]]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key in value:
            found += _places(value[key], (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            found += _places(each, (*path, index))
    return found


@pytest.mark.parametrize(("operation", "example"), [(Operation.CALCULATE, VISIT), (Operation.COPAY, COPAY)])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_member_made_anything_is_answered(operation: Operation, example: bytes, data: Any) -> None:
    value = json.loads(example)
    for _ in range(data.draw(st.integers(1, 3))):
        places = _places(value)
        *parents, last = data.draw(st.sampled_from(places))
        place = value
        for step in parents:
            place = place[step]
        if data.draw(st.booleans()):
            place[last] = data.draw(json_values)
        elif isinstance(place, dict):
            del place[last]
    asked(json.dumps(value).encode("utf-8", "surrogatepass"), operation)


@pytest.mark.parametrize(("operation", "example"), [(Operation.CALCULATE, VISIT), (Operation.COPAY, COPAY)])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_are_answered(operation: Operation, example: bytes, data: Any) -> None:
    start = data.draw(st.integers(0, len(example)))
    end = data.draw(st.integers(start, min(len(example), start + 40)))
    asked(example[:start] + data.draw(st.binary(max_size=30)) + example[end:], operation)


def test_the_description_names_every_operation_and_is_closed() -> None:
    document = openapi_document()
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    names = set(document["components"]["schemas"])
    for reference in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert reference in names
    for operation in Operation:
        described = document["paths"][f"/api/calculation/v1/{operation.value}"]["post"]
        assert {"200", "400", "401", "403", "413", "415", "422", "429"} <= set(described["responses"])
