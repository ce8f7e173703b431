# SPDX-License-Identifier: Apache-2.0
"""VISIT.json: the example is read, every fault is named at once with its member, and the schema is published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tasuki.calculation.calculate_file import calculate_file
from tasuki.calculation.trace import trace_of
from tasuki.calculation.visit_json import decode_visit
from tasuki.calculation.visit_wire import visit_schema
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.masters.starter import load_starter

DOCS = Path(__file__).parent.parent.parent / "docs"
EXAMPLE = DOCS / "guide" / "examples" / "visit.json"


def example(**changes: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))
    for path, change in changes.items():
        *parents, last = path.split("__")
        place: Any = value
        for name in parents:
            place = place[int(name)] if name.isdecimal() else place[name]
        if change is ...:
            del place[last]
        else:
            place[int(last) if last.isdecimal() else last] = change
    return value


def found(value: object) -> list[tuple[str, str]]:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    with pytest.raises(BadInput) as bad:
        calculate_file(data, load_starter(), "v.json")
    for finding in bad.value.findings:
        assert finding.where.file == "v.json"
        assert "{" not in sentence(finding)
    return [(finding.code, finding.where.field) for finding in bad.value.findings]


def test_the_example_is_billed_and_explained() -> None:
    statement = calculate_file(EXAMPLE.read_bytes(), load_starter())
    assert statement.total_points == 1248
    trace = trace_of(statement)
    assert trace["schema"] == "tasuki/statement/1"
    assert sum(unit["total_points"] for unit in trace["units"]) == trace["total_points"] == 1248
    assert json.loads(json.dumps(trace)) == trace
    reasons = [because for unit in trace["units"] for line in unit["lines"] for because in line["because"]]
    assert all(because["sentence"] and because["cite"] for because in reasons)


def test_the_published_schema_is_that_of_the_reader() -> None:
    published = (DOCS / "reference" / "schemas" / "visit.json").read_text("utf-8")
    assert json.loads(published) == visit_schema(), (
        "./tasuki schema visit > docs/reference/schemas/visit.json"
    )


def test_local_time_is_japanese_time() -> None:
    local = decode_visit(json.dumps(example(visit__at="2026-06-15T18:30")).encode())
    abroad = decode_visit(json.dumps(example(visit__at="2026-06-15T09:30Z")).encode())
    assert local.visit.at == abroad.visit.at
    assert abroad.visit.day.isoformat() == "2026-06-15"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"extra": 1}, [("CAL-0102", "extra")]),
        ({"schema": "tasuki/visit/2"}, [("CAL-0102", "schema")]),
        ({"patient__sex": "x"}, [("CAL-0102", "patient.sex")]),
        ({"patient__born": "1958-02-30"}, [("CAL-0102", "patient.born")]),
        ({"patient__born": ...}, [("CAL-0102", "patient.born")]),
        ({"visit__flags": ["guidance_given", "no_such"]}, [("CAL-0102", "visit.flags[1]")]),
        ({"visit__department": "1"}, [("CAL-0102", "visit.department")]),
        ({"orders__0__items": []}, [("CAL-0102", "orders[0].items")]),
        ({"orders__0__count": 0}, [("CAL-0102", "orders[0].count")]),
        ({"orders__0__kind": "surgery"}, [("CAL-0102", "orders[0].kind")]),
        ({"orders__0__items__0__code": "16005471"}, [("CAL-0102", "orders[0].items[0].code")]),
        ({"orders__0__items__0__amount": "many"}, [("CAL-0102", "orders[0].items[0].amount")]),
        ({"institution__hours__0__since": "25:00"}, [("CAL-0102", "institution.hours[0].since")]),
        ({"insurance": ...}, [("CAL-0103", "insurance")]),
        ({"visit__at": "2026-06-31T10:00"}, [("CAL-0104", "visit.at")]),
        ({"patient__born": "2026-06-16"}, [("CAL-0105", "patient.born")]),
        ({"patient__born": "1858-11-03"}, [("CAL-0106", "patient.born")]),
        ({"orders__1__id": "1"}, [("CAL-0107", "orders[1].id")]),
        ({"orders__0__items__0__amount": -1}, [("CAL-0108", "orders[0].items[0].amount")]),
        ({"diagnoses__0__ended_on": "2026-04-01"}, [("CAL-0109", "diagnoses[0].ended_on")]),
        ({"history__0__day": "2026-06-16"}, [("CAL-0110", "history[0].day")]),
        ({"visit__at": "2019-06-15T10:00", "history": [], "diagnoses": []}, [("CAL-0111", "visit.at")]),
        ({"diagnoses__0__code": "0000001"}, [("CAL-0112", "diagnoses[0].code")]),
        ({"orders__0__items__1__code": "160999999"}, [("CAL-0001", "orders[0].items[1].code")]),
        ({"orders__0__items__1__code": "111703670"}, [("CAL-0002", "orders[0].items[1].code")]),
        (
            {"patient__sex": 1, "orders__0__count": "two", "visit__id": ...},
            [("CAL-0102", "patient.sex"), ("CAL-0102", "orders[0].count")],
        ),
    ],
)  # fmt: skip
def test_every_fault_is_named(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(example(**changes)) == expected


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe{}", b'{"a": NaN}', b"[" * 100_000])
def test_what_is_not_json_is_one_finding(data: bytes) -> None:
    assert found(data) == [("CAL-0101", "")]


@pytest.mark.parametrize("value", [[], 1, "x", None])
def test_what_is_no_object_is_one_finding(value: object) -> None:
    assert found(value) == [("CAL-0102", "")]
