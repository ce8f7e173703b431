# SPDX-License-Identifier: Apache-2.0
"""FHIRPathの組立て — a tree becomes nested functions; what is not known is refused at once, not when it runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from tasuki.sharing.fhirpath.functions import FUNCTIONS
from tasuki.sharing.fhirpath.operators import BINARY
from tasuki.sharing.fhirpath.parsing import NotReadable, Tree, parse
from tasuki.sharing.fhirpath.values import (
    Environment,
    Items,
    NotEvaluable,
    capital,
    children_named,
    extensions_of,
    is_type,
    truth,
)

Step = Callable[[Items, Environment], Items]
_CODES = {"sct": "http://snomed.info/sct", "loinc": "http://loinc.org", "ucum": "http://unitsofmeasure.org"}
_NAMED = re.compile(rf"%(?!(?:{'|'.join(_CODES)})\b)")


@lru_cache(maxsize=20_000)
def compile_expression(text: str) -> Step:
    """式の組立て — collection to collection. Raises :class:`NotReadable` for what this engine does not know.

    >>> run = compile_expression("name.where(use = 'official').given.count() = 2")
    >>> run([{"name": [{"use": "official", "given": ["花", "子"]}]}], Environment({}))
    [True]
    """
    return _compile(parse(text))


def asks_around(text: str) -> bool:
    """周りを問う式 — whether it may name what stands around its focus (%resource); what resolve() asks, the resolver knows.

    >>> asks_around("name.exists()"), asks_around("%resource.id.exists()")
    (False, True)
    >>> asks_around("system = %ucum")
    False
    """
    return _NAMED.search(text) is not None


def _compile(tree: Tree) -> Step:
    kind = tree[0]
    if kind == "this":
        return lambda focus, environment: focus
    if kind == "nothing":
        return lambda focus, environment: []
    if kind == "literal":
        value = [tree[1]]
        return lambda focus, environment: value
    if kind == "member":
        return _member(tree[1], tree[2])
    if kind == "external":
        return _external(tree[1])
    if kind == "binary":
        return BINARY[tree[1]](_compile(tree[2]), _compile(tree[3]))
    if kind == "negative":
        inner = _compile(tree[1])
        return lambda focus, environment: [-each for each in inner(focus, environment)]
    if kind == "index":
        source, index = _compile(tree[1]), _compile(tree[2])
        return lambda focus, environment: _at(source(focus, environment), index(focus, environment))
    if kind == "type":
        return _type_step(tree[1], tree[2], tree[3])
    if kind == "call":
        return _call(tree[1], tree[2], tree[3])
    raise NotReadable(f"{tree[1]} は使えません")


def _at(items: Items, index: Items) -> Items:
    number = index[0] if index else -1
    return items[number : number + 1] if isinstance(number, int) and number >= 0 else []


def _member(source_tree: Tree, name: str) -> Step:
    if name == "extension" and source_tree[0] == "member" and not _is_type_name(source_tree):
        parent, inner = _compile(source_tree[1]), source_tree[2]
        return lambda focus, environment: extensions_of(
            children_named(items := parent(focus, environment), inner), items, inner
        )
    if source_tree[0] == "this":
        # A path may begin with the type it is said of: Patient.name.
        if name[:1].isupper():
            return lambda focus, environment: (
                [each for each in focus if is_type(each, name)] or children_named(focus, name)
            )
        return lambda focus, environment: children_named(focus, name)
    source = _compile(source_tree)
    return lambda focus, environment: children_named(source(focus, environment), name)


def _is_type_name(tree: Tree) -> bool:
    return bool(tree[1][0] == "this" and tree[2][:1].isupper())


def _external(name: str) -> Step:
    if name in _CODES:
        value = [_CODES[name]]
        return lambda focus, environment: value
    if name == "resource":
        return lambda focus, environment: [environment.resource]
    if name == "rootResource":
        return lambda focus, environment: [environment.root]
    if name == "context":
        return lambda focus, environment: [environment.context]
    raise NotReadable(f"%{name} は使えません")


def _type_step(source_tree: Tree, operator: str, name: str) -> Step:
    chosen: Callable[[Items, Environment], Items]
    if source_tree[0] == "member":
        parent, member = _compile(source_tree[1]), source_tree[2]
        key = member + capital(name)

        def chosen(focus: Items, environment: Environment) -> Items:
            items = parent(focus, environment)
            typed = [each for each in items if type(each) is dict and (key in each or "_" + key in each)]
            if typed:
                return children_named(typed, key)
            plain = [each for each in items if type(each) is dict and member in each]
            return [each for each in children_named(plain, member) if is_type(each, name)]

        source = _compile(source_tree)
    else:
        source = _compile(source_tree)

        def chosen(focus: Items, environment: Environment) -> Items:
            return [each for each in source(focus, environment) if is_type(each, name)]

    if operator != "is":
        return chosen

    def is_step(focus: Items, environment: Environment) -> Items:
        return [bool(chosen(focus, environment))] if source(focus, environment) else []

    return is_step


def _call(source_tree: Tree, name: str, arguments: tuple[Tree, ...]) -> Step:
    source = _compile(source_tree)
    if name in _ITERATING:
        made = [_compile(each) for each in arguments]
        return _ITERATING[name](source, made)
    if name == "extension":
        inner = _member(source_tree, "extension")
        url = _compile(arguments[0])
        return lambda focus, environment: [
            each
            for each in inner(focus, environment)
            if type(each) is dict and [each.get("url")] == url(focus, environment)
        ]
    if name == "trace":
        return source
    if name not in FUNCTIONS:
        raise NotReadable(f"関数 {name} は使えません")
    act = FUNCTIONS[name]
    made = [_compile(each) for each in arguments]
    if not made:
        return lambda focus, environment: act(source(focus, environment), [], environment)
    return lambda focus, environment: act(
        source(focus, environment), [each(focus, environment) for each in made], environment
    )


def _exists(source: Step, arguments: list[Step]) -> Step:
    if not arguments:
        return lambda focus, environment: [bool(source(focus, environment))]
    where = _where(source, arguments)
    return lambda focus, environment: [bool(where(focus, environment))]


def _empty(source: Step, arguments: list[Step]) -> Step:
    return lambda focus, environment: [not source(focus, environment)]


def _where(source: Step, arguments: list[Step]) -> Step:
    test = arguments[0]
    return lambda focus, environment: [
        each for each in source(focus, environment) if truth(test([each], environment)) is True
    ]


def _all(source: Step, arguments: list[Step]) -> Step:
    test = arguments[0]
    return lambda focus, environment: [
        all(truth(test([each], environment)) is True for each in source(focus, environment))
    ]


def _select(source: Step, arguments: list[Step]) -> Step:
    made = arguments[0]
    return lambda focus, environment: [
        found for each in source(focus, environment) for found in made([each], environment)
    ]


def _repeat(source: Step, arguments: list[Step]) -> Step:
    made = arguments[0]

    def run(focus: Items, environment: Environment) -> Items:
        found: Items = []
        now = source(focus, environment)
        while now := [one for each in now for one in made([each], environment)]:
            found.extend(now)
            if len(found) > 100_000:
                raise NotEvaluable("repeat")
        return found

    return run


def _iif(source: Step, arguments: list[Step]) -> Step:
    def run(focus: Items, environment: Environment) -> Items:
        inner = source(focus, environment)
        if truth(arguments[0](inner, environment)):
            return arguments[1](inner, environment)
        return arguments[2](inner, environment) if len(arguments) > 2 else []

    return run


_ITERATING: dict[str, Callable[[Step, list[Step]], Step]] = {
    "exists": _exists, "empty": _empty, "where": _where, "all": _all, "select": _select, "repeat": _repeat, "iif": _iif,
}  # fmt: skip
