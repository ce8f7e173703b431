# SPDX-License-Identifier: Apache-2.0
"""通知の番 — while everything runs, what subscribers of the exchange wait for is told, in a thread and a loop of its own."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from tasuki_server.cli.keeper_thread import KeeperThread

if TYPE_CHECKING:
    from tasuki_server.exchange.asked import Room

SECONDS = 1.0
_CONNECTIONS = 10
_MOST_TOLD = 5


class HookKeeper(KeeperThread):
    """通知の番 — an endpoint that does not answer waits alone; its fault is told once."""

    def __init__(self) -> None:
        super().__init__("exchange-hooks")

    def _keep(self) -> None:
        while not self._ended.wait(SECONDS):
            try:
                asyncio.run(self._serve())
            except Exception as error:  # noqa: BLE001 - the database went first, or is not there yet; begun anew
                self._tell((type(error).__name__,))

    async def _serve(self) -> None:
        from tasuki_server.database.django_settings import VARIABLES
        from tasuki_server.exchange.asked import Room
        from tasuki_server.platform.pool import open_pool

        pool = await open_pool(os.environ.get(VARIABLES["platform"], ""), _CONNECTIONS)
        try:
            room = Room(pool)
            while not self._ended.is_set():
                await self.attend(room)
                await asyncio.sleep(SECONDS)
        finally:
            await pool.close()

    async def attend(self, room: Room) -> int:
        """一巡 — returns how many were told."""
        from tasuki_server.exchange.hook_delivery import attend

        done = await attend(room)
        self._tell(done.faults)
        return done.told

    def _tell(self, faults: tuple[str, ...]) -> None:
        told = "、".join(sorted(faults)[:_MOST_TOLD])
        self._alarm.tell(
            told,
            f"医療情報の交換の通知が届きません（{told}）。しばらくの間、送り直します。",
            f"Notices of the exchange are not delivered ({told}); they are sent again for a while.",
        )
