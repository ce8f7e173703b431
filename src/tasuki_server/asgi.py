# SPDX-License-Identifier: Apache-2.0
"""ASGI入口 — one port: ``/api/``, ``/receiving/v1/``, ``/platform/v1/``, ``/health/`` and ``/metrics`` are raw ASGI, everything else the pages in threads."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import suppress
from functools import cache
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tasuki_server.settings")
_pages = get_wsgi_application()

# Django must be set up before a room's models are read.
from tasuki_server.accounts.route_check import refuse_undeclared, refuse_undeclared_machines  # noqa: E402
from tasuki_server.api.calculation import ADDRESSES as API_ADDRESSES  # noqa: E402
from tasuki_server.api.calculation import CalculationApi  # noqa: E402
from tasuki_server.api.models import SCOPES  # noqa: E402
from tasuki_server.operations.door import ADDRESSES as OPERATIONS_ADDRESSES  # noqa: E402
from tasuki_server.operations.door import HEALTH, METRICS, OperationsDoor  # noqa: E402
from tasuki_server.operations.line import DRAIN, FAILED, own_end, ready_words  # noqa: E402
from tasuki_server.operations.metrics import (  # noqa: E402
    ANSWER_SECONDS,
    ANSWERS,
    DRAINING,
    IN_FLIGHT,
    status_class,
)
from tasuki_server.operations.siblings import answer_siblings  # noqa: E402
from tasuki_server.platform.asgi_door import PlatformDoor  # noqa: E402
from tasuki_server.platform.engine import BASE as PLATFORM  # noqa: E402
from tasuki_server.platform.house import close_house  # noqa: E402
from tasuki_server.platform.services import ADDRESSES as PLATFORM_ADDRESSES  # noqa: E402
from tasuki_server.receiving.asgi_door import ReceivingDoor  # noqa: E402
from tasuki_server.receiving.machine import ADDRESSES as RECEIVING_ADDRESSES  # noqa: E402
from tasuki_server.receiving.machine import BASE as RECEIVING  # noqa: E402
from tasuki_server.settings_table import number  # noqa: E402
from tasuki_server.steady_heap import keep_heap_still  # noqa: E402
from tasuki_server.wsgi_bridge import WsgiBridge  # noqa: E402


class Entrance:
    """入口 — hands each request to its room, counts it, and hands over to the next generation when told."""

    def __init__(
        self,
        api: CalculationApi,
        receiving: ReceivingDoor,
        platform: PlatformDoor,
        operations: OperationsDoor,
        pages: WsgiBridge,
    ) -> None:
        self._api = api
        self._platform = platform
        self._operations = operations
        self._rooms = {
            "api": api,
            "receiving": receiving,
            "platform": platform,
            "operations": operations,
            "pages": pages,
        }
        self._line: socket.socket | None = None
        self._siblings: asyncio.Server | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """要求の処理 — see the class."""
        if scope["type"] == "http":
            await self._counted(_room(scope["path"]), scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            # No page of ours opens a socket.
            await send({"type": "websocket.close", "code": 1000})

    async def _counted(self, room: str, scope: Any, receive: Any, send: Any) -> None:
        status = 0
        says_close = scope.get("http_version", "1.1").startswith("1")

        async def counting(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._operations.is_draining and says_close:
                    message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        begun = time.perf_counter()
        in_flight, seconds = _meters(room)
        in_flight.inc()
        try:
            await self._rooms[room](scope, receive, counting)
        finally:
            in_flight.dec()
            _answers(room, status_class(status)).inc()
            seconds.observe(time.perf_counter() - begun)

    async def _live(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                # Every view is loaded now and not under the first request, and stays.
                get_resolver().check()
                keep_heap_still()
                # Only now: the processes of a generation have parted, and each has a line of its own.
                self._line = own_end()
                self._siblings = await answer_siblings()
                self._api.start()
                health = await self._operations.health()
                if health is None or not health.is_ready:
                    # Whoever serves now goes on; nothing is handed over to one that could not answer.
                    self._say(FAILED)
                    await send({"type": "lifespan.startup.failed", "message": "not ready"})
                    return
                await send({"type": "lifespan.startup.complete"})
                self._say(ready_words())
                self._listen()
            elif message["type"] == "lifespan.shutdown":
                if self._siblings is not None:
                    self._siblings.close()
                await self._api.stop()
                await self._platform.stop()
                await asyncio.to_thread(close_house)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _say(self, word: bytes) -> None:
        # Once the generation serves nobody listens, and those that were made again in its course have filled the line.
        if self._line is not None:
            with suppress(BlockingIOError):
                self._line.send(word)

    def _listen(self) -> None:
        if self._line is not None:
            asyncio.get_running_loop().add_reader(self._line.fileno(), self._told)

    def _told(self) -> None:
        assert self._line is not None
        try:
            word = self._line.recv(64)
        except (BlockingIOError, ConnectionError):
            return
        if not word:
            asyncio.get_running_loop().remove_reader(self._line.fileno())
        if DRAIN in word:
            self._operations.is_draining = True
            DRAINING.set(1)


@cache
def _meters(room: str) -> tuple[Any, Any]:
    """Looked up once: there are as many as rooms."""
    return IN_FLIGHT.labels(room), ANSWER_SECONDS.labels(room)


@cache
def _answers(room: str, status: str) -> Any:
    return ANSWERS.labels(room, status)


def _room(path: str) -> str:
    if path.startswith("/api/"):
        return "api"
    if path.startswith(RECEIVING):
        return "receiving"
    if path.startswith(PLATFORM):
        return "platform"
    return "operations" if path.startswith(HEALTH) or path == METRICS else "pages"


# What each machine address asks of a token: a scope, the sender's own, or nothing for a description.
MACHINES = {
    "/api/": API_ADDRESSES,
    RECEIVING: RECEIVING_ADDRESSES,
    PLATFORM: PLATFORM_ADDRESSES,
    "/": OPERATIONS_ADDRESSES,
}
refuse_undeclared()
refuse_undeclared_machines(MACHINES, frozenset({*SCOPES, "sender", "client", "public", "monitor"}))
application = Entrance(
    CalculationApi(),
    ReceivingDoor(),
    PlatformDoor(),
    OperationsDoor(),
    WsgiBridge(_pages, number("TASUKI_WEB_THREADS")),
)
