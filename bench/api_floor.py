# SPDX-License-Identifier: Apache-2.0
"""応答の下限 — an ASGI application that reads a request and answers at once, as large as a calculation's answer.

What the load generator and the web server take on this machine; ``bench/api.py`` tells the API's latency beside it.
"""

from __future__ import annotations

from typing import Any

BODY = b"0" * 14_000
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
