# SPDX-License-Identifier: Apache-2.0
"""受付の入口 — the raw ASGI application of ``/receiving/v1/``: no session, no cookie, a token only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from django.db import connections

from tasuki_server.receiving.machine import LARGEST, Reply, answer
from tasuki_server.settings_table import flag

log = logging.getLogger("tasuki.receiving")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class ReceivingDoor:
    """受付の入口 — answers one request in a thread of its own; two at once, the rest waits."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(2, "receiving")
        self._needs_https = flag("TASUKI_HTTPS")
        self._is_behind_proxy = flag("TASUKI_BEHIND_PROXY")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """要求の処理 — see the class."""
        headers = dict(scope["headers"])
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if kind.lower() != "bearer" or not self._is_safe(scope, headers):
            reply = Reply(401, "application/json", b'{"error":"unauthorized"}')
        else:
            body = await _body(receive)
            loop = asyncio.get_running_loop()
            reply = (
                Reply(413, "application/json", b'{"error":"too-large"}')
                if body is None
                else await loop.run_in_executor(self._threads, _answered, scope, token.strip(), body)
            )
        answer_headers = [
            *_HEADERS,
            (b"content-type", reply.media_type.encode()),
            (b"content-length", str(len(reply.body)).encode()),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": answer_headers})
        await send({"type": "http.response.body", "body": reply.body})

    def _is_safe(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        scheme = scope.get("scheme", "http")
        if self._is_behind_proxy:
            scheme = headers.get(b"x-forwarded-proto", b"http").decode("latin-1")
        return scheme == "https" or not self._needs_https


def _answered(scope: Scope, token: str, body: bytes) -> Reply:
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    try:
        return answer(scope["method"], scope["path"], query, token, body)
    except Exception as fault:  # noqa: BLE001 - the last door: whatever it is, the asker gets an answer
        log.error("%s", type(fault).__name__)
        return Reply(500, "application/json", b'{"error":"our-fault"}')
    finally:
        connections.close_all()


async def _body(receive: Receive) -> bytes | None:
    """The whole body, None when it is larger than any claim file."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        size += len(piece)
        if size > LARGEST:
            return None
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)
