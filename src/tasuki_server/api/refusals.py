# SPDX-License-Identifier: Apache-2.0
"""要求の拒否と読取り — what every machine address of ours does alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tasuki.calculation.service import Answer, problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Refused(Exception):
    """拒否 — carries the answer and its further headers."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        headers: list[tuple[bytes, bytes]] | None = None,
        answer: Answer | None = None,
    ) -> None:
        self.answer = answer or problem(kind, detail)
        self.headers = headers or []
        super().__init__(kind)


def allow(method: str, *allowed: str) -> None:
    """メソッドの確認 — one of those allowed, else 405."""
    if method not in allowed:
        raise Refused("wrong-method", headers=[(b"allow", ", ".join(allowed).encode())])


def require_media_type(headers: dict[bytes, bytes], wanted: bytes) -> None:
    """内容の形式の確認 — of this form and not compressed, else 415."""
    media_type = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if media_type != wanted or headers.get(b"content-encoding", b"identity") != b"identity":
        raise Refused("wrong-media-type", f"{wanted.decode()} で送ってください。")


async def read_body(headers: dict[bytes, bytes], receive: Receive, largest: int) -> bytes:
    """内容の読取り — up to ``largest`` bytes."""
    too_large = f"{largest:,}バイトまで送れます。"
    stated = headers.get(b"content-length", b"0")
    if not stated.isdigit() or int(stated[:20]) > largest:
        raise Refused("too-large", too_large)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused("unreadable")
        part = message.get("body", b"")
        size += len(part)
        if size > largest:
            raise Refused("too-large", too_large)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
