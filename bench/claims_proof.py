# SPDX-License-Identifier: Apache-2.0
"""点検の証明 — one JSON line a kind of planted error: how many were planted, and how many the checks found.

``python bench/claims_proof.py [--size N] [--planted M] [--seed S] [--workers W]``: N made-up receipts with M errors, the
months before, the pharmacies' claims and the patients' cards beside them, checked by every engine: the reader, 受付・事務
点検, 点数計算, 内容点検 (縦覧, 突合 and 資格 among them) and 電子点数表, with the masters that are imported or the starter
set. ``peer`` is what was planted, ``ratio`` the recall. Codes told of receipts without an error come after, then those
missed; the exit code is 1 when there is any of either.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from figures import report
from tasuki.claims.generate import MadeFile, MonthPlan, Pool, pool_of
from tasuki.claims.generate.months import make_file, possible_kinds
from tasuki.claims.generate.planting import Kind
from tasuki.claims.generate.proof import (
    Outcome,
    Seen,
    outcome_of,
    seen_by_tables,
    seen_in,
    write_for_tables,
)
from tasuki.claims.item_values import Month
from tasuki_server.masters_source import current_book

MONTH = Month(2026, 6)
SHOWN = 20
_opened: list[tuple[Pool, list[Kind]]] = []


def opened(plan: MonthPlan) -> None:
    pool = pool_of(current_book(), plan.month.day(15))
    _opened[:] = [(pool, possible_kinds(pool, plan))]


def one_file(plan: MonthPlan, folder: Path, number: int) -> tuple[MadeFile, list[Seen]]:
    """Makes a file, writes it for the tables, and asks the engines that read receipts one by one."""
    pool, kinds = _opened[0]
    made = make_file(pool, plan, kinds, number)
    write_for_tables(made, folder)
    seen = seen_in(made, pool, current_book())
    return made._replace(data=b"", beside={}), seen


def all_files(plan: MonthPlan, folder: Path, workers: int) -> Iterator[tuple[MadeFile, list[Seen]]]:
    if workers <= 1 or plan.files == 1:
        opened(plan)
        for number in range(plan.files):
            yield one_file(plan, folder, number)
        return
    spawning = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawning, initializer=opened, initargs=(plan,)) as processes:
        waiting = [processes.submit(one_file, plan, folder, number) for number in range(plan.files)]
        for done in as_completed(waiting):
            yield done.result()


def prove(plan: MonthPlan, workers: int) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="tasuki-proof-") as name:
        folder = Path(name)
        files: list[MadeFile] = []
        seen: list[Seen] = []
        for done, (made, found) in enumerate(all_files(plan, folder, workers), 1):
            files.append(made)
            seen += found
            print(f"[{done}/{plan.files}]", file=sys.stderr, flush=True)
        seen += seen_by_tables(folder, current_book(), workers)
    return outcome_of(files, seen)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="receipts")
    parser.add_argument("--planted", type=int, default=0, help="errors; one in twenty receipts by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    plan = MonthPlan(MONTH, args.size, args.planted or args.size // 20, args.seed, 1_000, is_beside=True)
    begun = time.perf_counter()
    found = prove(plan, args.workers)
    for kind, count in sorted(found.planted.items()):
        report(f"claims/proof {kind}", found.found[kind], "found", count)
    report("claims/proof kinds", len(found.planted), "kinds")
    report("claims/proof all", found.found.total(), "found", found.planted.total())
    report("claims/proof receipts", found.receipts, "receipts")
    report(
        "claims/proof faultless receipts told of",
        len({(one.file, one.line) for one in found.clean_seen}),
        "places",
    )
    for code, count in sorted(found.clean.items()):
        report(f"claims/proof faultless {code}", count, "findings")
    report("claims/proof whole", round(time.perf_counter() - begun, 1), "s")
    for missed in found.missed[:SHOWN]:
        print(json.dumps({"missed": missed._asdict()}, ensure_ascii=False))
    for told in found.clean_seen[:SHOWN]:
        print(json.dumps({"told": told._asdict()}, ensure_ascii=False))
    return 0 if found.is_proven else 1


if __name__ == "__main__":
    sys.exit(main())
