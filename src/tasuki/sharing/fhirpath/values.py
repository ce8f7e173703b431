# SPDX-License-Identifier: Apache-2.0
"""FHIRPathの値 — collections over plain JSON: members, choices, equality, order."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tasuki.sharing.fhirpath.member_names import OfMemberNames

if TYPE_CHECKING:
    from collections.abc import Callable

Items = list[Any]
_MOMENT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)


class NotEvaluable(ValueError):
    """評価できない式 — this input, or this engine, cannot answer the expression."""


class Bare:
    """拡張のみの値 — a primitive without a value, of which only extensions are told."""

    __slots__ = ("partner",)

    def __init__(self, partner: dict[str, Any]) -> None:
        self.partner = partner


class Environment:
    """評価環境 — what an expression may ask beside its focus."""

    __slots__ = ("conforms", "context", "is_member", "resolve", "resource", "root")

    def __init__(
        self,
        resource: Any,
        root: Any = None,
        resolve: Callable[[Any], Any] | None = None,
        is_member: Callable[[Any, str], bool | None] | None = None,
        conforms: Callable[[Any, str], bool | None] | None = None,
    ) -> None:
        self.resource, self.root, self.context = resource, root if root is not None else resource, resource
        self.resolve, self.is_member, self.conforms = resolve, is_member, conforms


def capital(name: str) -> str:
    """型名の形 — as it follows the name of a choice: ``valueQuantity``."""
    return name[:1].upper() + name[1:]


def children_named(focus: Items, name: str) -> Items:
    """子要素 — members of a name; of a choice, whichever type is there."""
    found: Items = []
    for item in focus:
        if type(item) is not dict:
            if type(item) is Bare and name in item.partner:
                _add(found, item.partner[name])
            continue
        value = item.get(name)
        if value is not None:
            _add(found, value)
            if type(value) is list and "_" + name in item:
                found[:] = [each for each in found if each is not None]
        elif "_" + name in item:
            _add_bare(found, item["_" + name])
        else:
            key = chosen_key(item, name)
            if key is not None:
                if key in item:
                    _add(found, item[key])
                else:
                    _add_bare(found, item["_" + key])
    return found


def chosen_key(item: dict[str, Any], name: str) -> str | None:
    """選択型の項目名 — ``valueString`` for ``value``; ``None`` when the item has none."""
    return _choices(name)[tuple(item)]


@lru_cache(maxsize=2_000)
def _choices(name: str) -> OfMemberNames[str | None]:
    return OfMemberNames(lambda keys: _chosen(keys, name))


def _chosen(keys: tuple[str, ...], name: str) -> str | None:
    size, bare = len(name), None
    for key in keys:
        if key.startswith(name):
            if len(key) > size and "A" <= key[size] <= "Z" and capital(key[size:]) in CHOICES:
                return key
        elif bare is None and key[:1] == "_" and key.startswith(name, 1) and key[size + 1 :] in CHOICES:
            bare = key[1:]
    return bare


CHOICES = frozenset(
    [
        "Base64Binary",
        "Boolean",
        "Canonical",
        "Code",
        "Date",
        "DateTime",
        "Decimal",
        "Id",
        "Instant",
        "Integer",
        "Markdown",
        "Oid",
        "PositiveInt",
        "String",
        "Time",
        "UnsignedInt",
        "Uri",
        "Url",
        "Uuid",
        "Address",
        "Age",
        "Annotation",
        "Attachment",
        "CodeableConcept",
        "Coding",
        "ContactPoint",
        "Count",
        "Distance",
        "Duration",
        "HumanName",
        "Identifier",
        "Money",
        "Period",
        "Quantity",
        "Range",
        "Ratio",
        "Reference",
        "SampledData",
        "Signature",
        "Timing",
        "ContactDetail",
        "Contributor",
        "DataRequirement",
        "Expression",
        "ParameterDefinition",
        "RelatedArtifact",
        "TriggerDefinition",
        "UsageContext",
        "Dosage",
        "Meta",
    ]
)


def extensions_of(focus: Items, parent: Items, name: str) -> Items:
    """基本型の拡張 — of the members ``name`` of ``parent``: FHIR JSON keeps them beside the value."""
    found: Items = []
    for item in parent:
        if type(item) is dict:
            partners = item.get("_" + name)
            for each in partners if type(partners) is list else [partners]:
                if type(each) is dict:
                    _add(found, each.get("extension", []))
    return found or children_named(focus, "extension")


def _add(found: Items, value: Any) -> None:
    if type(value) is list:
        found.extend(value)
    else:
        found.append(value)


def _add_bare(found: Items, value: Any) -> None:
    for each in value if type(value) is list else [value]:
        if type(each) is dict:
            found.append(Bare(each))


def equal(left: Any, right: Any) -> bool:
    """等しい — deeply, numbers by value, never a number and a boolean."""
    if type(left) is bool or type(right) is bool:
        return left is right
    if type(left) is dict and type(right) is dict:
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if type(left) is list and type(right) is list:
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)


def same_items(left: Items, right: Items) -> bool | None:
    """集合の等価 — ``None`` when a side is empty."""
    if not left or not right:
        return None
    return len(left) == len(right) and all(map(equal, left, right))


def truth(items: Items) -> bool | None:
    """真偽 — of a collection: ``None`` when empty, true for any single value that is no boolean."""
    if not items:
        return None
    if len(items) > 1:
        raise NotEvaluable("真偽が一つに決まりません")
    return items[0] is not False


def order(left: Items, right: Items) -> int | None:
    """大小 — -1, 0, 1; ``None`` when a side is empty or the two cannot be told apart."""
    if not left or not right:
        return None
    one, other = left[0], right[0]
    if type(one) is dict and type(other) is dict:
        if one.get("code") != other.get("code") or one.get("unit") != other.get("unit"):
            return None
        one, other = one.get("value"), other.get("value")
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return (one > other) - (one < other)
    if isinstance(one, str) and isinstance(other, str):
        first, second = _MOMENT.fullmatch(one), _MOMENT.fullmatch(other)
        if first and second:
            return _order_moments(first, second)
        return (one > other) - (one < other)
    return None


def _order_moments(left: re.Match[str], right: re.Match[str]) -> int | None:
    if left[8] and right[8] and left[6] and right[6]:
        one, other = _instant(left), _instant(right)
        if one is not None and other is not None:
            return (one > other) - (one < other)
    for number in range(1, 8):
        one_part, other_part = left[number], right[number]
        if one_part is None or other_part is None:
            return 0 if one_part is other_part else None
        if one_part != other_part:
            return 1 if one_part > other_part else -1
    return 0


def _instant(match: re.Match[str]) -> datetime | None:
    zone = match[8]
    offset = 0 if zone == "Z" else int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[4:6]))
    try:
        return datetime(
            int(match[1]), int(match[2]), int(match[3]), int(match[4]), int(match[5]), min(int(match[6]), 59),
            int(((match[7] or "") + "000000")[:6]), timezone(timedelta(minutes=offset)),
        )  # fmt: skip
    except ValueError:
        return None


_NAMES = {"boolean": "Boolean", "string": "String", "integer": "Integer", "decimal": "Decimal"}


def is_type(item: Any, name: str) -> bool:
    """型の一致 — as far as JSON tells: resources by name, primitives by their JSON kind."""
    if type(item) is dict:
        kind = item.get("resourceType")
        if kind is not None:
            return bool(kind == name or name in ("Resource", "DomainResource"))
        return capital(name) == name and name not in ("Resource", "DomainResource") and name in CHOICES
    if type(item) is bool:
        return name in ("boolean", "Boolean")
    if type(item) is int:
        return name in ("integer", "Integer", "positiveInt", "unsignedInt", "decimal", "Decimal")
    if type(item) is Decimal:
        return name in ("decimal", "Decimal")
    return (
        isinstance(item, str)
        and name not in ("boolean", "Boolean", "integer", "Integer")
        and capital(name) in CHOICES
    )
