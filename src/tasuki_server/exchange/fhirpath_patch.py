# SPDX-License-Identifier: Apache-2.0
"""FHIRPathパッチ — add, insert, delete, replace and move over a resource, as a Parameters resource says them.

Paths are names, places, ``first()``, ``last()`` and ``where(name = 'text' and …)``: a stranger's expression is walked, not
run. What is made is checked like any other write afterwards.

Cite: HL7 FHIR R4 fhirpatch.html
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from tasuki.sharing.fhir_xml.members import XmlMember, members_of
from tasuki_server.exchange.outcome import Refused, refuse

MOST_STEPS, LONGEST = 1000, 500
_NEEDS = {
    "add": ("path", "name", "value"), "insert": ("path", "index", "value"), "delete": ("path",),
    "replace": ("path", "value"), "move": ("path", "source", "destination"),
}  # fmt: skip
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*)((?:\[\d{1,6}\])?)")
_WHERE = re.compile(r"where\((.*)\)((?:\[\d{1,6}\])?)", re.DOTALL)
_EQUAL = re.compile(r"([A-Za-z][A-Za-z0-9.]*)\s*=\s*('(?:[^'\\]|\\.)*'|true|false|-?\d+(?:\.\d+)?)")
_AND = re.compile(r"\s+and\s+")


class Step(NamedTuple):
    """手順 — its kind and what it needs."""

    type: str
    path: str
    given: Mapping[str, Any]


class _Spot(NamedTuple):
    """Where a value stands, and where the elements of its type are told."""

    holder: Any
    key: Any
    inside: str

    @property
    def value(self) -> Any:
        return self.holder[self.key]


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


def _fault(step: Step, why: str) -> Refused:
    return refuse("patch", step.path, found=why)


def _add(held: dict[str, Any], step: Step) -> None:
    spot = _only(held, step)
    if not isinstance(spot.value, dict):
        raise _fault(step, "要素を加えられる所ではありません")
    member = _member(_inside(spot), step.given["name"], step.given["value"][0])
    value = _made(step.given["value"], member.inside)
    if member.is_list:
        spot.value.setdefault(member.name, []).append(value)
    elif any(_is_of(name, member, _inside(spot), step.given["name"]) for name in spot.value):
        raise _fault(step, f"{step.given['name']} はすでにあります")
    else:
        spot.value[member.name] = value


def _insert(held: dict[str, Any], step: Step) -> None:
    into, inside = _list(held, step)
    if step.given["index"] > len(into):
        raise _fault(step, "その番号には入れられません")
    into.insert(step.given["index"], _made(step.given["value"], inside))


def _delete(held: dict[str, Any], step: Step) -> None:
    found = _walk(held, step)
    if len(found) > 1:
        raise _fault(step, "複数に当たります")
    for spot in found:
        if spot.key == "":
            raise _fault(step, "リソースそのものは消せません")
        del spot.holder[spot.key]
        if isinstance(spot.holder, dict):
            spot.holder.pop(f"_{spot.key}", None)
    _tidy(held[""])


def _replace(held: dict[str, Any], step: Step) -> None:
    spot = _only(held, step)
    if spot.key == "":
        raise _fault(step, "リソースそのものは置き換えられません")
    spot.holder[spot.key] = _made(step.given["value"], spot.inside)
    if isinstance(spot.holder, dict):
        spot.holder.pop(f"_{spot.key}", None)


def _move(held: dict[str, Any], step: Step) -> None:
    into, _ = _list(held, step)
    source, destination = step.given["source"], step.given["destination"]
    if max(source, destination) >= len(into):
        raise _fault(step, "その番号のものはありません")
    into.insert(destination, into.pop(source))


_ACTS: Mapping[str, Callable[[dict[str, Any], Step], None]] = {
    "add": _add, "insert": _insert, "delete": _delete, "replace": _replace, "move": _move,
}  # fmt: skip


def _only(held: dict[str, Any], step: Step) -> _Spot:
    found = _walk(held, step)
    if len(found) != 1:
        raise _fault(step, "ありません" if not found else "複数に当たります")
    return found[0]


def _list(held: dict[str, Any], step: Step) -> tuple[list[Any], str]:
    """The list that a path names, with where the elements of its items are told."""
    *before, last = _parts(step)
    found = _NAME.fullmatch(last)
    if not before or found is None or found[2]:
        raise _fault(step, "繰り返す要素の名前で終えてください")
    spots = _along(held, step, before)
    value = spots[0].value if len(spots) == 1 else None
    member = members_of(_inside(spots[0])).get(found[1]) if isinstance(value, dict) else None
    if member is None or not member.is_list or not isinstance(value, dict):
        raise _fault(step, "繰り返す要素ではありません")
    if f"_{member.name}" in value:
        raise _fault(step, "拡張のある値の並びは変えられません")
    return value.setdefault(member.name, []), member.inside


def _walk(held: dict[str, Any], step: Step) -> list[_Spot]:
    return _along(held, step, _parts(step))


def _along(held: dict[str, Any], step: Step, parts: list[str]) -> list[_Spot]:
    spots = [_Spot(held, "", held[""]["resourceType"])]
    for n, part in enumerate(parts):
        if n == 0 and part == held[""]["resourceType"]:
            continue
        spots = _next(spots, part, step)
    return spots


def _next(spots: list[_Spot], part: str, step: Step) -> list[_Spot]:
    if part in ("first()", "last()"):
        return spots[:1] if part == "first()" else spots[-1:]
    where, name = _WHERE.fullmatch(part), _NAME.fullmatch(part)
    if where is not None:
        found, place = [each for each in spots if _meets(each.value, where[1], step)], where[2]
    elif name is not None:
        found, place = [one for each in spots for one in _children(each, name[1])], name[2]
    else:
        raise _fault(step, f"「{part[:40]}」は書けません")
    if place:
        n = int(place[1:-1])
        return found[n : n + 1]
    return found


def _children(spot: _Spot, name: str) -> list[_Spot]:
    value, inside = spot.value, _inside(spot)
    if not isinstance(value, dict):
        return []
    made = []
    for key in value:
        member = members_of(inside).get(key)
        if member is None or not _is_of(key, member, inside, name):
            continue
        if isinstance(value[key], list):
            made += [_Spot(value[key], n, member.inside) for n in range(len(value[key]))]
        else:
            made.append(_Spot(value, key, member.inside))
    return made


def _is_of(key: str, member: XmlMember, inside: str, name: str) -> bool:
    """Whether a member of JSON is the element: ``value`` is valueString, valueQuantity …"""
    if key == name:
        return True
    code = member.code
    return name not in members_of(inside) and key == f"{name}{code[:1].upper()}{code[1:]}"


def _inside(spot: _Spot) -> str:
    value = spot.value
    return str(value["resourceType"]) if isinstance(value, dict) and "resourceType" in value else spot.inside


def _parts(step: Step) -> list[str]:
    """The steps of a path: dots inside of parentheses and texts part nothing."""
    made, depth, is_text, begun = [], 0, False, 0
    for n, each in enumerate(step.path):
        if each == "'" and step.path[n - 1 : n] != "\\":
            is_text = not is_text
        elif not is_text:
            depth += (each == "(") - (each == ")")
            if each == "." and depth == 0:
                made.append(step.path[begun:n].strip())
                begun = n + 1
    made.append(step.path[begun:].strip())
    if is_text or depth or not all(made):
        raise _fault(step, "path を読めません")
    return made


def _meets(value: Any, text: str, step: Step) -> bool:
    for one in _AND.split(text.strip()):
        found = _EQUAL.fullmatch(one)
        if found is None:
            raise _fault(step, "where は 名前 = 値 を and でつないで書いてください")
        wanted = _literal(found[2])
        if not any(type(each) is type(wanted) and each == wanted for each in _at(value, found[1].split("."))):
            return False
    return True


def _at(value: Any, names: list[str]) -> list[Any]:
    found = [value]
    for name in names:
        inner = [each[name] for each in found if isinstance(each, dict) and name in each]
        found = [one for each in inner for one in (each if isinstance(each, list) else [each])]
    return [Decimal(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in found]


def _literal(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if text.startswith("'"):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    try:
        return Decimal(text)
    except InvalidOperation:  # pragma: no cover - the pattern lets numbers only
        return text


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
