# SPDX-License-Identifier: Apache-2.0
"""プラットフォームの入口 — the raw ASGI application of ``/platform/v1/``: no session, no cookie, a token only."""

from __future__ import annotations

import os

from django.utils.timezone import localdate

from tasuki_server.api.callers import asks_from_here, bearer_serves_here
from tasuki_server.api.machine_door import HEADERS, came_safely, whole_body
from tasuki_server.api.patience import Impatient
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


class PlatformDoor:
    """プラットフォームの入口 — bytes in, bytes out; the engine is made with the first request, in the loop that serves.

    Where the database is, is read then too: the first generation is loaded before anybody knows it.
    """

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._needs_https = flag("TASUKI_HTTPS")
        self._is_behind_proxy = flag("TASUKI_BEHIND_PROXY")
        self._serves_here = bearer_serves_here()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """要求の処理 — see the class."""
        if scope["method"] == "GET":
            described = description(scope["path"].removeprefix(BASE).rstrip("/"))
            if described is not None:
                return await _send(send, described)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        kind, _, token = headers.get("authorization", "").partition(" ")
        is_opened = is_open(SERVICES, scope["method"], scope["path"])
        is_told = kind.lower() in ("bearer", "dpop") or is_opened
        if not is_told or not self._is_safe(scope, headers) or not self._may_hold(scope, token):
            return await _send(send, refused_at_door(SERVICES, scope["path"], 401, "unauthorized"))
        if not shows_one_proof(scope["headers"]):
            return await _send(send, _two_proofs(scope["path"], is_opened=is_opened))
        query = Pairs.read(scope.get("query_string", b"").decode("latin-1"))
        if self._engine is None:
            self._engine = Engine(os.environ[VARIABLES["platform"]], SERVICES, recognise=recognise)
        method, path, address = scope["method"], scope["path"], sent_from(scope, headers)
        try:
            # Whoever asks is known before their body takes any room here.
            caller = await self._engine.caller_of(method, path, query, headers, token.strip(), address)
            if isinstance(caller, Reply):
                return await _send(send, caller)
            body = await whole_body(receive, LARGEST_FORM if is_opened else LARGEST)
            if body is None:
                return await _send(send, refused_at_door(SERVICES, path, 413, "too-large"))
            reply = await self._engine.answer_to(caller, method, path, query, headers, body, address)
        except Impatient:
            return await _send(send, refused_at_door(SERVICES, path, 429, "too-many"))
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
        is_here = self._serves_here and asks_from_here(scope)
        return is_here or serves_its_holder(localdate())

    def _is_safe(self, scope: Scope, headers: dict[str, str]) -> bool:
        return came_safely(
            scope, headers, needs_https=self._needs_https, is_behind_proxy=self._is_behind_proxy
        )


async def _send(send: Send, reply: Reply, promised: int | None = None) -> None:
    length = len(reply.body) if promised is None else promised
    headers = [
        *HEADERS,
        (b"content-type", reply.media_type.encode()),
        (b"content-length", str(length).encode()),
        *((name.encode(), value.encode("latin-1")) for name, value in reply.headers),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _two_proofs(path: str, *, is_opened: bool) -> Reply:
    """Of two proofs it could not be told which was checked."""
    if is_opened:
        refused = NoToken("invalid_dpop_proof", WORDS["missing"])
        return Reply(400, "application/json", refusal_body(refused))
    return refused_at_door(SERVICES, path, 401, "unauthorized")
