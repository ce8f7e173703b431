# SPDX-License-Identifier: Apache-2.0
"""索引の作成 — one resource read once: every search parameter whose element is there gives its rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tasuki.sharing.fhirpath import Environment
from tasuki.sharing.search.addresses import address_of, type_named
from tasuki.sharing.search.entries import WRITERS, Adding
from tasuki.sharing.search.parameters import Parameter, parameters_of
from tasuki.sharing.search.paths import Step, beginnings, relative_step
from tasuki.sharing.search.rows import IndexRows, no_rows

# Both stand in the row of the resource itself.
OF_THE_RESOURCE = ("_id", "_lastUpdated")
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
    for key in ("", *resource):
        for act in _acts(type_name, key):
            act(resource, environment, adding)
    return rows._replace(token=list(dict.fromkeys(rows.token)), reference=list(dict.fromkeys(rows.reference)))


@lru_cache(maxsize=20_000)
def _acts(type_name: str, key: str) -> tuple[Act, ...]:
    """What to do for a member of a resource; "" for what is to be done for any."""
    return tuple(
        _composite(parameter, step) if parameter.kind == "composite" else _simple(parameter, step)
        for parameter in parameters_of(type_name)
        if parameter.code not in OF_THE_RESOURCE and parameter.kind != "special"
        for step in beginnings(parameter.expression, key)
    )


def _simple(parameter: Parameter, step: Step) -> Act:
    writer, number, system = WRITERS[parameter.kind], parameter.number, parameter.system

    def act(resource: dict[str, Any], environment: Environment, adding: Adding) -> None:
        for each in step(resource, environment):
            writer(adding, number, 0, each, system)

    return act


def _composite(parameter: Parameter, step: Step) -> Act:
    parts = [
        (each.number, WRITERS[each.kind], relative_step(each.expression), each.system)
        for each in parameter.components
    ]

    def act(resource: dict[str, Any], environment: Environment, adding: Adding) -> None:
        elements = step(resource, environment)
        # The resource itself is the first item; the elements of it begin after.
        first = 0 if elements and elements[0] is resource else 1
        for item, element in enumerate(elements, first):
            found = []
            for part in parts:
                items = part[2](element, environment)
                # An element that lacks one of the parts can never be found.
                if not items:
                    break
                found.append(items)
            else:
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
