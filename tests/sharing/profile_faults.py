# SPDX-License-Identifier: Apache-2.0
"""プロファイルの誤り — faults made from what a profile asks: what is required left out, too many, another fixed value.

They read elements of a snapshot: (id, min, max, fixed or pattern, is it a list), so that the official
StructureDefinitions themselves, not our table of them, can say what must be caught.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

Resource = dict[str, Any]


class Asked(NamedTuple):
    """What a profile asks of one element outside slices."""

    path: tuple[str, ...]
    least: int
    most: str
    fixed: Any
    is_list: bool


def read_snapshot(definition: dict[str, Any]) -> list[Asked]:
    """Of a StructureDefinition with a snapshot."""
    found = []
    for element in definition["snapshot"]["element"]:
        name = str(element["id"])
        if ":" in name or "[x]" in name or "." not in name:
            continue
        fixed = next(
            (value for key, value in element.items() if key.startswith("fixed") or key.startswith("pattern")),
            None,
        )
        base = str((element.get("base") or {}).get("max", element["max"]))
        found.append(
            Asked(
                tuple(name.split(".")[1:]),
                int(element["min"]),
                str(element["max"]),
                fixed,
                base not in ("0", "1"),
            )
        )
    return found


class AskedSlice(NamedTuple):
    """A slice that must be there, told by its system."""

    path: tuple[str, ...]
    system: str


def read_slices(definition: dict[str, Any]) -> list[AskedSlice]:
    """Of a StructureDefinition with a snapshot: required slices outside other slices."""
    elements = {str(each["id"]): each for each in definition["snapshot"]["element"]}
    found = []
    for name, element in elements.items():
        if (
            name.count(":") != 1
            or ":" not in name.rpartition(".")[2]
            or "[x]" in name
            or int(element["min"]) < 1
        ):
            continue
        told = elements.get(f"{name}.system", {})
        system = told.get("fixedUri") or told.get("patternUri")
        if system:
            found.append(AskedSlice(tuple(name.partition(":")[0].split(".")[1:]), str(system)))
    return found


def required_slice_lost(resource: Resource, asked: list[AskedSlice], chosen: random.Random) -> str | None:
    """The one thing that tells a required slice, its system, changed."""
    places = [
        (item, each)
        for each in asked
        for item in _holders(resource, each.path)
        if item.get("system") == each.system
    ]
    if not places:
        return None
    _, each = chosen.choice(places)
    for item, other in places:
        if other == each:
            item["system"] = "http://example.org/other"
    return ".".join(each.path)


def _holders(value: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _holders(each, path)
    elif isinstance(value, dict):
        if not path:
            yield value
        elif path[0] in value:
            yield from _holders(value[path[0]], path[1:])


def _places(resource: Resource, asked: list[Asked], test: Any) -> list[tuple[dict[str, Any], Asked]]:
    return [
        (holder, each)
        for each in asked
        for holder in _holders(resource, each.path[:-1])
        if each.path[-1] in holder and test(each, holder[each.path[-1]])
    ]


def required_left_out(resource: Resource, asked: list[Asked], chosen: random.Random) -> str | None:
    places = _places(resource, asked, lambda each, value: each.least > 0)
    if not places:
        return None
    holder, each = chosen.choice(places)
    del holder[each.path[-1]]
    return ".".join(each.path)


def fewer_than_asked(resource: Resource, asked: list[Asked], chosen: random.Random) -> str | None:
    places = _places(resource, asked, lambda each, value: each.least > 1 and isinstance(value, list))
    if not places:
        return None
    holder, each = chosen.choice(places)
    holder[each.path[-1]] = holder[each.path[-1]][: each.least - 1]
    return ".".join(each.path)


def more_than_allowed(resource: Resource, asked: list[Asked], chosen: random.Random) -> str | None:
    places = _places(
        resource,
        asked,
        lambda each, value: each.is_list and each.most.isdecimal() and isinstance(value, list) and value,
    )
    if not places:
        return None
    holder, each = chosen.choice(places)
    values = holder[each.path[-1]]
    holder[each.path[-1]] = values + [values[0]] * (int(each.most) + 1 - len(values))
    return ".".join(each.path)


def other_fixed_value(resource: Resource, asked: list[Asked], chosen: random.Random) -> str | None:
    places = _places(
        resource, asked, lambda each, value: isinstance(each.fixed, str) and isinstance(value, str)
    )
    if not places:
        return None
    holder, each = chosen.choice(places)
    holder[each.path[-1]] = holder[each.path[-1]] + "x"
    return ".".join(each.path)


PROFILE_FAULTS = {
    each.__name__: each
    for each in (required_left_out, fewer_than_asked, more_than_allowed, other_fixed_value)
}
