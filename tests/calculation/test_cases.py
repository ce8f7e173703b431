# SPDX-License-Identifier: Apache-2.0
"""Every readable case, and the promise that each rule has one case that fires and one that does not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from calculation.case_files import CaseFile, Names, read_cases, run
from tasuki.calculation.rule import all_rules
from tasuki.masters.starter import load_starter

if TYPE_CHECKING:
    from tasuki.calculation import Statement

CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: CaseFile) -> None:
    statement = run(case)
    expect = case.data["expect"]
    names = Names(load_starter().at(case.data["day"]))
    granted = [line.code for line in statement.granted() if line.kind.value != "CO"]
    shown = "\n".join(
        [f"{u.section} {u.points}x{u.times} {[line.name for line in u.lines]}" for u in statement.units]
        + [f"denied {d.name} {d.because[-1]}" for d in statement.denied]
        + [f"advised {d.name} {d.because[-1]}" for d in statement.advised]
        + [f"finding {f}" for f in statement.findings]
    )
    if "granted" in expect:
        assert Counter(granted) == Counter(names.code(n) for n in expect["granted"]), shown
    for name in expect.get("includes", ()):
        assert names.code(name) in granted, shown
    for name in expect.get("excludes", ()):
        assert names.code(name) not in granted, shown
    for name in expect.get("denied", ()):
        assert names.code(name) in {line.code for line in statement.denied}, shown
    if expect.get("denied") == []:
        assert not statement.denied, shown
    for name in expect.get("advised", ()):
        assert names.code(name) in {line.code for line in statement.advised}, shown
    for name, winner in expect.get("lost_to", {}).items():
        reasons = [dict(line.because[-1].facts) for line in statement.denied if line.code == names.code(name)]
        assert any(facts.get("lost_to") in (winner, _code(names, winner)) for facts in reasons), shown
    for name, points in expect.get("points", {}).items():
        assert points in [u.points for u in statement.units if _carries(u, names.code(name))], shown
    for name, points in expect.get("lines", {}).items():
        assert points in [line.points for line in statement.granted() if line.code == names.code(name)], shown
    for name, times in expect.get("times", {}).items():
        assert times in [u.times for u in statement.units if _carries(u, names.code(name))], shown
    if "total" in expect:
        assert statement.total_points == expect["total"], shown
    assert [f.code for f in statement.findings] == expect.get("findings", []), shown
    spoken = rule_ids(statement)
    assert {rule: rule in spoken for rule in case.rules} == case.rules, shown


def _code(names: Names, name: str) -> str:
    try:
        return names.code(name)
    except ValueError:
        return name


def _carries(unit: object, code: str) -> bool:
    return any(line.code == code for line in unit.lines)  # type: ignore[attr-defined]


def rule_ids(statement: Statement) -> set[str]:
    """The ids of every rule that spoke, whatever its verdict."""
    lines = (*statement.granted(), *statement.denied, *statement.advised)
    return {because.rule_id for line in lines for because in line.because}


@pytest.mark.parametrize("rule_id", sorted({rule.id for rule in all_rules()}))
@pytest.mark.parametrize("fires", [True, False])
def test_every_rule_has_a_case_that_fires_and_one_that_does_not(rule_id: str, fires: bool) -> None:
    found = [case for case in CASES if case.rules.get(rule_id) is fires]
    assert found, f"no case with rules: {{{rule_id}: {fires}}}"


def test_cases_name_registered_rules_only() -> None:
    named = {rule_id for case in CASES for rule_id in case.rules if not rule_id.startswith("table/")}
    assert named <= {rule.id for rule in all_rules()}
