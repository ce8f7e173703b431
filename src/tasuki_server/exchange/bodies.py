# SPDX-License-Identifier: Apache-2.0
"""リソースのバイト — JSON read strictly, stamped with its version, written once and served as it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import formatdate
from functools import lru_cache
from typing import Any

import msgspec

from tasuki.kernel.strict_json import NotStrict, read_strictly
from tasuki_server.exchange.outcome import refuse

DEPTH = 100
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_PLAIN = msgspec.json.Decoder(float_hook=Decimal)


def read_body(data: bytes) -> Any:
    """本文の読込み — decimals stay what they are; what no table can keep is refused."""
    try:
        value = read_strictly(data, DEPTH)
    except NotStrict as wrong:
        raise refuse("json", found=wrong) from wrong
    # PostgreSQL keeps no zero in a text, and FHIR allows none.
    if b"\\u0000" in data:
        raise refuse("text", "本文")
    return value


def read_kept(data: bytes) -> dict[str, Any]:
    """保存した内容の読込み — of bytes that we wrote ourselves."""
    value: dict[str, Any] = _PLAIN.decode(data)
    return value


def write_value(value: Any) -> bytes:
    """JSONの書出し — numbers as they were written."""
    try:
        return _ENCODER.encode(value)
    except OverflowError:
        return _ENCODER.encode(_without_large(value))


def stamped(value: dict[str, Any], logical_id: str, version: int, updated: datetime) -> dict[str, Any]:
    """版の記入 — ``id``, ``meta.versionId`` and ``meta.lastUpdated``, in the order people expect."""
    meta = {"versionId": str(version), "lastUpdated": instant(updated)}
    given = value.get("meta")
    if isinstance(given, dict):
        meta |= {name: each for name, each in given.items() if name not in meta}
    made: dict[str, Any] = {"resourceType": value["resourceType"], "id": logical_id, "meta": meta}
    made |= {name: each for name, each in value.items() if name not in made}
    return made


@lru_cache(maxsize=1000)
def instant(at: datetime) -> str:
    """時刻 — as FHIR writes an instant.

    >>> instant(datetime(2026, 11, 30, 1, 2, 3, 4000, UTC))
    '2026-11-30T01:02:03.004Z'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def http_date(at: datetime) -> str:
    """HTTPの日時 — for Last-Modified."""
    return _of_second(int(at.timestamp()))


@lru_cache(maxsize=10_000)
def _of_second(second: int) -> str:
    return formatdate(second, usegmt=True)


def bundle_bytes(head: dict[str, Any], entries: Iterable[bytes]) -> bytes:
    """Bundleのバイト — its head, and entries that are bytes already."""
    made = write_value({"resourceType": "Bundle", **head})
    inner = b",".join(entries)
    if not inner:
        return made
    return made[:-1] + b',"entry":[' + inner + b"]}"


def entry_bytes(full_url: str, body: bytes | None, **more: Any) -> bytes:
    """エントリのバイト — around a resource that is not read again."""
    made = b'{"fullUrl":' + write_value(full_url)
    if body is not None:
        made += b',"resource":' + bytes(body)
    for name, value in more.items():
        made += b',"' + name.encode() + b'":' + write_value(value)
    return made + b"}"


def _without_large(value: Any) -> Any:
    """Integers past 64 bits as decimals, which have no bound."""
    if isinstance(value, dict):
        return {name: _without_large(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_large(each) for each in value]
    return Decimal(value) if type(value) is int and abs(value) >= 2**63 else value
