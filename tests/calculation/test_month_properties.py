# SPDX-License-Identifier: Apache-2.0
"""Whole months, calculated with every rule: order of entry, and acts that have nothing to do with the rest.

**Unrelated**, exactly: an act x beside a visit such that

1. no row of 背反 (03) or 包括 (02) names x together with a code that was ordered, billed before, granted, denied
   or advised;
2. x counts in no group that a pass reads from rows: no まるめ (col 16), no 判断料 group (col 50), no 注加算コード
   (col 38) shared with another line, no まとめ of one 剤;
3. every rule that is asked gives the same answer with x as without it.

Then x may change nothing but its own lines.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from tasuki.calculation import Statement, ask_rules, calculate
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, History, PastLine, Visit
from tasuki.masters.starter import load_starter

pytest.importorskip("polars", reason="polars (the extra tasuki[dev]) is not installed")

from calculation.twin.made_months import made_months, pool_of

if TYPE_CHECKING:
    from datetime import date

    from calculation.twin.table_twin import Month
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.plan import Plan
    from tasuki.calculation.rule import Rule

BOOK = load_starter()
DISEASES = ("8833421", "5319009", "2500015")
seeds = st.integers(0, 1_000_000)
checked = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def a_month(seed: int) -> Month:
    """A month of the twin, whose person has a disease under treatment."""
    [month] = made_months(BOOK, 1, seed)
    chosen = random.Random(seed)
    first = month.visits[0].day
    disease = Diagnosis(chosen.choice(DISEASES), first.replace(year=first.year - 1), is_main=True)
    return replace(month, visits=tuple(replace(visit, diagnoses=(disease,)) for visit in month.visits))


def statements(month: Month) -> Iterator[tuple[Visit, History, Statement]]:
    """Each visit with the history that the visits before it made."""
    past: tuple[PastLine, ...] = ()
    for visit in month.visits:
        history = History(past)
        statement = calculate(visit, month.institution, history, BOOK)
        yield visit, history, statement
        past = (*past, *statement.as_history())


@checked
@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_entry_changes_nothing_in_a_month(seed: int, chosen: random.Random) -> None:
    month = a_month(seed)
    for visit, history, statement in statements(month):
        orders, past = list(visit.orders), list(history.lines)
        chosen.shuffle(orders)
        chosen.shuffle(past)
        shuffled = replace(visit, orders=tuple(orders))
        assert calculate(shuffled, month.institution, History(tuple(past)), BOOK) == statement


COMPARED: list[str] = []


@checked
@given(seeds, st.randoms(use_true_random=False))
def test_an_unrelated_act_changes_no_other_line_in_a_month(seed: int, chosen: random.Random) -> None:
    month = a_month(seed)
    for visit, history, _ in statements(month):
        with answers() as before:
            plain = calculate(visit, month.institution, history, BOOK)
        for code in chosen.sample(pool_of(BOOK).codes, 6):
            if not is_apart(code, visit, history, plain):
                continue
            order = Order("zz", OrderKind.ACT, (Item(code),))
            with answers() as after:
                more = calculate(
                    replace(visit, orders=(*visit.orders, order)), month.institution, history, BOOK
                )
            if before != after:
                continue
            COMPARED.append(code)
            assert told(plain) == [line for line in told(more) if line[0] != code], code


def test_enough_acts_were_unrelated() -> None:
    """A definition that let nothing through would prove nothing; needs the property before it."""
    if not COMPARED:
        pytest.skip("the property did not run in this process")
    assert len(COMPARED) >= 100
    assert len(set(COMPARED)) >= 40


def is_apart(code: str, visit: Visit, history: History, statement: Statement) -> bool:
    """Conditions 1 and 2."""
    lines = (*statement.granted(), *statement.denied, *statement.advised)
    others = {line.code for line in lines} | {line.code for line in history.lines}
    others |= {item.code for order in visit.orders for item in order.items}
    if code in others or others & BOOK.partners[code] or any(code in BOOK.partners[each] for each in others):
        return False
    if any(code in contained_by(each) for each in others) or others & contained_by(code):
        return False
    row = BOOK.at(visit.day).act(code)
    groups = {
        act.addition_group
        for each in others
        if each[:1] == "1" and BOOK.at(visit.day).has(each)
        for act in (BOOK.at(visit.day).act(each),)
    }
    is_grouped = row.addition_group not in ("0", "") and row.addition_group in groups
    return row.test_bundle in ("0", "") and row.judgment_kind == "0" and not is_grouped


def contained_by(code: str) -> set[str]:
    """Every code of every group of an act, on any day."""
    return {
        member.code for parent in BOOK.parents.get(code, ()) for member in BOOK.members.get(parent.group, ())
    }


@contextmanager
def answers() -> Iterator[set[str]]:
    """What every rule answered while the block ran."""
    heard: set[str] = set()
    plan_on = ask_rules.plan_on

    def listening(rule: Rule) -> Rule:
        def function(case: Case, draft: Draft) -> Any:
            answer = rule.function(case, draft)
            if answer is not None:
                heard.add(f"{rule.id} {answer}")
            return answer

        return changed(rule, function=function)

    @cache
    def plan(day: date) -> Plan:
        found = plan_on(day)
        return changed(found, rules=tuple(map(listening, found.rules)))

    ask_rules.plan_on = plan  # type: ignore[assignment]
    try:
        yield heard
    finally:
        ask_rules.plan_on = plan_on


def told(statement: Statement) -> list[tuple[str, str, int, int]]:
    """Every line with its verdict and points, and the points of the unit it stands in."""
    granted = [
        (line.code, line.verdict.value, line.points, unit.points * unit.times)
        for unit in statement.units
        for line in unit.lines
    ]
    fallen = [
        (line.code, line.verdict.value, line.potential_points, 0)
        for line in (*statement.denied, *statement.advised)
    ]
    return sorted((*granted, *fallen))
