# SPDX-License-Identifier: Apache-2.0
"""算定の速さ — visits calculated a second on one core, every line with its reasons; one JSON line a figure.

``python bench/calculation.py [--size N] [--official DIR | --store FILE]``. The book is made from the official
files of a folder (and kept in FILE when both are given), or read from a compiled FILE, or is the starter.

Rates count the processor time of this process, not the clock on the wall, because other work may share the
machine; ``load`` beside each figure is the load average of the last minute. On a shared core processor time grows too,
so a fixed loop is timed after each round: told are the middle round, the middle of those whose loop was not slowed, and the best.
No peer publishes reasons, so there is none to compare with.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clinic_mix import CLINIC, heavy_visits, typical_visits
from figures import report
from tasuki.calculation import calculate
from tasuki.calculation.sentences import explain
from tasuki.masters.layering import layer_starter
from tasuki.masters.official.compiling import compile_tables
from tasuki.masters.official.importing import Import
from tasuki.masters.starter import load_starter, starter_tables
from tasuki.masters.store import encode_store, load_book

if TYPE_CHECKING:
    from tasuki.calculation import Statement
    from tasuki.chart.visit import History, Visit
    from tasuki.masters.book import Book

    Visits = list[tuple[Visit, History]]

ROUNDS = 15
# A round is undisturbed when the loop after it took at most so much of the shortest: a neighbour on the core doubles both.
QUIET = 1.1
MONTH = 1_000
CAREFUL_ROUNDS, CAREFUL_VISITS = 20, 120


class Rates(NamedTuple):
    """速さ — visits a second of processor time: the middle round, the middle undisturbed one, how many those were, the best."""

    middle: float
    undisturbed: float
    count: int
    best: float


def loop_seconds() -> float:
    """A fixed loop of Python: machines differ by half, what a visit costs in such loops hardly does."""
    best = 1.0
    for _ in range(20):
        begin = time.perf_counter()
        kept: dict[int, tuple[int, str]] = {}
        for n in range(3_000):
            kept[n & 255] = (n, str(n))
        best = min(best, time.perf_counter() - begin)
    return best


def cost_in_loops(visits: Visits, book: Book) -> float:
    """What a visit costs in loops of 3,000 rounds, by the fastest of repeated runs of each visit."""
    fastest = [1.0] * len(visits)
    loop = 1.0
    for _ in range(CAREFUL_ROUNDS):
        for place, (visit, history) in enumerate(visits):
            begin = time.perf_counter()
            calculate(visit, CLINIC, history, book)
            fastest[place] = min(fastest[place], time.perf_counter() - begin)
        loop = min(loop, loop_seconds())
    return statistics.mean(fastest) / loop


def rate(visits: Visits, book: Book, size: int, *, is_told: bool = False) -> Rates:
    """Visits a second of processor time: of all rounds, and of those in which the loop took what it takes on a quiet machine."""
    rounds = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        for n in range(size // ROUNDS):
            visit, history = visits[n % len(visits)]
            statement = calculate(visit, CLINIC, history, book)
            if is_told:
                for line in (*statement.granted(), *statement.denied, *statement.advised):
                    explain(line)
        rounds.append(((size // ROUNDS) / (time.process_time() - begin), loop_seconds()))
    quiet = min(loop for _, loop in rounds) * QUIET
    undisturbed = [each for each, loop in rounds if loop <= quiet]
    return Rates(
        statistics.median(each for each, _ in rounds),
        statistics.median(undisturbed),
        len(undisturbed),
        max(each for each, _ in rounds),
    )


def lines_of(statement: Statement) -> int:
    """Granted, denied and advised lines together."""
    return len(statement.granted()) + len(statement.denied) + len(statement.advised)


def measure(name: str, visits: Visits, book: Book, size: int) -> None:
    """Lines a visit and visits a second of one mix, refused when an order of it cannot be read."""
    statements = [calculate(visit, CLINIC, history, book) for visit, history in visits]
    findings = {finding.code for statement in statements for finding in statement.findings}
    if findings:
        raise SystemExit(f"the mix {name} has findings: {sorted(findings)}")
    report(f"calculation/{name}/lines", statistics.mean(map(lines_of, statements)), "lines/visit")
    for told, is_told in (("with reasons", False), ("with every sentence", True)):
        rates = rate(visits, book, size, is_told=is_told)
        report(f"calculation/{name}/{told}", rates.middle, "visits/s/core")
        report(f"calculation/{name}/{told}/undisturbed rounds", rates.undisturbed, "visits/s/core")
        report(f"calculation/{name}/{told}/how many of {ROUNDS} undisturbed", rates.count, "rounds")
        report(f"calculation/{name}/{told}/best round", rates.best, "visits/s/core")
    report(f"calculation/{name}/cost", cost_in_loops(visits[:CAREFUL_VISITS], book), "loops/visit")


def reprice(book: Book) -> None:
    """A month of May 2026 (令和6年度) with the same people and acts in June 2026 (令和8年度)."""
    for name, first in (("令和6年度", date(2026, 5, 1)), ("令和8年度", date(2026, 6, 1))):
        month = typical_visits(first, MONTH, seed=2)
        begin = time.process_time()
        points = sum(calculate(visit, CLINIC, past, book).total_points for visit, past in month)
        report(f"calculation/month of {MONTH} visits/{name}", time.process_time() - begin, "s")
        report(f"calculation/month of {MONTH} visits/{name}/points", points, "points")


FRESH = """
import json, sys, time
from pathlib import Path
from clinic_mix import CLINIC, typical_visits
from datetime import date
from tasuki.calculation import calculate
from tasuki.masters.store import load_book
def used():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
visits = typical_visits(date(2026, 6, 1), 1000)
before, begin = used(), time.process_time()
book = load_book(Path(sys.argv[1]).read_bytes())
loaded = time.process_time() - begin
calculate(visits[0][0], CLINIC, visits[0][1], book)
first = time.process_time() - begin
for visit, history in visits:
    calculate(visit, CLINIC, history, book)
after = used()
for table in (book.acts, book.drugs, book.diseases, book.exclusions, book.members, book.limits):
    for code in table:
        table[code]
print(json.dumps([loaded, first, after - before, used() - before]))
"""


def cold(store: Path) -> None:
    """A new process: the book loaded, the first visit calculated, and what the book holds after a thousand."""
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    found = subprocess.run(
        [sys.executable, "-c", FRESH, str(store)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded, first, after, whole = json.loads(found.stdout)
    report("calculation/store", store.stat().st_size / 1e6, "MB")
    report("calculation/cold load of the book", loaded, "s")
    report("calculation/cold load and the first visit", first, "s")
    report("calculation/memory of the book after 1,000 visits", after, "MB")
    report("calculation/memory of the book with every row made", whole, "MB")


def official_book(folder: Path) -> bytes:
    """The compiled store of a folder of official files, the starter standing in for what it lacks."""
    reading = Import()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".gz", ".zip", ".csv", ".txt", ".xlsx"):
            reading.read(str(path.relative_to(folder)), path.read_bytes())
    tables, _ = layer_starter(compile_tables(reading).tables, starter_tables())
    return encode_store(tables)


def main() -> None:
    """Measures both mixes, a month under two revisions, and a cold start."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=10_000, help="visits of each mix")
    parser.add_argument("--official", type=Path, help="a folder of official files")
    parser.add_argument("--store", type=Path, help="a compiled store")
    args = parser.parse_args()
    data = args.store.read_bytes() if args.store and args.store.exists() else None
    if data is None and args.official:
        data = official_book(args.official)
        if args.store:
            args.store.write_bytes(data)
    book = load_book(data) if data else load_starter()
    report("calculation/acts in the book", len(book.acts), "codes")
    measure("typical clinic mix", typical_visits(date(2026, 6, 1), 1_000), book, args.size)
    measure("mix heavy with tests", heavy_visits(), book, args.size)
    reprice(book)
    if args.store and args.store.exists():
        cold(args.store)


if __name__ == "__main__":
    main()
