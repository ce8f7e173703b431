# SPDX-License-Identifier: Apache-2.0
"""連携の口 — one way to hand a message over and to pick up what came back, whether by WebAPI or through folders.

Everything may be asked again: a message is known by its file name and identifier, an arrival by its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Arrived(NamedTuple):
    """届いたもの — a file name as the service gave it, the bytes, and its number among the card results (0: none)."""

    file: str
    data: bytes
    number: int = 0


class NotReached(Exception):
    """つながらない — the line or the other side failed; nothing is known of what was done. Says why in Japanese."""


class Gateway(Protocol):
    """連携の口 — see the module. Every call may raise :class:`NotReached`."""

    def send(self, file: str, data: bytes) -> bytes | None:
        """送信 — hands a request over; the answer where it comes at once, None where it is picked up later."""

    def answers(self, wanted: Iterable[str]) -> list[Arrived]:
        """結果の受取り — of requests, by the names of their answers; what others asked is left alone."""

    def faces(self, since: int) -> list[Arrived]:
        """カードリーダーの結果 — those after ``since``, in order and without a gap."""

    def settle(self, arrived: Arrived) -> None:
        """済み — it is kept here now, and need not be offered again."""
