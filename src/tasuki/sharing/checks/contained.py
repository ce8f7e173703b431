# SPDX-License-Identifier: Apache-2.0
"""内包リソースの点検 — dom-2 to dom-5: not nested, referred to, without version and security label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasuki.sharing.checks.run import Path, Run


def contained_check(value: dict[str, Any], path: Path, run: Run, *, is_contained: bool) -> None:
    """内包リソースの点検 — of the container, and of one contained.

    Cite: FHIR R4 DomainResource, dom-2, dom-3, dom-4, dom-5
    """
    if is_contained:
        if value.get("contained"):
            run.block("D-12", (path, ".contained"))
        meta = value.get("meta")
        for banned in ("versionId", "lastUpdated", "security"):
            if type(meta) is dict and banned in meta:
                run.block("D-14", (path, ".meta." + banned), name=banned)
        if type(value.get("id")) is not str:
            run.block("D-11", (path, ".id"))
        return
    inner = value.get("contained")
    if type(inner) is not list:
        return
    unused = _unused(value, inner)
    seen: set[str] = set()
    for number, each in enumerate(inner):
        name = each.get("id") if type(each) is dict else None
        if type(name) is not str:
            continue
        at = (path, f".contained[{number}]")
        if name in seen:
            run.block("D-15", (at, ".id"), id=name)
        seen.add(name)
        if number in unused:
            run.block("D-13", at, id=name)


def _unused(value: dict[str, Any], inner: list[Any]) -> set[int]:
    """The contained ones that nothing points at, and that do not point at their container."""
    pointers = {
        number: "#" + each["id"]
        for number, each in enumerate(inner)
        if type(each) is dict and type(each.get("id")) is str
    }
    missing = _not_met(
        set(pointers.values()), [each for key, each in value.items() if key not in ("contained", "text")]
    )
    if missing:
        missing = _not_met(missing, inner)
    return {
        number
        for number, pointer in pointers.items()
        if pointer in missing and _not_met({"#"}, [inner[number]])
    }


def _not_met(texts: set[str], level: list[Any]) -> set[str]:
    """Which of the texts stand nowhere in the values; what is near the top is looked at first, and no more than it takes."""
    missing = set(texts)
    while level and missing:
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is dict:
                below.extend(item.values())
            elif kind is list:
                below.extend(item)
            elif kind is str:
                missing.discard(item)
        level = below
    return missing
