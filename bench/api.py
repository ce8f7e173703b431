# SPDX-License-Identifier: Apache-2.0
"""接続（API）の速さ — latency of calculations over HTTP, and of pages with and without the bridge; one JSON line a figure.

``python bench/api.py [--size N]`` starts a database and the server in a folder of its own, sends N calculations over 32
connections that never rest (closed loop), then at fixed rates (open loop: a request is late from the moment it was due), and
asks a page through the bridge and through granian's own WSGI threads. The same rates are asked of an application that answers
at once (``api_floor.py``): what is late there is not late by us. The load generator shares the machine's cores, so the
server's own CPU time per request is told too: it does not depend on who else is at work.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import time
from collections.abc import Callable

from figures import report
from http_load import ROOT, closed, latency, opened, percentile, served, served_by_up
from own_database import own_database

CONNECTIONS = 32
LIMIT_MS = 20.0
RATES = (25, 50, 100, 200, 400)
# Of fewer requests the hundredth part is chance.
LEAST = 500
PAGES = 800
PATH = "/api/calculation/v1/calculate"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=3000, help="requests of the closed loop")
    size = parser.parse_args().size
    os.environ["TASUKI_API_RATE"] = "1000000"
    with own_database() as connections:
        measure(connections, *prepare(), size)


def prepare() -> tuple[str, str, object]:
    """Tables, an institution, a token of this machine, and a client with its key."""
    from tasuki_server.api.service_call import new_key, public_jwk
    from tasuki_server.api.service_clients import public_name, register_client
    from tasuki_server.api.tokens import make_token
    from tasuki_server.institutions.ids import new_id
    from tasuki_server.institutions.migrating import migrate
    from tasuki_server.institutions.opening import open_institution, system_actor
    from tasuki_server.institutions.work import as_institution

    migrate()
    institution = new_id()
    open_institution(institution, code="9990001", prefecture="13", name="計測の診療所")
    with as_institution(institution, system_actor(institution)):
        bearer = make_token("bench", ("calculate", "copay"), 1)[1]
        key = new_key()
        client = register_client("bench", ("calculate", "copay"), json.dumps(public_jwk(key)))
        return bearer, public_name(client), key


def measure(connections: object, bearer: str, client_id: str, key: object, size: int) -> None:
    bodies = visits()
    with served_by_up(connections) as server:
        port = server.port
        asks = [request(port, {"Authorization": f"Bearer {bearer}"}, body) for body in bodies]
        asyncio.run(closed(port, asks, CONNECTIONS, 400))
        plain_web = closed_loop(server, asks, size, "token of this machine")
        caller = signed_in(port, client_id, key)
        proving(port, caller, bodies)
        proved_web = closed_loop(server, asks_of(port, bodies, caller, size), size, "bound token with proofs")
        report("api/calculate, CPU of web that a proof adds", (proved_web - plain_web) * 1000, "ms")
        curve(port, lambda count: asks_of(port, bodies, caller, count), size)
        single, _ = asyncio.run(closed(port, asks_of(port, bodies, caller, 300), 1, 300))
        latency("api/calculate with proofs, 1 connection", single, LIMIT_MS)
        bridged, bridged_seconds, bridged_cpu = pages(server)
    floor(connections, asks, size)
    with served(connections, "wsgi", "tasuki_server.wsgi:application") as server:
        plain, plain_seconds, plain_cpu = pages(server)
    base = percentile(plain, 50)
    report("page of sign-in, granian WSGI, CPU", plain_cpu * 1000, "ms")
    report(
        "page of sign-in, through the bridge, CPU",
        bridged_cpu * 1000,
        "ms",
        "granian WSGI",
        bridged_cpu / plain_cpu,
    )
    report("page of sign-in, granian WSGI, p50", base * 1000, "ms")
    report(
        "page of sign-in, through the bridge, p50",
        percentile(bridged, 50) * 1000,
        "ms",
        "granian WSGI",
        percentile(bridged, 50) / base,
    )
    report("page of sign-in, granian WSGI", PAGES / plain_seconds, "pages/s")
    report(
        "page of sign-in, through the bridge", PAGES / bridged_seconds, "pages/s", "granian WSGI",
        plain_seconds / bridged_seconds,
    )  # fmt: skip


def curve(port: int, asks: Callable[[int], list[bytes]], size: int) -> None:
    """Latency at rising rates over the connections, and the highest rate up to which the limit holds."""
    highest, is_held = 0, True
    for rate in RATES:
        count = min(size, max(LEAST, rate * 5))
        late, _ = asyncio.run(opened(port, asks(count), CONNECTIONS, rate, count))
        latency(f"api/calculate with proofs, 32 connections, {rate} requests/s", late, LIMIT_MS)
        is_held = is_held and percentile(late, 99) * 1000 <= LIMIT_MS
        if is_held:
            highest = rate
    report(f"api/calculate with proofs, p99 within {LIMIT_MS:g} ms up to", highest, "requests/s")


def closed_loop(server: served, asks: list[bytes], size: int, how: str) -> float:
    """Throughput, latency and CPU of connections that never rest; seconds of CPU of the web process a request."""
    begun = server.cpu_seconds()
    taken, seconds = asyncio.run(closed(server.port, asks, CONNECTIONS, size))
    spent = {name: (after - begun[name]) / size for name, after in server.cpu_seconds().items()}
    for name, each in spent.items():
        report(f"api/calculate, {how}, CPU of {name} a request", each * 1000, "ms")
    report(f"api/calculate, {how}, throughput, 32 connections, closed loop", size / seconds, "requests/s")
    latency(f"api/calculate, {how}, 32 connections, closed loop", taken, LIMIT_MS)
    return spent["web"]


def signed_in(port: int, client_id: str, key: object) -> object:
    """A client that holds a token for a few minutes."""
    from tasuki_server.api.service_call import ServiceCaller

    caller = ServiceCaller.made(client_id, key, f"http://localhost:{port}")
    taken = []
    for _ in range(20):
        body, headers = caller.token_request()
        connection = http.client.HTTPConnection("localhost", port, timeout=30)
        begun = time.perf_counter()
        connection.request("POST", "/api/token", body, headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        taken.append(time.perf_counter() - begun)
        connection.close()
    caller.token = told["access_token"]
    report("api/token, one after another, p50", percentile(taken, 50) * 1000, "ms")
    return caller


def proving(port: int, caller: object, bodies: list[bytes]) -> None:
    """What a proof costs the one who makes it."""
    begun = time.process_time()
    asks_of(port, bodies, caller, 500)
    report("making a proof, CPU of the client", (time.process_time() - begun) / 500 * 1000, "ms")


def asks_of(port: int, bodies: list[bytes], caller: object, count: int) -> list[bytes]:
    """As many requests as will be sent: a proof serves once, for a minute."""
    return [
        request(port, caller.headers("POST", PATH), bodies[number % len(bodies)])  # type: ignore[attr-defined]
        for number in range(count)
    ]


def floor(connections: object, asks: list[bytes], size: int) -> None:
    """The generator and granian alone."""
    with served(connections, "asgi", "api_floor:application") as server:
        asyncio.run(closed(server.port, asks, CONNECTIONS, 400))
        for rate in RATES:
            late, _ = asyncio.run(
                opened(server.port, asks, CONNECTIONS, rate, min(size, max(LEAST, rate * 5)))
            )
            latency(f"answered at once, 32 connections, {rate} requests/s", late, LIMIT_MS)


def pages(server: served) -> tuple[list[float], float, float]:
    """Latencies, seconds in all, and CPU seconds of the web process a page, over 8 connections."""
    asyncio.run(closed(server.port, [page(server.port)], 8, 100))
    begun = server.cpu_seconds()["web"]
    taken, seconds = asyncio.run(closed(server.port, [page(server.port)], 8, PAGES))
    return taken, seconds, (server.cpu_seconds()["web"] - begun) / PAGES


def visits() -> list[bytes]:
    """The example of the guide on many days, each with a history of two years."""
    whole = json.loads((ROOT / "docs" / "guide" / "examples" / "visit.json").read_text("utf-8"))
    made = []
    for day in range(1, 29):
        whole["visit"]["at"] = f"2026-09-{day:02}T10:00"
        whole["history"] = [
            {"day": f"{year}-{month:02}-{1 + (day + month) % 27:02}", "code": code}
            for year, months in ((2025, range(1, 13)), (2026, range(1, 9)))
            for month in months
            for code in ("112007410", "112011010", "120002910")
        ]
        made.append(json.dumps(whole, ensure_ascii=False).encode())
    return made


def request(port: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost:{port}\r\n{lines}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def page(port: int) -> bytes:
    return f"GET /accounts/login/ HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode()


if __name__ == "__main__":
    main()
