# SPDX-License-Identifier: Apache-2.0
"""FHIRPathパッチの場所 — where the path of a step leads in a resource, step by step; nothing of it is run as a program.

Cite: HL7 FHIR R4 fhirpatch.html, fhirpath.html (the simple subset)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from tasuki.sharing.fhir_xml.members import XmlMember, members_of
from tasuki_server.exchange.outcome import Refused, refuse

_NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*)((?:\[\d{1,6}\])?)")
_WHERE = re.compile(r"where\((.*)\)((?:\[\d{1,6}\])?)", re.DOTALL)
_EQUAL = re.compile(r"([A-Za-z][A-Za-z0-9.]*)\s*=\s*('(?:[^'\\]|\\.)*'|true|false|-?\d+(?:\.\d+)?)")
_AND = re.compile(r"\s+and\s+")


class Step(NamedTuple):
    """手順 — its kind and what it needs."""

    type: str
    path: str
    given: Mapping[str, Any]


class Spot(NamedTuple):
    """場所 — where a value stands, and where the elements of its type are told."""

    holder: Any
    key: Any
    inside: str

    @property
    def value(self) -> Any:
        """値 — what stands there."""
        return self.holder[self.key]


def fault(step: Step, why: str) -> Refused:
    """断り — of a step, with its path."""
    return refuse("patch", step.path, found=why)


def only_spot(held: dict[str, Any], step: Step) -> Spot:
    """ただ一つの場所 — raises when there is none or are several."""
    found = spots_at(held, step)
    if len(found) != 1:
        raise fault(step, "ありません" if not found else "複数に当たります")
    return found[0]


def list_at(held: dict[str, Any], step: Step) -> tuple[list[Any], str]:
    """繰返しの場所 — the list that a path names, with where the elements of its items are told."""
    *before, last = _parts(step)
    found = _NAME.fullmatch(last)
    if not before or found is None or found[2]:
        raise fault(step, "繰り返す要素の名前で終えてください")
    spots = _along(held, step, before)
    value = spots[0].value if len(spots) == 1 else None
    member = members_of(inside_of(spots[0])).get(found[1]) if isinstance(value, dict) else None
    if member is None or not member.is_list or not isinstance(value, dict):
        raise fault(step, "繰り返す要素ではありません")
    if f"_{member.name}" in value:
        raise fault(step, "拡張のある値の並びは変えられません")
    return value.setdefault(member.name, []), member.inside


def spots_at(held: dict[str, Any], step: Step) -> list[Spot]:
    """場所 — all that a path leads to; the resource itself stands under an empty name."""
    return _along(held, step, _parts(step))


def _along(held: dict[str, Any], step: Step, parts: list[str]) -> list[Spot]:
    spots = [Spot(held, "", held[""]["resourceType"])]
    for n, part in enumerate(parts):
        if n == 0 and part == held[""]["resourceType"]:
            continue
        spots = _next(spots, part, step)
    return spots


def _next(spots: list[Spot], part: str, step: Step) -> list[Spot]:
    if part in ("first()", "last()"):
        return spots[:1] if part == "first()" else spots[-1:]
    where, name = _WHERE.fullmatch(part), _NAME.fullmatch(part)
    if where is not None:
        found, place = [each for each in spots if _meets(each.value, where[1], step)], where[2]
    elif name is not None:
        found, place = [one for each in spots for one in _children(each, name[1])], name[2]
    else:
        raise fault(step, f"「{part[:40]}」は書けません")
    if place:
        n = int(place[1:-1])
        return found[n : n + 1]
    return found


def _children(spot: Spot, name: str) -> list[Spot]:
    value, inside = spot.value, inside_of(spot)
    if not isinstance(value, dict):
        return []
    made = []
    for key in value:
        member = members_of(inside).get(key)
        if member is None or not is_named(key, member, inside, name):
            continue
        if isinstance(value[key], list):
            made += [Spot(value[key], n, member.inside) for n in range(len(value[key]))]
        else:
            made.append(Spot(value, key, member.inside))
    return made


def is_named(key: str, member: XmlMember, inside: str, name: str) -> bool:
    """要素の名前か — whether a member of JSON is the element: ``value`` is valueString, valueQuantity …"""
    if key == name:
        return True
    code = member.code
    return name not in members_of(inside) and key == f"{name}{code[:1].upper()}{code[1:]}"


def inside_of(spot: Spot) -> str:
    """型の中 — where the elements of what stands there are told."""
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
        raise fault(step, "path を読めません")
    return made


def _meets(value: Any, text: str, step: Step) -> bool:
    for one in _AND.split(text.strip()):
        found = _EQUAL.fullmatch(one)
        if found is None:
            raise fault(step, "where は 名前 = 値 を and でつないで書いてください")
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
