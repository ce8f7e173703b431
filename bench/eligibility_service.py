# SPDX-License-Identifier: Apache-2.0
"""資格確認の速さ — checks by number over HTTP against a register of made-up people; one JSON line a figure.

``python bench/eligibility_service.py [--size N]`` loads N people (1,000,000) by COPY, starts the page server of ``up`` (granian, one
worker) on a database in a folder of its own, and asks by number: over connections that never rest (closed loop), then at fixed
rates (open loop: a request is late from the moment it was due). Every answer is read and must be 有効, 無効 or 無効（新しい資格あり）
for the person asked. Generator, server and database share the machine's cores, so CPU time per check is told too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import report

PEOPLE, CHECKS, CONNECTIONS, LIMIT_MS = 1_000_000, 20_000, 64, 50.0
RATES = (100, 250, 500, 1000)
NUMBER = "1319990001"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=PEOPLE, help="people of the register")
    people = parser.parse_args().size
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        os.environ["TASUKI_DATA"] = str(Path(folder) / "data")
        from tasuki_server.database.session import connected

        with connected(with_owner=True) as attached:
            token = prepare(people)
            with Server(attached.connections) as server:
                measure(server, token, people)


def prepare(people: int) -> str:
    """Tables, people, and an institution's token."""
    from django.db import connections
    from django.utils import timezone

    from tasuki_server.eligibility.generated import seed
    from tasuki_server.institutions.migrating import migrate
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable

    migrate()
    begun = time.perf_counter()
    seed(people, timezone.localdate(), timezone.now())
    seconds = time.perf_counter() - begun
    report(f"eligibility register, {people} people by COPY", people / seconds, "people/s")
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE eligibility_insuredperson, eligibility_heldqualification")
    return register_institution("13", FeeTable.MEDICAL, "9990001", "計測の診療所")[1]


def measure(server: Server, token: str, people: int) -> None:
    asks = requests_of(server.port, token, people, 4000)
    asyncio.run(closed(server.port, asks, 8, 1000))
    for connections in (CONNECTIONS, 1):
        count = CHECKS if connections > 1 else 1000
        begun = server.cpu_seconds()
        own = time.process_time()
        taken, seconds = asyncio.run(closed(server.port, asks, connections, count))
        name = f"eligibility check over {people} people, {connections} connections, closed loop"
        report(name, count / seconds, "checks/s", "target 1000 checks/s", count / seconds / 1000)
        latency(name, taken)
        after = server.cpu_seconds()
        for part, spent in after.items():
            report(f"{name}, CPU of {part} a check", (spent - begun[part]) / count * 1000, "ms")
        report(f"{name}, CPU of the generator a check", (time.process_time() - own) / count * 1000, "ms")
    for rate in RATES:
        late, seconds = asyncio.run(opened(server.port, asks, CONNECTIONS, rate, rate * 10))
        name = f"eligibility check over {people} people, {rate} checks/s, open loop"
        latency(name, late)
        report(name, rate * 10 / seconds, "checks/s", f"asked {rate} checks/s", 10 / seconds)


class Server:
    """The page server of ``up`` on a socket of ours."""

    def __init__(self, connections: object) -> None:
        from tasuki_server.operations.generations import environment_of, take_port

        self.listening = take_port("127.0.0.1", 0)
        self.listening.listen(256)
        self.port = self.listening.getsockname()[1]
        self.listening.set_inheritable(True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tasuki_server.operations.page_server", str(self.listening.fileno())],
            env=environment_of(connections), pass_fds=[self.listening.fileno()], start_new_session=True,
        )  # fmt: skip

    def cpu_seconds(self) -> dict[str, float]:
        """CPU time so far of the server's processes and of the platform's database sessions."""
        spent = {"web": 0.0, "database": 0.0}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            if int(fields[3]) == self.process.pid:
                spent["web"] += used
            elif words.startswith(b"postgres: tasuki_platform"):
                spent["database"] += used
        return spent

    def __enter__(self) -> Server:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as probe:
                    probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    probe.settimeout(5)
                    if b" 200 " in probe.recv(100):
                        return self
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("the server did not start")

    def __exit__(self, *_: object) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(90)


def requests_of(port: int, token: str, people: int, count: int) -> list[bytes]:
    """Requests about people drawn from the whole register, by the numbers on their cards."""
    from django.utils import timezone

    from tasuki.eligibility.requests import CardNumber, CardSearch, Sender, ask_by_card
    from tasuki.eligibility.xml_text import write_xml
    from tasuki_server.eligibility.generated import generated_person

    chosen, today = random.Random(7), timezone.localdate()
    made = []
    for _ in range(count):
        person = generated_person(chosen.randrange(people), today)
        card = CardNumber(person.insurer, person.symbol, person.number, person.branch)
        body = write_xml(
            ask_by_card(Sender(NUMBER, "1"), [CardSearch(card, person.born, is_limit_consented=True)])
        )
        head = (
            "POST /platform/v1/eligibility/messages?file=OQSsiquc01req_1.xml HTTP/1.1\r\n"
            f"Host: localhost:{port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ask: bytes) -> None:
    writer.write(ask)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(int(length.split(b":")[1]))
    at = body.find(b"<QualificationValidity>")
    if not head.startswith(b"HTTP/1.1 200") or body[at + 23 : at + 24] not in (b"1", b"2", b"3"):
        raise RuntimeError((head + body).decode(errors="replace")[:600])


async def closed(port: int, asks: list[bytes], connections: int, count: int) -> tuple[list[float], float]:
    """Each connection sends the next request when it has its answer."""
    taken: list[float] = []
    left = iter(range(count))

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in left:
            begun = time.perf_counter()
            await asked(reader, writer, asks[number % len(asks)])
            taken.append(time.perf_counter() - begun)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return taken, time.perf_counter() - begun


async def opened(
    port: int, asks: list[bytes], connections: int, rate: int, count: int
) -> tuple[list[float], float]:
    """Requests fall due at a fixed rate; one that finds no free connection waits, and its wait counts."""
    taken: list[float] = []
    due: asyncio.Queue[tuple[int, float] | None] = asyncio.Queue()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (found := await due.get()) is not None:
            number, at = found
            await asked(reader, writer, asks[number % len(asks)])
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


def latency(name: str, taken: list[float]) -> None:
    report(f"{name}, p50", percentile(taken, 50) * 1000, "ms")
    p99 = percentile(taken, 99) * 1000
    report(f"{name}, p99", p99, "ms", f"limit {LIMIT_MS:g} ms", p99 / LIMIT_MS)


if __name__ == "__main__":
    main()
