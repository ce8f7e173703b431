# SPDX-License-Identifier: Apache-2.0
"""資格確認の速さ — checks by number over HTTP against a register of made-up people; one JSON line a figure.

``python bench/eligibility_service.py [--size N]`` loads N people (1,000,000) by COPY, starts a generation of the page server as ``up``
does on a database in a folder of its own, and asks by number: over connections that never rest (closed loop), then at fixed
rates (open loop: a request is late from the moment it was due). Every answer is read and must be 有効, 無効 or 無効（新しい資格あり）
for the person asked. Generator, server and database share the machine's cores, so CPU time per check is told too.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time

from figures import report
from http_load import closed, latency, opened, served_by_up
from own_database import own_database

PEOPLE, CHECKS, CONNECTIONS, LIMIT_MS = 1_000_000, 20_000, 64, 50.0
RATES = (100, 250, 500, 1000)
NUMBER = "1319990001"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=PEOPLE, help="people of the register")
    people = parser.parse_args().size
    with own_database() as connections:
        token = prepare(people)
        with served_by_up(connections) as server:
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


def measure(server: served_by_up, token: str, people: int) -> None:
    asks = requests_of(server.port, token, people, 4000)
    asyncio.run(closed(server.port, asks, 8, 1000, is_told))
    for connections in (CONNECTIONS, 1):
        count = CHECKS if connections > 1 else 1000
        begun = server.spending()
        taken, seconds = asyncio.run(closed(server.port, asks, connections, count, is_told))
        name = f"eligibility check over {people} people, {connections} connections, closed loop"
        report(name, count / seconds, "checks/s", "target 1000 checks/s", count / seconds / 1000)
        latency(name, taken, LIMIT_MS)
        for part, after in server.spending().items():
            report(f"{name}, CPU of {part} a check", (after - begun[part]) / count * 1000, "ms")
    for rate in RATES:
        late, seconds = asyncio.run(opened(server.port, asks, CONNECTIONS, rate, rate * 10, is_told))
        name = f"eligibility check over {people} people, {rate} checks/s, open loop"
        latency(name, late, LIMIT_MS)
        report(name, rate * 10 / seconds, "checks/s", f"asked {rate} checks/s", 10 / seconds)


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


def is_told(head: bytes, body: bytes) -> None:
    """An answer about the person asked: 有効, 無効 or 無効（新しい資格あり）."""
    at = body.find(b"<QualificationValidity>")
    if not head.startswith(b"HTTP/1.1 200") or body[at + 23 : at + 24] not in (b"1", b"2", b"3"):
        raise RuntimeError((head + body).decode(errors="replace")[:600])


if __name__ == "__main__":
    main()
