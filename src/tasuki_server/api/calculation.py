# SPDX-License-Identifier: Apache-2.0
"""共通算定モジュールの接続 — the raw ASGI application of ``/api/calculation/v1/``.

Nothing of a request's body is stored or logged. A client's fault is answered with a problem document.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import msgspec
from django.db import connections

from tasuki.calculation.openapi import BASE, openapi_document
from tasuki.calculation.service import JSON, Answer, Operation, problem
from tasuki_server.api.allowance import Allowance
from tasuki_server.api.frames import Question
from tasuki_server.api.known_clients import KnownClients, Listener
from tasuki_server.api.tokens import Client, Use, keep_uses
from tasuki_server.api.workers import QueueFull, TookTooLong, WorkerGone, Workers
from tasuki_server.audit.group_commit import GroupCommit
from tasuki_server.settings_table import flag, number

log = logging.getLogger("tasuki.api")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST = 1 << 20
SCOPE_OF = {Operation.CALCULATE: "calculate", Operation.SIMULATE: "calculate", Operation.COPAY: "copay"}
OPERATIONS = {f"{BASE}/{each.value}": each for each in Operation}
DESCRIPTION = f"{BASE}/openapi.json"
# 申告: what a token must be good for at each address; an operation without a scope stops the server from starting.
ADDRESSES = {
    DESCRIPTION: "public",
    **{address: SCOPE_OF.get(each, "") for address, each in OPERATIONS.items()},
}
HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]
# Failures of one address: ten at once, then one in six seconds.
FAILURE_RATE, FAILURE_BURST = 1 / 6, 10


class Refused(Exception):
    """拒否 — carries the answer and its further headers."""

    def __init__(self, kind: str, detail: str = "", headers: list[tuple[bytes, bytes]] | None = None) -> None:
        self.answer = problem(kind, detail)
        self.headers = headers or []
        super().__init__(kind)


class CalculationApi:
    """共通算定モジュールの接続 — an ASGI application for ``http`` scopes; workers start with the first request."""

    def __init__(self, known: KnownClients | None = None, workers: Workers | None = None) -> None:
        self._known = known or KnownClients()
        self._workers = workers or Workers(number("TASUKI_API_WORKERS"), number("TASUKI_API_SECONDS"))
        rate = number("TASUKI_API_RATE")
        self._allowance = Allowance(rate, rate * 2)
        self._failures = Allowance(FAILURE_RATE, FAILURE_BURST)
        self._needs_https = flag("TASUKI_HTTPS")
        self._is_behind_proxy = flag("TASUKI_BEHIND_PROXY")
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
            *HEADERS,
            (b"content-type", found.media_type.encode()),
            (b"content-length", str(len(found.body)).encode()),
        ]
        await send({"type": "http.response.start", "status": found.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if path == DESCRIPTION:
            _allow(method, "GET", "HEAD")
            return Answer(200, JSON, self._document)
        operation = OPERATIONS.get(path)
        if operation is None:
            raise Refused("not-found")
        _allow(method, "POST")
        headers = dict(scope["headers"])
        self._require_https(scope, headers)
        client = await self._client(scope, headers)
        if SCOPE_OF[operation] not in client.scopes:
            needed = f'Bearer error="insufficient_scope", scope="{SCOPE_OF[operation]}"'
            raise Refused("wrong-scope", headers=[(b"www-authenticate", needed.encode())])
        if not self._allowance.take(client.token_id):
            raise Refused(
                "too-many", "このトークンの要求が、決められた回数を超えました。", [(b"retry-after", b"1")]
            )
        media_type = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if media_type != b"application/json" or headers.get(b"content-encoding", b"identity") != b"identity":
            raise Refused("wrong-media-type")
        body = await _body(headers, receive)
        # Nothing is calculated, nor answered, before the use is in the trail.
        use = Use(client, operation.value, self._address(scope, headers))
        await self._trail.kept(client.institution_id, use)
        return await self._calculated(operation, body, client)

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

    async def _client(self, scope: Scope, headers: dict[bytes, bytes]) -> Client:
        address = self._address(scope, headers)
        if not self._failures.has(address):
            raise Refused("too-many", "照合の失敗が続いています。", [(b"retry-after", b"60")])
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if kind.lower() != "bearer":
            raise Refused("unauthorized", headers=[(b"www-authenticate", b'Bearer realm="tasuki"')])
        client = await self._known.client_of(token.strip())
        if client is None:
            self._failures.take(address)
            challenge = b'Bearer realm="tasuki", error="invalid_token"'
            raise Refused("unauthorized", headers=[(b"www-authenticate", challenge)])
        return client

    def _require_https(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        scheme = scope.get("scheme", "http")
        if self._is_behind_proxy:
            scheme = headers.get(b"x-forwarded-proto", b"").decode("latin-1")
        if self._needs_https and scheme != "https":
            raise Refused("insecure")

    def _address(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        if self._is_behind_proxy and b"x-forwarded-for" in headers:
            return headers[b"x-forwarded-for"].decode("latin-1").rpartition(",")[2].strip()
        return str((scope.get("client") or ("",))[0])

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
        self._known.close()


def _keep(institution_id: UUID, uses: Sequence[Use]) -> None:
    """The thread keeps its connection from one group to the next; one that died meanwhile is made anew."""
    connection = connections["default"]
    if connection.connection is not None and not connection.is_usable():
        connection.close()
    try:
        keep_uses(institution_id, uses)
    except Exception:
        connections.close_all()
        raise


def _allow(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise Refused("wrong-method", headers=[(b"allow", ", ".join(allowed).encode())])


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    too_large = f"{LARGEST:,}バイトまで送れます。"
    stated = headers.get(b"content-length", b"0")
    if not stated.isdigit() or int(stated[:20]) > LARGEST:
        raise Refused("too-large", too_large)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused("unreadable")
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST:
            raise Refused("too-large", too_large)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
