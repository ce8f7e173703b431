# SPDX-License-Identifier: Apache-2.0
"""交換の応答 — bytes of a resource with its version, and what a write answers by the caller's preference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.bodies import bundle_bytes, http_date, instant
from tasuki_server.exchange.outcome import FHIR_JSON, Issue, outcome_reply
from tasuki_server.exchange.storing import Change
from tasuki_server.institutions.ids import new_name
from tasuki_server.platform.engine import Reply


def resource_reply(
    body: bytes, version: int, updated: datetime, status: int = 200, more: tuple[tuple[str, str], ...] = ()
) -> Reply:
    """リソースの応答 — with ETag and Last-Modified."""
    return Reply(status, FHIR_JSON, bytes(body), (*version_headers(version, updated), *more))


def version_headers(version: int, updated: datetime) -> tuple[tuple[str, str], ...]:
    """版のヘッダ — the version in the form of FHIR's ETag."""
    return ("etag", f'W/"{version}"'), ("last-modified", http_date(updated))


def written_reply(asked: Asked, change: Change, warnings: Sequence[Issue] = ()) -> Reply:
    """書込みの応答 — the resource, nothing, or an OperationOutcome, as the caller prefers; that there are questions
    is always said."""
    location = (("location", location_of(asked.base, change)),) if change.version else ()
    headers = (*(version_headers(change.version, change.updated) if change.updated else ()), *location)
    preferred = asked.preference("return")
    if change.body is None or preferred == "minimal" or not may_show(asked, change):
        status = 204 if change.value is None else change.status
        return Reply(status, FHIR_JSON, b"", headers)
    if preferred == "operationoutcome":
        return outcome_reply(change.status, warnings, headers)
    if warnings:
        told = f'199 tasuki "{len(warnings)} issues: ask with Prefer: return=OperationOutcome"'
        headers = (*headers, ("warning", told))
    return Reply(change.status, FHIR_JSON, change.body, headers)


def may_show(asked: Asked, change: Change) -> bool:
    """見せてよいか — what a patch left of a resource is read by who may read it."""
    return change.patch is None or (change.value is not None and asked.grant.holds(change.value, "r"))


def location_of(base: str, change: Change) -> str:
    """所在 — of the version."""
    return f"{base}/{change.place}/_history/{change.version}"


def bundle_reply(asked: Asked, head: dict[str, Any], entries: Iterable[bytes]) -> Reply:
    """Bundleの応答 — with an identifier and a time of its own."""
    made = {"id": new_name(), "meta": {"lastUpdated": instant(asked.at)}, **head}
    return Reply(200, FHIR_JSON, bundle_bytes(made, entries))


def next_address(asked: Asked, pairs: list[tuple[str, str]], cursor: str = "") -> str:
    """頁のアドレス — of this request by what was asked, and of the page after that place."""
    kept = [pair for pair in pairs if pair[0] != "_cursor"] + [("_cursor", cursor)] if cursor else pairs
    address = "/".join((asked.base, *asked.call.parts))
    return f"{address}?{asked.encoded(kept)}" if kept else address
