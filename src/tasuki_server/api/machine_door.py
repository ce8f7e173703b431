# SPDX-License-Identifier: Apache-2.0
"""機械の入口 — what the raw ASGI doors of machines do alike: the headers of every answer, how a request came, and its body."""

from __future__ import annotations

from collections.abc import Mapping

from tasuki_server.api.refusals import Receive, Scope

# すべての応答に: an answer is data, kept by nobody on the way and shown as no page.
HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]

# 中継の印: any of these was put there by a proxy.
_FORWARDED = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}
)


def was_handed_on(scope: Scope) -> bool:
    """中継されたか — by a proxy, as the names of the headers tell."""
    return any(name in _FORWARDED for name, _ in scope["headers"])


def came_safely(
    scope: Scope, headers: Mapping[str, str], *, needs_https: bool, is_behind_proxy: bool
) -> bool:
    """安全に来たか — over HTTPS where this installation asks for it; the proxy says so where there is one."""
    scheme = scope.get("scheme", "http")
    if is_behind_proxy:
        scheme = headers.get("x-forwarded-proto", "http")
    return scheme == "https" or not needs_https


async def whole_body(receive: Receive, largest: int) -> bytes | None:
    """本文 — all of it; None when it is larger than may be sent here, or whoever sends it is gone."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        size += len(piece)
        if size > largest:
            return None
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)
