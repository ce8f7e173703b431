# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービスの速さ — registrations with the check over institutions, after years of dispensings; one JSON line a figure.

``python bench/prescription_service.py [--size N]`` starts a database and the server of ``up`` in a folder of its own, loads N
dispensings (3,000,000 by default; fifteen a person, two drugs each) by COPY, then registers prescriptions over 32
connections: at fixed rates (open loop: a request is late from the moment it was due) and as fast as they come. Each names one of the
people, carries an idempotency key, and every second one repeats a drug the person still takes: what is counted is that the
answers find it. The load generator and PostgreSQL share the machine's cores with the server.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from figures import report
from http_load import closed, latency, opened, served_by_up
from own_database import own_database

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
CONNECTIONS = 32
LIMIT_MS = 50.0
RATES = (100, 200, 300, 400)
GOAL = 300
EACH = 15  # dispensings a person, a month apart
DRUGS = [f"{1100000 + 1000 * n % 8000000 + n:07}F1010" for n in range(400)]
SECONDS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=3_000_000, help="dispensings that are there before")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long each rate is held")
    asked = parser.parse_args()
    with own_database() as connections:
        measure(connections, asked.size, asked.seconds)


def measure(connections: object, size: int, seconds: int) -> None:
    token, people = prepare(connections, size)
    with served_by_up(connections) as server:
        # What a server of an hour's age has behind it: plans, codes of drugs, pages of the tables.
        asyncio.run(closed(server.port, requests(server.port, token, people, 1500, 0), CONNECTIONS, 1500))
        for rate in RATES:
            count = rate * seconds
            asks = requests(server.port, token, people, count, rate)
            begun = server.spending()
            taken, _ = asyncio.run(opened(server.port, asks, CONNECTIONS, rate, count))
            spent = {part: (after - begun[part]) / count for part, after in server.spending().items()}
            name = f"prescriptions/register with check, {size} dispensings, {rate} requests/s"
            latency(name, taken, LIMIT_MS)
            for part, each in spent.items():
                report(f"{name}, CPU of {part} a request", each * 1000, "ms")
            # What others do on the machine makes answers late; it hardly changes what a request costs.
            report(
                f"{name}, requests that two cores have time for",
                2 / sum(spent.values()),
                "requests/s",
                f"goal {GOAL} requests/s",
                2 / sum(spent.values()) / GOAL,
            )
        asks = requests(server.port, token, people, 4000, 7)
        taken, lasted = asyncio.run(closed(server.port, asks, CONNECTIONS, 4000))
        fastest = 4000 / lasted
        report(
            f"prescriptions/register with check, {size} dispensings, {CONNECTIONS} connections that never rest",
            fastest, "requests/s", f"goal {GOAL} requests/s", fastest / GOAL,
        )  # fmt: skip
    counted(connections)


def prepare(connections: object, size: int) -> tuple[str, int]:
    """Tables, institutions, and what pharmacies told over the months: every person has fifteen dispensings."""
    from tasuki_server.institutions.migrating import migrate
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable

    migrate()
    _, token = register_institution("13", FeeTable.MEDICAL, "9990010", "計測の医院")
    other, _ = register_institution("13", FeeTable.MEDICAL, "9990028", "となり医院")
    pharmacy, _ = register_institution("13", FeeTable.PHARMACY, "9990036", "計測の薬局")
    begun = time.perf_counter()
    people = max(1, size // EACH)
    load(connections, people, size, other.id, pharmacy.id)
    report("loading dispensings by COPY", size / (time.perf_counter() - begun), "dispensings/s")
    return token, people


def load(connections: object, people: int, size: int, clinic: UUID, pharmacy: UUID) -> None:
    import psycopg

    today = datetime.now(UTC).date()
    at = datetime.now(UTC).isoformat()
    with psycopg.connect(connections.owner, autocommit=True) as connection:  # type: ignore[attr-defined]
        cursor = connection.cursor()
        copied(
            cursor,
            "prescriptions_patient (id, insurer, symbol, number, branch, name, kana, sex)",
            (f"{person_id(each)}\t06139463\t計測\t{each:08}\t01\t\t\t\n" for each in range(people)),
        )
        days = [f"{day_of(today, each):%Y-%m-%d}" for each in range(EACH)]
        ends = [f"{day_of(today, each) + timedelta(days=27):%Y-%m-%d}" for each in range(EACH)]
        copied(
            cursor,
            "prescriptions_dispensing (id, patient_id, pharmacy_id, clinic_id, round_number, dispensed_on, state,"
            " message, is_signed, registered_at)",
            (
                f"{source_id(each)}\t{person_id(each // EACH)}\t{pharmacy}\t{clinic}\t1\t{days[each % EACH]}\tlive\t\tf\t{at}\n"
                for each in range(size)
            ),
        )
        given = [f"{yj[:7]}\t{yj}\t4\t{yj}\t計測の薬{yj[:7]}錠\t1\t錠\t１日１回朝食後\t1" for yj in DRUGS]
        copied(
            cursor,
            "prescriptions_drugcourse (id, patient_id, source_id, kind, clinic_id, pharmacy_id, ingredient, yj,"
            " code_kind, code, name, amount, unit, usage, dosage_form, since, until, is_live)",
            (
                f"{each * 2 + place + (9 << 100):032x}\t{person_id(each // EACH)}\t{source_id(each)}\tD\t{clinic}\t{pharmacy}"
                f"\t{given[drug]}\t{days[each % EACH]}\t{ends[each % EACH]}\tt\n"
                for each in range(size)
                for place, drug in enumerate(drugs_of(each // EACH))
            ),
        )
        connection.execute(
            "VACUUM (ANALYZE) prescriptions_drugcourse, prescriptions_dispensing, prescriptions_patient"
        )
        for table in ("prescriptions_dispensing", "prescriptions_drugcourse"):
            row = connection.execute(
                f"SELECT count(*), pg_total_relation_size('{table}') FROM {table}"
            ).fetchone()
            assert row is not None
            report(f"rows of {table}", row[0], "rows")
            report(f"size of {table} with its indexes", row[1] / 2**20, "MiB")


def copied(cursor: Any, into: str, lines: Iterator[str]) -> None:
    """COPY, some thousand lines at a time."""
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        while chunk := "".join(islice(lines, 5000)):
            copy.write(chunk)


def person_id(person: int) -> str:
    return f"{person + (7 << 100):032x}"


def source_id(number: int) -> str:
    return f"{number + (8 << 100):032x}"


def day_of(today: date, number: int) -> date:
    """The newest of a person's is three days old, the others a month apart before it."""
    return today - timedelta(days=3 + 28 * (number % EACH))


def drugs_of(person: int) -> tuple[int, int]:
    """Two of the drugs, by their place in the list."""
    return person % 400, (person * 7 + 13) % 400


def requests(port: int, token: str, people: int, count: int, seed: int) -> list[bytes]:
    """Registrations of made-up prescriptions of two to four drugs, each with a key of its own."""
    from prescription_service import prescription_text
    from tasuki.eligibility.requests import CardNumber, Sender
    from tasuki.eligibility.xml_text import write_xml
    from tasuki.prescriptions.service.messages import request_message, to_base64

    chance = random.Random(seed)
    made = []
    for number in range(count):
        person = chance.randrange(people)
        new = [DRUGS[(person + 200 + place) % 400] for place in range(chance.randrange(1, 4))]
        if number % 2:
            new.append(DRUGS[drugs_of(person)[0]])
        card = CardNumber("06139463", "計測", f"{person:08}", "01")
        data = prescription_text("1319990010", *(("4", yj, f"計測の薬{yj[:7]}錠") for yj in new), card=card)
        values = (("PrescriptionInfo", to_base64(data)), ("IssueType", "2"))
        body = write_xml(request_message(Sender("1319990010", f"B{number}"), *values))
        head = (
            f"POST /platform/v1/prescriptions/messages?file=EPSsiPIR01req_{number}.xml HTTP/1.1\r\nHost: localhost:{port}\r\n"
            f"Authorization: Bearer {token}\r\nIdempotency-Key: {uuid4()}\r\n"
            f"Content-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def counted(connections: object) -> None:
    """Whether it was all done: each registration is there once, and half of them found the drug taken twice."""
    import psycopg

    with psycopg.connect(connections.owner, autocommit=True) as connection:  # type: ignore[attr-defined]
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE alerts <> '[]'), count(DISTINCT access_code),"
            " (SELECT count(*) FROM platform_serviceevent WHERE operation = 'prescriptions.201' AND outcome = 'ok'),"
            " (SELECT count(*) FROM prescriptions_keptanswer) FROM prescriptions_prescription"
        ).fetchone()
    assert row is not None and row[0] == row[2] == row[3] == row[4], row
    report("registrations made, each with its event and kept answer", row[0], "prescriptions")
    report("of them with a duplicate found", row[1], "prescriptions", row[0], row[1] / row[0])


if __name__ == "__main__":
    main()
