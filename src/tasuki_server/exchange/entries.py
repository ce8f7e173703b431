# SPDX-License-Identifier: Apache-2.0
"""Bundleのエントリ — what each entry of a transaction or batch asks, read and refused with its place."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tasuki.sharing.search import is_resource_type
from tasuki_server.exchange.asked import ID
from tasuki_server.exchange.bodies import read_body
from tasuki_server.exchange.outcome import Refused, refuse

MOST_ENTRIES = 5_000
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"))
_ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')
_HEADERS = {
    "ifMatch": "if-match", "ifNoneMatch": "if-none-match", "ifModifiedSince": "if-modified-since",
    "ifNoneExist": "if-none-exist",
}  # fmt: skip


@dataclass(slots=True)
class Entry:
    """エントリ — see the module; ``place`` is where it stands in the Bundle."""

    place: str
    full_url: str
    resource: dict[str, Any] | None
    method: str
    path: str
    query: str
    headers: dict[str, str]
    # HEAD: as a read, and its resource is not told.
    is_head: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """道の部分 — what follows our own address."""
        return tuple(unquote(each) for each in self.path.split("/") if each)

    @property
    def if_match(self) -> int | None:
        """前提の版 — of ifMatch."""
        text = self.headers.get("if-match", "")
        found = _ETAG.fullmatch(text)
        if text and found is None:
            raise refuse("if-match", found=text)
        return int(found[1]) if found else None


def read_entries(bundle: dict[str, Any], base: str) -> list[Entry]:
    """エントリの読込み — of a Bundle whose entries are requests."""
    given = bundle.get("entry", [])
    if not isinstance(given, list):
        raise refuse("bundle", "Bundle.entry", found="配列ではありません")
    if len(given) > MOST_ENTRIES:
        raise refuse("bundle", "Bundle.entry", found=f"{MOST_ENTRIES}件までです")
    return [_entry(each, f"Bundle.entry[{n}]", base) for n, each in enumerate(given)]


def placed(refused: Refused, place: str) -> Refused:
    """エントリの断り — the same, with the place of the entry before what it says."""
    issues = [
        each._replace(place=f"{place}.{each.place}" if each.place else place) for each in refused.issues
    ]
    made = Refused(refused.status, issues, refused.headers)
    made.is_recorded, made.patient, made.writer = refused.is_recorded, refused.patient, refused.writer
    return made


def _entry(given: Any, place: str, base: str) -> Entry:
    request = given.get("request") if isinstance(given, dict) else None
    if not isinstance(request, dict):
        raise refuse("bundle", f"{place}.request", found="requestがありません")
    method, url = request.get("method"), request.get("url")
    if method not in METHODS:
        raise refuse(
            "bundle", f"{place}.request.method", found="GET・POST・PUT・PATCH・DELETEのどれでもありません"
        )
    if not isinstance(url, str) or "\0" in url:
        raise refuse("bundle", f"{place}.request.url", found="アドレスではありません")
    resource = given.get("resource")
    if resource is not None and (
        not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str)
    ):
        raise refuse("bundle", f"{place}.resource", found="リソースではありません")
    if method in ("POST", "PUT", "PATCH") and resource is None:
        raise refuse("bundle", f"{place}.resource", found=f"{method}にはリソースが必要です")
    if method in ("GET", "HEAD", "DELETE") and resource is not None:
        raise refuse("bundle", f"{place}.resource", found=f"{method}にリソースは入れられません")
    full_url = given.get("fullUrl", "")
    headers = {}
    for name, header in _HEADERS.items():
        value = request.get(name)
        if value is not None and (not isinstance(value, str) or "\0" in value):
            raise refuse("bundle", f"{place}.request.{name}", found="文字ではありません")
        if value:
            headers[header] = value
    path, _, query = url.removeprefix(base).partition("?")
    return Entry(
        place, full_url if isinstance(full_url, str) else "", resource, method.replace("HEAD", "GET"),
        path.strip("/"), query, headers, method == "HEAD",
    )  # fmt: skip


def target(entry: Entry) -> tuple[str, str]:
    """エントリの相手 — the type and the identifier, which may be empty."""
    parts = entry.parts
    if (
        not 1 <= len(parts) <= 2
        or not is_resource_type(parts[0])
        or (entry.method == "POST" and (len(parts) > 1 or entry.query))
    ):
        raise refuse("bundle", f"{entry.place}.request.url", found=entry.path)
    if len(parts) > 1 and not ID.fullmatch(parts[1]):
        raise refuse("id", found=parts[1])
    return parts[0], parts[1] if len(parts) > 1 else ""


def patch_of(entry: Entry) -> Any:
    """エントリのパッチ — within a Bundle it is a Binary with a JSON Patch, or Parameters."""
    resource = entry.resource or {}
    if resource.get("resourceType") == "Parameters":
        return resource
    if (
        resource.get("resourceType") != "Binary"
        or resource.get("contentType") != "application/json-patch+json"
    ):
        raise refuse("patch-form", found="Binary（application/json-patch+json）にしてください")
    try:
        return read_body(base64.b64decode(str(resource.get("data", "")), validate=True))
    except binascii.Error as wrong:
        raise refuse("patch-form", found="data が Base64 ではありません") from wrong
