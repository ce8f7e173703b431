# SPDX-License-Identifier: Apache-2.0
"""時刻同期 — how far a clock is from a time server's (SNTP), and whether it leapt; more than a second is told.

Pure: packets and instants in, seconds out. Who asks, and what is done about it, is the server's.

Cite: 医療情報システムの安全管理に関するガイドライン（アクセスログの時刻を標準時刻に同期させる）; RFC 4330 SNTPv4
"""

from __future__ import annotations

import struct
from typing import NamedTuple

PACKET = 48
LIMIT_SECONDS = 1.0
# From 1900-01-01, where NTP counts from, to 1970-01-01.
_TO_1970 = 2_208_988_800
_CLIENT, _SERVER = 0x23, 4
_ERA = 1 << 32


class BadTime(ValueError):
    """時刻の応答不正 — a packet that answers nothing that was asked, or a server that does not know the time itself."""


class Offset(NamedTuple):
    """時計のずれ — seconds that our clock is ahead of the server's (below zero: behind), give or take ``doubt``."""

    seconds: float
    doubt: float

    @property
    def is_skewed(self) -> bool:
        """ずれか — whether the clock is off by more than a second even where the way of the packets explains the most.

        >>> Offset(1.2, 0.1).is_skewed, Offset(1.2, 0.3).is_skewed, Offset(-5.0, 0.1).is_skewed
        (True, False, True)
        """
        return abs(self.seconds) - self.doubt > LIMIT_SECONDS


def time_request(sent_at: float) -> bytes:
    """時刻の要求 — the packet of a client; ``sent_at`` is our own clock, by which the answer will be known."""
    return struct.pack("!B39x8s", _CLIENT, _stamp(sent_at))


def read_time(packet: bytes, sent_at: float, received_at: float) -> Offset:
    """時刻の応答 — raises :class:`BadTime` for what is no answer to :func:`time_request` of the same instant."""
    if len(packet) < PACKET:
        raise BadTime("the packet is too short")
    head, stratum = packet[0], packet[1]
    if head & 7 != _SERVER or packet[24:32] != _stamp(sent_at):
        raise BadTime("the packet answers another request")
    if head >> 6 == 3 or not 1 <= stratum <= 15:
        raise BadTime("the server is not synchronised itself")
    arrived, left = _instant(packet[32:40], received_at), _instant(packet[40:48], received_at)
    way = max(0.0, (received_at - sent_at) - (left - arrived))
    return Offset(((sent_at - arrived) + (received_at - left)) / 2, way / 2)


def answer_time(request: bytes, arrived_at: float, left_at: float, stratum: int = 1) -> bytes:
    """時刻の応答の作成 — as a server makes it; for rehearsals and tests.

    >>> asked = time_request(1_000.0)
    >>> read_time(answer_time(asked, 990.25, 990.25), 1_000.0, 1_000.5)
    Offset(seconds=10.0, doubt=0.25)
    """
    return struct.pack(
        "!BB22x8s8s8s", _CLIENT & ~7 | _SERVER, stratum, request[40:48], _stamp(arrived_at), _stamp(left_at)
    )


def leap_seconds(wall_before: float, wall_now: float, steady_elapsed: float) -> float:
    """時計の飛び — by how much the wall clock moved more than a steady clock did; below zero it went back.

    >>> leap_seconds(100.0, 160.0, 60.0), leap_seconds(100.0, 50.0, 10.0)
    (0.0, -60.0)
    """
    return (wall_now - wall_before) - steady_elapsed


def _stamp(at: float) -> bytes:
    return ((int(at * _ERA) + _TO_1970 * _ERA) % (_ERA * _ERA)).to_bytes(8, "big")


def _instant(stamp: bytes, near: float) -> float:
    """Of the eras of 136 years the one that is near: the first ends in 2036."""
    at = int.from_bytes(stamp, "big") / _ERA - _TO_1970
    eras = int((near - at) / _ERA + 0.5) if near > at else -int((at - near) / _ERA + 0.5)
    return at + eras * _ERA
