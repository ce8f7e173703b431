# SPDX-License-Identifier: Apache-2.0
"""ほかのFHIRサーバと並べる — HAPI FHIR JPA beside the exchange: one PostgreSQL, the same resources, the same questions, the same load.

``python bench/exchange_peer.py [--size N] [--only WORDS]`` builds ``bench/peer_hapi`` with Maven on first use (into ``build/``; passed over, with the reason, without java,
mvn or the packages), loads N resources into both, and asks each in turn, alone on the machine: reads, searches by patient and transactions of 20
resources over 64 and 8 connections that never rest. HAPI is asked without validation and without duties, then with the duties the exchange always has
(``peer.Duties``: token, consent, a committed row of use for each request, each in its cheapest form), and to write with validation too; its searches also in the form that keeps no
page (``Cache-Control: no-store``), which is its fastest. The exchange validates and records every access in both.

The peer is meant to be strong: heap and parallel collector fixed, statements in batches, no look at references, no saved search served again, no
scheduled jobs, its indexes in their smaller form, and asked until it gets no faster before any is timed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

import exchange
from figures import report
from http_load import ROOT, closed, database_seconds, latency, served_by_up
from own_database import own_database

SOURCE, BUILT = ROOT / "bench" / "peer_hapi", ROOT / "build" / "peer_hapi"
JVM = ("-Xms3g", "-Xmx3g", "-XX:+UseParallelGC")
IN_A_LOAD, STARTING_SECONDS, BUILDING_SECONDS = 100, 600, 900
# Warmed until it gets no faster: so many rounds at most, and this much a round must bring to go on.
ROUNDS, GAIN, IN_A_ROUND = 15, 1.05, 4000
KEEPS_NO_PAGE = "Cache-Control: no-store, max-results=20\r\n"
Rates = dict[tuple[str, int], float]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="resources that are there")
    parser.add_argument("--only", default="", help="the questions that begin so, and nothing that validates")
    args = parser.parse_args()
    reason = build()
    if reason:
        print(f"passed over: HAPI FHIR JPA ({reason})")
        return 0
    with own_database() as connections:
        file = Path(os.environ["TASUKI_DATA"]).parent / "resources.ndjson"
        token = exchange.prepare(args.size, file, connections, 2)
        url = peer_database(connections)
        with served_by_up(connections) as server:
            ours = measure(
                "the exchange",
                server,
                asking(server.port, "/platform/v1/fhir/", token),
                args.size,
                2,
                args.only,
            )
        compare(ours, trusting(url, args.size, args.only), "trusting")
        compare(ours, recording(url, args.size, args.only), "recording")
        if args.only:
            return 0
        try:
            compare(ours, validating(url, args.size), "validating")
        except RuntimeError as refused:
            # Whatever else stops it is told, and the rest stands.
            print(f"passed over: HAPI FHIR JPA, validating ({str(refused)[:600]})")
    return 0


def trusting(url: str, size: int, only: str) -> Rates:
    """Every question, nothing checked; first the resources, then the statistics."""
    with Beside(url, "trusting") as server:
        ask = asking(server.port, "/fhir/", "")
        load(server, ask, size)
        rates = measure("HAPI FHIR JPA, trusting", server, ask, size, ROUNDS, only)
        return rates if only else rates | measure_pageless(server, size)


def recording(url: str, size: int, only: str) -> Rates:
    """Every question again, with what the exchange does beside answering: a token, consent, and a row of use before the answer."""
    with Beside(url, "recording") as server:
        ask = asking(server.port, "/fhir/", "peer")
        return measure("HAPI FHIR JPA, recording", server, ask, size, ROUNDS, only)


def validating(url: str, size: int) -> Rates:
    """Writes again, each checked against R4."""
    with Beside(url, "validating") as server:
        ask = asking(server.port, "/fhir/", "")
        return measure("HAPI FHIR JPA, validating", server, ask, size, ROUNDS, "transaction")


def build() -> str:
    """The peer from its packages; why it cannot be had, or nothing."""
    made = [BUILT / "classes" / "peer" / f"{each.stem}.class" for each in SOURCE.rglob("*.java")]
    if all(each.exists() for each in made) and (BUILT / "lib").exists():
        return ""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    command = [
        *("mvn", "-q", "-B", "-f", str(SOURCE / "pom.xml"), "dependency:copy-dependencies", "compile"),
        *("-DincludeScope=runtime", f"-DoutputDirectory={BUILT / 'lib'}"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILDING_SECONDS, check=False)
    if done.returncode:
        return "its packages cannot be had: " + (done.stdout + done.stderr).strip()[-400:]
    return ""


def peer_database(connections: Any) -> str:
    """A database of its own in the same PostgreSQL, over the same kind of socket."""
    place = conninfo_to_dict(connections.owner)
    admin = psycopg.conninfo.make_conninfo(connections.owner, dbname="postgres", options="")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE ROLE peer LOGIN PASSWORD 'peer'")
        connection.execute("CREATE DATABASE peer OWNER peer")
    path = f"{place['host']}/.s.PGSQL.{place['port']}"
    factory = "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg"
    return f"jdbc:postgresql://localhost/peer?user=peer&password=peer&sslmode=disable&reWriteBatchedInserts=true&socketFactory={factory}&socketFactoryArg={path}"


class Beside:
    """HAPI FHIR JPA, for as long as the block lasts."""

    def __init__(self, url: str, mode: str) -> None:
        from tasuki_server.database.embedded import ends_with_parent

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        path = os.pathsep.join((str(BUILT / "classes"), str(BUILT / "lib" / "*")))
        self._log = (BUILT / f"{mode}.log").open("wb")
        command = ["java", *JVM, "-cp", path, "peer.Peer", str(self.port), url, mode]
        self.process = subprocess.Popen(
            command, stdout=self._log, stderr=self._log, preexec_fn=ends_with_parent(signal.SIGTERM)
        )

    def __enter__(self) -> Beside:
        deadline = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.5)
        self.__exit__()
        raise RuntimeError(f"HAPI did not start: see {self._log.name}")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)
        self._log.close()

    def spending(self) -> dict[str, float]:
        """CPU seconds so far, by part."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        web = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return {"web": web, "PostgreSQL": database_seconds(), "the load generator": time.process_time()}


def asking(port: int, base: str, token: str, more: str = "") -> Callable[..., bytes]:
    """Requests as bytes, for one server."""
    proof = f"Authorization: Bearer {token}\r\n" if token else ""

    def ask(method: str, path: str, body: bytes = b"") -> bytes:
        head = f"{method} {base}{path} HTTP/1.1\r\nHost: localhost:{port}\r\n{proof}{more}Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    return ask


def load(server: Beside, ask: Callable[..., bytes], size: int) -> None:
    """The same resources under the same identifiers, by transactions of updates; then the statistics."""
    bundles = [ask("POST", "", json.dumps(each, ensure_ascii=False).encode()) for each in _bundles(size)]
    _, seconds = asyncio.run(closed(server.port, bundles, 4, len(bundles), _is_loaded))
    report(
        f"HAPI FHIR JPA, {size} resources by transactions of {IN_A_LOAD}, while it warms up",
        size / seconds,
        "resources/s",
    )
    place = psycopg.conninfo.make_conninfo(host=_socket_folder(), dbname="peer", user="postgres")
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _socket_folder() -> str:
    lines = next(Path(os.environ["TASUKI_DATA"]).rglob("postmaster.pid")).read_text().splitlines()
    return lines[4]


def _bundles(size: int) -> Iterator[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for each in exchange.resources(size):
        request = {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}
        made.append({"resource": each, "request": request})
        if len(made) == IN_A_LOAD:
            yield {"resourceType": "Bundle", "type": "transaction", "entry": made}
            made = []
    if made:
        yield {"resourceType": "Bundle", "type": "transaction", "entry": made}


def _is_loaded(head: bytes, body: bytes) -> None:
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError((head + body).decode(errors="replace")[:800])


def measure(
    name: str, server: Any, ask: Callable[..., bytes], size: int, rounds: int, only: str = ""
) -> Rates:
    """Every question over many and over few connections; up to ``rounds`` rounds go before, until they get no faster."""
    rates: Rates = {}
    for what, asks, usual, _, limit in exchange.questions(patients(size), ask):
        if what.startswith(only):
            rates |= _timed(name, what, server, asks, (usual, limit), size, rounds)
    return rates


def measure_pageless(server: Beside, size: int) -> Rates:
    """Their searches in the form that keeps no page: nothing of a search is written, and there is no next."""
    ask = asking(server.port, "/fhir/", "", KEEPS_NO_PAGE)
    what, asks, usual, _, limit = list(exchange.questions(patients(size), ask))[1]
    return _timed("HAPI FHIR JPA", f"{what}, no page kept", server, asks, (usual, limit), size, ROUNDS)


def _timed(
    name: str, what: str, server: Any, asks: list[bytes], usual: tuple[int, float], size: int, rounds: int
) -> Rates:
    rates: Rates = {}
    count = min(usual[0], max(50, size // exchange.IN_A_TRANSACTION if usual[0] < 2000 else size))
    _warmed(server, asks, min(count, IN_A_ROUND), rounds if size >= IN_A_ROUND else 1)
    for connections in (exchange.CONNECTIONS, 8):
        begun = server.spending()
        taken, seconds = asyncio.run(closed(server.port, asks, connections, count, exchange.is_answered))
        rates[what, connections] = count / seconds
        told = f"{name}, {what}, {connections} connections, closed loop"
        report(told, count / seconds, "/s")
        latency(told, taken, usual[1])
        for part, after in server.spending().items():
            report(f"{told}, CPU of {part} each", (after - begun[part]) / count * 1000, "ms")
    return rates


def _warmed(server: Any, asks: list[bytes], count: int, rounds: int) -> None:
    best, idle = 0.0, 0
    for _ in range(rounds):
        _, seconds = asyncio.run(closed(server.port, asks, 8, count, exchange.is_answered))
        idle = 0 if count / seconds > best * GAIN else idle + 1
        best = max(best, count / seconds)
        # One slow round may be the machine's; two are the server's best.
        if idle == 2:
            return


def patients(size: int) -> int:
    """How many people are there."""
    return max(1, size // (1 + exchange.OF_A_PATIENT))


def compare(ours: Rates, theirs: Rates, mode: str) -> None:
    """Ours over theirs, question by question."""
    for (what, connections), rate in theirs.items():
        mine = ours[what.removesuffix(", no page kept"), connections]
        report(
            f"the exchange beside HAPI FHIR JPA ({mode}), {what}, {connections} connections", mine, "/s", rate
        )


if __name__ == "__main__":
    sys.exit(main())
