# SPDX-License-Identifier: Apache-2.0
"""The registry: what it refuses, and that what a rule hangs on never hides an answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from calculation.case_files import TOKYO, read_cases, run
from tasuki.calculation import ask_rules, places
from tasuki.calculation.case import Case
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Plan, Rule, Stage, plan_of, rule, rules_on
from tasuki.calculation.statement_store import encode_statement
from tasuki.chart.coverage import Coverage
from tasuki.chart.visit import History, Person, Sex, Visit
from tasuki.facility.institution import Institution, InstitutionKind
from tasuki.kernel.validity import Validity
from tasuki.masters.starter import load_starter

if TYPE_CHECKING:
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


def visited(born: date, *flags: str, kind: InstitutionKind = InstitutionKind.CLINIC) -> Case:
    """A visit of a person on 1 June 2026."""
    visit = Visit(
        id="v1",
        person=Person(born, Sex.FEMALE),
        at=datetime(2026, 6, 1, 10, tzinfo=TOKYO),
        coverage=Coverage(None),
        flags=frozenset(flags),
    )
    return Case(visit, Institution("1234567", "13", kind=kind), History(), load_starter().at(visit.day))


def asked_at(case: Case, **declared: Any) -> bool:
    """Whether a rule with a declaration is open to a visit."""
    one = Rule("test/one", "試験", "試験", Validity(date(2024, 6, 1)), Stage.ADDITION, silent, **declared)
    return plan_of((one,)).open_to(case) == 1


GROWN, CHILD = date(1980, 1, 1), date(2020, 6, 2)


def test_a_rule_that_needs_a_fact_is_asked_with_one_of_them() -> None:
    needs = frozenset((Flag.FEVER, Flag.ONLINE))
    assert asked_at(visited(GROWN, Flag.ONLINE, Flag.FAMILY_CAME), needs=needs)
    assert not asked_at(visited(GROWN, Flag.FAMILY_CAME), needs=needs)
    assert not asked_at(visited(GROWN), needs=needs)


def test_a_rule_below_an_age_is_asked_until_the_eve_of_the_birthday() -> None:
    assert asked_at(visited(CHILD), below_age=6)
    assert not asked_at(visited(date(2020, 6, 1)), below_age=6)


def test_a_rule_of_some_institutions_is_asked_there_only() -> None:
    assert asked_at(visited(GROWN), at=places.is_clinic)
    assert not asked_at(visited(GROWN, kind=InstitutionKind.HOSPITAL), at=places.is_clinic)


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
