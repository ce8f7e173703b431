# SPDX-License-Identifier: Apache-2.0
"""The case file: broken bytes, wrong shapes, and the published schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasuki.calculation.copayment.case_file import case_schema, read_case
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "COPAY-031"),
        (b'{"month": "2026-06"', "COPAY-031"),
        ('{"month": "六月"}'.encode("cp932"), "COPAY-031"),
        (b"[]", "COPAY-030"),
        (b'{"month": "2026-13"}', "COPAY-030"),
        (b'{"month": "2026-06", "person": {"born": "2026-02-30", "sex": "male"}}', "COPAY-030"),
        (b'{"month": "2026-06", "person": {"born": "2026-02-03", "sex": "x"}}', "COPAY-030"),
    ],
)
def test_broken_files_are_named(data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_case(data, "case.json")
    (finding,) = caught.value.findings
    assert finding.code == code
    assert sentence(finding).startswith("case.json")


@pytest.mark.parametrize(
    "step", [{"kind": "share_of_remainder", "share": "3/2", "rounding": "up"}, {"kind": "in_kind_under"}]
)
def test_a_rule_that_makes_no_sense_is_refused(step: dict[str, object]) -> None:
    rule = {"id": "x", "name": "x", "cite": "架空の要綱", "steps": [step]}
    case = {
        "month": "2026-06",
        "person": {"born": "1980-05-05", "sex": "male"},
        "local_rules": [rule],
        "visits": [{"day": "2026-06-01", "points": 1}],
    }
    with pytest.raises(BadInput) as caught:
        read_case(json.dumps(case).encode())
    assert caught.value.findings[0].where.field == "local_rules[0]"


def test_the_published_schema_is_that_of_the_reader() -> None:
    published = (DOCS / "reference" / "schemas" / "copay-case.json").read_text("utf-8")
    assert json.loads(published) == case_schema()


@pytest.mark.parametrize(
    "file", sorted((DOCS / "guide" / "copay").glob("*.json")), ids=lambda file: file.name
)
def test_the_examples_of_the_guide_are_sound(file: Path) -> None:
    ledger, visits, _ = read_case(file.read_bytes())
    assert visits
    assert ledger.month == (visits[0].day.year, visits[0].day.month)
