# SPDX-License-Identifier: Apache-2.0
"""医療情報の交換の速さ — reads, searches by patient and transactions over HTTP, and the bulk load before; one JSON line a figure.

``python bench/exchange.py [--size N]`` makes N resources (1,000,000: of every ten one patient and nine of his), loads them in two
processes with every check and index, starts a generation of the page server as ``up`` does (as many processes as there are cores, four at
most, or ``--web-processes``) on a database in a folder of its own, and asks over connections that never rest (closed loop). PostgreSQL writes through (fsync); every access is recorded before it is
answered. Every answer is read. Transactions are asked twice: of resources that claim no profile, and of ones that claim the profiles of
JP-CLINS, which each is checked against whole. Generator, server and database share the machine's cores, so CPU time of each is told too.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from figures import report
from http_load import closed, latency, served, served_by_up
from own_database import own_database
from sharing import invented

RESOURCES, READS, SEARCHES, TRANSACTIONS, CONNECTIONS = 1_000_000, 20_000, 8_000, 1_000, 32
OF_A_PATIENT, IN_A_TRANSACTION = 9, 20
# 記号・番号 are written in wide letters.
_WIDE = {ord(str(digit)): ord("０") + digit for digit in range(10)}
LOINC = ("4548-4", "718-7", "2160-0", "2345-7", "8480-6")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=RESOURCES, help="resources that are there")
    parser.add_argument("--processes", type=int, default=2, help="of the bulk load")
    parser.add_argument("--web-processes", type=int, help="of the page server; as `up` would have them")
    args = parser.parse_args()
    with own_database() as connections:
        token = prepare(
            args.size,
            Path(os.environ["TASUKI_DATA"]).parent / "resources.ndjson",
            connections,
            args.processes,
        )
        with served_by_up(connections, args.web_processes) as server:
            measure(server, token, max(1, args.size // (1 + OF_A_PATIENT)))


def prepare(size: int, file: Path, connections: Any, processes: int) -> str:
    """Tables, an institution, and the bulk load: its whole, its first and its last tenth, and its second half beside the first."""
    from django.db import connections as django_connections

    from tasuki_server.exchange.loading import load
    from tasuki_server.institutions.migrating import migrate
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable

    migrate()
    row, token = register_institution("13", FeeTable.MEDICAL, "9990001", "計測の病院")
    with file.open("wb") as out:
        for each in resources(size):
            out.write(json.dumps(each, ensure_ascii=False).encode() + b"\n")
    # The processes begin with a few, which are not measured.
    begun, count, marks = time.perf_counter(), 0, []
    with file.open("rb") as lines:
        for done in load(lines, row.id, connections.platform, processes):
            if done.refused:
                raise RuntimeError(str(done.refused[0]))
            count += done.count
            marks.append((count, time.perf_counter()))
    first = marks[0]
    name = f"exchange bulk load of {count} resources, {processes} processes"
    report(
        name,
        (count - first[0]) / (marks[-1][1] - first[1] or 1),
        "resources/s",
        "target 8000 resources/s",
        (count - first[0]) / (marks[-1][1] - first[1] or 1) / 8000,
    )
    report(f"{name}, until the first batch was there", first[1] - begun, "s")
    for part, since, until in (("first tenth", 0.0, 0.1), ("last tenth", 0.9, 1.0)):
        report(f"{name}, {part}", _rate(marks, count * since, count * until), "resources/s")
    # A tenth lasts ten seconds, in which the host gives more or less by a fifth: the halves tell whether the load slows down.
    first_half, second_half = _rate(marks, 0, count / 2), _rate(marks, count / 2, count)
    report(f"{name}, second half", second_half, "resources/s", "first half", second_half / (first_half or 1))
    with django_connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return token


def _rate(marks: list[tuple[int, float]], since: float, until: float) -> float:
    """Resources a second between two counts; 0 where too few batches lie between them."""
    within = [mark for mark in marks if since <= mark[0] <= until + 500]
    if len(within) < 2:
        return 0.0
    return (within[-1][0] - within[0][0]) / (within[-1][1] - within[0][1])


def measure(server: served, token: str, patients: int) -> None:
    def ask(method: str, path: str, body: bytes = b"") -> bytes:
        return asked(server.port, token, method, path, body)

    for name, asks, count, target, limit in questions(patients, ask):
        asyncio.run(closed(server.port, asks, 8, min(500, count), is_answered))
        for connections in (CONNECTIONS, 8):
            begun = server.spending()
            taken, seconds = asyncio.run(closed(server.port, asks, connections, count, is_answered))
            told = f"exchange {name}, {connections} connections, closed loop"
            report(told, count / seconds, "/s", f"target {target}/s", count / seconds / target)
            latency(told, taken, limit)
            for part, after in server.spending().items():
                report(f"{told}, CPU of {part} each", (after - begun[part]) / count * 1000, "ms")


def questions(patients: int, ask: Callable[..., bytes]) -> Iterator[tuple[str, list[bytes], int, int, float]]:
    """What is asked: its name, the requests, how many of them, the target a second and the limit of p99 in ms."""
    chosen = random.Random(7)
    people = [chosen.randrange(patients) for _ in range(4000)]
    yield "read", [ask("GET", f"Patient/p{n}") for n in people], READS, 5000, 15.0
    searches = [ask("GET", f"Observation?patient=p{n}&_count=20") for n in people]
    yield "search by patient", searches, SEARCHES, 2000, 50.0
    writes = [
        ask("POST", "", json.dumps(transaction(n), ensure_ascii=False).encode())
        for n in people[:TRANSACTIONS]
    ]
    yield f"transaction of {IN_A_TRANSACTION} resources", writes, TRANSACTIONS, 300, 500.0
    whole = [
        ask("POST", "", json.dumps(profiled_transaction(n), ensure_ascii=False).encode())
        for n in people[:TRANSACTIONS]
    ]
    yield f"transaction of {IN_A_TRANSACTION} resources with profiles", whole, TRANSACTIONS // 2, 150, 500.0


def asked(port: int, token: str, method: str, path: str, body: bytes = b"") -> bytes:
    """One request as bytes."""
    head = (
        f"{method} /platform/v1/fhir/{path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def is_answered(head: bytes, body: bytes) -> None:
    """A resource, a page with results, or a transaction all of whose entries were made."""
    is_fine = head.startswith(b"HTTP/1.1 200") and (
        body.startswith(b'{"resourceType":"Patient"')
        or b'"mode":"match"' in body
        or body.count(b"201 Created") == IN_A_TRANSACTION
    )
    if not is_fine:
        raise RuntimeError((head + body).decode(errors="replace")[:800])


def resources(size: int) -> Iterator[dict[str, Any]]:
    """Made-up resources with identifiers of their own: a patient, then what is of him."""
    for place in range(size):
        person, part = divmod(place, 1 + OF_A_PATIENT)
        if part == 0:
            yield {**patient(person), "id": f"p{person}"}
        else:
            yield {**of_patient(f"Patient/p{person}", part), "id": f"r{place}"}


def patient(number: int) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:1.2.392.100495.20.3.51.11399900010", "value": f"{number:08}"}],
        "name": [{"text": "架空　花子", "family": "架空", "given": ["花子"]}],
        "gender": "female" if number % 2 else "male",
        "birthDate": f"{1930 + number % 90}-{1 + number % 12:02}-{1 + number % 28:02}",
    }


def of_patient(subject: str, part: int) -> dict[str, Any]:
    about = {"subject": {"reference": subject}}
    day = f"2026-{1 + part % 12:02}-{1 + part % 28:02}"
    if part % 3 == 0:
        code = {
            "coding": [{"system": "urn:oid:1.2.392.200119.4.101.6", "code": "20061497"}],
            "text": "高血圧症",
        }
        return {"resourceType": "Condition", "code": code, **about, "onsetDateTime": day, "recordedDate": day}
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": LOINC[part % len(LOINC)]}]},
        **about,
        "effectiveDateTime": f"{day}T09:00:00+09:00",
        "valueQuantity": {
            "value": 5 + part / 10,
            "unit": "%",
            "system": "http://unitsofmeasure.org",
            "code": "%",
        },
    }


def transaction(number: int) -> dict[str, Any]:
    """A patient that is new, and nineteen resources that point at the entry."""
    person = f"urn:uuid:00000000-0000-4000-8000-{number:012}"
    return _together(
        (person, patient(number)),
        *((None, of_patient(person, part)) for part in range(1, IN_A_TRANSACTION)),
    )


def profiled_transaction(number: int) -> dict[str, Any]:
    """The same of resources that claim a profile each: 患者, then 傷病名, アレルギー, 検体検査 and 処方 in turn."""
    person = f"urn:uuid:00000000-0000-4000-8000-{number:012}"
    every = invented.every()
    them = copy.deepcopy(every["patient"])
    them.pop("id", None)
    insured, local = them["identifier"]
    insured["value"] = f"00999999:架空:{str(number).translate(_WIDE)}:01"
    local["value"] = f"{number:06}"
    kinds = ("condition", "allergy", "lab", "prescription")
    return _together(
        (person, them),
        *((None, _of(person, insured, every[kinds[part % 4]], part)) for part in range(1, IN_A_TRANSACTION)),
    )


def _of(person: str, insured: dict[str, Any], resource: dict[str, Any], part: int) -> dict[str, Any]:
    made = copy.deepcopy(resource)
    made.pop("id", None)
    of = made["patient" if "patient" in made else "subject"]
    of |= {"reference": person, "identifier": insured}
    made["identifier"][-1]["value"] += f"-{part}"
    return made


def _together(*made: tuple[str | None, dict[str, Any]]) -> dict[str, Any]:
    entries: list[dict[str, Any]] = [
        {
            **({"fullUrl": url} if url else {}),
            "resource": each,
            "request": {"method": "POST", "url": each["resourceType"]},
        }
        for url, each in made
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


if __name__ == "__main__":
    main()
