# SPDX-License-Identifier: Apache-2.0
"""索引の作成 — one resource read once: every search parameter whose element is there gives its rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from tasuki.sharing.fhirpath import Environment, NotEvaluable, compile_expression
from tasuki.sharing.fhirpath.values import CHOICES
from tasuki.sharing.search.addresses import address_of, type_named
from tasuki.sharing.search.entries import WRITERS, Adding
from tasuki.sharing.search.parameters import Parameter, parameters_of
from tasuki.sharing.search.rows import IndexRows, no_rows

# Both stand in the row of the resource itself.
OF_THE_RESOURCE = ("_id", "_lastUpdated")
_FIRST = re.compile(r"[(\s]*[A-Z]\w*\.(\w+)")
Act = Callable[[dict[str, Any], Environment, Adding], None]


def extract(resource: dict[str, Any], base: str = "") -> IndexRows:
    """索引の作成 — the rows of a resource. ``base`` is our own address: references below it are this store's.

    Only the parameters whose first element the resource has are evaluated. What cannot be read as the kind
    of value that a parameter asks for gives no row.

    Cite: FHIR R4 Search 3.1.1.4 Parameter Types

    >>> rows = extract({"resourceType": "Patient", "birthDate": "1970-01-02"})
    >>> [each[2].date().isoformat() for each in rows.date]
    ['1970-01-02']
    """
    rows = no_rows()
    type_name = resource.get("resourceType")
    if not isinstance(type_name, str):
        return rows
    adding = Adding(rows, base)
    environment = Environment(resource, resolve=_Resolving(resource).type_behind)
    done: set[int] = set()
    for key in ("", *resource):
        for number, act in _acts(type_name, key):
            if number not in done:
                done.add(number)
                act(resource, environment, adding)
    return rows._replace(token=list(dict.fromkeys(rows.token)), reference=list(dict.fromkeys(rows.reference)))


@cache
def _acts(type_name: str, key: str) -> tuple[tuple[int, Act], ...]:
    """What to do for a member of a resource; "" for what is to be done for any."""
    return tuple(
        (each.number, _act(each))
        for each in parameters_of(type_name)
        if each.code not in OF_THE_RESOURCE and _begins_at(each, key)
    )


def _begins_at(parameter: Parameter, key: str) -> bool:
    # An expression may begin at several elements, or at the resource itself.
    found = [_FIRST.match(each) for each in parameter.expression.split("|")]
    if ".exists()" in parameter.expression:
        # Says something of a resource without the element too: who is not told dead has deceased=false.
        return not key
    if not key:
        return any(each is None for each in found)
    return any(each is not None and _is_named(key, each[1]) for each in found)


def _is_named(key: str, name: str) -> bool:
    if key[:1] == "_":
        key = key[1:]
    return key == name or (key.startswith(name) and key[len(name) :] in CHOICES)


@cache
def _act(parameter: Parameter) -> Act:
    step = compile_expression(parameter.expression)
    if parameter.kind == "composite":
        return _composite(parameter)
    writer = WRITERS.get(parameter.kind)
    number, system = parameter.number, parameter.system

    def act(resource: dict[str, Any], environment: Environment, adding: Adding) -> None:
        if writer is None:
            return
        try:
            found = step([resource], environment)
        except NotEvaluable:
            return
        for each in found:
            writer(adding, number, 0, each, system)

    return act


def _composite(parameter: Parameter) -> Act:
    step = compile_expression(parameter.expression)
    parts = [
        (each.number, WRITERS[each.kind], compile_expression(each.expression), each.system)
        for each in parameter.components
    ]

    def act(resource: dict[str, Any], environment: Environment, adding: Adding) -> None:
        try:
            elements = step([resource], environment)
            values = [[part[2]([each], environment) for part in parts] for each in elements]
        except NotEvaluable:
            return
        for item, found in enumerate(values):
            # An element that lacks one of the parts can never be found.
            if all(found):
                for (number, writer, _, system), items in zip(parts, found, strict=True):
                    for each in items:
                        writer(adding, number, item, each, system)

    return act


class _Resolving:
    """What kind of resource a reference points at, as far as its text tells."""

    def __init__(self, resource: dict[str, Any]) -> None:
        self.resource = resource

    def type_behind(self, value: Any) -> dict[str, Any] | None:
        text = value.get("reference") if type(value) is dict else value
        kind: Any = ""
        if isinstance(text, str):
            if text.startswith("#"):
                kind = self._contained(text[1:])
            else:
                kind = address_of(text).type or type_named(text)
        if not kind and type(value) is dict:
            kind = value.get("type")
        return {"resourceType": kind} if kind else None

    def _contained(self, name: str) -> Any:
        contained = self.resource.get("contained")
        for each in contained if type(contained) is list else ():
            if type(each) is dict and each.get("id") == name:
                return each.get("resourceType")
        return None
