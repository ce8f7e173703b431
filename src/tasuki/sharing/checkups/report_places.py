# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書の突合 — two Bundles, element by element: what stands in the first and not in the second.

Ids, addresses, the time of writing, and texts that only repeat the data are no content of a checkup.

Cite: HL7 FHIR R4 Resource, Bundle
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Resource = dict[str, Any]
_NO_CONTENT = frozenset(("id", "meta", "div", "resourceType"))


def lost_elements(first: Resource, second: Resource) -> list[tuple[str, str]]:
    """失われる項目 — place and content, in the order of the first."""
    kept = Counter(_elements(second))
    lost = []
    for each in _elements(first):
        if kept[each] > 0:
            kept[each] -= 1
        else:
            lost.append(each)
    return lost


def _elements(bundle: Resource) -> Iterator[tuple[str, str]]:
    shown = {each["fullUrl"]: _shown(each["resource"]) for each in bundle["entry"]}
    for name in ("identifier", "type", "timestamp", "language"):
        yield from _leaves(bundle.get(name), f"Bundle.{name}", shown)
    for each in bundle["entry"]:
        yield from _leaves(each["resource"], _shown(each["resource"]), shown)


def _shown(resource: Resource) -> str:
    """A name by which a resource is known in either Bundle."""
    kind = str(resource["resourceType"])
    concept = resource.get("code") if kind == "Observation" else None
    if type(concept) is dict:
        coding = (concept.get("coding") or [{}])[0]
        return f"{kind}（{coding.get('display') or coding.get('code') or concept.get('text')}）"
    if kind in ("Organization", "Practitioner"):
        name = resource.get("name")
        name = name if type(name) is str else ((name or [{}])[0].get("text") or "")
        return f"{kind}（{name}）"
    if kind == "Coverage":
        return f"{kind}（{resource.get('subscriberId', '')}）"
    return kind


def _leaves(value: Any, path: str, shown: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if type(value) is dict:
        for name, inner in value.items():
            if name not in _NO_CONTENT:
                yield from _leaves(inner, f"{path}.{name}", shown)
    elif type(value) is list:
        for each in value:
            yield from _leaves(each, path, shown)
    elif value is not None:
        # A decimal keeps its digits: 7.0 is not 7.
        yield path, f"{value:f}" if isinstance(value, Decimal) else shown.get(str(value), str(value))
