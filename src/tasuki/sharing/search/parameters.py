# SPDX-License-Identifier: Apache-2.0
"""検索パラメータの表 — which searches FHIR R4 and JP Core define for each resource type, as facts, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

LAYOUT = "tasuki-search-1"
Kind = Literal["token", "reference", "date", "string", "quantity", "number", "uri", "composite", "special"]


class Component(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """複合検索の部分 — its own number in the index, the kind of value, the path below the composite's element."""

    number: int
    kind: Kind
    expression: str
    targets: tuple[str, ...] = ()
    system: str = ""


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """検索パラメータ — of one resource type; ``number`` stands in the index and never changes its meaning.

    ``system`` is the code system that the code of the element belongs to without saying so.
    """

    number: int
    type: str
    code: str
    kind: Kind
    expression: str
    url: str
    targets: tuple[str, ...] = ()
    system: str = ""
    components: tuple[Component, ...] = ()


class Shape(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """型の要約要素 — what ``_summary`` keeps of a type, and what may never be left out of it."""

    summary: tuple[str, ...]
    mandatory: tuple[str, ...]


class SearchTable(msgspec.Struct, frozen=True, omit_defaults=True):
    """検索パラメータの表 — parameters, shapes by type, and the parameters that put a resource into a
    patient's compartment."""

    layout: str
    packages: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    shapes: dict[str, Shape]
    compartment: dict[str, tuple[str, ...]]


@cache
def search_table() -> SearchTable:
    """組込みの検索パラメータ表 — read once from the package's own data."""
    from tasuki.sharing.search.importing import read_search_table

    return read_search_table((files("tasuki.sharing") / "data" / "search.fhirtable").read_bytes())


@cache
def _by_type() -> dict[str, dict[str, Parameter]]:
    found: dict[str, dict[str, Parameter]] = {name: {} for name in search_table().shapes}
    for each in search_table().parameters:
        found[each.type][each.code] = each
    return found


def is_resource_type(name: str) -> bool:
    """リソース型か — one of FHIR R4."""
    return name in _by_type()


def parameters_of(type_name: str) -> tuple[Parameter, ...]:
    """型の検索パラメータ — those that a search of this type may name, by name."""
    return tuple(_by_type().get(type_name, {}).values())


def parameter(type_name: str, code: str) -> Parameter | None:
    """検索パラメータ — by type and name.

    >>> parameter("Patient", "birthdate").expression
    'Patient.birthDate'
    """
    return _by_type().get(type_name, {}).get(code)


def compartment_codes(type_name: str) -> tuple[str, ...]:
    """患者コンパートメント — the reference parameters by which a resource of this type is a patient's.

    Cite: FHIR R4 CompartmentDefinition/patient

    >>> compartment_codes("Observation")
    ('subject', 'performer')
    """
    return search_table().compartment.get(type_name, ())
