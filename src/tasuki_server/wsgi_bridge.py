# SPDX-License-Identifier: Apache-2.0
"""画面への橋 — runs the WSGI pages in threads behind an ASGI server, so that one port serves both.

Cite: PEP 3333, ASGI 3.0
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# Uploads end at Django's own limit; this one only keeps memory from filling before Django is asked.
LARGEST_BODY = 64 * 1024 * 1024
# Up to here an answer is sent in one piece.
PIECE = 1 << 20
_ALONE = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class WsgiBridge:
    """画面への橋 — as many pages at once as threads; the rest waits its turn."""

    def __init__(self, pages: Callable[..., Iterable[bytes]], threads: int) -> None:
        self._pages = pages
        self._threads = ThreadPoolExecutor(threads, "page")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """要求の処理 — the body is read first, the page is made in a thread, its answer sent."""
        body = await _whole_body(receive)
        if body is None:
            await _refuse_large(send)
            return
        loop = asyncio.get_running_loop()

        async def sent(message: dict[str, Any]) -> None:
            # What ``send`` gives is awaitable; of the server in use it is no coroutine.
            await send(message)

        def send_from_thread(message: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(sent(message), loop).result()

        start, last = await loop.run_in_executor(
            self._threads, self._page, environ_of(scope, body), send_from_thread
        )
        if start is not None:
            await send(start)
        await send({"type": "http.response.body", "body": last})

    def _page(self, environ: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> tuple[Any, bytes]:
        """The start not yet sent, and the last piece of the body; what is larger was sent on the way."""
        start: dict[str, Any] = {"type": "http.response.start"}

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
            start["status"] = int(status.partition(" ")[0])
            start["headers"] = [
                (name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers
            ]

        answer = self._pages(environ, start_response)
        try:
            pieces: list[bytes] = []
            size = 0
            is_sent = False
            for piece in answer:
                pieces.append(piece)
                size += len(piece)
                if size < PIECE:
                    continue
                if not is_sent:
                    send(start)
                    is_sent = True
                send({"type": "http.response.body", "body": b"".join(pieces), "more_body": True})
                pieces, size = [], 0
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        return (None if is_sent else start), b"".join(pieces)


def environ_of(scope: Any, body: bytes) -> dict[str, Any]:
    """WSGI環境 — of an ASGI scope; names with an underscore are dropped, as they could pose as others."""
    server = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if "_" in name:
            continue
        key = _ALONE.get(name) or "HTTP_" + name.upper().replace("-", "_")
        joint = "; " if name == "cookie" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    # A body sent in chunks states no length; Django reads exactly what is stated.
    environ["CONTENT_LENGTH"] = str(len(body)) if body else environ.get("CONTENT_LENGTH", "")
    return environ


async def _whole_body(receive: Any) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            return None
        if part:
            parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _refuse_large(send: Any) -> None:
    text = "送られた内容が大きすぎます。\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": text})
