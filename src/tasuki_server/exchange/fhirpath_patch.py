# SPDX-License-Identifier: Apache-2.0
"""FHIRPathパッチ — add, insert, delete, replace and move over a resource, as a Parameters resource says them.

Paths are names, places, ``first()``, ``last()`` and ``where(name = 'text' and …)``: a stranger's expression is walked, not
run. What is made is checked like any other write afterwards.

Cite: HL7 FHIR R4 fhirpatch.html
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from tasuki.sharing.fhir_xml.members import XmlMember, members_of
from tasuki_server.exchange.fhirpath_places import (
    Step,
    fault,
    inside_of,
    is_named,
    list_at,
    only_spot,
    spots_at,
)
from tasuki_server.exchange.outcome import refuse

MOST_STEPS, LONGEST = 1000, 500
_NEEDS = {
    "add": ("path", "name", "value"), "insert": ("path", "index", "value"), "delete": ("path",),
    "replace": ("path", "value"), "move": ("path", "source", "destination"),
}  # fmt: skip


def read_steps(parameters: dict[str, Any]) -> list[Step]:
    """パッチの読込み — of a Parameters resource; raises for a step that lacks what it needs."""
    given = parameters.get("parameter")
    if not isinstance(given, list) or not given or len(given) > MOST_STEPS:
        raise refuse("patch-form", found=f"parameter は1個から{MOST_STEPS}個までです")
    return [_read(each, n) for n, each in enumerate(given, 1)]


def is_probing(steps: list[Step]) -> bool:
    """中身を尋ねるか — whether a path has conditions, by which whoever may not read could find out."""
    return any("where(" in each.path for each in steps)


def apply_steps(resource: dict[str, Any], steps: list[Step]) -> dict[str, Any]:
    """パッチの適用 — gives a new resource; what was given stays as it is.

    >>> step = Step("replace", "Patient.name[0].family", {"value": ("string", "架空")})
    >>> apply_steps({"resourceType": "Patient", "name": [{"family": "x"}]}, [step])["name"]
    [{'family': '架空'}]
    """
    held = {"": copy.deepcopy(resource)}
    for step in steps:
        _ACTS[step.type](held, step)
    made: dict[str, Any] = held[""]
    return made


def _read(given: Any, number: int) -> Step:
    parts = given.get("part") if isinstance(given, dict) and given.get("name") == "operation" else None
    if not isinstance(parts, list):
        raise refuse("patch-form", found=f"{number}番目の operation")
    told: dict[str, Any] = {}
    for each in parts:
        name = each.get("name") if isinstance(each, dict) else None
        if not isinstance(name, str) or name in told:
            raise refuse("patch-form", found=f"{number}番目の手順の part")
        told[name] = _value(each) if name == "value" else _value(each)[1]
    kind, path = told.get("type"), told.get("path")
    needs = _NEEDS.get(kind) if isinstance(kind, str) else None
    if needs is None or any(name not in told for name in needs) or not isinstance(path, str):
        raise refuse("patch-form", found=f"{number}番目の手順")
    places = [told[name] for name in ("index", "source", "destination") if name in needs]
    if any(isinstance(each, bool) or not isinstance(each, int) or each < 0 for each in places):
        raise refuse("patch-form", found=f"{number}番目の手順の番号")
    if len(path) > LONGEST or not isinstance(told.get("name", ""), str):
        raise refuse("patch-form", found=f"{number}番目の手順の path か name")
    return Step(str(kind), path, told)


def _value(part: dict[str, Any]) -> tuple[str, Any]:
    """The type that the value says it has, and the value; parts by name for an element without a type of its own."""
    for key, each in part.items():
        if key.startswith("value") and len(key) > 5:
            return key[5:6].lower() + key[6:], each
    if isinstance(part.get("resource"), dict):
        return "resource", part["resource"]
    if isinstance(part.get("part"), list):
        return "part", part["part"]
    raise refuse("patch-form", found="値のない part")


def _made(value: tuple[str, Any], inside: str) -> Any:
    """The value as it stands in a resource."""
    kind, given = value
    if kind != "part":
        return copy.deepcopy(given)
    made: dict[str, Any] = {}
    for each in given:
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            raise refuse("patch-form", found="名前のない part")
        one = _value(each)
        member = _member(inside, each["name"], one[0])
        inner = _made(one, member.inside)
        if member.is_list:
            made.setdefault(member.name, []).append(inner)
        elif member.name in made:
            raise refuse("patch-form", found=f"{each['name']} が二度あります")
        else:
            made[member.name] = inner
    return made


def _member(inside: str, name: str, kind: str) -> XmlMember:
    members = members_of(inside)
    found = members.get(name) or members.get(f"{name}{kind[:1].upper()}{kind[1:]}")
    if found is None:
        raise refuse("patch", f"{inside}.{name}", found="この型にない要素です")
    return found


def _add(held: dict[str, Any], step: Step) -> None:
    spot = only_spot(held, step)
    if not isinstance(spot.value, dict):
        raise fault(step, "要素を加えられる所ではありません")
    member = _member(inside_of(spot), step.given["name"], step.given["value"][0])
    value = _made(step.given["value"], member.inside)
    if member.is_list:
        spot.value.setdefault(member.name, []).append(value)
    elif any(is_named(name, member, inside_of(spot), step.given["name"]) for name in spot.value):
        raise fault(step, f"{step.given['name']} はすでにあります")
    else:
        spot.value[member.name] = value


def _insert(held: dict[str, Any], step: Step) -> None:
    into, inside = list_at(held, step)
    if step.given["index"] > len(into):
        raise fault(step, "その番号には入れられません")
    into.insert(step.given["index"], _made(step.given["value"], inside))


def _delete(held: dict[str, Any], step: Step) -> None:
    found = spots_at(held, step)
    if len(found) > 1:
        raise fault(step, "複数に当たります")
    for spot in found:
        if spot.key == "":
            raise fault(step, "リソースそのものは消せません")
        del spot.holder[spot.key]
        if isinstance(spot.holder, dict):
            spot.holder.pop(f"_{spot.key}", None)
    _tidy(held[""])


def _replace(held: dict[str, Any], step: Step) -> None:
    spot = only_spot(held, step)
    if spot.key == "":
        raise fault(step, "リソースそのものは置き換えられません")
    spot.holder[spot.key] = _made(step.given["value"], spot.inside)
    if isinstance(spot.holder, dict):
        spot.holder.pop(f"_{spot.key}", None)


def _move(held: dict[str, Any], step: Step) -> None:
    into, _ = list_at(held, step)
    source, destination = step.given["source"], step.given["destination"]
    if max(source, destination) >= len(into):
        raise fault(step, "その番号のものはありません")
    into.insert(destination, into.pop(source))


_ACTS: Mapping[str, Callable[[dict[str, Any], Step], None]] = {
    "add": _add, "insert": _insert, "delete": _delete, "replace": _replace, "move": _move,
}  # fmt: skip


def _tidy(value: Any) -> None:
    """What became empty goes: FHIR has no empty list."""
    if isinstance(value, dict):
        for name, each in list(value.items()):
            _tidy(each)
            if each == [] or each == {}:
                del value[name]
    elif isinstance(value, list):
        for each in value:
            _tidy(each)
