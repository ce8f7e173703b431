# SPDX-License-Identifier: Apache-2.0
"""マスターの速さ — import, load, look-up and search; one JSON line a figure.

``python bench/masters.py [--official DIR] [--size N]``. Without a folder of official files the starter is
measured alone. The peer of a look-up is the same question asked of SQLite in memory.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from figures import report
from tasuki.masters.book import Book
from tasuki.masters.official.compiling import compile_tables
from tasuki.masters.official.importing import Import
from tasuki.masters.search import Kind, SearchIndex
from tasuki.masters.starter import load_starter, starter_tables
from tasuki.masters.store import encode_store, load_book

if TYPE_CHECKING:
    from tasuki.masters.book import Tables

DAY = date(2025, 6, 2)
WORDS = (
    "しょしん",
    "初診",
    "アムロジピン",
    "あむろ 5",
    "高血圧",
    "とうにょう",
    "1120",
    "けつえき",
    "湿布",
    "ロキソ テープ",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[2] / "shared"))
    parser.add_argument("--official", type=Path, default=shared / "reference" / "masters")
    parser.add_argument("--size", type=int, default=200_000, help="look-ups")
    args = parser.parse_args()
    begun = time.perf_counter()
    load_starter()
    report("masters/starter/load", (time.perf_counter() - begun) * 1000, "ms")
    measure("starter", starter_tables(), args.size)
    if args.official.is_dir():
        measure("official", read_official(args.official), args.size)


def read_official(folder: Path) -> Tables:
    begun = time.perf_counter()
    reading = Import()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".gz", ".zip", ".csv", ".txt", ".xlsx"):
            reading.read(str(path.relative_to(folder)), path.read_bytes())
    report("masters/official/read files", time.perf_counter() - begun, "s")
    rows = sum(file.rows_read for file in reading.reports)
    report("masters/official/rows read", rows, "rows")
    report(
        "masters/official/rows bad", sum(file.rows_bad for file in reading.reports if file.is_read), "rows"
    )
    compiling = time.perf_counter()
    tables = compile_tables(reading).tables
    report("masters/official/compile", time.perf_counter() - compiling, "s")
    report("masters/official/import", time.perf_counter() - begun, "s")
    return tables


def measure(name: str, tables: Tables, size: int) -> None:
    data = encode_store(tables)
    report(f"masters/{name}/store", len(data) / 1e6, "MB")
    begun = time.perf_counter()
    book = load_book(data)
    report(f"masters/{name}/load store", time.perf_counter() - begun, "s")
    codes = [code for code in book.acts if book.at(DAY).has(code)]
    wanted = random.Random(1).choices(codes, k=size)
    days = [date(2025, 6, 1 + n % 28) for n in range(28)]
    begun = time.perf_counter()
    for n, code in enumerate(wanted):
        book.at(days[n % 28]).item(code)
    rate = size / (time.perf_counter() - begun)
    report(f"masters/{name}/look-up", rate, "rows/s", sqlite_rate(book, wanted[: size // 10], days))
    index = SearchIndex(book)
    begun = time.perf_counter()
    index.find("初診", None, DAY)
    report(f"masters/{name}/search first", (time.perf_counter() - begun) * 1000, "ms")
    times = []
    for word in WORDS:
        for kind in (None, Kind.ACT, Kind.DRUG, Kind.DISEASE):
            begun = time.perf_counter()
            index.find(word, kind, DAY, 30)
            times.append((time.perf_counter() - begun) * 1000)
    report(f"masters/{name}/search mean", sum(times) / len(times), "ms")
    report(f"masters/{name}/search slowest", max(times), "ms")


def sqlite_rate(book: Book, wanted: list[str], days: list[date]) -> float:
    """検索の比較 — the rows of the acts in SQLite, asked for one at a time by code and day."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE act (code TEXT, since TEXT, until TEXT, name TEXT, points TEXT)")
    base.executemany(
        "INSERT INTO act VALUES (?, ?, ?, ?, ?)",
        [
            (row.code, str(row.validity.since), str(row.validity.until or "9999-12-31"), row.name, str(row.points))
            for rows in book.acts.values()
            for row in rows
        ],
    )  # fmt: skip
    base.execute("CREATE INDEX by_code ON act (code, since)")
    texts = [str(day) for day in days]
    begun = time.perf_counter()
    for n, code in enumerate(wanted):
        day = texts[n % 28]
        base.execute(
            "SELECT name, points FROM act WHERE code = ? AND since <= ? AND until >= ?", (code, day, day)
        ).fetchone()
    return round(len(wanted) / (time.perf_counter() - begun), 1)


if __name__ == "__main__":
    main()
