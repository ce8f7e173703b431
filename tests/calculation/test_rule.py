# SPDX-License-Identifier: Apache-2.0
"""The registry: what it refuses, and that what a rule hangs on never hides an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace as changed

from calculation.case_files import TOKYO, read_cases, run
from tasuki.calculation import ask_rules, places
from tasuki.calculation.case import Case
from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.plan import Plan, gates_of, plan_of
from tasuki.calculation.rule import Rule, Stage, rule, rules_on
from tasuki.calculation.statement_store import encode_statement
from tasuki.chart.coverage import Coverage
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, History, Outcome, PastLine, Person, Sex, Visit, VisitKind
from tasuki.facility.institution import Institution, InstitutionKind, OpenHours
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


def asked_at(case: Case, kind: VisitKind = VisitKind.REVISIT, **declared: Any) -> bool:
    """Whether a rule with a declaration is open to a visit."""
    one = Rule("test/one", "試験", "試験", Validity(date(2024, 6, 1)), Stage.ADDITION, silent, **declared)
    return gates_of(plan_of((one,)), case.book).of_visit(case, kind)[0] == 1


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


def test_a_rule_of_some_kinds_of_visits_is_asked_at_them_only() -> None:
    first = frozenset({VisitKind.FIRST})
    assert asked_at(visited(GROWN), VisitKind.FIRST, kinds=first)
    assert not asked_at(visited(GROWN), VisitKind.REVISIT, kinds=first)


def test_a_rule_of_some_drugs_is_asked_where_one_is_ordered() -> None:
    visit = visited(GROWN).visit
    code = next(iter(load_starter().drugs))
    ordered = replace(visit, orders=(Order("o1", OrderKind.INTERNAL, (Item(code, Decimal(1)),)),))
    case = replace(visited(GROWN), visit=ordered)
    assert asked_at(case, drugs=lambda row: row.code == code)
    assert not asked_at(case, drugs=lambda row: row.code != code)
    assert not asked_at(visited(GROWN), drugs=lambda row: row.code == code)


def test_a_rule_of_some_diseases_is_asked_where_one_is_charted_even_an_ended_one() -> None:
    code = next(iter(load_starter().diseases))
    ended = Diagnosis(code, date(2026, 5, 1), outcome=Outcome.CURED, ended_on=date(2026, 5, 8))
    case = replace(visited(GROWN), visit=replace(visited(GROWN).visit, diagnoses=(ended,)))
    assert asked_at(case, diseases=lambda row: row.code == code)
    assert not asked_at(case, diseases=lambda row: row.code != code)
    assert not asked_at(visited(GROWN), diseases=lambda row: row.code == code)


def test_facts_of_the_day_and_the_hour_are_told_apart_from_flags() -> None:
    open_all_day = OpenHours(0, time(9), time(21))  # 1 June 2026 is a Monday
    noon = replace(visited(GROWN), institution=Institution("1234567", "13", hours=(open_all_day,)))
    night = replace(noon, visit=replace(noon.visit, at=noon.visit.at.replace(hour=20)))
    again = replace(noon, history=History((PastLine(noon.day, "112007410", 1, "v0"),)))
    assert (noon.facts, night.facts, again.facts) == (set(), {Fact.OFF_HOURS}, {Fact.SEEN_TODAY})


def asked_always(one: Rule) -> Rule:
    """A rule that is asked at every visit, and then looks itself at what it says of the visit, as the words have it.

    Facts, age, institution and kind are part of what a rule says; what it hangs on and rows of drugs and diseases are
    not: they only spare asking where its function would say nothing.
    """

    def function(case: Case, draft: Draft) -> Any:
        if (
            (one.needs and not one.needs & case.facts)
            or (one.kinds and draft.kind not in one.kinds)
            or (one.below_age is not None and case.age.years >= one.below_age)
            or (one.at is not None and not one.at(case.premises))
        ):
            return None
        return one.function(case, draft)

    return changed(
        one,
        function=function, hangs_on=frozenset(), acts=None, drugs=None, diseases=None, needs=frozenset(), kinds=frozenset(),
        below_age=None, at=None,
    )  # fmt: skip


def test_what_a_rule_hangs_on_hides_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case answers the same when every rule is asked at every visit."""
    cases = read_cases()
    gated = [encode_statement(run(case)) for case in cases]

    @cache
    def every_rule(day: date) -> Plan:
        return plan_of(tuple(asked_always(each) for stage in Stage for each in rules_on(day, stage)))

    monkeypatch.setattr(ask_rules, "plan_on", every_rule)
    asked = [encode_statement(run(case)) for case in cases]
    different = [str(case) for case, one, other in zip(cases, gated, asked, strict=True) if one != other]
    assert different == []


def test_codes_that_no_book_has_leave_nothing_behind() -> None:
    """A day's answers are kept by the codes of its book; whoever sends other ones makes them no larger."""
    everything = Rule(
        "test/one", "試験", "試験", Validity(date(2024, 6, 1)), Stage.ADDITION, silent,
        drugs=lambda _: True, diseases=lambda _: True,
    )  # fmt: skip
    case = visited(GROWN)
    gates = gates_of(plan_of((everything,)), case.book)
    known = next(iter(load_starter().diseases))
    for number in range(50):
        item, charted = Item(f"69{number:07}", Decimal(1)), Diagnosis(f"99{number:05}", date(2026, 5, 1))
        visit = replace(
            case.visit, orders=(Order("o1", OrderKind.INTERNAL, (item,)),),
            diagnoses=(charted, Diagnosis(known, date(2026, 5, 1))),
        )  # fmt: skip
        assert not gates._open_to(replace(case, visit=visit), VisitKind.FIRST)
    assert (gates.drugs, set(gates.diseases)) == ({}, {known})
