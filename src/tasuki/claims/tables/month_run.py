# SPDX-License-Identifier: Apache-2.0
"""請求月の点検 — any number of claim files to columns by partition, then every partition checked, in all processes.

Both halves go on where an interrupted run stopped: a task is done when the manifest knows the mark of its input.
A partition is as large as a process can hold, so memory does not grow with the month.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.claims.columns.parquet import RANGE_BYTES, Task, TaskReport, tasks_of, write_columns
from tasuki.claims.columns.ranges import FilePlan, ranges_of
from tasuki.claims.columns.schema import FORM, table_schema
from tasuki.claims.tables.master_tables import write_master_tables
from tasuki.claims.tables.partition import acts_of, check_tables
from tasuki.kernel.workers import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tasuki.claims.tables.masters import TableRows

RECEIPTS_A_BUCKET = 60_000
BYTES_A_RECEIPT = 800
MANIFEST = "manifest.json"


class Stage(NamedTuple):
    """進み具合 — what was done of how many, by name: "columns" or "checks"."""

    name: str
    done: int
    total: int
    report: Any
    is_kept: bool


class MonthRun:
    """請求月の点検 — the files, the folder worked in, and the partitions they make."""

    def __init__(self, files: Iterable[Path], past: Iterable[Path], folder: Path, version: str) -> None:
        present, before = list(files), list(past)
        self.folder = folder
        self.plans: list[FilePlan] = []
        chosen = [(path, False) for path in present] + [(path, True) for path in before]
        size = sum(path.stat().st_size for path, _ in chosen)
        self.buckets = max(1, -(-size // (RECEIPTS_A_BUCKET * BYTES_A_RECEIPT)))
        for number, (path, is_past) in enumerate(chosen, 1):
            self.plans.append(ranges_of(path, number, RANGE_BYTES, is_past=is_past))
        self.tasks: list[tuple[Task, str]] = []
        for task in tasks_of([plan for plan in self.plans if not plan.is_other_table], self.buckets):
            places = task.ranges or (task.whole,)
            mark = [_state(Path(each.path)) for each in places if each is not None]
            self.tasks.append((task, _digest(version, FORM, self.buckets, *places, *mark)))
        self._manifest: dict[str, Any] = {}

    def run(self, rows: TableRows, masters_mark: str, workers: int) -> Iterator[Stage]:
        """点検の実行 — one stage report for each task and each partition, as they are done."""
        self.prepare(rows)
        yield from self._columns(workers)
        yield from self._checks(workers, masters_mark)

    def prepare(self, rows: TableRows) -> None:
        """点検の準備 — the folder with the tables of the masters.

        After it the tasks (:func:`~tasuki.claims.columns.parquet.write_columns`) and then the partitions
        (:func:`check_bucket`) may be run by any scheduler in any order.
        """
        self._open()
        write_master_tables(rows, self.folder / "masters")
        (self.folder / "found").mkdir(exist_ok=True)

    def findings(self) -> Iterator[Any]:
        """指摘の表 — of each partition, in order."""
        from pyarrow import parquet

        for number in range(self.buckets):
            yield parquet.read_table(self._found(number))

    def receipts(self, bucket: int) -> Any:
        """レセプトの表 — of a partition."""
        return read_bucket(self.folder, "receipts", bucket)

    def sources(self) -> dict[str, list[str]]:
        """官報の行 — the official row of every numbered row, and the units of limits."""
        from pyarrow import parquet

        pairs = parquet.read_table(self.folder / "masters" / "pairs.parquet", columns=["source"])
        limits = parquet.read_table(
            self.folder / "masters" / "limits.parquet", columns=["source", "unit_name"]
        )
        wards = parquet.read_table(self.folder / "masters" / "ward_additions.parquet", columns=["source"])
        return {
            "wards": wards["source"].to_pylist(), "pairs": pairs["source"].to_pylist(), "limits": limits["source"].to_pylist(),
            "units": limits["unit_name"].to_pylist(),
        }  # fmt: skip

    def _columns(self, workers: int) -> Iterator[Stage]:
        known = self._manifest["tasks"]
        names = {task.name for task, _ in self.tasks}
        for stale in [name for name in known if name not in names]:
            self._forget(stale)
        waiting = []
        done = 0
        for task, mark in self.tasks:
            entry = known.get(task.name)
            if entry and entry["mark"] == mark:
                done += 1
                yield Stage("columns", done, len(self.tasks), TaskReport(*entry["report"]), True)
            else:
                self._forget(task.name)
                waiting.append((task, mark))
        marks = {task.name: mark for task, mark in waiting}
        calls = [(write_columns, (task, str(self.folder)), task.name) for task, _ in waiting]
        for name, report in _pooled(calls, workers):
            known[name] = {"mark": marks[name], "report": list(report)}
            self._save()
            done += 1
            yield Stage("columns", done, len(self.tasks), report, False)

    def _checks(self, workers: int, masters_mark: str) -> Iterator[Stage]:
        known = self._manifest["checks"]
        mark = _digest(masters_mark, *(mark for _, mark in self.tasks))
        calls = []
        done = 0
        for number in range(self.buckets):
            if known.get(str(number)) == mark and self._found(number).exists():
                done += 1
                yield Stage("checks", done, self.buckets, number, True)
            else:
                calls.append((check_bucket, (str(self.folder), number), str(number)))
        for name, _ in _pooled(calls, workers):
            known[name] = mark
            self._save()
            done += 1
            yield Stage("checks", done, self.buckets, int(name), False)

    def _found(self, number: int) -> Path:
        return self.folder / "found" / f"{number:03}.parquet"

    def _forget(self, name: str) -> None:
        self._manifest["tasks"].pop(name, None)
        for path in self.folder.glob(f"*/bucket=*/{name}.p*"):
            path.unlink()

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / MANIFEST
        empty = {"form": FORM, "buckets": self.buckets, "tasks": {}, "checks": {}}
        found = json.loads(path.read_text("utf-8")) if path.exists() else empty
        if found.get("form") != FORM or found.get("buckets") != self.buckets:
            for name in ("receipts", "payers", "diseases", "lines", "found"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            found = empty
        self._manifest = found

    def _save(self) -> None:
        part = self.folder / (MANIFEST + ".part")
        part.write_text(json.dumps(self._manifest, ensure_ascii=False), "utf-8")
        part.replace(self.folder / MANIFEST)


def check_bucket(folder: str, number: int) -> int:
    """パーティションの点検 — reads one partition, checks it and writes its findings; gives their number."""
    from pyarrow import parquet

    columns = ["patient", "receipt", "line", "kind", "code", "month", "day", "count"]
    lines = read_bucket(Path(folder), "lines", number, columns, only_acts=True)
    receipts = read_bucket(Path(folder), "receipts", number, ["receipt", "is_past"])
    found = check_tables(acts_of(lines, receipts), str(Path(folder) / "masters"))
    target = Path(folder) / "found" / f"{number:03}.parquet"
    part = target.with_suffix(".part")
    parquet.write_table(found, part)
    part.replace(target)
    return int(found.num_rows)


def read_bucket(
    folder: Path, table: str, number: int, columns: list[str] | None = None, *, only_acts: bool = False
) -> Any:
    """パーティションの読取 — the rows of a table, of every file, in order of the tasks."""
    import pyarrow as pa
    from pyarrow import parquet

    chosen = [("kind", "=", "SI")] if only_acts else None
    schema = table_schema(table)
    wanted = pa.schema([schema.field(name) for name in columns]) if columns else schema
    paths = sorted((folder / table / f"bucket={number:03}").glob("*.parquet"))
    parts = [
        parquet.read_table(path, columns=columns, filters=chosen, partitioning=None, use_threads=False)
        for path in paths
    ]
    return pa.concat_tables([wanted.empty_table(), *parts])


def _pooled(
    calls: list[tuple[Callable[..., Any], tuple[Any, ...], str]], workers: int
) -> Iterator[tuple[str, Any]]:
    if workers <= 1 or len(calls) <= 1:
        for call, arguments, name in calls:
            yield name, call(*arguments)
        return
    pool = ProcessPoolExecutor(
        min(workers, len(calls)), mp_context=get_context("spawn"), initializer=end_with_parent
    )
    try:
        futures = {pool.submit(call, *arguments): name for call, arguments, name in calls}
        for done in as_completed(futures):
            yield futures[done], done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
