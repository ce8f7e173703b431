# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの列と点検の速さ — one JSON line a figure, each with its peer in the same run.

``python bench/claims.py [--size N] [--base B] [--workers W]``: B made-up receipts are written and copied under other
institution codes until there are N; nobody is real, and each copy is other people. Reading is measured in CPU seconds of
one process over the first files, against Python's csv into the same kind of columns, Polars and DuckDB; the check is
the whole way from the files, with the masters that are imported or the starter set. ``load`` is the load average.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from tasuki.claims.columns import Source, columns_of, ranges_of, read_range
from tasuki.claims.columns.parquet import tasks_of, write_columns
from tasuki.claims.columns.schema import duckdb
from tasuki.claims.generate import MonthPlan, generate_month, pool_of
from tasuki.claims.item_values import Month
from tasuki.claims.tables.masters import table_rows
from tasuki.claims.tables.month_run import MonthRun
from tasuki_server.masters_source import current_book

READ_BYTES = 20_000_000


def report(name: str, value: float, unit: str, peer: float | None = None) -> None:
    line = {
        "name": name, "value": round(value, 2), "unit": unit, "peer": None if peer is None else round(peer, 2),
        "ratio": None if not peer else round(value / peer, 2), "load": round(os.getloadavg()[0], 2),
    }  # fmt: skip
    print(json.dumps(line), flush=True)


def make_files(folder: Path, size: int, base: int) -> list[Path]:
    pool = pool_of(current_book(), date(2026, 6, 15))
    begun = time.perf_counter()
    made = list(generate_month(pool, MonthPlan(Month(2026, 6), min(size, base), min(size, base) // 200)))
    report("claims/generate", min(size, base) / (time.perf_counter() - begun), "receipts/s")
    paths = []
    copies = -(-size // base)
    for copy in range(copies):
        for number, file in enumerate(made):
            code = f"{copy * len(made) + number:07}".encode()
            head, _, rest = file.data.partition(b"\r\n")
            items = head.split(b",")
            items[4] = code
            path = folder / f"{code.decode()}.UKE"
            path.write_bytes(b",".join(items) + b"\r\n" + rest)
            paths.append(path)
    return paths


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """CPU seconds, which tell of one core even where others share it."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def ours(paths: list[Path]) -> int:
    rows = 0
    for number, path in enumerate(paths, 1):
        plan = ranges_of(path, number, 8 << 20)
        source = Source(number, plan.institution)
        rows += sum(
            columns_of(read_range(each), each.first_line, source).lines.num_rows for each in plan.ranges
        )
    return rows


def whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def by_csv(paths: list[Path]) -> int:
    """Lines into columns by Python: one row per billed day, as ours has them."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("receipt", "kind", "code", "points", "day", "count")
    }
    for path in paths:
        receipt = 0
        for row in csv.reader(io.StringIO(path.read_bytes().decode("cp932"))):
            if row[0] == "RE":
                receipt = whole(row[1])
            elif row[0] in ("SI", "IY", "TO"):
                first = 17 if row[0] == "TO" else 13
                for day, text in enumerate(row[first:], 1):
                    if text:
                        values = (
                            receipt,
                            row[0],
                            whole(row[3]),
                            whole(row[5]),
                            day,
                            int(text),
                        )
                        for column, value in zip(columns.values(), values, strict=True):
                            column.append(value)
    return pl.DataFrame(columns).height


def by_polars(paths: list[Path]) -> int:
    """Whole lines transcoded and split by Polars: the acts, one row per billed day."""
    rows = 0
    for path in paths:
        text = path.read_bytes().decode("cp932").encode()
        frame = pl.read_csv(text, separator="\x01", has_header=False, new_columns=["line"], quote_char=None)
        acts = frame.with_row_index("at").filter(pl.col("line").str.slice(0, 2).is_in(["SI", "IY"]))
        split = acts.with_columns(pl.col("line").str.strip_chars("\r").str.split(",")).filter(
            # A planted record that is cut short.
            pl.col("line").list.len() == 44
        )
        days = split.select(
            "at", pl.col("line").list.get(3).cast(pl.Int64, strict=False).alias("code"),
            pl.col("line").list.get(5).cast(pl.Int64, strict=False).alias("points"),
            pl.col("line").list.slice(13, 31).alias("count"),
        ).with_columns(pl.int_ranges(1, 32).alias("day"))  # fmt: skip
        rows += days.explode("count", "day").filter(pl.col("count") != "").height
    return rows


def by_duckdb(paths: list[Path]) -> int:
    """The same in DuckDB, from text transcoded by Python."""
    rows = 0
    connection = duckdb().connect(config={"threads": 1})
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "lines.txt"
        for path in paths:
            place.write_bytes(path.read_bytes().decode("cp932").encode())
            text = f"""
                SELECT COUNT(*) FROM (
                  SELECT TRY_CAST(f[4] AS BIGINT) AS code, TRY_CAST(f[6] AS BIGINT) AS points,
                         UNNEST(f[14:44]) AS count, UNNEST(range(1, 32)) AS day
                  FROM (SELECT string_split(rtrim(column0, chr(13)), ',') AS f
                        FROM read_csv('{place}', sep = chr(1), header = false, quote = '', escape = '',
                                      columns = {{'column0': 'VARCHAR'}}, null_padding = true)
                        WHERE column0[1:2] IN ('SI', 'IY'))
                ) WHERE count <> ''"""
            rows += connection.execute(text).fetchall()[0][0]
    return rows


def to_parquet(paths: list[Path]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for task in tasks_of([ranges_of(path, number, 8 << 20) for number, path in enumerate(paths, 1)], 16):
            write_columns(task, folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="receipts")
    parser.add_argument("--base", type=int, default=20_000, help="receipts made; the rest are copies")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--skip-peers", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tasuki-bench-") as name:
        folder = Path(name)
        paths = make_files(folder, args.size, args.base)
        if not args.skip_peers:
            read(paths)
        check(paths, folder / "out", args.workers)


def read(paths: list[Path]) -> None:
    chosen: list[Path] = []
    while len(chosen) < len(paths) and sum(path.stat().st_size for path in chosen) < READ_BYTES:
        chosen.append(paths[len(chosen)])
    megabytes = sum(path.stat().st_size for path in chosen) / 1e6
    ours(chosen[:1])
    found = {name: work(chosen) for name, work in (("ours", ours), ("csv", by_csv))}
    assert found["ours"] >= found["csv"], found
    mine = megabytes / seconds(lambda: ours(chosen))
    for peer, work in (("csv", by_csv), ("polars", by_polars), ("duckdb", by_duckdb)):
        report(
            f"claims/columns against {peer}",
            mine,
            "MB/s",
            megabytes / seconds(lambda work=work: work(chosen), 1),
        )
    report("claims/parquet", megabytes / seconds(lambda: to_parquet(chosen)), "MB/cpu-s")


def check(paths: list[Path], folder: Path, workers: int) -> None:
    rows = table_rows(current_book())
    size = sum(path.stat().st_size for path in paths) / 1e6
    begun = time.perf_counter()
    run = MonthRun(paths, (), folder, "bench")
    receipts = lines = 0
    middle = begun
    for stage in run.run(rows, "bench", workers):
        if stage.name == "columns":
            receipts += stage.report.receipts
            lines += stage.report.rows
            middle = time.perf_counter()
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    report("claims/check receipts", receipts, "receipts")
    report("claims/check lines", lines, "lines")
    report("claims/check files", size, "MB")
    report("claims/check to Parquet", middle - begun, "s")
    report("claims/check tables", ended - middle, "s")
    report("claims/check whole", ended - begun, "s")
    report("claims/check speed", receipts / (ended - begun), "receipts/s")
    report(
        "claims/check peak of one process",
        max(peak, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
        "MB",
    )
    report("claims/check findings", sum(found.num_rows for found in run.findings()), "findings")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
