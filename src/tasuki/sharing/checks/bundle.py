# SPDX-License-Identifier: Apache-2.0
"""Bundleの点検 — what stands between its entries: addresses, document order, transaction requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[dict[str, Any], Path, Run], None]

# 閉じたBundle: what holds all that its urn: references mean.
_CLOSED = frozenset(("document", "message", "transaction", "batch", "collection"))
_REST = re.compile(r"(https?://.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/.*)?")


def enter_bundle(value: dict[str, Any], run: Run) -> None:
    """Bundleの索引 — entries by full URL, and by type and id."""
    kind = value.get("type")
    run.bundle, run.closed_kind = value, kind if type(kind) is str and kind in _CLOSED else None
    entries = value.get("entry")
    for entry in entries if type(entries) is list else ():
        if type(entry) is not dict or type(entry.get("resource")) is not dict:
            continue
        resource, url = entry["resource"], entry.get("fullUrl")
        if type(url) is str:
            run.entries.setdefault(url, resource)
            match = _REST.fullmatch(url)
            if match is not None:
                run.entries.setdefault(f"{match[2]}/{match[3]}", resource)
        if type(resource.get("id")) is str:
            run.entries.setdefault(f"{resource.get('resourceType')}/{resource['id']}", resource)


def inner_bundle(value: dict[str, Any], path: Path, run: Run, check: Check) -> None:
    """入れ子のBundle — its references mean its own entries, not those of the Bundle it is attached to.

    Cite: FHIR R4 bundle, Resolving references in Bundles
    """
    kept = run.bundle, run.closed_kind, run.entries
    run.entries = {}
    enter_bundle(value, run)
    try:
        check(value, path, run)
        bundle_check(value, path, run)
    finally:
        run.bundle, run.closed_kind, run.entries = kept


def bundle_check(value: dict[str, Any], path: Path, run: Run) -> None:
    """Bundleの点検 — beyond the invariants of its type.

    Cite: FHIR R4 bundle, Resource URL & Uniqueness rules; documents; http transaction
    """
    kind = value.get("type")
    entries = value.get("entry")
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(entries if type(entries) is list else ()):
        if type(entry) is not dict:
            continue
        at = (path, f".entry[{number}]")
        url, resource = entry.get("fullUrl"), entry.get("resource")
        if type(url) is str:
            if kind != "history" and type(resource) is dict:
                meta = resource.get("meta")
                version = str(meta.get("versionId", "")) if type(meta) is dict else ""
                if (url, version) in seen:
                    run.block("D-02", (at, ".fullUrl"), url=url)
                seen.add((url, version))
            match = _REST.fullmatch(url)
            if match is not None and isinstance(resource, dict) and kind not in ("transaction", "batch"):
                _same_id(resource.get("id", match[3]), match[3], url, at, run)
        elif kind in ("document", "message", "collection") and type(resource) is dict:
            run.block("D-04", (at, ".fullUrl"), kind=kind)
        if kind in ("transaction", "batch"):
            _request(entry, at, run)
        elif kind == "document" and "resource" not in entry:
            run.block("D-05", at)


def _same_id(told: Any, in_url: str, url: str, at: Path, run: Run) -> None:
    if told != in_url:
        run.block("D-03", (at, ".fullUrl"), url=url, id=told)


def _request(entry: dict[str, Any], at: Path, run: Run) -> None:
    request = entry.get("request")
    if type(request) is not dict:
        return
    method, url, has_resource = request.get("method"), request.get("url"), "resource" in entry
    if method in ("POST", "PUT") and not has_resource:
        run.block("D-06", at, method=method)
    if method in ("GET", "HEAD", "DELETE") and has_resource:
        run.block("D-07", at, method=method)
    if method == "PUT" and type(url) is str and type(entry.get("resource")) is dict and "?" not in url:
        kind, _, name = url.partition("/")
        resource = entry["resource"]
        if kind != resource.get("resourceType") or name.partition("/")[0] != resource.get("id"):
            run.block("D-08", (at, ".request.url"), url=url)
