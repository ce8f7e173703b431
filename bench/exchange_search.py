# SPDX-License-Identifier: Apache-2.0
"""FHIR検索の速さ — ``python bench/exchange_search.py [--size N]``: N observations (100,000 by default) of N/50 made-up patients in
PostgreSQL, searched over eight connections: searches a second, their median and 99th percentile, and what a total costs.

What is timed is from the pairs of an address to the bodies found, without HTTP; the client shares the machine's cores with
PostgreSQL. Also what the index of one resource costs to make.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from figures import report
from own_database import own_database

CONNECTIONS = 8
SECONDS = 4.0
GOAL = 2000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="observations")
    asked = parser.parse_args()
    with own_database() as connections:
        from tasuki_server.institutions.migrating import migrate

        migrate()
        asyncio.run(measure(connections, asked.size))

    return 0


def resources(size: int) -> list[dict[str, Any]]:
    """Patients with fifty observations each, of twenty codes over three years."""
    chance = random.Random(7)
    patients = max(size // 50, 1)
    made: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": f"p{at}", "gender": chance.choice(("male", "female")),
         "name": [{"family": f"架空{at}", "given": ["花子"]}], "birthDate": f"19{20 + at % 80:02}-0{1 + at % 9}-01",
         "identifier": [{"system": "urn:oid:1.2.392.100495.20.3.51.1", "value": f"{at:08}"}]}
        for at in range(patients)
    ]  # fmt: skip
    made += [
        {"resourceType": "Observation", "id": f"o{at}", "status": "final",
         "category": [{"coding": [{"system": "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS", "code": "laboratory"}]}],
         "code": {"coding": [{"system": "urn:oid:1.2.392.200119.4.504", "code": f"3A0{at % 20:02}", "display": "検査"}]},
         "subject": {"reference": f"Patient/p{at % patients}"},
         "effectiveDateTime": f"202{chance.randrange(4, 7)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}T09:00:00+09:00",
         "valueQuantity": {"value": chance.randrange(100) / 10, "unit": "g/dL", "system": "http://unitsofmeasure.org", "code": "g/dL"}}
        for at in range(size)
    ]  # fmt: skip
    return made


async def measure(connections: Any, size: int) -> None:
    import asyncpg
    from psycopg.conninfo import conninfo_to_dict

    from tasuki.sharing.search import extract
    from tasuki_server.drills.search_agreement import CALLER, Hidden, fill, stamped

    told: dict[str, Any] = conninfo_to_dict(connections.platform)
    pool = await asyncpg.create_pool(
        host=told["host"], port=int(told.get("port", 5432)), user=told["user"], database=told["dbname"],
        password=told["password"], min_size=CONNECTIONS, max_size=CONNECTIONS,
    )  # fmt: skip
    made = stamped(resources(size))
    patients = max(size // 50, 1)
    begun = time.process_time()
    for each in made[-2000:]:
        extract(each)
    each_ms = (time.process_time() - begun) / len(made[-2000:]) * 1000
    report("FHIR search, index rows of one Observation", each_ms, "ms", 0.3)
    whose = [None if each["resourceType"] == "Patient" else each["subject"]["reference"][8:] for each in made]
    async with pool.acquire() as connection:
        await fill(connection, made, Hidden([CALLER] * len(made), whose, {}))
    owner = await asyncpg.connect(
        host=told["host"], port=int(told.get("port", 5432)), database=told["dbname"], **_owner(connections)
    )
    await owner.execute("ANALYZE")
    await owner.close()
    chance = random.Random(8)

    def someone() -> str:
        return f"Patient/p{chance.randrange(patients)}"

    asked: dict[str, Callable[[], tuple[str, list[tuple[str, str]]]]] = {
        "observations of a patient": lambda: ("Observation", [("patient", someone())]),
        "of a patient, newest ten": lambda: (
            "Observation", [("patient", someone()), ("_sort", "-date"), ("_count", "10")],
        ),
        "of a patient, one code": lambda: (
            "Observation", [("patient", someone()), ("code", f"3A0{chance.randrange(20):02}")],
        ),
        "of a patient, since a day, with the patient": lambda: (
            "Observation", [("patient", someone()), ("date", "ge2026-01"), ("_include", "Observation:patient")],
        ),
        "a code above a value": lambda: (
            "Observation", [("code-value-quantity", f"3A0{chance.randrange(20):02}$gt9.5"), ("_count", "20")],
        ),
        "a patient by number": lambda: ("Patient", [("identifier", f"{chance.randrange(patients):08}")]),
        "patients by name": lambda: ("Patient", [("name", f"架空{chance.randrange(patients)}")]),
        "of a patient by name (chain)": lambda: (
            "Observation", [("patient.identifier", f"{chance.randrange(patients):08}")],
        ),
        "patients who have a value (_has)": lambda: (
            "Patient", [("_has:Observation:patient:code-value-quantity", "3A003$gt9.7"), ("_count", "20")],
        ),
        "newest twenty": lambda: ("Observation", [("_sort", "-_lastUpdated"), ("_count", "20")]),
    }  # fmt: skip
    for name, make in asked.items():
        await _timed(pool, name, size, make)
    await pool.close()


def _owner(connections: Any) -> dict[str, Any]:
    from psycopg.conninfo import conninfo_to_dict

    told = conninfo_to_dict(connections.owner)
    return {"user": told["user"], "password": told.get("password")}


async def _timed(
    pool: Any, name: str, size: int, make: Callable[[], tuple[str, list[tuple[str, str]]]]
) -> None:
    from tasuki.sharing.search import parse
    from tasuki_server.drills.search_agreement import CALLER
    from tasuki_server.exchange.searching import run

    taken: list[float] = []
    found = 0

    async def one() -> None:
        nonlocal found
        async with pool.acquire() as connection:
            while time.perf_counter() < end:
                kind, pairs = make()
                begun = time.perf_counter()
                page = await run(connection, parse(kind, pairs), caller=CALLER)
                taken.append(time.perf_counter() - begun)
                found += len(page.found)

    end = time.perf_counter() + SECONDS / 4
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    taken.clear()
    found = 0
    end = time.perf_counter() + SECONDS
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    taken.sort()
    title = f"FHIR search, {size} observations, {name}"
    report(title, len(taken) / SECONDS, "searches/s", GOAL)
    report(f"{title}, median", taken[len(taken) // 2] * 1000, "ms")
    report(f"{title}, p99", taken[int(len(taken) * 0.99)] * 1000, "ms")
    report(f"{title}, found each", found / len(taken), "resources")


if __name__ == "__main__":
    sys.exit(main())
