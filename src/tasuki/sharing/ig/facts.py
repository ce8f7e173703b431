# SPDX-License-Identifier: Apache-2.0
"""要素の事実 — one ElementDefinition as a row of facts, and what of it goes beyond the element's type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tasuki.sharing.ig.table import Row, Slicing, TypeFact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.sharing.ig.invariants import InvariantBook

_FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_SYSTEM = "http://hl7.org/fhirpath/System."
_BOUND = ("required", "extensible")


def row_of(element: Mapping[str, Any], invariants: InvariantBook, id_path: str = "") -> Row:
    """制約の行 — every fact of an element, none of its prose. ``id_path`` is the logical id of a resource,
    which packages of R4 call a string."""
    binding = element.get("binding") or {}
    strength = binding.get("strength", "")
    value_set = str(binding.get("valueSet", "")).partition("|")[0]
    slicing = element.get("slicing")
    inherited = (element.get("base") or {}).get("max", element.get("max"))
    return Row(
        id=element.get("id") or element["path"],
        min=element.get("min"),
        max=element.get("max"),
        types=_types(element, id_path),
        fixed=_value(element, "fixed"),
        pattern=_value(element, "pattern"),
        binding=(strength, value_set) if strength in _BOUND and value_set else None,
        slicing=_slicing(slicing) if slicing is not None else None,
        invariants=tuple(
            number
            for each in element.get("constraint", ())
            if (number := invariants.number(each)) is not None
        ),
        content_of=str(element.get("contentReference", "")).rpartition("#")[2],
        max_length=element.get("maxLength"),
        least=_value(element, "minValue"),
        most=_value(element, "maxValue"),
        is_list=inherited not in ("0", "1", None),
    )


def beyond(row: Row, of_type: Row | None, is_slice: bool) -> Row | None:
    """型を超える制約 — the row without what its type says anyway; ``None`` when nothing remains."""
    if of_type is None:
        return msgspec.structs.replace(row, is_list=False)
    changes: dict[str, Any] = {"is_list": False, "content_of": ""}
    for name in ("types", "fixed", "pattern", "binding", "max_length", "least", "most"):
        if getattr(row, name) == getattr(of_type, name):
            changes[name] = None
    if not is_slice:
        for name in ("min", "max"):
            if getattr(row, name) == getattr(of_type, name):
                changes[name] = None
    changes["invariants"] = tuple(each for each in row.invariants if each not in of_type.invariants)
    if row.slicing == of_type.slicing and not is_slice:
        changes["slicing"] = None
    made = msgspec.structs.replace(row, **changes)
    return None if not is_slice and made == Row(row.id) else made


def _types(element: Mapping[str, Any], id_path: str) -> tuple[TypeFact, ...] | None:
    given = element.get("type")
    if not given:
        return None
    made: dict[str, TypeFact] = {}
    for each in given:
        code = str(each.get("code", ""))
        if code.startswith(_SYSTEM):
            told = [one for one in each.get("extension", ()) if one.get("url") == _FHIR_TYPE]
            code = (
                str(told[0].get("valueUrl") or told[0].get("valueUri"))
                if told
                else code[len(_SYSTEM) :].lower()
            )
        if str(element["path"]) == id_path:
            code = "id"
        fact = TypeFact(
            code,
            tuple(sorted(one.partition("|")[0] for one in each.get("profile", ()))),
            tuple(sorted(one.partition("|")[0] for one in each.get("targetProfile", ()))),
        )
        before = made.get(code)
        if before is not None:
            fact = TypeFact(code, before.profiles + fact.profiles, before.targets + fact.targets)
        made[code] = fact
    return tuple(made.values())


def _value(element: Mapping[str, Any], start: str) -> Any:
    for name, value in element.items():
        if name.startswith(start) and name[len(start) : len(start) + 1].isupper():
            return value
    return None


def _slicing(given: Mapping[str, Any]) -> Slicing:
    return Slicing(
        tuple((str(each["type"]), str(each["path"])) for each in given.get("discriminator", ())),
        str(given.get("rules", "open")),
        bool(given.get("ordered", False)),
    )
