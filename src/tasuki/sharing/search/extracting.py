# SPDX-License-Identifier: Apache-2.0
"""索引の作成 — one resource read once: every search parameter whose element is there gives its rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tasuki.sharing.fhirpath import Environment
from tasuki.sharing.search.addresses import address_of, type_named
from tasuki.sharing.search.entries import WRITERS, Adding
from tasuki.sharing.search.implied import implying
from tasuki.sharing.search.parameters import Parameter, parameters_of
from tasuki.sharing.search.paths import (
    Step,
    Values,
    beginnings,
    is_among,
    may_begin,
    name_below,
    relative_step,
)
from tasuki.sharing.search.query import is_pair
from tasuki.sharing.search.rows import IndexRows, no_rows

# Both stand in the row of the resource itself.
OF_THE_RESOURCE = ("_id", "_lastUpdated")
# 表: of a kind whose values stand in the table of another.
TABLE_OF = {"number": "quantity"}
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
    resolving = _Resolving(resource)
    adding = Adding(rows, base, resolving.contained)
    environment = Environment(resource, resolve=resolving.type_behind)
    meta = resource.get("meta")
    for act in _acts(type_name, tuple(resource), tuple(meta) if type(meta) is dict else None):
        act(resource, environment, adding)
    return IndexRows(list(dict.fromkeys(rows.token)), list(dict.fromkeys(rows.reference)), *rows[2:])


# What stands in the same element and is read the same way is read once, for all the parameters that ask for it.
_Reading = tuple[object, ...]


@lru_cache(maxsize=5_000)
def _acts(type_name: str, members: tuple[str, ...], of_meta: tuple[str, ...] | None) -> tuple[Act, ...]:
    """What to do for a resource that has these members, and these in its meta; what needs another is left out."""
    return tuple(
        act
        for key in ("", *members)
        for needed, below, act in _acts_of(type_name, key)
        if all(may_begin(each, members) for each in needed)
        and (key != "meta" or not below or of_meta is None or is_among(below, of_meta))
    )


@lru_cache(maxsize=20_000)
def _acts_of(type_name: str, key: str) -> tuple[tuple[tuple[str, ...], str, Act], ...]:
    """What to do for a member of a resource ("" for what is to be done for any), with the paths that must have a value and the
    member of that member that must be there ("" for none)."""
    read: dict[_Reading, tuple[Parameter, Step, list[Parameter]]] = {}
    for parameter in parameters_of(type_name):
        if parameter.code in OF_THE_RESOURCE or parameter.kind == "special":
            continue
        if implying(type_name, parameter.code):
            continue
        for text, step in beginnings(parameter.expression, key):
            parts = tuple((each.kind, each.expression, each.system) for each in parameter.components)
            reading = (parameter.kind, text, parameter.system, parts)
            read.setdefault(reading, (parameter, step, []))[2].append(parameter)
    return tuple(
        (_needed(parameter, text), name_below(str(text), key), _act(parameter, step, alike))
        for (_, text, *_), (parameter, step, alike) in read.items()
    )


def _needed(parameter: Parameter, text: Any) -> tuple[str, ...]:
    """Of a composite whose element is the resource itself, the paths of its parts."""
    if text != parameter.type:
        return ()
    return tuple(each.expression for each in parameter.components)


def _act(parameter: Parameter, step: Step, alike: list[Parameter]) -> Act:
    numbers = [each.number for each in alike]
    if parameter.kind != "composite":
        return _simple(parameter, step, numbers)
    if is_pair(parameter):
        return _pair(parameter, step, numbers)
    return _composite(step, alike)


def _simple(parameter: Parameter, step: Step, numbers: list[int]) -> Act:
    writer, system, (number, *others) = WRITERS[parameter.kind], parameter.system, numbers
    table = IndexRows._fields.index(TABLE_OF.get(parameter.kind, parameter.kind))

    def act(resource: dict[str, Any], environment: Environment, adding: Adding) -> None:
        found = step(resource, environment)
        if not others:
            for each in found:
                writer(adding, number, 0, each, system)
        elif found:
            rows: list[Any] = adding.rows[table]
            first = len(rows)
            for each in found:
                writer(adding, number, 0, each, system)
            made = rows[first:]
            for other in others:
                rows.extend([(other, *row[1:]) for row in made])

    return act


def _items(
    step: Step, parts: tuple[Step, ...]
) -> Callable[[dict[str, Any], Environment], list[tuple[int, list[Values]]]]:
    """Each element that has all the parts, with its number and their values: one that lacks a part can never be found."""
    # What a value is varies more than what it is of: asked first, it spares the rest.
    backwards = parts[::-1]

    def items(resource: dict[str, Any], environment: Environment) -> list[tuple[int, list[Values]]]:
        elements = step(resource, environment)
        found = []
        # The resource itself is the first item; the elements of it begin after.
        for item, element in enumerate(elements, 0 if elements and elements[0] is resource else 1):
            values: list[Values] = []
            for part in backwards:
                value = part(element, environment)
                if not value:
                    break
                values.append(value)
            else:
                found.append((item, values[::-1]))
        return found

    return items


def _composite(step: Step, alike: list[Parameter]) -> Act:
    items = _items(step, tuple(relative_step(each.expression) for each in alike[0].components))
    parts = [[(part.number, WRITERS[part.kind], part.system) for part in each.components] for each in alike]

    def act(resource: dict[str, Any], environment: Environment, adding: Adding) -> None:
        for item, found in items(resource, environment):
            for written in parts:
                for (number, writer, system), values in zip(written, found, strict=True):
                    for each in values:
                        writer(adding, number, item, each, system)

    return act


def _pair(parameter: Parameter, step: Step, numbers: list[int]) -> Act:
    concept, quantity = parameter.components
    items = _items(step, (relative_step(concept.expression), relative_step(quantity.expression)))
    of_concept, of_quantity = WRITERS[concept.kind], WRITERS[quantity.kind]

    def act(resource: dict[str, Any], environment: Environment, adding: Adding) -> None:
        for item, (concepts, quantities) in items(resource, environment):
            beside = Adding(no_rows(), adding.base, adding.contained)
            for each in concepts:
                of_concept(beside, 0, item, each, concept.system)
            for each in quantities:
                of_quantity(beside, 0, item, each, quantity.system)
            made = [
                (item, row[2], row[3], *amount[2:])
                for row in dict.fromkeys(beside.rows.token)
                for amount in beside.rows.quantity
            ]
            adding.rows.pair.extend([(number, *row) for number in numbers for row in made])

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
                kind = self.contained(text[1:])
            else:
                kind = address_of(text).type or type_named(text)
        if not kind and type(value) is dict:
            kind = value.get("type")
        return {"resourceType": kind} if kind else None

    def contained(self, name: str) -> Any:
        """含まれるリソースの型 — by its id; None where there is none."""
        contained = self.resource.get("contained")
        for each in contained if type(contained) is list else ():
            if type(each) is dict and each.get("id") == name:
                return each.get("resourceType")
        return None
