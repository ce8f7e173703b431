# SPDX-License-Identifier: Apache-2.0
"""受付の入口 — the raw ASGI application of ``/receiving/v1/``: no session, no cookie, a token only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from django.db import connections
from django.utils.timezone import localdate

from tasuki_server.api.callers import is_this_machine
from tasuki_server.api.machine_door import HEADERS, came_safely, whole_body
from tasuki_server.api.patience import Impatient, Patience, Turn
from tasuki_server.api.proofs import WORDS
from tasuki_server.api.refusals import Receive, Scope, Send
from tasuki_server.api.sender_door import (
    LARGEST_FORM,
    refusal_body,
    sent_from,
    serves_its_holder,
    shows_one_proof,
)
from tasuki_server.api.token_form import NoToken
from tasuki_server.receiving.clients import find_client
from tasuki_server.receiving.machine import BASE, LARGEST, TOKEN, Reply, answer_to, issue, too_many
from tasuki_server.receiving.models import SendingClient
from tasuki_server.receiving.senders import sender_of
from tasuki_server.settings_table import flag

log = logging.getLogger("tasuki.receiving")
_NOBODY = Reply(401, "application/json", b'{"error":"unauthorized"}')
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
        reply = await self._reply(scope, headers, receive)
        answer_headers = [
            *HEADERS,
            (b"content-type", reply.media_type.encode()),
            (b"content-length", str(len(reply.body)).encode()),
            *(_CHALLENGES if reply.status == 401 else ()),
            *((name.encode(), value.encode()) for name, value in reply.headers),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": answer_headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, scope: Scope, headers: dict[str, str], receive: Receive) -> Reply:
        """Whoever asks is known before their body takes any room here."""
        if not self._is_safe(scope, headers) or not _is_told(scope, headers):
            return _NOBODY
        asks_token = _asks_token(scope)
        if not shows_one_proof(scope["headers"]):
            told = refusal_body(NoToken("invalid_dpop_proof", WORDS["missing"]))
            return Reply(400, "application/json", told) if asks_token else _NOBODY
        turn = self.patience.turn_of(sent_from(scope, headers))
        client = None
        if not asks_token:
            client = await self._guarded(_known, scope, headers, turn)
            if not isinstance(client, SendingClient):
                return client or _NOBODY
        body = await whole_body(receive, LARGEST_FORM if asks_token else LARGEST)
        if body is None:
            return Reply(413, "application/json", b'{"error":"too-large"}')
        reply: Reply = await self._guarded(_answered, client, scope, headers, body, turn)
        return reply

    async def _guarded(self, act: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _guarded, act, *given)

    def _is_safe(self, scope: Scope, headers: dict[str, str]) -> bool:
        return came_safely(
            scope, headers, needs_https=self._needs_https, is_behind_proxy=self._is_behind_proxy
        )


def _is_told(scope: Scope, headers: dict[str, str]) -> bool:
    """Something to be known by is shown. A token that serves whoever has it must not travel, unless it still may for a while."""
    kind = headers.get("authorization", "").partition(" ")[0].lower()
    if kind == "bearer":
        return is_this_machine(scope) or serves_its_holder(localdate())
    return kind == "dpop" or _asks_token(scope)


def _asks_token(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"] == BASE + TOKEN)


def _known(scope: Scope, headers: dict[str, str], turn: Turn) -> SendingClient | None:
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        client = find_client(token.strip())
        if client is None:
            turn.guessed()
        return client
    return sender_of(scope["method"], scope["path"], headers, token.strip(), turn)


def _answered(
    client: SendingClient | None, scope: Scope, headers: dict[str, str], body: bytes, turn: Turn
) -> Reply:
    """Without a client it is one who asks for a token."""
    if client is None:
        return issue(headers, body, turn)
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    return answer_to(client, scope["method"], scope["path"], query, body)


def _guarded(act: Callable[..., Any], *given: Any) -> Any:
    """In a thread: whatever happens, the asker gets an answer, and no connection stays."""
    try:
        return act(*given)
    except Impatient:
        return too_many()
    except Exception as fault:  # noqa: BLE001 - the last door
        log.error("%s", type(fault).__name__)
        return Reply(500, "application/json", b'{"error":"our-fault"}')
    finally:
        connections.close_all()
