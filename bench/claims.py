# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの列と点検の速さ — one JSON line a figure, each with its peer in the same run.

``python bench/claims.py [--size N | --sizes N,N,…] [--base B] [--workers W] [--folder DIR] [--only read|check]``.
B made-up receipts are written and copied under other institution codes until there are N; nobody is real, and each copy
is other people. Files already in ``--folder`` are taken as they are.

Reading is measured in CPU seconds of one process over faultless files of 19 MB. Each peer is named for what it makes and runs
in turn with ours, as often, so that what else the machine does slows both: Python's csv into lists for each column and into dicts for
each row makes the same four tables, whose values must be equal (``claims_peers.py`` says what it leaves out); Polars and
DuckDB make two columns of the acts alone. Then files with a planted error in every 200th receipt, the same also to Parquet.
Figures named "asked" stand against what is asked of them: 60 MB and 15 times csv to columns, 50 MB to Parquet. The check is the whole way from such files to Parquet and from Parquet to findings, with the
masters that are imported or the starter set. With several sizes the slope is the exponent of the time between the smallest
and the largest: 1.0 grows as the month does. ``load`` is the load average.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from claims_peers import NOT_ASKED, by_csv, by_csv_rows, by_duckdb, by_polars
from figures import in_turn, report, seconds
from tasuki.claims.columns import Source, columns_of, ranges_of, read_range
from tasuki.claims.columns.parquet import RANGE_BYTES, tasks_of, write_columns
from tasuki.claims.generate import MonthPlan, generate_month, pool_of
from tasuki.claims.item_values import Month
from tasuki.claims.tables.masters import table_rows
from tasuki.claims.tables.month_run import MonthRun
from tasuki_server.masters_source import current_book

READ_RECEIPTS = 20_000
# Ours is read once beside each peer. What is asked in MB/s stands against one of these series, not the best of them.
ASKED_BESIDE = by_csv
ASKED_COLUMNS, ASKED_PARQUET, ASKED_TIMES = 60.0, 50.0, 15.0
MONTH = Month(2026, 6)


def make_files(folder: Path, size: int, base: int) -> list[Path]:
    """Files of ``size`` receipts, an error planted in every 200th; the files made first are copied."""
    folder.mkdir(parents=True, exist_ok=True)
    found = sorted(folder.glob("*.UKE"))
    base = min(size, base)
    if len(found) * base >= size * -(-base // MonthPlan(MONTH, base).a_file):
        return found
    begun = time.perf_counter()
    made = list(
        generate_month(pool_of(current_book(), date(2026, 6, 15)), MonthPlan(MONTH, base, base // 200))
    )
    report("claims/generate", base / (time.perf_counter() - begun), "receipts/s")
    paths = []
    for copy in range(-(-size // base)):
        for number, file in enumerate(made):
            code = f"{copy * len(made) + number:07}".encode()
            head, _, rest = file.data.partition(b"\r\n")
            items = head.split(b",")
            items[4] = code
            path = folder / f"{code.decode()}.UKE"
            path.write_bytes(b",".join(items) + b"\r\n" + rest)
            paths.append(path)
    return paths


def read_files(folder: Path, planted: int) -> list[Path]:
    """The files read against the peers, all of one size."""
    folder.mkdir()
    paths = []
    plan = MonthPlan(MONTH, READ_RECEIPTS, planted)
    for file in generate_month(pool_of(current_book(), date(2026, 6, 15)), plan):
        path = folder / file.name
        path.write_bytes(file.data)
        paths.append(path)
    return paths


def ours(paths: list[Path]) -> list[Any]:
    return [_ours(path, number) for number, path in enumerate(paths, 1)]


def _ours(path: Path, number: int) -> list[Any]:
    plan = ranges_of(path, number, RANGE_BYTES)
    source = Source(number, plan.institution)
    parts = [columns_of(read_range(each), each.first_line, source) for each in plan.ranges]
    return [pa.concat_tables([part[at] for part in parts]) for at in range(4)]


def to_parquet(paths: list[Path], times: int) -> float:
    """CPU seconds of a task as a month of a million receipts has them: some 60 MB into 20 partitions of a new folder."""
    spent = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.process_time()
            plans = [ranges_of(path, number, RANGE_BYTES) for number, path in enumerate(paths, 1)]
            for task in tasks_of(plans, 20):
                write_columns(task, folder)
            spent.append(time.process_time() - begun)
    return min(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="receipts checked")
    parser.add_argument("--sizes", help="several sizes, parted by commas: the slope is told")
    parser.add_argument("--base", type=int, default=20_000, help="receipts made; the rest are copies")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="keep and take the files here")
    parser.add_argument("--only", choices=("read", "check"))
    parser.add_argument(
        "--times", type=int, default=5, help="readings of each side, of which its fastest counts"
    )
    args = parser.parse_args()
    sizes = [int(each) for each in args.sizes.split(",")] if args.sizes else [args.size]
    with tempfile.TemporaryDirectory(prefix="tasuki-bench-", dir=args.folder and args.folder.parent) as name:
        folder = Path(name)
        if args.only != "check":
            read(folder, args.times)
        if args.only != "read":
            paths = make_files(args.folder or folder / "files", max(sizes), args.base)
            a_file = MonthPlan(MONTH, 1).a_file
            spent = [
                check(paths[: -(-size // a_file)], folder / f"out-{size}", args.workers) for size in sizes
            ]
            slope("whole", sizes, [sum(each) for each in spent])
            slope("tables", sizes, [tables for _, tables in spent])


def read(folder: Path, times: int) -> None:
    paths = read_files(folder / "plain", 0)
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    for peer in (by_csv, by_csv_rows):
        for mine, theirs in zip(ours(paths[:2]), peer(paths[:2]), strict=True):
            for one, other in zip(mine, theirs, strict=True):
                assert one.drop_columns([each for each in one.column_names if each in NOT_ASKED]).equals(
                    other
                )
    peers: tuple[tuple[str, Callable[[list[Path]], object]], ...] = (
        ("csv into lists, the same tables", by_csv),
        ("csv into dicts, the same tables", by_csv_rows),
        ("polars, two columns of the acts", by_polars),
        ("duckdb, two columns of the acts", by_duckdb),
    )
    for name, work in peers:
        mine, theirs = in_turn(lambda: ours(paths), lambda work=work: work(paths), times)  # type: ignore[misc]
        speed = megabytes / mine
        report(f"claims/columns against {name}", speed, "MB/cpu-s", megabytes / theirs)
        if "same tables" in name:
            report(f"claims/columns times {name}: asked", theirs / mine, "times", ASKED_TIMES)
        if work is ASKED_BESIDE:
            report(f"claims/columns beside {name}: asked", speed, "MB/cpu-s", ASKED_COLUMNS)
    planted = read_files(folder / "planted", READ_RECEIPTS // 200)
    report("claims/columns with errors", megabytes / seconds(lambda: ours(planted), times), "MB/cpu-s")
    report("claims/parquet: asked", 3 * megabytes / to_parquet(planted * 3, times), "MB/cpu-s", ASKED_PARQUET)


def check(paths: list[Path], folder: Path, workers: int) -> tuple[float, float]:
    """Seconds to Parquet and seconds from there to findings."""
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
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    name = f"claims/check {receipts}"
    report(f"{name} lines", lines, "lines")
    report(f"{name} files", size, "MB")
    report(f"{name} to Parquet", middle - begun, "s")
    report(f"{name} tables", ended - middle, "s")
    report(f"{name} whole", ended - begun, "s")
    report(f"{name} speed", receipts / (ended - begun), "receipts/s")
    report(f"{name} peak of one process", max(child, own), "MB")
    report(f"{name} peak of all at most", own + workers * child, "MB")
    report(f"{name} findings", sum(found.num_rows for found in run.findings()), "findings")
    shutil.rmtree(folder)
    return middle - begun, ended - middle


def slope(name: str, sizes: list[int], spent: list[float]) -> None:
    if len(sizes) > 1:
        found = math.log(spent[-1] / spent[0]) / math.log(sizes[-1] / sizes[0])
        report(f"claims/check slope of {name} {sizes[0]} to {sizes[-1]}", found, "exponent")


if __name__ == "__main__":
    main()
