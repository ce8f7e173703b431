# SPDX-License-Identifier: Apache-2.0
"""算定の新旧比較 — two trees beside each other: do they answer alike, and how much does the new one cost; one JSON line a figure.

``python bench/calculation_pair.py --old TREE [--store FILE] [--rounds N]``. TREE is another checkout
(``git worktree add TREE REVISION``); FILE a store that both can read, else each takes its own starter.

Both calculate the same statements first: both mixes, two revisions, an institution without standards, visits
weighed by the tables of another year, and a month in which each visit leaves its lines behind. The first one
that is not equal to the letter ends the comparison. Then each calculates some visits in turn, again and again, and the fastest
time of each visit counts, because a machine that others use is only ever slower. Loops are those of ``bench/calculation.py``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from calculation import CAREFUL_VISITS, loop_seconds
from clinic_mix import CLINIC, heavy_visits, typical_visits
from figures import report
from tasuki.calculation import calculate
from tasuki.chart.visit import History
from tasuki.masters.starter import load_starter
from tasuki.masters.store import load_book

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation import Statement
    from tasuki.chart.visit import Visit
    from tasuki.masters.book import Book

R6, R8, YEAR_BEFORE = date(2026, 5, 1), date(2026, 6, 1), date(2025, 6, 2)
PEOPLE = 60


def statements(book: Book) -> Iterator[tuple[str, Statement]]:
    """The statements that are compared, each with a name that finds its visit again."""
    typical = [*typical_visits(R8, 1_000), *typical_visits(R6, 300, seed=2)]
    heavy = heavy_visits()
    without = replace(CLINIC, standards=())
    for name, visits, place, priced_on in (
        ("typical", typical, CLINIC, None),
        ("heavy", heavy, CLINIC, None),
        ("without standards", [*typical[:200], *heavy], without, None),
        ("priced a year before", typical[:200], CLINIC, YEAR_BEFORE),
    ):
        for visit, history in visits:
            yield f"{name}/{visit.id}", calculate(visit, place, history, book, priced_on=priced_on)
    yield from _month(typical[:400], book)


def _month(visits: list[tuple[Visit, History]], book: Book) -> Iterator[tuple[str, Statement]]:
    known: dict[int, History] = {}
    for number, (visit, history) in enumerate(sorted(visits, key=lambda each: each[0].at)):
        person = number % PEOPLE
        past = known.get(person, history)
        statement = calculate(visit, CLINIC, past, book)
        yield f"month/{visit.id}", statement
        known[person] = History(past.lines + statement.as_history())


def work(store: str) -> None:
    """One of the two: a hash of each statement, then the fastest time of each visit as often as a line comes in."""
    book = load_book(Path(store).read_bytes()) if store else load_starter()
    said = [(name, hashlib.sha256(repr(each).encode()).hexdigest()) for name, each in statements(book)]
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    visits = typical_visits(R8, 1_000)
    for visit, history in visits:
        calculate(visit, CLINIC, history, book)
    fastest, loop = [1.0] * CAREFUL_VISITS, 1.0
    for _ in sys.stdin:
        for place, (visit, history) in enumerate(visits[:CAREFUL_VISITS]):
            begin = time.perf_counter()
            calculate(visit, CLINIC, history, book)
            fastest[place] = min(fastest[place], time.perf_counter() - begin)
        loop = min(loop, loop_seconds())
        sys.stdout.write(json.dumps((statistics.mean(fastest), loop)) + "\n")
        sys.stdout.flush()


def start(tree: Path, store: str) -> subprocess.Popen[str]:
    """A process in which the modules of a tree are found before any other."""
    paths = os.pathsep.join([str(tree / "src"), str(tree / "bench"), str(Path(__file__).parent)])
    command = [sys.executable, "-P", __file__, "--work", "--store", store]
    # Sets are read in the order of hashes, which is the same in both.
    env = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "0"}
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def asked(process: subprocess.Popen[str], line: str = "") -> list[list[str]] | list[float]:
    """The next line that a process says, after one was said to it."""
    assert process.stdin is not None and process.stdout is not None
    if line:
        process.stdin.write(line)
        process.stdin.flush()
    found: list[list[str]] | list[float] = json.loads(process.stdout.readline())
    return found


def main() -> None:
    """Compares the answers, then the cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--old", type=Path, default=Path(), help="the other tree")
    parser.add_argument("--store", default="", help="a compiled store")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(args.store)
        return
    both = [start(tree, args.store) for tree in (args.old, Path(__file__).parents[1])]
    before, after = (asked(each) for each in both)
    for old, new in zip(before, after, strict=True):
        if old != new:
            raise SystemExit(f"not the same answer: {old} and {new}")
    report("calculation pair/equal statements", len(before), "statements")
    costs: list[list[float]] = [[1.0, 1.0], [1.0, 1.0]]
    for _ in range(args.rounds):
        costs = [[float(each) for each in asked(process, "\n")] for process in both]  # type: ignore[arg-type]
    loop = min(cost[1] for cost in costs)
    for name, (seconds, _) in zip(("old", "new"), costs, strict=True):
        report(f"calculation pair/{name}", seconds * 1e6, "microseconds/visit")
        report(f"calculation pair/{name}/cost", seconds / loop, "loops/visit")
    report("calculation pair/new by old", costs[1][0] / costs[0][0], "times")
    for process in both:
        process.communicate("")


if __name__ == "__main__":
    main()
