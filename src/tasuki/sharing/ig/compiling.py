# SPDX-License-Identifier: Apache-2.0
"""実装ガイドの取込み — conformance resources of FHIR packages become one table of constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.sharing.ig.facts import beyond, row_of
from tasuki.sharing.ig.invariants import InvariantBook
from tasuki.sharing.ig.packages import conformance_resource
from tasuki.sharing.ig.table import LAYOUT, Profile, Row, Table
from tasuki.sharing.ig.terminology import MOST_CODES, Terminology

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasuki.sharing.ig.packages import PackageFile

_KINDS = {"resource": "resource", "complex-type": "complex", "primitive-type": "primitive"}
ROOT = "http://hl7.org/fhir/StructureDefinition/"


class Compiled(NamedTuple):
    """取込み結果 — the table and what could not be taken."""

    table: Table
    findings: tuple[Finding, ...]


def compile_ig(
    files: Iterable[PackageFile],
    packages: tuple[str, ...],
    known: Iterable[Table] = (),
    most_codes: int = MOST_CODES,
) -> Compiled:
    """実装ガイドの取込み — ``known`` tables lend their types and terms; profiles without a snapshot are
    taken from their differential, over their parent. Lists longer than ``most_codes`` are not kept.

    Cite: FHIR R4 StructureDefinition, ElementDefinition, ValueSet, CodeSystem
    """
    known = tuple(known)
    definitions: dict[str, Mapping[str, Any]] = {}
    terms = Terminology(
        {url: each for table in known for url, each in table.value_sets.items()},
        {url: each for table in known for url, each in table.code_systems.items()},
        most_codes,
    )
    for file in files:
        resource = conformance_resource(file)
        if resource is None:
            continue
        if resource["resourceType"] == "StructureDefinition":
            definitions[str(resource["url"])] = resource
        else:
            terms.add(resource)
    return _Compiling(definitions, terms, known).run(packages)


class _Compiling:
    def __init__(
        self, definitions: Mapping[str, Mapping[str, Any]], terms: Terminology, known: tuple[Table, ...]
    ) -> None:
        self.definitions, self.terms = definitions, terms
        self.book = InvariantBook()
        self.findings: list[Finding] = []
        self.types: dict[str, dict[str, Row]] = {}
        for table in known:
            numbers = {
                number: self.book.number({"key": each.key, "severity": "error" if each.is_error else "warning",
                                          "expression": each.expression})
                for number, each in enumerate(table.invariants)
            }  # fmt: skip
            for profile in table.profiles:
                if profile.is_type:
                    self.types[profile.type] = {row.id: _renumbered(row, numbers) for row in profile.rows}

    def run(self, packages: tuple[str, ...]) -> Compiled:
        made: list[Profile] = []
        ordered = sorted(self.definitions.values(), key=lambda each: (_is_constraint(each), str(each["url"])))
        for each in ordered:
            if each.get("kind") not in _KINDS:
                continue
            profile = self._constraint(each) if _is_constraint(each) else self._type(each)
            if profile is not None:
                made.append(profile)
        bound = {row.binding[1] for profile in made for row in profile.rows if row.binding}
        sets = {url: self.terms.expand(url) for url in sorted(bound)}
        made, kept = self._kept_invariants(made)
        table = Table(LAYOUT, packages, tuple(made), sets, self.terms.small_systems(), kept)
        return Compiled(table, tuple(self.findings))

    def _type(self, given: Mapping[str, Any]) -> Profile | None:
        name = str(given["type"])
        elements = (given.get("snapshot") or {}).get("element") or []
        kind = _KINDS[str(given["kind"])]
        rows = (
            ()
            if kind == "primitive"
            else tuple(row_of(each, self.book, _id_path(given)) for each in elements)
        )
        self.types[name] = {row.id: row for row in rows}
        return Profile(
            str(given["url"]), name, kind, str(given.get("baseDefinition", "")), rows=rows,
            is_abstract=bool(given.get("abstract")),
        )  # fmt: skip

    def _constraint(self, given: Mapping[str, Any]) -> Profile | None:
        name, url, parent = str(given["type"]), str(given["url"]), str(given.get("baseDefinition", ""))
        snapshot = (given.get("snapshot") or {}).get("element")
        elements = snapshot or (given.get("differential") or {}).get("element") or []
        if name not in self.types:
            self.findings.append(
                Finding("FHIR-P-07", Severity.CONFIRM, Where(record=url), "sharing.FHIR-P-07", {"type": name})
            )
            return None
        rows: list[Row] = []
        types: dict[str, str] = {}
        for element in elements:
            row = row_of(element, self.book, _id_path(given))
            if row.types and len(row.types) == 1:
                types[row.id] = row.types[0].code
            is_slice = ":" in row.id.rpartition(".")[2]
            kept = beyond(row, self._type_row(name, row.id, types), is_slice)
            if kept is not None:
                rows.append(kept)
        contexts = tuple(
            str(each.get("expression", ""))
            for each in given.get("context", ())
            if each.get("type") == "element"
        )
        return Profile(
            url, name, "extension" if name == "Extension" else "profile", parent,
            "" if snapshot else parent, tuple(rows), contexts,
        )  # fmt: skip

    def _type_row(self, name: str, element_id: str, types: Mapping[str, str]) -> Row | None:
        """The row of the type itself that stands behind an element of a profile."""
        parts = element_id.split(".")
        rows, path = self.types[name], name
        so_far = parts[0]
        found = rows.get(name)
        for part in parts[1:]:
            step = part.partition(":")[0]
            below = rows.get(f"{path}.{step}")
            if below is None and found is not None:
                code = types.get(so_far) or (
                    found.types[0].code if found.types and len(found.types) == 1 else ""
                )
                if found.content_of:
                    path, below = found.content_of, rows.get(f"{found.content_of}.{step}")
                elif code in self.types:
                    rows, path = self.types[code], code
                    below = rows.get(f"{path}.{step}")
            if below is None:
                return None
            so_far, path, found = f"{so_far}.{part}", f"{path}.{step}", below
        return found

    def _kept_invariants(self, profiles: list[Profile]) -> tuple[list[Profile], tuple[Any, ...]]:
        """Only the invariants that a kept row names, numbered anew."""
        import msgspec

        every = self.book.all()
        used = sorted({each for profile in profiles for row in profile.rows for each in row.invariants})
        numbers = {old: new for new, old in enumerate(used)}
        made = [
            msgspec.structs.replace(
                profile,
                rows=tuple(_renumbered(row, numbers) if row.invariants else row for row in profile.rows),
            )
            for profile in profiles
        ]
        return made, tuple(every[each] for each in used)


def _is_constraint(given: Mapping[str, Any]) -> bool:
    return given.get("derivation") == "constraint"


def _id_path(given: Mapping[str, Any]) -> str:
    return f"{given['type']}.id" if given.get("kind") == "resource" else ""


def _renumbered(row: Row, numbers: Mapping[int, int | None]) -> Row:
    import msgspec

    found = tuple(new for each in row.invariants if (new := numbers.get(each)) is not None)
    return msgspec.structs.replace(row, invariants=found)
