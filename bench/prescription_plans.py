# SPDX-License-Identifier: Apache-2.0
"""登録のSQLの手間 — what the two statements of a registration read and write, by the size of what is there already.

``python bench/prescription_plans.py [--size N]`` loads N dispensings (two drugs each) as ``prescription_service`` does and
asks PostgreSQL to explain, as they run, the statement that looks up what is known and the one that writes, for a hundred
people. Pages touched do not depend on how busy the machine is: run it at two sizes and compare. Writing is rolled back.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import UTC, datetime, timedelta
from statistics import mean
from typing import Any
from uuid import UUID, uuid4

from figures import report
from own_database import own_database
from prescription_service import EACH, person_id, prepare

ASKED = 100
_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=150_000, help="dispensings that are there before")
    args = parser.parse_args()
    with own_database() as connections:
        _, people = prepare(connections, args.size)
        asyncio.run(measure(connections.owner, people, args.size))


async def measure(owner: str, people: int, size: int) -> None:
    import asyncpg

    from tasuki_server.prescriptions.statements import KNOWN, REGISTER, course_values

    settings = dict(part.split("=", 1) for part in owner.split() if "=" in part)
    connection = await asyncpg.connect(
        host=settings["host"], port=int(settings.get("port", 5432)), user=settings["user"],
        database=settings["dbname"],
    )  # fmt: skip
    clinic = await connection.fetchval("SELECT id FROM platform_connectedinstitution WHERE code = '9990010'")
    today = datetime.now(UTC).date()
    found: dict[str, list[dict[str, Any]]] = {"known": [], "register": []}
    for number in range(0, people, max(1, people // ASKED)):
        card = ("06139463", "計測", f"{number:08}", "01")
        days = (today, today + timedelta(days=27))
        plan = await connection.fetchval(_EXPLAIN + KNOWN, *card, clinic, uuid4(), *days)
        found["known"].append(json.loads(plan)[0])
        values = _values(course_values, UUID(person_id(number)), clinic, today)
        work = connection.transaction()
        await work.start()
        found["register"].append(json.loads(await connection.fetchval(_EXPLAIN + REGISTER, *values))[0])
        await work.rollback()
    await connection.close()
    for name, plans in found.items():
        told = f"prescriptions/{name}, {size} dispensings of {size // EACH} people"
        report(f"{told}, pages a statement", mean(_pages(each["Plan"]) for each in plans), "pages")
        report(f"{told}, pages of the heaviest", max(_pages(each["Plan"]) for each in plans), "pages")
        report(f"{told}, execution", mean(each["Execution Time"] for each in plans), "ms")
        scans = {node for each in plans for node in _nodes(each["Plan"]) if "Seq Scan" in node}
        report(f"{told}, tables read from end to end", len(scans), ", ".join(sorted(scans)) or "none")


def _values(course_values: Any, patient: UUID, clinic: UUID, today: Any) -> tuple[Any, ...]:
    from tasuki.prescriptions.service.courses import Course

    made, at = uuid4(), datetime.now(UTC)
    course = Course(
        "2171022", "4", "2171022F1010", "計測の薬", "1", "錠", "１日１回朝食後", "1", today,
        today + timedelta(days=27), "2171022F1010",
    )  # fmt: skip
    return (
        *course_values(patient, made, made, "P", clinic, None, (course, course)),
        uuid4(), b"<a/>" * 500, b"SJ1\n" * 100, at, "outside", "2", f"{made.int % 10**16:016}", today,
        today + timedelta(days=3), 1, 0, 0, "waiting", None, "[]", "", "prescriptions.201", "{}",
        uuid4(), "x" * 64, "application/xml", b"<a/>" * 100,
    )  # fmt: skip


def _pages(plan: dict[str, Any]) -> int:
    """What a WITH writes is done after the statement it stands in, and not counted there."""
    beside = (each for each in plan.get("Plans", ()) if each.get("Parent Relationship") == "InitPlan")
    written = sum(_pages(each) for each in beside if each["Node Type"] == "ModifyTable")
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]) + written


def _nodes(plan: dict[str, Any]) -> list[str]:
    here = f"{plan['Node Type']} {plan.get('Relation Name', '')}".strip()
    return [here, *(each for inner in plan.get("Plans", ()) for each in _nodes(inner))]


if __name__ == "__main__":
    main()
