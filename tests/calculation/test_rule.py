# SPDX-License-Identifier: Apache-2.0
"""The registry: what it refuses, and that what a rule hangs on never hides an answer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from calculation.case_files import read_cases, run
from tasuki.calculation import ask_rules
from tasuki.calculation.rule import Plan, Stage, plan_of, rule, rules_on
from tasuki.calculation.statement_store import encode_statement

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

ALWAYS: dict[str, Any] = {"title": "試験", "cite": "試験", "since": date(2024, 6, 1)}


def silent(_case: Case, _draft: Draft) -> None:
    """Says nothing."""


@pytest.mark.parametrize(
    "wrong",
    [{"chapters": ["D0"]}, {"sections": ["D"]}, {"sections": "D215"}, {"codes": ["D215"]}, {"cite": " "}],
)
def test_a_rule_that_hangs_on_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="test/refused"):
        rule("test/refused", **{**ALWAYS, **wrong})(silent)


def test_what_a_rule_hangs_on_hides_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case answers the same when every rule is asked at every visit."""
    cases = read_cases()
    gated = [encode_statement(run(case)) for case in cases]

    def every_rule(day: date, stage: Stage) -> Plan:
        return plan_of(tuple(each._replace(hangs_on=frozenset()) for each in rules_on(day, stage)))

    monkeypatch.setattr(ask_rules, "plan_on", every_rule)
    asked = [encode_statement(run(case)) for case in cases]
    different = [str(case) for case, one, other in zip(cases, gated, asked, strict=True) if one != other]
    assert different == []
