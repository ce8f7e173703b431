# SPDX-License-Identifier: Apache-2.0
"""運用の入口 — the raw ASGI application of ``/health/`` and ``/metrics``: no session, because whoever asks has none.

What an address may see depends on the network address of the connection itself, never on a header: anyone learns
whether the server lives and is ready, the addresses of TASUKI_MONITOR_ADDRESSES also why, and the metrics. A request
that came through the reverse proxy is anyone.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tasuki_server.api.machine_door import HEADERS, was_handed_on
from tasuki_server.cli.words import Stop
from tasuki_server.operations.health import Health, look
from tasuki_server.operations.metrics import MEDIA_TYPE, metrics_text
from tasuki_server.operations.siblings import figures_of_siblings
from tasuki_server.settings_table import listed

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HEALTH, METRICS = "/health/", "/metrics"
# 申告: "public" — a load balancer asks and holds no session, it learns one word; "monitor" — the configured addresses.
ADDRESSES = {f"{HEALTH}live": "public", f"{HEALTH}ready": "public", METRICS: "monitor"}
LONGEST_LOOK_SECONDS = 5.0


class OperationsDoor:
    """運用の入口 — one look at a time, in a thread of its own; pages that are all busy do not make it late."""

    def __init__(self, monitors: Iterable[str] | None = None, look_now: Callable[..., Health] = look) -> None:
        self._monitors = networks(listed("TASUKI_MONITOR_ADDRESSES") if monitors is None else monitors)
        self._look = look_now
        self._threads = ThreadPoolExecutor(1, "health")
        self.is_draining = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """要求の処理 — see the class."""
        status, media_type, body = await self._answer(scope)
        headers = [
            *HEADERS,
            (b"content-type", media_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(self, scope: Any) -> tuple[int, str, bytes]:
        path = scope["path"]
        if path not in ADDRESSES or (ADDRESSES[path] == "monitor" and not self._is_monitor(scope)):
            return 404, "text/plain", b"not found\n"
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "text/plain", b"method not allowed\n"
        if path == METRICS:
            return 200, MEDIA_TYPE, metrics_text(await figures_of_siblings())
        if path == f"{HEALTH}live":
            return 200, "text/plain", b"live\n"
        return await self._ready(scope)

    async def _ready(self, scope: Any) -> tuple[int, str, bytes]:
        health = await self.health()
        status = 200 if health is not None and health.is_ready else 503
        if health is None or not self._is_monitor(scope):
            return status, "text/plain", (b"ready\n" if status == 200 else b"not ready\n")
        return status, "application/json", json.dumps(health.document).encode() + b"\n"

    async def health(self) -> Health | None:
        """点検 — None when the database does not answer in time."""
        looking = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._look(is_draining=self.is_draining)
        )
        try:
            return await asyncio.wait_for(looking, LONGEST_LOOK_SECONDS)
        except TimeoutError:
            return None

    def _is_monitor(self, scope: Any) -> bool:
        if was_handed_on(scope):
            return False
        client = scope.get("client")
        try:
            address = ipaddress.ip_address(client[0] if client else "")
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in each for each in self._monitors)


def networks(given: Iterable[str]) -> list[Network]:
    """監視のアドレス — networks as they are configured; raises :class:`Stop` for what is none.

    >>> networks(["127.0.0.1", "10.60.20.0/24"])
    [IPv4Network('127.0.0.1/32'), IPv4Network('10.60.20.0/24')]
    """
    try:
        return [ipaddress.ip_network(each) for each in given]
    except ValueError as error:
        raise Stop(
            f"TASUKI_MONITOR_ADDRESSES にアドレスでないものがあります（{error}）。",
            f"TASUKI_MONITOR_ADDRESSES holds what is no address ({error}).",
        ) from error
