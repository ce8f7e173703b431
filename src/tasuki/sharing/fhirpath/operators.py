# SPDX-License-Identifier: Apache-2.0
"""FHIRPathの演算子 — three-valued logic, equality, order and arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tasuki.sharing.fhirpath.functions import FUNCTIONS
from tasuki.sharing.fhirpath.values import Environment, Items, NotEvaluable, equal, order, same_items, truth

Step = Callable[[Items, Environment], Items]
Maker = Callable[[Step, Step], Step]


def _answer(value: bool | None) -> Items:
    return [] if value is None else [value]


def _and(left: Step, right: Step) -> Step:
    def run(focus: Items, environment: Environment) -> Items:
        one = truth(left(focus, environment))
        if one is False:
            return [False]
        other = truth(right(focus, environment))
        return [False] if other is False else _answer(None if one is None or other is None else True)

    return run


def _or(left: Step, right: Step) -> Step:
    def run(focus: Items, environment: Environment) -> Items:
        one = truth(left(focus, environment))
        if one:
            return [True]
        other = truth(right(focus, environment))
        return [True] if other else _answer(None if one is None or other is None else False)

    return run


def _xor(left: Step, right: Step) -> Step:
    def run(focus: Items, environment: Environment) -> Items:
        one, other = truth(left(focus, environment)), truth(right(focus, environment))
        return _answer(None if one is None or other is None else one is not other)

    return run


def _implies(left: Step, right: Step) -> Step:
    def run(focus: Items, environment: Environment) -> Items:
        one = truth(left(focus, environment))
        if one is False:
            return [True]
        other = truth(right(focus, environment))
        return [True] if other else _answer(None if one is None or other is None else False)

    return run


def _equals(is_equal: bool, empty_counts: bool) -> Maker:
    def make(left: Step, right: Step) -> Step:
        def run(focus: Items, environment: Environment) -> Items:
            one, other = left(focus, environment), right(focus, environment)
            if empty_counts and not (one and other):
                return [(not one and not other) is is_equal]
            answer = same_items(one, other)
            return [] if answer is None else [answer is is_equal]

        return run

    return make


def _orders(test: Callable[[int], bool], undecided: bool | None) -> Maker:
    def make(left: Step, right: Step) -> Step:
        def run(focus: Items, environment: Environment) -> Items:
            one, other = left(focus, environment), right(focus, environment)
            if not one or not other:
                return []
            found = order(one, other)
            # Two moments told to different precision, the same as far as both go: not before, not after.
            return _answer(undecided if found is None else test(found))

        return run

    return make


def _arithmetic(act: Callable[[Any, Any], Any]) -> Maker:
    def make(left: Step, right: Step) -> Step:
        def run(focus: Items, environment: Environment) -> Items:
            one, other = left(focus, environment), right(focus, environment)
            if not one or not other:
                return []
            try:
                return [act(one[0], other[0])]
            except (TypeError, ArithmeticError) as wrong:
                raise NotEvaluable("計算できません") from wrong

        return run

    return make


def _joined(left: Step, right: Step) -> Step:
    def run(focus: Items, environment: Environment) -> Items:
        one, other = left(focus, environment), right(focus, environment)
        return ["".join(str(each[0]) if each else "" for each in (one, other))]

    return run


def _union(left: Step, right: Step) -> Step:
    act = FUNCTIONS["union"]
    return lambda focus, environment: act(left(focus, environment), [right(focus, environment)], environment)


def _in(left: Step, right: Step) -> Step:
    def run(focus: Items, environment: Environment) -> Items:
        one, other = left(focus, environment), right(focus, environment)
        return [any(equal(one[0], each) for each in other)] if one else []

    return run


BINARY: dict[str, Maker] = {
    "and": _and, "or": _or, "xor": _xor, "implies": _implies,
    "=": _equals(True, False), "!=": _equals(False, False), "~": _equals(True, True), "!~": _equals(False, True),
    "<": _orders(lambda found: found < 0, None), ">": _orders(lambda found: found > 0, None),
    "<=": _orders(lambda found: found <= 0, True), ">=": _orders(lambda found: found >= 0, True),
    "+": _arithmetic(lambda one, other: one + other), "-": _arithmetic(lambda one, other: one - other),
    "*": _arithmetic(lambda one, other: one * other),
    "/": _arithmetic(lambda one, other: Decimal(one) / Decimal(other)),
    "div": _arithmetic(lambda one, other: one // other), "mod": _arithmetic(lambda one, other: one % other),
    "&": _joined, "|": _union, "in": _in, "contains": lambda left, right: _in(right, left),
}  # fmt: skip
