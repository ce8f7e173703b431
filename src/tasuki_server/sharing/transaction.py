# SPDX-License-Identifier: Apache-2.0
"""送信の要求 — one transaction that the exchange does whole or not at all, and that may be sent again without harm.

Each resource is written under its own identifier (PUT by condition), what is no longer in the chart is deleted by the
same condition. So the same request twice leaves what one would have.

Cite: FHIR R4 3.1.0.10.2 transaction, 3.1.0.4.3 conditional update, 3.1.0.7.1 conditional delete
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from tasuki.sharing.build import names
from tasuki.sharing.build.parts import to_json

MEDIA_TYPE = "application/fhir+json"


def request_of(bundle: Mapping[str, Any], removed: Iterable[tuple[str, str]] = ()) -> bytes:
    """送信の要求 — of a Bundle; ``removed`` are type and identifier of what was shared before and is no more."""
    entries = [
        _put(entry["fullUrl"], entry["resource"])
        for entry in bundle["entry"]
        if _identifier(entry["resource"])
    ]
    entries += [
        {"request": {"method": "DELETE", "url": address_of(kind, names.RESOURCE_NUMBER, value)}}
        for kind, value in removed
    ]
    return to_json({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def identifier_of(resource: Mapping[str, Any]) -> tuple[str, str]:
    """リソースの識別子 — system and value by which it is written; empty where it has none."""
    return _identifier(resource) or ("", "")


def _identifier(resource: Mapping[str, Any]) -> tuple[str, str] | None:
    given = resource.get("identifier")
    listed = given if isinstance(given, list) else [given] if isinstance(given, dict) else []
    wanted = [(each["system"], each["value"]) for each in listed if each.get("system") and each.get("value")]
    # A person is written under the institution's own number: what another institution says of them is not overwritten.
    own = [
        each
        for each in wanted
        if each[0] == names.RESOURCE_NUMBER or each[0].startswith(names.PATIENT_NUMBER)
    ]
    return (own or wanted or [None])[0]


def put_entry(url: str, resource: Mapping[str, Any], address: str) -> dict[str, Any]:
    """書込みの項目 — of a transaction, under a condition that finds it again."""
    entry = {"resource": dict(resource), "request": {"method": "PUT", "url": address}}
    return {"fullUrl": url, **entry} if url else entry


def _put(url: str, resource: Mapping[str, Any]) -> dict[str, Any]:
    return put_entry(url, resource, address_of(str(resource["resourceType"]), *identifier_of(resource)))


def address_of(kind: str, system: str, value: str) -> str:
    """書込み先 — the type with the condition that finds the one."""
    return f"{kind}?identifier={quote(_escaped(system), safe='')}%7C{quote(_escaped(value), safe='')}"


def _escaped(text: str) -> str:
    """A backslash before what has a meaning in a search value."""
    for mark in ("\\", ",", "$", "|"):
        text = text.replace(mark, f"\\{mark}")
    return text
