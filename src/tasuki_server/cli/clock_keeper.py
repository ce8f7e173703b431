# SPDX-License-Identifier: Apache-2.0
"""時計の番 — while everything runs, the clock is compared each minute with a steady one and with a time server.

What is off by more than a second is told and stands in the trail of every institution: times in it are to be read so.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from tasuki.security.time_sync import LIMIT_SECONDS, PACKET, BadTime, leap_seconds, read_time, time_request
from tasuki_server.cli.words import Alarm
from tasuki_server.settings_table import text

ADDRESS, PORT = "TASUKI_TIME_SERVER", 123
SECONDS = 60.0
Exchange = Callable[[bytes], bytes]


class ClockKeeper:
    """時計の番 — a server that does not answer is told once; without one, leaps alone are seen."""

    def __init__(self, wall: Callable[[], float] = time.time, exchange: Exchange | None = None) -> None:
        self._wall = wall
        self._exchange = exchange if exchange is not None else _over_udp(text(ADDRESS))
        self._next = 0.0
        self._last: tuple[float, float] | None = None
        self._alarm = Alarm()

    def keep(self, now: float) -> list[str]:
        """時計の確認 — once a minute, ``now`` by the steady clock; gives what was wrong."""
        if now < self._next:
            return []
        self._next = now + SECONDS
        wall = self._wall()
        faults = [*self._leap(wall, now), *self._skew()]
        self._last = (wall, now)
        told = "\n".join(faults)
        if self._alarm.tell(told, f"時計が合っていません。{told}", f"The clock is off: {told}"):
            note_skew(faults)
        return faults

    def _leap(self, wall: float, now: float) -> list[str]:
        if self._last is None:
            return []
        leap = leap_seconds(self._last[0], wall, now - self._last[1])
        return [f"時計が{leap:+.1f}秒飛びました。"] if abs(leap) > LIMIT_SECONDS else []

    def _skew(self) -> list[str]:
        if self._exchange is None:
            return []
        sent = self._wall()
        try:
            offset = read_time(self._exchange(time_request(sent)), sent, self._wall())
        except (OSError, BadTime):
            return ["時刻サーバから正しい応答がありません。"]
        return [f"時刻サーバと{offset.seconds:+.1f}秒ずれています。"] if offset.is_skewed else []


def note_skew(faults: list[str]) -> None:
    """時計のずれの記録 — an event in each institution's trail."""
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.audit.trail import record
    from tasuki_server.database.session import leave
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    for institution in all_institutions():
        with as_institution(institution.id, system_actor(institution.id)):
            record("clock.skew", detail={"what": faults})
    leave()


def _over_udp(address: str) -> Exchange | None:
    if not address:
        return None
    host, _, port = address.partition(":")

    def ask(packet: bytes) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.settimeout(2.0)
            wire.connect((host, int(port or PORT)))
            wire.send(packet)
            return wire.recv(PACKET)

    return ask
