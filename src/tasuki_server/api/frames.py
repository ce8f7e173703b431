# SPDX-License-Identifier: Apache-2.0
"""枠 — the bytes between the web process and a worker: a length, then that many bytes of MessagePack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tasuki.facility.institution import Institution

if TYPE_CHECKING:
    from socket import socket

HEAD = 4


class Question(msgspec.Struct, array_like=True):
    """問い — an operation, the body as it came, and the asker's institution (MessagePack)."""

    operation: str
    body: bytes
    own: bytes


class Reply(msgspec.Struct, array_like=True):
    """返事 — status, media type and body."""

    status: int
    media_type: str
    body: bytes


def framed(value: Any) -> bytes:
    """枠入れ — a value as one frame."""
    packed = msgspec.msgpack.encode(value)
    return len(packed).to_bytes(HEAD, "big") + packed


def pack_institution(institution: Institution) -> bytes:
    """医療機関の包み — what a worker needs to know of the asker."""
    return msgspec.msgpack.encode(institution)


def unpack_institution(packed: bytes) -> Institution:
    """医療機関の取出し — the inverse of :func:`pack_institution`."""
    return msgspec.msgpack.decode(packed, type=Institution)


def read_frame(connection: socket) -> bytes | None:
    """枠の読取り — blocks; None when the other side is gone."""
    head = _exactly(connection, HEAD)
    return None if head is None else _exactly(connection, int.from_bytes(head, "big"))


def _exactly(connection: socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(count - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)
