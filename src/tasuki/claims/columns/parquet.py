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
from tasuki.claims.columns.values import in_order
from tasuki.claims.reader import ClaimReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.claims.receipt import Receipt
    from tasuki.kernel.finding import Finding

# So much that the arrays of a range stay in the caches of a core.
RANGE_BYTES = 2 << 20
TASK_BYTES = 64 << 20
READ_RECEIPTS = 5_000
PAGE_BYTES, PAGE_ROWS = 16 << 20, 1 << 16


class Task(NamedTuple):
    """読取の仕事 — some ranges of one file or many, or a whole file that does not have the plain form."""

    name: str
    ranges: tuple[ByteRange, ...]
    whole: FilePlan | None
    buckets: int


class TaskReport(NamedTuple):
    """読取の結果 — counts, and the files of which the object reader has something to say."""

    name: str
    receipts: int
    rows: int
    bytes: int
    to_read: tuple[str, ...]


def tasks_of(plans: Iterable[FilePlan], buckets: int) -> Iterator[Task]:
    """読取の仕事 — the ranges of all files, as many together as a process may hold."""
    gathered: list[ByteRange] = []
    size = number = 0
    for plan in plans:
        if not plan.is_plain:
            yield Task(f"whole-{plan.file:06}", (), plan, buckets)
            continue
        for each in plan.ranges:
            gathered.append(each)
            size += each.size
            if size >= TASK_BYTES:
                yield Task(f"part-{number:06}", tuple(gathered), None, buckets)
                gathered, size, number = [], 0, number + 1
    if gathered:
        yield Task(f"part-{number:06}", tuple(gathered), None, buckets)


def write_columns(task: Task, folder: str) -> TaskReport:
    """列の保存 — reads a task and writes its rows by partition."""
    parts, to_read = [], {}
    for each in task.ranges:
        part = columns_of(
            read_range(each), each.first_line, Source(each.file, each.institution, task.buckets, each.is_past)
        )
        parts.append(part)
        if not part.is_plain:
            to_read[each.path] = True
    size = sum(each.size for each in task.ranges)
    if task.whole is not None:
        plan = task.whole
        source = Source(plan.file, plan.institution, task.buckets, plan.is_past)
        with Path(plan.path).open("rb") as stream:
            parts = [Columns(*columns_of_receipts(some, source)) for some in _some(ClaimReader(stream))]
        to_read, size = {plan.path: True}, Path(plan.path).stat().st_size
    counts = {}
    for at, name in enumerate(TABLES):
        tables = [part[at] for part in parts]
        counts[name] = _write(name, tables, task, Path(folder)) if tables else 0
    return TaskReport(task.name, counts["receipts"], counts["lines"], size, tuple(to_read))


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
    table = pa.table([in_order(each, order) for each in table.columns], schema=table.schema)
    bounds = np.searchsorted(bucket[order], np.arange(task.buckets + 1))
    for number in range(task.buckets):
        begin, end = int(bounds[number]), int(bounds[number + 1])
        place = folder / name / f"bucket={number:03}"
        place.mkdir(parents=True, exist_ok=True)
        target = place / f"{task.name}.parquet"
        part = target.with_suffix(".part")
        # A partition is read whole: nothing asks for statistics or small pages, and the codec finds the repeats of
        # short codes.
        parquet.write_table(
            table.slice(begin, end - begin),
            part,
            compression="lz4",
            use_dictionary=False,
            write_statistics=False,
            data_page_size=PAGE_BYTES,
            write_batch_size=PAGE_ROWS,
        )
        part.replace(target)
    return int(table.num_rows)


def reader_findings(path: str) -> tuple[Finding, ...]:
    """読取時の指摘 — what the object reader says of a file, read receipt by receipt."""
    with Path(path).open("rb") as stream:
        reader = ClaimReader(stream, Path(path).name)
        for _ in reader:
            pass
        return tuple(reader.findings())
