# SPDX-License-Identifier: Apache-2.0
"""同じ設置からの要求 — the same engine as from outside, without the network, in a loop and a thread of its own.

Pages run in threads and may wait; the engine runs in a loop. So a caller of this process hands its request over and
waits for the answer. A process that was forked makes a loop of its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping

from tasuki_server.database.django_settings import VARIABLES
from tasuki_server.platform.engine import BASE, Engine, Reply
from tasuki_server.platform.services import SERVICES

LONGEST_WAIT_SECONDS = 60.0
_CONNECTIONS = 2
_lock = threading.Lock()
_houses: dict[tuple[int, str], _House] = {}


class _House:
    """一つの設置の窓口 — a loop in a thread, and the engine in it."""

    def __init__(self, conninfo: str) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="platform-house", daemon=True).start()
        self.engine = asyncio.run_coroutine_threadsafe(self._made(conninfo), self.loop).result()

    @staticmethod
    async def _made(conninfo: str) -> Engine:
        return Engine(conninfo, SERVICES, _CONNECTIONS)


def ask_in_house(
    method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], token: str, body: bytes
) -> Reply:
    """要求 — ``path`` is what follows ``/platform/v1/``. Raises ``OSError`` when the wire was broken on purpose or time ran out."""
    house = _house()
    asked = asyncio.run_coroutine_threadsafe(
        house.engine.answer(method, BASE + path, query, headers, token, body), house.loop
    )
    return asked.result(LONGEST_WAIT_SECONDS)


def close_house() -> None:
    """窓口を閉じる — ends the connections of this process; the next request opens them anew."""
    with _lock:
        mine = [key for key in _houses if key[0] == os.getpid()]
        for key in mine:
            house = _houses.pop(key)
            asyncio.run_coroutine_threadsafe(house.engine.stop(), house.loop).result(10)
            house.loop.call_soon_threadsafe(house.loop.stop)


def _house() -> _House:
    key = (os.getpid(), os.environ.get(VARIABLES["platform"], ""))
    with _lock:
        if key not in _houses:
            _houses[key] = _House(key[1])
        return _houses[key]
