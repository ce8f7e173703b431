# SPDX-License-Identifier: Apache-2.0
"""検索パラメータの経路 — an expression that only names elements read straight from the JSON; any other by FHIRPath.

Nearly all expressions of search parameters are such paths, and an index is made with every write. A test holds both ways
of reading to each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tasuki.sharing.fhirpath import Environment, NotEvaluable, compile_expression
from tasuki.sharing.fhirpath.values import CHOICES, capital, chosen_key, is_type

Values = list[Any]
# From an element, by what an expression may ask beside it, to the values found.
Step = Callable[[Any, Environment], Values]
_PLAIN = re.compile(
    r"\(*(?P<names>\w+(?:\.\w+)*?)(?:(?: as |\.as\(|\.ofType\()(?P<kind>\w+)\)?|\.where\(resolve\(\) is (?P<target>\w+)\))?\)*"
)
_NO_FUNCTION = re.compile(r"[\w.\s()]+")


class Path(NamedTuple):
    """経路 — names of elements from the top; a type where the last is a choice; a type that the reference must be of."""

    names: tuple[str, ...]
    kind: str
    target: str


def alternatives(expression: str) -> list[str]:
    """式の選択肢 — at each bar that stands in no bracket.

    >>> alternatives("(A.b as Quantity) | A.c.where(d | e)")
    ['(A.b as Quantity)', 'A.c.where(d | e)']
    """
    found, depth, start = [], 0, 0
    for at, mark in enumerate(expression):
        depth += (mark == "(") - (mark == ")")
        if mark == "|" and not depth:
            found.append(expression[start:at].strip())
            start = at + 1
    return [*found, expression[start:].strip()]


def plain_path(text: str) -> Path | None:
    """経路 — ``None`` for an expression that asks more than names.

    >>> plain_path("Observation.subject.where(resolve() is Patient)")
    Path(names=('Observation', 'subject'), kind='', target='Patient')
    >>> plain_path("Patient.telecom.where(system='phone')") is None
    True
    """
    match = _PLAIN.fullmatch(text)
    if match is None or not _NO_FUNCTION.fullmatch(text) or "extension" in match["names"]:
        return None
    return Path(tuple(match["names"].split(".")), match["kind"] or "", match["target"] or "")


def member_step(key: str) -> Step:
    """項目の評価 — the values of one member of a resource, by its name in the JSON."""

    def step(value: Any, environment: Environment) -> Values:
        found = value.get(key)
        return found if type(found) is list else [found]

    return step


def step_below(names: tuple[str, ...], kind: str, target: str) -> Step:
    """経路の評価 — the values at the end of the names, from an element or a list of elements."""
    inner, last = (names[:-1], names[-1]) if kind else (names, "")
    key = last + capital(kind)

    def step(value: Any, environment: Environment) -> Values:
        items = value if type(value) is list else [value]
        for name in inner:
            items = _children(items, name)
        if kind:
            items = [one for each in items if type(each) is dict for one in _typed(each, last, key, kind)]
        if target and environment.resolve is not None:
            resolve = environment.resolve
            items = [each for each in items if (told := resolve(each)) and told["resourceType"] == target]
        return items

    return step


def _children(items: Values, name: str) -> Values:
    found: Values = []
    for item in items:
        if type(item) is not dict:
            continue
        value = item.get(name)
        if value is None:
            key = chosen_key(item, name)
            value = item.get(key) if key is not None else None
        if type(value) is list:
            found.extend(value)
        elif value is not None:
            found.append(value)
    return found


def _typed(item: dict[str, Any], name: str, key: str, kind: str) -> Values:
    value = item.get(key)
    if value is not None:
        return value if type(value) is list else [value]
    value = item.get(name)
    if value is None:
        return []
    return [each for each in (value if type(value) is list else [value]) if is_type(each, kind)]


def by_fhirpath(expression: str) -> Step:
    """FHIRPathによる評価 — nothing where the engine cannot tell."""
    step = compile_expression(expression)

    def run(value: Any, environment: Environment) -> Values:
        try:
            return step([value], environment)
        except NotEvaluable:
            return []

    return run


def relative_step(expression: str) -> Step:
    """要素からの経路の評価 — of a component of a composite search."""
    made = []
    for each in alternatives(expression):
        path = plain_path(each)
        if path is None or each.startswith("%"):
            return by_fhirpath(expression)
        made.append(step_below(*path))
    if len(made) == 1:
        return made[0]
    return lambda value, environment: [one for each in made for one in each(value, environment)]


def may_begin(expression: str, members: tuple[str, ...]) -> bool:
    """始まり得るか — whether an element with these members may have a value of a path below it."""
    for each in alternatives(expression):
        path = plain_path(each)
        if path is None or each.startswith("%"):
            return True
        if is_among(path.names[0], members, path.kind if len(path.names) == 1 else ""):
            return True
    return False


def is_among(name: str, members: tuple[str, ...], kind: str = "") -> bool:
    """項目の有無 — whether an element with these members may have a value under a name."""
    first = Beginning(name, kind, by_no_step)
    return any(first.is_at(key) or key == name for key in members)


def name_below(text: str, key: str) -> str:
    """次の項目 — what a path of a member of a resource takes of that member; "" where that is not told by names.

    >>> name_below("Resource.meta.tag", "meta"), name_below("Observation.code", "code")
    ('tag', '')
    """
    path = plain_path(text)
    return path.names[2] if path is not None and len(path.names) > 2 and path.names[1] == key else ""


def by_no_step(value: Any, environment: Environment) -> Values:
    """評価しない経路 — of a beginning that is only asked where it is."""
    return []


class Beginning(NamedTuple):
    """経路の始まり — which member of a resource an alternative begins at: "" for any resource at all."""

    name: str
    kind: str
    step: Step

    def is_at(self, key: str) -> bool:
        """始まりか — of a member as JSON names it: ``valueQuantity`` for a ``value`` that may be a Quantity."""
        if not key or not self.name:
            return key == self.name
        plain = key.removeprefix("_")
        if plain == self.name:
            return True
        chosen = plain[len(self.name) :]
        return plain.startswith(self.name) and (
            chosen == capital(self.kind) if self.kind else chosen in CHOICES
        )


_FIRST = re.compile(r"[(\s]*[A-Z]\w*\.(\w+)(?:(?: as |\.as\(|\.ofType\()(\w+))?")


def beginnings(expression: str, key: str) -> list[tuple[str, Step]]:
    """式の評価 — the alternatives that begin at a member, as they are written, each from the whole resource."""
    if ".exists()" in expression:
        # Says something of a resource without the element too: who is not told dead has deceased=false.
        return [] if key else [(expression, by_fhirpath(expression))]
    return [
        (each, made.step) for each in alternatives(expression) if (made := _beginning(each, key)).is_at(key)
    ]


def _beginning(text: str, key: str) -> Beginning:
    first = _FIRST.match(text)
    name, kind = (first[1], first[2] or "") if first else ("", "")
    path = plain_path(text)
    if path is None or key[:1] == "_":
        return Beginning(name, kind, by_fhirpath(text))
    below = path.names[1:]
    if not below:
        return Beginning("", "", lambda resource, environment: [resource])
    is_whole = len(below) == 1 and not path.target
    if is_whole and key == name + capital(path.kind):
        # What most paths are: one member, named as the JSON names it.
        return Beginning(name, path.kind, member_step(key))
    if len(below) == 1 and path.kind:
        # The key has the type in its name; without it the value must show the type.
        return Beginning(name, kind, step_below(below, path.kind, path.target))
    rest = step_below(below[1:], path.kind, path.target)
    return Beginning(name, "", lambda resource, environment: rest(resource.get(key), environment))
