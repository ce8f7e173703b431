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
    used, pointing = _used(value)
    seen: set[str] = set()
    for number, each in enumerate(inner):
        name = each.get("id") if type(each) is dict else None
        if type(name) is not str:
            continue
        at = (path, f".contained[{number}]")
        if name in seen:
            run.block("D-15", (at, ".id"), id=name)
        seen.add(name)
        if "#" + name not in used and number not in pointing:
            run.block("D-13", at, id=name)


def _used(value: dict[str, Any]) -> tuple[set[str], set[int]]:
    """Every text that begins with #, and the contained ones that point at their container."""
    used = _pointers([each for key, each in value.items() if key not in ("contained", "text")])
    pointing: set[int] = set()
    for number, each in enumerate(value["contained"]):
        inner = _pointers([each])
        used |= inner
        if "#" in inner:
            pointing.add(number)
    return used, pointing


def _pointers(waiting: list[Any]) -> set[str]:
    found: set[str] = set()
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if kind is dict:
            waiting.extend(item.values())
        elif kind is list:
            waiting.extend(item)
        elif kind is str and item[:1] == "#":
            found.add(item)
    return found
