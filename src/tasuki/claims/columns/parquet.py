# SPDX-License-Identifier: Apache-2.0
"""列の保存 — receipts as Parquet, a folder for each partition of patients (``lines/bucket=03/…``).

A task is some ranges of one file. What it writes appears under its name when all of it is written, so that an
interrupted run can go on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tasuki.claims.columns.chunk import Columns, columns_of
from tasuki.claims.columns.objects import Source, columns_of_receipts
from tasuki.claims.columns.patient import bucket_of
from tasuki.claims.columns.ranges import ByteRange, FilePlan, read_range
from tasuki.claims.columns.schema import TABLES, arrow
from tasuki.claims.reader import ClaimReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt
    from tasuki.kernel.finding import Finding

RANGE_BYTES = 8 << 20
RANGES_A_TASK = 8
READ_RECEIPTS = 5_000


class Task(NamedTuple):
    """読取の仕事 — some ranges of a file, or the whole file when it does not have the plain form."""

    name: str
    plan: FilePlan
    ranges: tuple[ByteRange, ...]
    buckets: int
    is_past: bool


class TaskReport(NamedTuple):
    """読取の結果 — counts, and whether the object reader must tell what is wrong with the file."""

    name: str
    receipts: int
    rows: int
    bytes: int
    is_plain: bool


def tasks_of(plan: FilePlan, buckets: int, *, is_past: bool) -> Iterator[Task]:
    """読取の仕事 — of a file, named by its number and place."""
    if not plan.is_plain:
        yield Task(f"{plan.file:05}-all", plan, (), buckets, is_past)
        return
    for at in range(0, len(plan.ranges), RANGES_A_TASK):
        ranges = plan.ranges[at : at + RANGES_A_TASK]
        yield Task(f"{plan.file:05}-{at:05}", plan, ranges, buckets, is_past)


def write_columns(task: Task, folder: str) -> TaskReport:
    """列の保存 — reads a task and writes its rows by partition."""
    source = Source(task.plan.file, task.plan.institution, task.buckets, task.is_past)
    if task.ranges:
        parts = [columns_of(read_range(each), each.first_line, source) for each in task.ranges]
        is_plain, size = all(part.is_plain for part in parts), sum(each.size for each in task.ranges)
    else:
        with Path(task.plan.path).open("rb") as stream:
            parts = [
                Columns(*columns_of_receipts(some, source)) for some in _some(ClaimReader(stream))
            ]  # fmt: skip
        is_plain, size = False, Path(task.plan.path).stat().st_size
    counts = {}
    for at, name in enumerate(TABLES):
        tables = [part[at] for part in parts]
        counts[name] = _write(name, tables, task, Path(folder)) if tables else 0
    return TaskReport(task.name, counts["receipts"], counts["lines"], size, is_plain)


def _some(reader: ClaimReader) -> Iterator[list[Receipt]]:
    gathered: list[Receipt] = []
    for receipt in reader:
        gathered.append(receipt)
        if len(gathered) == READ_RECEIPTS:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def _write(name: str, tables: list[Any], task: Task, folder: Path) -> int:
    from pyarrow import parquet

    pa = arrow()
    table = pa.concat_tables(tables)
    bucket = np.asarray(bucket_of(table["patient"].to_numpy(), task.buckets))
    order = np.argsort(bucket.astype(np.int16), kind="stable")
    table = table.take(pa.array(order))
    bounds = np.searchsorted(bucket[order], np.arange(task.buckets + 1))
    texts = [field.name for field in table.schema if field.type == pa.string()]
    for number in range(task.buckets):
        begin, end = int(bounds[number]), int(bounds[number + 1])
        place = folder / name / f"bucket={number:03}"
        place.mkdir(parents=True, exist_ok=True)
        target = place / f"{task.name}.parquet"
        part = target.with_suffix(".part")
        parquet.write_table(table.slice(begin, end - begin), part, compression="lz4", use_dictionary=texts)
        part.replace(target)
    return int(table.num_rows)


def reader_findings(path: str) -> tuple[Finding, ...]:
    """読取時の指摘 — what the object reader says of a file, read receipt by receipt."""
    with Path(path).open("rb") as stream:
        reader = ClaimReader(stream, Path(path).name)
        for _ in reader:
            pass
        return tuple(reader.findings())
