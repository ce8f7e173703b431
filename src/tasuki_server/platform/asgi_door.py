# SPDX-License-Identifier: Apache-2.0
"""プラットフォームの入口 — the raw ASGI application of ``/platform/v1/``: no session, no cookie, a token only."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.utils.timezone import localdate

from tasuki_server.api.callers import is_this_machine
from tasuki_server.api.patience import Impatient
from tasuki_server.api.sender_door import sent_from, serves_its_holder
from tasuki_server.database.django_settings import VARIABLES
from tasuki_server.platform.clients import PREFIX
from tasuki_server.platform.description import description
from tasuki_server.platform.engine import (
    BASE,
    LARGEST,
    Cut,
    Engine,
    Pairs,
    Reply,
    is_open,
    refused_at_door,
)  # fmt: skip
from tasuki_server.platform.senders import recognise
from tasuki_server.platform.services import SERVICES
from tasuki_server.settings_table import flag

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class PlatformDoor:
    """プラットフォームの入口 — bytes in, bytes out; the engine is made with the first request, in the loop that serves."""

    def __init__(self, conninfo: str | None = None) -> None:
        self._conninfo = os.environ.get(VARIABLES["platform"], "") if conninfo is None else conninfo
        self._engine: Engine | None = None
        self._needs_https = flag("TASUKI_HTTPS")
        self._is_behind_proxy = flag("TASUKI_BEHIND_PROXY")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """要求の処理 — see the class."""
        if scope["method"] == "GET":
            described = description(scope["path"].removeprefix(BASE).rstrip("/"))
            if described is not None:
                return await _send(send, described)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        kind, _, token = headers.get("authorization", "").partition(" ")
        is_told = kind.lower() in ("bearer", "dpop") or is_open(SERVICES, scope["method"], scope["path"])
        if not is_told or not self._is_safe(scope, headers) or not self._may_hold(scope, token):
            return await _send(send, refused_at_door(SERVICES, scope["path"], 401, "unauthorized"))
        body = await _body(receive)
        if body is None:
            return await _send(send, refused_at_door(SERVICES, scope["path"], 413, "too-large"))
        query = Pairs.read(scope.get("query_string", b"").decode("latin-1"))
        if self._engine is None:
            self._engine = Engine(self._conninfo, SERVICES, recognise=recognise)
        try:
            reply = await self._engine.answer(
                scope["method"], scope["path"], query, headers, token.strip(), body, sent_from(scope, headers)
            )
        except Impatient:
            return await _send(send, refused_at_door(SERVICES, scope["path"], 429, "too-many"))
        except Cut as cut:
            # More is promised than comes: whoever asks sees a broken wire and not an answer.
            partial = cut.reply or Reply(200, "application/octet-stream", b"")
            return await _send(send, partial, promised=len(partial.body) + 1)
        if scope["method"] == "HEAD":
            # What GET would tell, and how long it would be.
            return await _send(send, reply._replace(body=b""), promised=len(reply.body))
        return await _send(send, reply)

    async def stop(self) -> None:
        """終了 — with the server."""
        if self._engine is not None:
            await self._engine.stop()
            self._engine = None

    def forget_failures(self) -> None:
        """失敗の記録を捨てる — for drills, which fail more often than anybody."""
        if self._engine is not None:
            self._engine.patience.forget()

    def _may_hold(self, scope: Scope, token: str) -> bool:
        """An institution's own token serves whoever has it: it must not travel, unless it still may for a while."""
        if not token.strip().startswith(PREFIX):
            return True
        return is_this_machine(scope, {name for name, _ in scope["headers"]}) or serves_its_holder(
            localdate()
        )

    def _is_safe(self, scope: Scope, headers: dict[str, str]) -> bool:
        scheme = scope.get("scheme", "http")
        if self._is_behind_proxy:
            scheme = headers.get("x-forwarded-proto", "http")
        return scheme == "https" or not self._needs_https


async def _send(send: Send, reply: Reply, promised: int | None = None) -> None:
    length = len(reply.body) if promised is None else promised
    headers = [
        *_HEADERS,
        (b"content-type", reply.media_type.encode()),
        (b"content-length", str(length).encode()),
        *((name.encode(), value.encode("latin-1")) for name, value in reply.headers),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _body(receive: Receive) -> bytes | None:
    """The whole body, None when it is larger than any message."""
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
