# SPDX-License-Identifier: Apache-2.0
"""判別子 — compiled to a test of one item: by value, pattern, existence, type or profile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tasuki.sharing.checks.terms import member_test
from tasuki.sharing.checks.values import contains
from tasuki.sharing.fhirpath.compiling import asks_around, compile_expression
from tasuki.sharing.fhirpath.values import Environment, NotEvaluable, equal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.delta import Item
    from tasuki.sharing.checks.delta_tree import Node
    from tasuki.sharing.checks.engine import Engine
    from tasuki.sharing.checks.run import Run
    from tasuki.sharing.ig.table import Row, Slicing

    Test = Callable[[Item, Run], bool]

_NOWHERE = Environment({})
_EXTENSION = re.compile(r"extension\('([^']+)'\)")


def matcher(engine: Engine, slicing: Slicing, node: Node, name: str) -> Test | None:
    """判別 — whether an item is of a slice; ``None`` when the profile does not tell.

    Cite: FHIR R4 ElementDefinition.slicing.discriminator
    """
    tests: list[Test] = []
    for kind, path in slicing.discriminators:
        test = _test(engine, kind, path, node, name)
        if test is not None:
            tests.append(test)
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    made = tuple(tests)
    return lambda item, run: all(test(item, run) for test in made)


def _test(engine: Engine, kind: str, path: str, node: Node, name: str) -> Test | None:
    if kind == "type":
        return _by_type(engine, path, node, name)
    if kind == "profile":
        return _by_profile(engine, path, node)
    if kind == "exists":
        return _by_existence(path, node)
    return _by_value(engine, path, node)


def _by_type(engine: Engine, path: str, node: Node, name: str) -> Test | None:
    rows, rest = _rows_at(engine, node, path)
    codes = {fact.code for row in rows for fact in row.types or ()} if not rest else set()
    if path == "$this" and not codes:
        start = node.name[:-3] if node.name.endswith("[x]") else ""
        codes = {name[len(start) :]} if start and name.startswith(start) else set()
    if not codes:
        return None
    low = {code.lower() for code in codes}
    if path == "$this":

        def this(item: Item, run: Run) -> bool:
            if item[2]:
                return item[2].lower() in low
            return type(item[0]) is dict and str(item[0].get("resourceType")) in codes

        return this
    values = _getter(path)
    return lambda item, run: any(
        type(each) is dict and str(each.get("resourceType")) in codes for each in values(item, run)
    )


def _by_profile(engine: Engine, path: str, node: Node) -> Test | None:
    is_target = path.endswith("resolve()")
    rows, _ = _rows_at(engine, node, path.removesuffix(".resolve()") if path != "resolve()" else "$this")
    urls = tuple(
        url
        for row in rows
        for fact in row.types or ()
        for url in (fact.targets if is_target else fact.profiles)
    )
    kinds = frozenset(
        fact.code
        for row in rows
        for fact in row.types or ()
        if not fact.profiles and fact.code in engine.resource_types
    )
    if not urls and not kinds:
        return None
    values = _getter(path)

    def test(item: Item, run: Run) -> bool:
        for each in values(item, run):
            if type(each) is dict and (
                str(each.get("resourceType")) in kinds
                or any(engine.claims_or_conforms(each, url, run) for url in urls)
            ):
                return True
        return False

    return test


def _by_existence(path: str, node: Node) -> Test | None:
    row = _node_at(node, path)
    if row is None:
        return None
    values = _getter(path)
    if row.max == "0":
        return lambda item, run: not values(item, run)
    return (lambda item, run: bool(values(item, run))) if row.min else None


def _by_value(engine: Engine, path: str, node: Node) -> Test | None:
    rows, rest = _rows_at(engine, node, path)
    tests = [test for row in rows if (test := _value_test(engine, row, rest)) is not None]
    if not tests:
        return None
    text = fixed_text(engine, node, path)
    if text and path.isalpha():
        return lambda item, run: type(item[0]) is dict and item[0].get(path) == text
    values = _getter(path)
    one = tests[0]
    return lambda item, run: any(one(each) for each in values(item, run))


def _value_test(engine: Engine, row: Row, rest: str) -> Callable[[Any], bool] | None:
    if row.fixed is not None or row.pattern is not None:
        wanted = row.fixed if row.fixed is not None else row.pattern
        if rest:
            inner = compile_expression(rest)([wanted], _NOWHERE)
            if not inner:
                return None
            wanted = inner[0]
            return lambda value: contains(value, wanted)
        if row.fixed is not None:
            return lambda value: equal(value, wanted)
        return lambda value: contains(value, wanted)
    if row.binding is not None and not rest and row.binding[0] == "required":
        member = member_test(engine, row.binding[1])

        def bound(value: Any) -> bool:
            if type(value) is str:
                return member(None, value) is not False
            codings = value.get("coding", [value]) if type(value) is dict else []
            return any(
                type(one) is dict
                and type(one.get("code")) is str
                and type(one.get("system")) is str
                and member(one["system"], one["code"]) is True
                for one in (codings if type(codings) is list else ())
            )

        return bound
    return None


def fixed_text(engine: Engine, node: Node, path: str) -> str:
    """固定の文字列 — that every item of a slice has at a path; empty when there is none."""
    rows, rest = _rows_at(engine, node, path)
    if rest or len(rows) != 1 or path == "$this":
        return ""
    wanted = rows[0].fixed if rows[0].fixed is not None else rows[0].pattern
    return wanted if isinstance(wanted, str) else ""


def _rows_at(engine: Engine, node: Node, path: str) -> tuple[list[Row], str]:
    """The rows that speak of a path under a slice, nearest first, and what of the path they leave over.

    A pattern on ``code`` also speaks of ``code.coding.code``; a profile of the type speaks of its own children.
    """
    if path == "$this":
        return [node.row], ""
    parts = _EXTENSION.sub("extension", path).replace(".resolve()", "").split(".")
    here: list[Node] = [node]
    found: list[tuple[list[Row], str]] = []
    _note(found, here, parts, 0)
    for depth, part in enumerate(parts):
        below: list[Node] = []
        for each in here:
            for source in (each, *engine.type_nodes(each)):
                child = source.children.get(part) or source.children.get(part + "[x]")
                if child is not None:
                    below.extend((child, *child.slices.values()))
        if not below:
            break
        here = below
        _note(found, here, parts, depth + 1)
    exact = [each for each in found if not each[1]]
    return (exact or found or [([], path)])[-1]


def _note(found: list[tuple[list[Row], str]], here: list[Node], parts: list[str], depth: int) -> None:
    rest = ".".join(parts[depth:])
    rows = [
        each.row for each in here
        if each.row.fixed is not None or each.row.pattern is not None or (not rest and (each.row.binding or each.row.types))
    ]  # fmt: skip
    if rows:
        found.append((rows, rest))


def _node_at(node: Node, path: str) -> Row | None:
    now: Node | None = node
    for part in _EXTENSION.sub("extension", path).split("."):
        if now is None:
            return None
        now = now.children.get(part) or now.children.get(part + "[x]")
    return now.row if now is not None else None


def _getter(path: str) -> Callable[[Item, Run], list[Any]]:
    if path == "$this":
        return lambda item, run: [] if item[0] is None else [item[0]]
    if path.replace("_", "").isalnum():

        def plain(item: Item, run: Run) -> list[Any]:
            value = item[0].get(path) if type(item[0]) is dict else None
            return value if type(value) is list else [] if value is None else [value]

        if path[:1].islower():
            return plain
    step, is_asking = compile_expression(path), asks_around(path)

    def values(item: Item, run: Run) -> list[Any]:
        if is_asking:
            run.asked += 1
        try:
            return step([item[0]], run.environment)
        except (NotEvaluable, TypeError, ValueError, AttributeError):
            return []

    return values
