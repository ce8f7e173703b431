# SPDX-License-Identifier: Apache-2.0
"""HTTPの負荷 — a server like that of `up`, requests over connections that never rest (closed loop) or at a fixed rate (open loop).

What the benches of machine interfaces share. The generator shares the machine's cores with what it asks, so CPU time is told beside latency.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from figures import report

ROOT = Path(__file__).resolve().parents[1]
# What an answer must be; raises when it is not.
Check = Callable[[bytes, bytes], None]


class served:  # noqa: N801 - used as a function
    """A server like that of `up`, for as long as the block lasts."""

    def __init__(self, connections: object, interface: str, target: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        threads = ["--blocking-threads", "12", "--backpressure", "12"] if interface == "wsgi" else ["--backpressure", "256"]  # fmt: skip
        environment = os.environ | {
            "TASUKI_APP_DATABASE_URL": connections.app,  # type: ignore[attr-defined]
            "TASUKI_SIGNIN_DATABASE_URL": connections.signin,  # type: ignore[attr-defined]
            "TASUKI_POOL_SIZE": "17",
            "DJANGO_SETTINGS_MODULE": "tasuki_server.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "bench"), os.environ.get("PYTHONPATH", "")]),
        }
        environment.pop("TASUKI_OWNER_DATABASE_URL", None)
        command = [
            *(sys.executable, "-m", "granian", target, "--interface", interface, "--port", str(self.port)),
            *("--workers", "1", "--backlog", "256", "--log-level", "error", *threads),
        ]
        self.process = subprocess.Popen(command, env=environment, start_new_session=True)

    def cpu_seconds(self) -> dict[str, float]:
        """CPU time so far of the web processes and of the calculation workers."""
        spent = {"web": 0.0, "workers": 0.0}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid:
                kind = "workers" if b"api.worker" in words else "web"
                spent[kind] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return spent

    def spending(self) -> dict[str, float]:
        """CPU seconds so far of the web processes, of our PostgreSQL, and of this process, which makes the load."""
        return {
            "web": self.cpu_seconds()["web"],
            "PostgreSQL": database_seconds(),
            "the load generator": time.process_time(),
        }

    def __enter__(self) -> served:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def __exit__(self, *_: object) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)


class served_by_up(served):  # noqa: N801 - used as a function
    """A generation of the page server as `up` starts it, with as many processes as asked (else as `up` would have)."""

    def __init__(self, connections: object, processes: int | None = None) -> None:
        from tasuki_server.operations.generations import Pages, take_port

        if processes:
            os.environ["TASUKI_WEB_PROCESSES"] = str(processes)
        listening = take_port("127.0.0.1", 0)
        self.port = int(listening.getsockname()[1])
        self.pages = Pages(listening)
        self._roles = connections

    def __enter__(self) -> served_by_up:
        self.pages.wait_until_serving(self._roles)  # type: ignore[arg-type]
        assert self.pages.serving is not None
        self.process = self.pages.serving.process
        return self

    def __exit__(self, *_: object) -> None:
        self.pages.end()


def database_seconds() -> float:
    """CPU seconds so far of the backends of our PostgreSQL."""
    postmaster = int(next(Path(os.environ["TASUKI_DATA"]).rglob("postmaster.pid")).read_text().split()[0])
    spent = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == postmaster:
            spent += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def is_ok(head: bytes, _body: bytes) -> None:
    """The status alone."""
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.split(b"\r\n")[0].decode())


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ask: bytes, check: Check) -> None:
    writer.write(ask)
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        return check(head, await _pieces(reader))
    length = next(line for line in lower.split(b"\r\n") if line.startswith(b"content-length:"))
    check(head, await reader.readexactly(int(length.split(b":")[1])))


async def _pieces(reader: asyncio.StreamReader) -> bytes:
    made = b""
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        piece = await reader.readexactly(size + 2)
        if size == 0:
            return made
        made += piece[:-2]


async def closed(
    port: int, asks: list[bytes], connections: int, count: int, check: Check = is_ok
) -> tuple[list[float], float]:
    """Each connection sends the next request when it has its answer."""
    taken: list[float] = []
    left = iter(range(count))

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in left:
            begun = time.perf_counter()
            await asked(reader, writer, asks[number % len(asks)], check)
            taken.append(time.perf_counter() - begun)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return taken, time.perf_counter() - begun


async def opened(
    port: int, asks: list[bytes], connections: int, rate: int, count: int, check: Check = is_ok
) -> tuple[list[float], float]:
    """Requests fall due at a fixed rate; one that finds no free connection waits, and its wait counts."""
    taken: list[float] = []
    due: asyncio.Queue[tuple[int, float] | None] = asyncio.Queue()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (found := await due.get()) is not None:
            number, at = found
            await asked(reader, writer, asks[number % len(asks)], check)
            taken.append(time.perf_counter() - at)
        writer.close()

    workers = [asyncio.ensure_future(one()) for _ in range(connections)]
    begun = time.perf_counter()
    for number in range(count):
        at = begun + number / rate
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait((number, at))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return taken, time.perf_counter() - begun


def percentile(taken: list[float], share: int) -> float:
    found = sorted(taken)
    return found[min(len(found) - 1, len(found) * share // 100)]


def latency(name: str, taken: list[float], limit_ms: float) -> None:
    report(f"{name}, p50", percentile(taken, 50) * 1000, "ms")
    p99 = percentile(taken, 99) * 1000
    report(f"{name}, p99", p99, "ms", f"limit {limit_ms:g} ms", p99 / limit_ms)
