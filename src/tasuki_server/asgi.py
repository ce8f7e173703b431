# SPDX-License-Identifier: Apache-2.0
"""ASGI入口 — one port: ``/api/`` and ``/receiving/v1/`` are raw ASGI, everything else the pages in threads."""

from __future__ import annotations

import os
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
from tasuki_server.receiving.asgi_door import ReceivingDoor  # noqa: E402
from tasuki_server.receiving.machine import ADDRESSES as RECEIVING_ADDRESSES  # noqa: E402
from tasuki_server.receiving.machine import BASE as RECEIVING  # noqa: E402
from tasuki_server.settings_table import number  # noqa: E402
from tasuki_server.steady_heap import keep_heap_still  # noqa: E402
from tasuki_server.wsgi_bridge import WsgiBridge  # noqa: E402


class Entrance:
    """入口 — hands each request to the API, to the receiving service or to the pages."""

    def __init__(self, api: CalculationApi, receiving: ReceivingDoor, pages: WsgiBridge) -> None:
        self._api = api
        self._receiving = receiving
        self._pages = pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """要求の処理 — see the class."""
        if scope["type"] == "http":
            await self._room(scope["path"])(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            # No page of ours opens a socket.
            await send({"type": "websocket.close", "code": 1000})

    def _room(self, path: str) -> Any:
        if path.startswith("/api/"):
            return self._api
        return self._receiving if path.startswith(RECEIVING) else self._pages

    async def _live(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                # Every view is loaded now and not under the first request, and stays.
                get_resolver().check()
                keep_heap_still()
                self._api.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._api.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


# What each machine address asks of a token: a scope, the sender's own, or nothing for a description.
MACHINES = {"/api/": API_ADDRESSES, RECEIVING: RECEIVING_ADDRESSES}
refuse_undeclared()
refuse_undeclared_machines(MACHINES, frozenset({*SCOPES, "sender", "client", "public"}))
application = Entrance(CalculationApi(), ReceivingDoor(), WsgiBridge(_pages, number("TASUKI_WEB_THREADS")))
