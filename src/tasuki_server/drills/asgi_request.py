# SPDX-License-Identifier: Apache-2.0
"""ASGI要求 — asks an ASGI application in this process, as a server would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Told(NamedTuple):
    """応答 — of a raw ASGI application."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """JSONとして読む — raises ``ValueError``."""
        return json.loads(self.body)


async def ask(
    application: Any,
    method: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    client: str = "192.0.2.1",
) -> Told:
    """要求 — one; the body comes in two pieces, and a header may hold whatever a stranger sends."""
    half = len(body) // 2
    pieces = [
        {"type": "http.request", "body": body[:half], "more_body": True},
        {"type": "http.request", "body": body[half:], "more_body": False},
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return pieces.pop(0) if pieces else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "scheme": "http",
        "headers": [
            (name.lower().encode(), value.encode("latin-1", "replace"))
            for name, value in (headers or {}).items()
        ],
        "client": (client, 1234),
        "server": ("localhost", 80),
    }
    await application(scope, receive, send)
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Told(sent[0]["status"], told, b"".join(part.get("body", b"") for part in sent[1:]))
