# SPDX-License-Identifier: Apache-2.0
"""検索パラメータの取込み — SearchParameter resources of the official packages become our table of facts."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import msgspec

from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing.search.parameters import LAYOUT, Component, Parameter, SearchTable, Shape
from tasuki.sharing.search.paths import alternatives

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasuki.sharing.ig import PackageFile, Table
    from tasuki.sharing.ig.table import Row

DEPTH = 200
_EVERY = ("Resource", "DomainResource")
_NOT_DOMAIN = ("Binary", "Bundle", "Parameters")
_ROOT = re.compile(r"[(\s]*([A-Z]\w*)")
_PLAIN = re.compile(r"[A-Z]\w*((?:\.\w+)+)$")


def compile_search(
    files: Iterable[PackageFile],
    packages: tuple[str, ...],
    base: Table,
    known: SearchTable | None = None,
) -> SearchTable:
    """検索パラメータの取込み — ``base`` is the table of R4 itself; numbers that ``known`` gave are kept.

    Examples of the standard are no parameters. Those without an expression (``_text``, ``_content``,
    ``_filter``) are not taken: nothing could be indexed for them.

    Cite: FHIR R4 SearchParameter, CompartmentDefinition; JP Core 1.2.0 SearchParameter
    """
    given: dict[str, Mapping[str, Any]] = {}
    shapes: dict[str, Shape] = {}
    compartment: dict[str, tuple[str, ...]] = {}
    types = {each.type for each in base.profiles if each.kind == "resource" and not each.is_abstract}
    for file in files:
        name = file.name.rpartition("/")[2]
        if name.startswith("SearchParameter-"):
            value: Any = read_strictly(file.data, DEPTH)
            if value.get("base") and value.get("expression") and not value["id"].startswith("example"):
                given[value["url"]] = value
        elif name == "CompartmentDefinition-patient.json":
            value = read_strictly(file.data, DEPTH)
            compartment = {
                each["code"]: tuple(each["param"]) for each in value["resource"] if each.get("param")
            }
        elif name.startswith("StructureDefinition-") and name[20:-5] in types:
            value = read_strictly(file.data, DEPTH)
            if value.get("kind") == "resource" and value.get("derivation") == "specialization":
                shapes[value["type"]] = _shape(value["snapshot"]["element"], value["type"])
    numbers = _Numbers(known)
    bindings = _Bindings(base)
    made = [
        _parameter(name, each, given, numbers, bindings)
        for name in sorted(types)
        for each in sorted(given.values(), key=lambda one: str(one["code"]))
        if _is_for(name, each["base"])
    ]
    compartment = {key: value for key, value in sorted(compartment.items()) if key in types}
    return SearchTable(LAYOUT, packages, tuple(made), dict(sorted(shapes.items())), compartment)


class _Numbers:
    """The number of a name, the same as it was before."""

    def __init__(self, known: SearchTable | None) -> None:
        self.known: dict[str, int] = {}
        for each in known.parameters if known else ():
            self.known[f"{each.type}.{each.code}"] = each.number
            for at, component in enumerate(each.components):
                self.known[f"{each.type}.{each.code}/{at}"] = component.number
        self.next = max(self.known.values(), default=0) + 1

    def of(self, name: str) -> int:
        if name not in self.known:
            self.known[name] = self.next
            self.next += 1
        return self.known[name]


class _Bindings:
    """The one code system of a plain path to an element of type code."""

    def __init__(self, base: Table) -> None:
        self.rows = {each.type: {row.id: row for row in each.rows} for each in base.profiles if each.is_type}
        self.value_sets = base.value_sets

    def system(self, expression: str) -> str:
        found = {self._of(each.strip()) for each in expression.split("|")} - {""}
        return found.pop() if len(found) == 1 else ""

    def _of(self, path: str) -> str:
        if not _PLAIN.match(path):
            return ""
        type_name, *parts = path.split(".")
        at, row = type_name, None
        for part in parts:
            row = self.rows.get(type_name, {}).get(f"{at}.{part}")
            if row is None:
                return ""
            at = f"{at}.{part}"
            if row.types and row.types[0].code in self.rows and row.types[0].code != "BackboneElement":
                type_name = at = row.types[0].code
        return self._bound(row)

    def _bound(self, row: Row | None) -> str:
        if row is None or not row.types or row.types[0].code != "code" or row.binding is None:
            return ""
        value_set = self.value_sets.get(row.binding[1])
        systems = [*value_set.codes, *value_set.open] if value_set else []
        return systems[0] if len(systems) == 1 else ""


def _is_for(type_name: str, bases: Iterable[str]) -> bool:
    return (
        type_name in bases
        or "Resource" in bases
        or ("DomainResource" in bases and type_name not in _NOT_DOMAIN)
    )


def _parameter(
    type_name: str,
    value: Mapping[str, Any],
    given: Mapping[str, Mapping[str, Any]],
    numbers: _Numbers,
    bindings: _Bindings,
) -> Parameter:
    expression = expression_for(str(value["expression"]), type_name)
    name = f"{type_name}.{value['code']}"
    components = []
    for at, each in enumerate(value.get("component", ())):
        part = given[str(each["definition"])]
        system = bindings.system(expression_for(str(part["expression"]), type_name))
        components.append(
            Component(
                numbers.of(f"{name}/{at}"), part["type"], _without_old_names(each["expression"]),
                tuple(part.get("target", ())), system,
            )
        )  # fmt: skip
    return Parameter(
        numbers.of(name), type_name, str(value["code"]), value["type"], expression, str(value["url"]),
        tuple(value.get("target", ())), bindings.system(expression) if value["type"] == "token" else "",
        tuple(components),
    )  # fmt: skip


def expression_for(expression: str, type_name: str) -> str:
    """型の式 — of the alternatives for many types, those of one.

    >>> expression_for("Patient.name | (Person.name) | Resource.id", "Person")
    '(Person.name) | Resource.id'
    """
    kept = []
    for each in alternatives(expression):
        root = _ROOT.match(each)
        if root is None or root[1] in (type_name, *_EVERY):
            kept.append(each.strip())
    return _without_old_names(" | ".join(kept))


def _without_old_names(expression: str) -> str:
    # R4 writes the type of a moment in two ways; JSON knows one.
    return expression.replace("as(DateTime)", "as(dateTime)").replace("as DateTime)", "as dateTime)")


def _shape(elements: list[Mapping[str, Any]], type_name: str) -> Shape:
    size = len(type_name) + 1
    summary = tuple(each["path"][size:] for each in elements if each.get("isSummary") and "." in each["path"])
    mandatory = tuple(
        each["path"][size:]
        for each in elements
        if each["path"].count(".") == 1 and (each.get("min", 0) > 0 or each.get("isModifier"))
    )
    return Shape(summary, mandatory)


def write_search_table(table: SearchTable) -> bytes:
    """表の書出し — the same table gives the same bytes."""
    return gzip.compress(msgspec.json.encode(table), 9, mtime=0)


def read_search_table(data: bytes) -> SearchTable:
    """表の読込み — of what :func:`write_search_table` wrote."""
    return msgspec.json.decode(gzip.decompress(data), type=SearchTable)
