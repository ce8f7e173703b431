# SPDX-License-Identifier: Apache-2.0
"""FHIR検索の一致 — ``python bench/search_agreement.py [--size N] [--seed S]``: N random searches (100,000 by default) of random
stores, each answered by SQL on PostgreSQL and by the naive evaluator; every page, total, order and include is compared.

Ends with code 1 at the first differences, which it prints; the same seed comes again the same.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from typing import Any

from figures import report
from own_database import own_database


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="searches")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with own_database() as connections:
        from tasuki_server.institutions.migrating import migrate
        from tasuki_server.records.rules import set_rules

        migrate()
        # The evaluator it is held against knows denials, not the permissions of the national rule.
        set_rules("search_agreement", policy="open")
        return asyncio.run(compare(connections.platform, asked.size, asked.seed))


async def compare(conninfo: str, size: int, seed: int) -> int:
    import asyncpg
    from psycopg.conninfo import conninfo_to_dict

    from tasuki_server.drills.search_agreement import Agreement, agree

    told: dict[str, Any] = conninfo_to_dict(conninfo)
    connection = await asyncpg.connect(
        host=told["host"], port=int(told.get("port", 5432)), user=told["user"], database=told["dbname"],
        password=told.get("password"),
    )  # fmt: skip
    begun = time.monotonic()

    def progress(answer: Agreement) -> None:
        sys.stderr.write(f"\r{answer.asked}/{size} {time.monotonic() - begun:.0f}s ")

    answer = await agree(connection, size, seed, progress)
    await connection.close()
    sys.stderr.write("\n")
    name = f"FHIR search, SQL against the naive evaluator, seed {seed}"
    report(f"{name}, searches", answer.asked, "searches")
    report(f"{name}, pages compared", answer.pages, "pages")
    report(f"{name}, searches that found something", answer.found_some, "searches")
    report(f"{name}, refused by the reader", answer.refused, "searches")
    report(f"{name}, differences", len(answer.differences), "searches", "goal 0")
    for kind, count in answer.kinds.most_common():
        report(f"{name}, of kind {kind}", count, "conditions")
    for each in answer.differences:
        sys.stderr.write(each + "\n")
    return 1 if answer.differences else 0


if __name__ == "__main__":
    sys.exit(main())
