# SPDX-License-Identifier: Apache-2.0
"""共通算定モジュールの接続 — the raw ASGI application of ``/api/calculation/v1/``.

Nothing of a request's body is stored or logged. A client's fault is answered with a problem document.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import msgspec
from django.db import connections

from tasuki.calculation.openapi import BASE, ISSUE, openapi_document
from tasuki.calculation.service import JSON, Answer, Operation, problem
from tasuki_server.api.allowance import Allowance
from tasuki_server.api.callers import Caller, Callers, proof_refusal
from tasuki_server.api.frames import Question
from tasuki_server.api.known_clients import KnownClients, Listener
from tasuki_server.api.machine_door import HEADERS
from tasuki_server.api.refusals import Receive, Refused, Scope, Send, allow, read_body, require_media_type
from tasuki_server.api.token_issue import TokenIssue
from tasuki_server.api.tokens import Client
from tasuki_server.api.uses import Use, keep_uses
from tasuki_server.api.workers import QueueFull, TookTooLong, WorkerGone, Workers
from tasuki_server.audit.group_commit import GroupCommit
from tasuki_server.operations.line import own_share
from tasuki_server.settings_table import number

log = logging.getLogger("tasuki.api")

LARGEST = 1 << 20
SCOPE_OF = {Operation.CALCULATE: "calculate", Operation.SIMULATE: "calculate", Operation.COPAY: "copay"}
OPERATIONS = {f"{BASE}/{each.value}": each for each in Operation}
DESCRIPTION = f"{BASE}/openapi.json"
# 申告: what a token must be good for at each address; an operation without a scope stops the server from starting.
ADDRESSES = {
    DESCRIPTION: "public",
    ISSUE: "client",
    **{address: SCOPE_OF.get(each, "") for address, each in OPERATIONS.items()},
}
_HEADERS = [*HEADERS, (b"referrer-policy", b"no-referrer")]


class CalculationApi:
    """共通算定モジュールの接続 — an ASGI application for ``http`` scopes; workers start with the first request."""

    def __init__(self, known: KnownClients | None = None, workers: Workers | None = None) -> None:
        self._known = known or KnownClients()
        self._workers = workers or Workers(
            own_share(number("TASUKI_API_WORKERS")), number("TASUKI_API_SECONDS")
        )
        rate = number("TASUKI_API_RATE")
        self._allowance = Allowance("api-request", rate, rate * 2)
        self._callers = Callers(self._known)
        self._issue = TokenIssue(self._callers)
        self._listener: Listener | None = None
        self._threads = ThreadPoolExecutor(1, "api-use")
        self._trail: GroupCommit[Use] = GroupCommit(_keep, self._threads)
        self._document = msgspec.json.encode(openapi_document())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """要求の処理 — see the class."""
        try:
            found = await self._answer(scope, receive)
            headers: list[tuple[bytes, bytes]] = []
        except Refused as refused:
            found, headers = refused.answer, refused.headers
        except Exception as fault:
            log.error("%s", type(fault).__name__, exc_info=True)
            found, headers = problem("our-fault"), []
        body = b"" if scope["method"] == "HEAD" else found.body
        headers += [
            *_HEADERS,
            (b"content-type", found.media_type.encode()),
            (b"content-length", str(len(found.body)).encode()),
        ]
        await send({"type": "http.response.start", "status": found.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if path == DESCRIPTION:
            allow(method, "GET", "HEAD")
            return Answer(200, JSON, self._document)
        if path == ISSUE:
            return await self._issue.answer(scope, receive)
        operation = OPERATIONS.get(path)
        if operation is None:
            raise Refused("not-found")
        allow(method, "POST")
        headers = dict(scope["headers"])
        self._callers.require_https(scope, headers)
        caller = await self._callers.caller(scope, headers)
        client = caller.client
        if SCOPE_OF[operation] not in client.scopes:
            kind = "DPoP" if client.bound_to else "Bearer"
            needed = f'{kind} error="insufficient_scope", scope="{SCOPE_OF[operation]}"'
            raise Refused("wrong-scope", headers=[(b"www-authenticate", needed.encode())])
        if not self._allowance.take(client.row_id):
            raise Refused(
                "too-many", "この接続先の要求が、決められた回数を超えました。", [(b"retry-after", b"1")]
            )
        address = self._callers.address(scope, headers)
        if caller.refusal:
            await self._noted(caller, operation, address)
        require_media_type(headers, b"application/json")
        body = await read_body(headers, receive, LARGEST)
        calculation = asyncio.ensure_future(self._calculated(operation, body, client))
        try:
            await self._noted(caller, operation, address)
        except BaseException:
            calculation.cancel()
            await asyncio.wait([calculation])
            raise
        return await calculation

    async def _noted(self, caller: Caller, operation: Operation, address: str) -> None:
        """Nothing is answered before the use is in the trail and its proof is spent; a calculation runs beside it and leaves nothing."""
        use = Use(caller.client, operation.value, address, caller.proof, caller.refusal)
        await self._trail.kept(caller.client.institution_id, use)
        if use.refusal:
            raise proof_refusal(use.refusal)

    async def _calculated(self, operation: Operation, body: bytes, client: Client) -> Answer:
        try:
            reply = await self._workers.ask(Question(operation.value, body, client.packed_facts))
        except QueueFull:
            raise Refused("too-many", "混み合っています。", [(b"retry-after", b"1")]) from None
        except TookTooLong:
            raise Refused("too-long") from None
        except WorkerGone:
            raise Refused("our-fault") from None
        return Answer(reply.status, reply.media_type, reply.body)

    def start(self) -> None:
        """開始 — of what listens for revocations; called inside the running loop."""
        self._listener = Listener(self._known, asyncio.get_running_loop())
        self._listener.start()

    async def stop(self) -> None:
        """終了 — every use is noted, the workers end."""
        if self._listener is not None:
            self._listener.end()
        self._workers.close()
        await self._trail.settled()
        await asyncio.get_running_loop().run_in_executor(self._threads, connections.close_all)
        self._issue.close()
        self._known.close()


# A connection that served so short a time ago is not asked whether it still does.
ASKED_AFTER_SECONDS = 1.0
_kept_at = threading.local()


def _keep(institution_id: UUID, uses: Sequence[Use]) -> None:
    """The thread keeps its connection from one group to the next; one that died meanwhile is made anew."""
    connection = connections["default"]
    is_idle = time.monotonic() - getattr(_kept_at, "moment", 0.0) > ASKED_AFTER_SECONDS
    if connection.connection is not None and is_idle and not connection.is_usable():
        connection.close()
    try:
        keep_uses(institution_id, uses)
    except Exception:
        connections.close_all()
        raise
    _kept_at.moment = time.monotonic()
