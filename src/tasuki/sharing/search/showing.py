# SPDX-License-Identifier: Apache-2.0
"""検索結果の要約 — ``_summary`` and ``_elements``: parts of a resource, each part the bytes that were stored."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from tasuki.sharing.fhirpath.values import CHOICES
from tasuki.sharing.search.parameters import search_table
from tasuki.sharing.search.query import Query

# Always there: without them nobody knows what the rest is.
_ALWAYS = ("resourceType", "id", "meta")
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED",
}  # fmt: skip
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_ANY = msgspec.json.Decoder()


def shown(body: bytes, query: Query) -> bytes:
    """要約した内容 — of one resource; the same bytes when all of it was asked for. What is left is said to be a
    part: ``meta.tag`` SUBSETTED.

    Cite: FHIR R4 Search 3.1.1.5.8 Summary, 3.1.1.5.9 Elements

    >>> from tasuki.sharing.search import parse
    >>> body = b'{"resourceType":"Patient","id":"1","birthDate":"1970-01-01","text":{"status":"empty"}}'
    >>> shown(body, parse("Patient", [])) is body
    True
    """
    if not query.summary and not query.elements:
        return body
    parts = _OBJECT.decode(body)
    type_name = str(_ANY.decode(parts["resourceType"])) if "resourceType" in parts else ""
    if query.elements:
        names = frozenset(
            name.partition(".")[2] if name.partition(".")[0] == type_name else name for name in query.elements
        )
        kept = {key: each for key, each in parts.items() if _is_kept(key, names | _mandatory(type_name))}
    elif query.summary == "text":
        wanted = frozenset({"text"}) | _mandatory(type_name)
        kept = {key: each for key, each in parts.items() if _is_kept(key, wanted)}
    elif query.summary == "data":
        kept = {key: each for key, each in parts.items() if key != "text"}
    else:
        kept = _summary(parts, _summary_paths(type_name), "")
        kept = {**{key: parts[key] for key in _ALWAYS if key in parts}, **kept}
    kept["meta"] = _marked(kept.get("meta"))
    return msgspec.json.encode(kept)


def _marked(meta: msgspec.Raw | None) -> msgspec.Raw:
    told: dict[str, Any] = dict(_OBJECT.decode(meta)) if meta is not None else {}
    tags: list[Any] = list(_LIST.decode(told["tag"])) if "tag" in told else []
    told["tag"] = [*tags, SUBSETTED]
    return msgspec.Raw(msgspec.json.encode(told))


def _is_kept(key: str, names: frozenset[str]) -> bool:
    plain = key.removeprefix("_")
    if plain in _ALWAYS or plain in names:
        return True
    return any(
        plain.startswith(name) and plain[len(name) :] in CHOICES for name in names if len(name) < len(plain)
    )


@lru_cache(maxsize=256)
def _mandatory(type_name: str) -> frozenset[str]:
    shape = search_table().shapes.get(type_name)
    return frozenset(each.removesuffix("[x]") for each in shape.mandatory) if shape else frozenset()


@lru_cache(maxsize=256)
def _summary_paths(type_name: str) -> frozenset[str]:
    shape = search_table().shapes.get(type_name)
    return frozenset(each.removesuffix("[x]") for each in shape.summary) if shape else frozenset()


def _summary(parts: dict[str, msgspec.Raw], paths: frozenset[str], at: str) -> dict[str, msgspec.Raw]:
    """The members whose paths are kept; within one of which parts are kept, those."""
    found: dict[str, msgspec.Raw] = {}
    for key, each in parts.items():
        names = frozenset(path[len(at) :] for path in paths if path.startswith(at))
        if not _is_kept(key, names - frozenset(_ALWAYS if at else ())):
            continue
        below = f"{at}{key}."
        inner = frozenset(path for path in paths if path.startswith(below) and "." not in path[len(below) :])
        # modifierExtension stands in every part, also in those that are kept whole.
        is_part = any(not path.endswith(".modifierExtension") for path in inner)
        found[key] = _part(each, paths, below) if is_part else each
    return found


def _part(value: msgspec.Raw, paths: frozenset[str], at: str) -> msgspec.Raw:
    text = bytes(value).lstrip()
    if text[:1] == b"[":
        made: Any = [_part(each, paths, at) for each in _LIST.decode(value)]
    elif text[:1] == b"{":
        made = _summary(_OBJECT.decode(value), paths, at)
    else:
        return value
    return msgspec.Raw(msgspec.json.encode(made))
