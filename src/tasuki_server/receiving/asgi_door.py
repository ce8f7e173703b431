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
from django.utils.timezone import localdate

from tasuki_server.api.callers import is_this_machine
from tasuki_server.api.patience import Impatient, Patience, Turn
from tasuki_server.api.sender_door import sent_from, serves_its_holder
from tasuki_server.receiving.machine import BASE, LARGEST, TOKEN, Reply, answer, answer_to, issue, too_many
from tasuki_server.receiving.senders import sender_of
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
_CHALLENGES = [
    (b"www-authenticate", b'DPoP realm="receiving", algs="ES256"'),
    (b"www-authenticate", b'Bearer realm="receiving"'),
]


class ReceivingDoor:
    """受付の入口 — answers one request in a thread of its own; two at once, the rest waits."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(2, "receiving")
        self.patience = Patience("receiving")
        self._needs_https = flag("TASUKI_HTTPS")
        self._is_behind_proxy = flag("TASUKI_BEHIND_PROXY")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """要求の処理 — see the class."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._is_safe(scope, headers) or not _is_told(scope, headers):
            reply = Reply(401, "application/json", b'{"error":"unauthorized"}')
        else:
            body = await _body(receive)
            loop = asyncio.get_running_loop()
            turn = self.patience.turn_of(sent_from(scope, headers))
            reply = (
                Reply(413, "application/json", b'{"error":"too-large"}')
                if body is None
                else await loop.run_in_executor(self._threads, _answered, scope, headers, body, turn)
            )
        answer_headers = [
            *_HEADERS,
            (b"content-type", reply.media_type.encode()),
            (b"content-length", str(len(reply.body)).encode()),
            *(_CHALLENGES if reply.status == 401 else ()),
            *((name.encode(), value.encode()) for name, value in reply.headers),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": answer_headers})
        await send({"type": "http.response.body", "body": reply.body})

    def _is_safe(self, scope: Scope, headers: dict[str, str]) -> bool:
        scheme = scope.get("scheme", "http")
        if self._is_behind_proxy:
            scheme = headers.get("x-forwarded-proto", "http")
        return scheme == "https" or not self._needs_https


def _is_told(scope: Scope, headers: dict[str, str]) -> bool:
    """Something to be known by is shown. A token that serves whoever has it must not travel, unless it still may for a while."""
    kind = headers.get("authorization", "").partition(" ")[0].lower()
    if kind == "bearer":
        return is_this_machine(scope, {name.encode("latin-1") for name in headers}) or serves_its_holder(
            localdate()
        )
    return kind == "dpop" or _asks_token(scope)


def _asks_token(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"] == BASE + TOKEN)


def _answered(scope: Scope, headers: dict[str, str], body: bytes, turn: Turn) -> Reply:
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    method, path = scope["method"], scope["path"]
    kind, _, token = headers.get("authorization", "").partition(" ")
    try:
        if _asks_token(scope):
            return issue(headers, body, turn)
        if kind.lower() == "bearer":
            return answer(method, path, query, token.strip(), body)
        return answer_to(sender_of(method, path, headers, token.strip(), turn), method, path, query, body)
    except Impatient:
        return too_many()
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
