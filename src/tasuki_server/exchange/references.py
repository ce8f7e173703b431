# SPDX-License-Identifier: Apache-2.0
"""参照の書換え — what points at an entry of a transaction points at the resource it became.

A Bundle within an entry is a document of its own: its references mean its own entries and stay.

Cite: HL7 FHIR R4 http.html 3.1.0.11.2 (transaction: references and links in the bundle)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tasuki_server.exchange.outcome import refuse

# 住所の要素: links that are no Reference.
_LINKS = frozenset(("uri", "url", "valueUri", "valueUrl", "valueUuid", "valueOid", "valueCanonical"))
_POINTING = _LINKS | {"reference"}
_OURS = ("urn:uuid:", "urn:oid:")


def rewrite(value: Any, places: Mapping[str, str]) -> Any:
    """書換え — in place, of one resource. Raises for a reference that means no entry.

    >>> rewrite({"resourceType": "Observation", "subject": {"reference": "urn:uuid:1"}}, {"urn:uuid:1": "Patient/p"})
    {'resourceType': 'Observation', 'subject': {'reference': 'Patient/p'}}
    """
    # As _texts below, written out: every resource of every transaction comes through here.
    waiting = [value]
    while waiting:
        each = waiting.pop()
        inner: Iterable[Any] = ()
        if type(each) is list:
            inner = each
        elif type(each) is dict and each.get("resourceType") != "Bundle":
            if not _POINTING.isdisjoint(each):
                _rewrite_one(each, places)
            inner = each.values()
        for one in inner:
            if type(one) is dict or type(one) is list:
                waiting.append(one)
    return value


def _rewrite_one(each: dict[str, Any], places: Mapping[str, str]) -> None:
    for name in each.keys() & _POINTING:
        text = each[name]
        if type(text) is not str:
            continue
        place = places.get(text)
        if place is not None:
            each[name] = place
        elif name == "reference" and text.startswith(_OURS):
            raise refuse("reference", found=text)


def conditional_references(value: Any) -> set[str]:
    """条件付き参照 — those written as a search (``Patient?identifier=…``)."""
    return {
        text for _, name, text in _texts(value) if name == "reference" and "?" in text and "://" not in text
    }


def _texts(value: Any) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Every text that may point somewhere, with where it stands."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if type(each) is list:
            waiting.extend(each)
            continue
        if type(each) is not dict or each.get("resourceType") == "Bundle":
            continue
        for name, inner in each.items():
            kind = type(inner)
            if kind is str:
                if name in _POINTING:
                    yield each, name, inner
            elif kind is dict or kind is list:
                waiting.append(inner)
