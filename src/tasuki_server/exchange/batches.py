# SPDX-License-Identifier: Apache-2.0
"""バッチ — every entry by itself, as if it had come alone; and what an entry of a response tells."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.bodies import instant, write_value
from tasuki_server.exchange.entries import Entry, patch_of, placed
from tasuki_server.exchange.outcome import FHIR_JSON, Refused, outcome, refuse
from tasuki_server.exchange.replies import bundle_reply, location_of, may_show
from tasuki_server.exchange.storing import Change
from tasuki_server.platform.engine import Call, Pairs, Reply

# 応答の上限: an entry is small and may ask for thousands of resources; what comes after is not done, and says so.
MOST_TOLD = 64 * 1024 * 1024
_TOLD_HEADERS = {"location": "location", "etag": "etag"}


async def batch_reply(asked: Asked, entries: list[Entry]) -> Reply:
    """バッチの応答 — one entry for each, whatever became of the others."""
    told: list[bytes] = []
    size = 0
    for each in entries:
        told.append(await read_after(asked, each, size))
        size += len(told[-1])
    return bundle_reply(asked, {"type": "batch-response"}, told)


async def read_after(asked: Asked, entry: Entry, size: int) -> bytes:
    """一件の処理 — by the same routes as a request of its own; its records join those of the whole.

    ``size`` is how many bytes the answer has already: past :data:`MOST_TOLD` the entry is refused and not done.
    """
    from tasuki_server.exchange.service import answer

    call = asked.call
    headers = {name: call.headers[name] for name in ("host", "prefer") if name in call.headers}
    inner = Asked(
        Call(
            entry.method, entry.parts, Pairs.read(entry.query), headers | entry.headers,
            b"" if entry.resource is None else b"{}", call.caller, call.pool, call.turn,
        ),
        asked.room, asked.at, accesses=asked.accesses, grant=asked.grant,
    )  # fmt: skip
    try:
        if size > MOST_TOLD:
            raise refuse("reply-large", found=MOST_TOLD // 2**20)
        if entry.resource is not None:
            inner.value = patch_of(entry) if entry.method == "PATCH" else entry.resource
        if not entry.parts:
            raise refuse(
                "bundle", f"{entry.place}.request.url", found="Bundleの中にBundleの処理は入れられません"
            )
        return _told(await answer(inner), is_head=entry.is_head)
    except Refused as refused:
        if not refused.is_recorded:
            inner.note(
                inner.type, inner.id, status=refused.status, patient=refused.patient, writer=refused.writer
            )
        at = placed(refused, entry.place)
        response = {"status": status_line(at.status), "outcome": outcome(at.issues)}
        return b'{"response":' + write_value(response) + b"}"


def entry_told(asked: Asked, change: Change) -> bytes:
    """変更の応答 — what became of an entry of a transaction, with the resource when the caller asked for it."""
    response: dict[str, Any] = {"status": status_line(change.status)}
    if change.version and change.id:
        response["location"] = location_of(asked.base, change)
    if change.updated is not None:
        response |= {"etag": f'W/"{change.version}"', "lastModified": instant(change.updated)}
    if change.warnings:
        response["outcome"] = outcome(change.warnings)
    resource = b""
    if change.body is not None and asked.preference("return") == "representation" and may_show(asked, change):
        resource = b'"resource":' + change.body + b","
    return b"{" + resource + b'"response":' + write_value(response) + b"}"


def status_line(status: int) -> str:
    """状態の表記 — as an entry of a response writes it.

    >>> status_line(201)
    '201 Created'
    """
    return f"{status} {HTTPStatus(status).phrase}"


def _told(reply: Reply, *, is_head: bool) -> bytes:
    response: dict[str, Any] = {"status": status_line(reply.status)}
    headers = dict(reply.headers)
    response |= {name: headers[header] for header, name in _TOLD_HEADERS.items() if header in headers}
    resource = b""
    if reply.body and reply.media_type == FHIR_JSON and not is_head:
        resource = b'"resource":' + reply.body + b","
    return b"{" + resource + b'"response":' + write_value(response) + b"}"
