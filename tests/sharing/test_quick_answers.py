# SPDX-License-Identifier: Apache-2.0
"""不変条件の早い答え — never another than that of the expression, of every invariant that is built in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tasuki.sharing.builtin import builtin_tables
from tasuki.sharing.checks.quick_answers import quick_answer
from tasuki.sharing.fhirpath import Environment, compile_expression
from tasuki.sharing.fhirpath.values import NotEvaluable, truth
from tasuki_server.drills.search_made_up import Maker


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from objects_in(each)
    elif isinstance(value, dict):
        yield value
        for each in value.values():
            yield from objects_in(each)


def expressions() -> list[str]:
    return sorted({each.expression for table in builtin_tables() for each in table.invariants})


def spoiled(value: dict[str, Any], chance: random.Random, names: list[str]) -> dict[str, Any]:
    """With members taken away, and others where nobody expects them."""
    kept = {name: each for name, each in value.items() if chance.random() < 0.8}
    for _ in range(chance.randrange(3)):
        name = chance.choice(names)
        kept[chance.choice((name, f"_{name}", f"{name}String", f"{name}x"))] = chance.choice(
            ("text", "", None, 3, [], {}, [None], {"extension": [{"url": "a"}]}, [{"code": "a"}], True)
        )
    return kept


def test_a_quick_answer_is_the_answer_of_the_expression():
    chance = random.Random(3)
    made = [
        each for seed in range(3) for one in Maker(random.Random(seed)).store(40) for each in objects_in(one)
    ]
    names = sorted({name for each in made for name in each})
    quick = [(each, look) for each in expressions() if (look := quick_answer(each)) is not None]
    assert len(quick) > 50
    met = dict.fromkeys((each for each, _ in quick), 0)
    tests = {each: compile_expression(each) for each, _ in quick}
    for value in (spoiled(each, chance, names) for each in chance.sample(made, 600)):
        for expression, look in quick:
            if not look(value):
                continue
            met[expression] += 1
            try:
                answer = truth(tests[expression]([value], Environment(value)))
            except NotEvaluable:
                pytest.fail(f"{expression}: {value}")
            assert answer is True, (expression, value)
    assert sum(1 for each in met.values() if each) > 50


@pytest.mark.parametrize(
    ("expression", "value", "is_sure"),
    [
        ("code.empty() or system.exists()", {"code": "a", "system": "b"}, True),
        ("code.empty() or system.exists()", {"code": "a", "system": ""}, False),
        ("code.empty() or system.exists()", {"_code": {}}, False),
        ("value.empty() or component.code.where(a or b).empty()", {"valueQuantity": {}}, True),
        ("value.empty() or component.code.where(a or b).empty()", {"value": 1, "component": []}, False),
        # What stands after an operand that may not be evaluable is not asked before it.
        ("a.b.matches('x') or c.empty()", {}, None),
        ("a.count().empty()", {}, None),
        ("a.empty() implies b.empty()", {}, None),
        ("a.empty() and b.empty()", {}, None),
        ("'a.empty() or ' = b.empty()", {}, None),
    ],
)
def test_what_can_be_told_at_a_look(expression, value, is_sure):
    look = quick_answer(expression)
    assert (look and look(value)) is is_sure
