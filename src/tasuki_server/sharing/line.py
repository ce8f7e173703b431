# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスへの線 — one transaction and its answer, whole or not at all."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from uuid import UUID

from tasuki_server.institutions.models import Institution
from tasuki_server.platform.engine import Reply
from tasuki_server.platform.wire import Asker, NotReached, Wire, wire_of
from tasuki_server.sharing.transaction import MEDIA_TYPE

# The request was read and is not wanted as it is; everything else says nothing of it.
_REFUSING = frozenset({400, 409, 412, 413, 422})


class NotAnswered(Exception):
    """回答なし — whether it was done is not known; asking again with the same key is safe."""


class Answered(NamedTuple):
    """回答 — read, and as it came; ``reasons`` are the service's words when it refused."""

    is_done: bool
    reasons: tuple[str, ...]
    data: bytes
    value: Any


def wire_for(institution: Institution) -> Wire:
    """この医療機関の線 — to the service this installation is set to."""
    return wire_of(Asker(institution.id, institution.prefecture, institution.code, institution.name))


def send(wire: Wire, body: bytes, key: UUID) -> Answered:
    """送信 — raises :class:`NotAnswered` for everything that is no whole answer."""
    headers = {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE, "Idempotency-Key": str(key)}
    reply, value = _asked(wire, "POST", "fhir", body, headers)
    if reply.status in _REFUSING:
        return Answered(False, reasons_of(value) or (f"状態{reply.status}",), reply.body, value)
    if reply.status != 200 or value.get("type") != "transaction-response":
        raise NotAnswered("; ".join(reasons_of(value)) or f"状態{reply.status}")
    return Answered(True, (), reply.body, value)


def read(wire: Wire, path: str) -> dict[str, Any]:
    """読取り — of an address below ``fhir/``; raises :class:`NotAnswered`."""
    reply, value = _asked(wire, "GET", f"fhir/{path}", b"", {"Accept": MEDIA_TYPE})
    if reply.status != 200:
        raise NotAnswered("; ".join(reasons_of(value)) or f"状態{reply.status}")
    return value


def reasons_of(value: dict[str, Any]) -> tuple[str, ...]:
    """差し戻しの理由 — the words of an OperationOutcome."""
    if value.get("resourceType") != "OperationOutcome":
        return ()
    found = []
    for issue in value.get("issue") or ():
        details = issue.get("details") or {}
        words = issue.get("diagnostics") or details.get("text") or issue.get("code") or ""
        where = "、".join(issue.get("expression") or issue.get("location") or ())
        found.append(f"{words}（{where}）" if where else str(words))
    return tuple(each for each in found if each)


def _asked(
    wire: Wire, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[Reply, dict[str, Any]]:
    try:
        reply = wire(method, path, body, headers)
    except NotReached as away:
        raise NotAnswered("電子カルテ情報共有サービスにつながりません。") from away
    if reply.status in (401, 403):
        raise NotAnswered("電子カルテ情報共有サービスがこの医療機関の接続を認めていません。")
    if reply.status == 404 and method == "POST":
        raise NotAnswered("電子カルテ情報共有サービスがこの接続先にありません。")
    try:
        value = json.loads(reply.body)
    except ValueError as cut:
        raise NotAnswered("回答を読めません。") from cut
    if not isinstance(value, dict):
        raise NotAnswered("回答を読めません。")
    return reply, value
