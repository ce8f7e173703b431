# SPDX-License-Identifier: Apache-2.0
"""表の一括算定 — `./tasuki calculate batch FOLDER OUT`: Parquet partitions with progress, going on where it stopped."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tasuki.kernel.finding import Finding
from tasuki.kernel.messages import sentence
from tasuki_server.cli.words import Stop, progress, say


def calculate_tables(source: Path, target: Path, args: argparse.Namespace) -> int:
    """表の一括算定 — 2 when a partition could not be read, 1 when a row has findings, else 0."""
    from tasuki.calculation.batch.folders import partitions_of, run_folder
    from tasuki.calculation.batch.tables import arrow
    from tasuki_server import __version__
    from tasuki_server.masters_source import current_book, store_path

    arrow()
    if not source.exists():
        raise Stop(f"{source} がありません。", f"{source} does not exist.")
    if target.resolve() == source.resolve() or target.is_file():
        raise Stop(
            f"{target} には書けません。別のフォルダを指定してください。", f"{target} cannot be the output."
        )
    # A store that is broken is said here, once, and not by every process.
    current_book()
    masters = str(store_path()) if store_path().exists() else ""
    partitions = partitions_of(source, target, masters, __version__)
    began = time.monotonic()
    reports = []
    for report in run_folder(partitions, target, masters, args.workers or os.cpu_count() or 1):
        reports.append(report)
        _progress(report, len(reports), len(partitions))
    unread = [finding for report in reports for finding in report.findings]
    faulty = [] if not any(report.faulty for report in reports) else _faulty_rows(partitions)
    seconds = time.monotonic() - began
    totals = {
        "partitions": len(reports), "kept": sum(report.is_kept for report in reports),
        "rows": sum(report.rows for report in reports), "billed": sum(report.billed for report in reports),
        "faulty": sum(report.faulty for report in reports), "points": sum(report.points for report in reports),
        "unread": len([report for report in reports if report.findings]),
    }  # fmt: skip
    if args.format == "json":
        print(json.dumps({**totals, "findings": [*map(_plain, unread), *faulty]}, ensure_ascii=False))
    else:
        _print(totals, unread, faulty, seconds)
    return 2 if unread else 1 if totals["faulty"] else 0


def _progress(report: Any, done: int, count: int) -> None:
    state = (
        say("前回のまま", "kept")
        if report.is_kept
        else say("読めません", "unread")
        if report.findings
        else ""
    )
    progress(
        f"[{done}/{count}] {report.name}: {report.rows}件、指摘あり {report.faulty}件 {state}".rstrip(),
        f"[{done}/{count}] {report.name}: {report.rows} rows, {report.faulty} with findings {state}".rstrip(),
    )


def _faulty_rows(partitions: Iterable[Any]) -> list[dict[str, Any]]:
    """Every row with findings, by partition and row, from what was written."""
    from pyarrow import parquet

    columns = ["row", "institution", "patient", "visit", "findings"]
    found = []
    for each in partitions:
        if not each.target.exists():
            continue
        rows = parquet.read_table(each.target, columns=columns).to_pylist()
        found.extend({"partition": each.name, **row} for row in rows if row["findings"])
    return sorted(found, key=lambda row: (row["partition"], row["row"]))


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "partition": finding.where.file,
        "findings": [
            {"code": finding.code, "severity": finding.severity.value, "field": finding.where.field, "message": sentence(finding)}
        ],
    }  # fmt: skip


MOST_SHOWN = 50


def _print(
    totals: dict[str, int], unread: list[Finding], faulty: list[dict[str, Any]], seconds: float
) -> None:
    for finding in unread:
        print(f"{finding.where.file}: {finding.code} {sentence(finding)}")
    for row in faulty[:MOST_SHOWN]:
        for each in row["findings"]:
            place = say(f"{row['row']}行", f"row {row['row']}")
            print(f"{row['partition']} {place} {each['field']}: {each['code']} {each['message']}")
    if len(faulty) > MOST_SHOWN:
        rest = len(faulty) - MOST_SHOWN
        print(say(f"ほか {rest}行（--format json で全て）", f"and {rest} rows more (--format json for all)"))
    print(
        say(
            f"{totals['billed']}件を算定しました（{totals['rows']}件中、指摘あり {totals['faulty']}件、"
            f"前回のまま {totals['kept']}ファイル、読めない {totals['unread']}ファイル、{seconds:.1f}秒）",
            f"{totals['billed']} of {totals['rows']} visits billed, {totals['faulty']} with findings, "
            f"{totals['kept']} files kept, {totals['unread']} unread, {seconds:.1f} s",
        )
    )
