# SPDX-License-Identifier: Apache-2.0
"""一括算定のフォルダ — Parquet files in, Parquet files and a manifest out; interrupted work goes on where it was.

Each input file is a partition, and the rows of one patient at one institution are in one file. A result appears
under its name when all of it is written. The manifest names what was calculated from which bytes by which
masters: a partition whose input, masters and version are unchanged is not calculated again.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.calculation.batch.run import PartitionRun
from tasuki.calculation.batch.tables import VISIT_COLUMNS, arrow, check_columns, statement_table_schema
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.kernel.workers import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
FORM = "tasuki/batch/1"
READ_ROWS = 10_000

register(
    {
        "calculation.no_partition": "{file} に Parquet ファイルがありません。",
        "calculation.parquet_broken": "{file} を Parquet として読めません（{detail}）。",
        "calculation.patient_in_two": "医療機関 {institution}・患者 {patient} の行が {first} と {second} に分かれています。一つのファイルにまとめてください。",
        "calculation.manifest_broken": "{file} を前回の記録として読めません。別の出力先を指定するか、削除してください。",
    }
)


class PartitionReport(NamedTuple):
    """パーティションの結果 — counts of one input file, its findings when it could not be read at all."""

    name: str
    rows: int = 0
    billed: int = 0
    faulty: int = 0
    points: int = 0
    findings: tuple[Finding, ...] = ()
    is_kept: bool = False


class Partition(NamedTuple):
    """パーティション — an input file, the place of its result, and the mark of what would be calculated."""

    name: str
    source: Path
    target: Path
    mark: str


def partitions_of(source: Path, target: Path, masters: str, version: str) -> list[Partition]:
    """パーティションの一覧 — every Parquet file of a folder, or the one file named, in order of name.

    Raises :class:`BadInput` when there is none, or when a patient's rows are in two of them.
    """
    files = [source] if source.is_file() else sorted(source.rglob("*.parquet"))
    if not files:
        raise BadInput([_finding("CAL-0127", "calculation.no_partition", str(source), file=str(source))])
    of_book = hashlib.sha256(Path(masters).read_bytes() if masters else b"").hexdigest()
    found = []
    for file in files:
        name = file.name if source.is_file() else file.relative_to(source).as_posix()
        mark = hashlib.sha256(file.read_bytes()).hexdigest()
        found.append(Partition(name, file, target / name, _digest(mark, of_book, version, FORM)))
    _refuse_split_patients(found)
    return found


def _refuse_split_patients(partitions: list[Partition]) -> None:
    """Unreadable files are left to their own turn."""
    places: dict[tuple[str, str], str] = {}
    findings = []
    for each in partitions:
        for key in sorted(_patients(each)):
            first = places.setdefault(key, each.name)
            if first != each.name:
                facts = {"institution": key[0], "patient": key[1], "first": first, "second": each.name}
                findings.append(
                    Finding(
                        "CAL-0128",
                        Severity.BLOCK,
                        Where(file=each.name),
                        "calculation.patient_in_two",
                        facts,
                    )
                )
    if findings:
        raise BadInput(findings)


def _patients(partition: Partition) -> set[tuple[str, str]]:
    pa = arrow()
    from pyarrow import parquet

    try:
        table = parquet.read_table(partition.source, columns=["institution", "patient"])
    except (pa.ArrowException, OSError, KeyError, ValueError):
        return set()
    if set(table.column_names) != {"institution", "patient"}:
        return set()
    unique = table.group_by(["institution", "patient"]).aggregate([])
    keys = zip(unique["institution"].to_pylist(), unique["patient"].to_pylist(), strict=True)
    return {(institution or "", patient or "") for institution, patient in keys}


def run_partition(partition: Partition, masters: str) -> PartitionReport:
    """パーティションの算定 — reads, calculates and writes one file; raises nothing for what the file holds."""
    pa = arrow()
    from pyarrow import parquet

    partial = partition.target.with_name(partition.target.name + ".part")
    try:
        with parquet.ParquetFile(partition.source) as file:
            check_columns(file.schema_arrow, partition.name)
            batches = _sorted(file)
    except BadInput as bad:
        return PartitionReport(partition.name, findings=bad.findings)
    except (pa.ArrowException, OSError, ValueError) as broken:
        detail = type(broken).__name__
        finding = _finding(
            "CAL-0129", "calculation.parquet_broken", partition.name, file=partition.name, detail=detail
        )
        return PartitionReport(partition.name, findings=(finding,))
    partition.target.parent.mkdir(parents=True, exist_ok=True)
    rows = billed = faulty = points = 0
    try:
        with parquet.ParquetWriter(partial, statement_table_schema()) as writer:
            for batch in PartitionRun(masters, partition.name)(batches):
                writer.write_batch(batch)
                totals = batch.column("total_points").to_pylist()
                found = batch.column("findings").to_pylist()
                rows += len(totals)
                billed += sum(total is not None for total in totals)
                faulty += sum(bool(each) for each in found)
                points += sum(total or 0 for total in totals)
        partial.replace(partition.target)
    finally:
        partial.unlink(missing_ok=True)
    return PartitionReport(partition.name, rows, billed, faulty, points)


def _sorted(file: Any) -> list[Any]:
    """The rows of one patient together, each with its place in the file."""
    table = file.read(columns=[column.name for column in VISIT_COLUMNS])
    table = table.append_column("row", arrow().array(range(1, table.num_rows + 1)))
    order = [("institution", "ascending"), ("patient", "ascending"), ("visit", "ascending")]
    batches: list[Any] = table.sort_by(order).to_batches(max_chunksize=READ_ROWS)
    return batches


def run_folder(
    partitions: list[Partition], target: Path, masters: str, workers: int
) -> Iterator[PartitionReport]:
    """フォルダの算定 — one report a partition as each is done; the manifest is written after every one."""
    target.mkdir(parents=True, exist_ok=True)
    manifest = _read_manifest(target)
    waiting = []
    for each in partitions:
        known = manifest.get(each.name, {})
        if known.get("mark") == each.mark and each.target.exists():
            yield PartitionReport(
                each.name, known["rows"], known["billed"], known["faulty"], known["points"], is_kept=True
            )
        else:
            waiting.append(each)
    for partition, report in _reports(waiting, masters, workers):
        if not report.findings:
            manifest[partition.name] = {
                "mark": partition.mark, "rows": report.rows, "billed": report.billed,
                "faulty": report.faulty, "points": report.points,
            }  # fmt: skip
            _write_manifest(target, manifest)
        yield report


def _reports(
    waiting: list[Partition], masters: str, workers: int
) -> Iterator[tuple[Partition, PartitionReport]]:
    if workers <= 1 or len(waiting) <= 1:
        for each in waiting:
            yield each, run_partition(each, masters)
        return
    pool = ProcessPoolExecutor(
        min(workers, len(waiting)), mp_context=get_context("spawn"), initializer=end_with_parent
    )
    try:
        futures = {pool.submit(run_partition, each, masters): each for each in waiting}
        for done in as_completed(futures):
            yield futures[done], done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _read_manifest(target: Path) -> dict[str, Any]:
    path = target / MANIFEST
    if not path.exists():
        return {}
    try:
        value = json.loads(path.read_text("utf-8"))
        if value["form"] != FORM:
            raise ValueError(value["form"])
        return dict(value["partitions"])
    except (ValueError, KeyError, TypeError, OSError) as broken:
        finding = _finding("CAL-0130", "calculation.manifest_broken", str(path), file=str(path))
        raise BadInput([finding]) from broken


def _write_manifest(target: Path, partitions: dict[str, Any]) -> None:
    partial = target / (MANIFEST + ".part")
    value = {"form": FORM, "partitions": dict(sorted(partitions.items()))}
    partial.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
    partial.replace(target / MANIFEST)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _finding(code: str, key: str, where: str, **facts: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where(file=where), key, facts)
