# SPDX-License-Identifier: Apache-2.0
"""大量の点検 — `./tasuki claims check FILE|DIR…`: any number of claim files by the tables, in all processes."""

from __future__ import annotations

import argparse
import csv
import json
import os
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.claims_beside import CLAIM_NAMES, Beside, add_beside, add_past, files_of
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.claims.tables.month_run import MonthRun
    from tasuki.claims.tables.report import Told
    from tasuki.masters.book import Book

MOST_SHOWN = 20
MOST_IN_PAGE = 1_000


def add_check(verbs: Any) -> None:
    """引数 — the files, past months, where to write, and how many processes."""
    parser = verbs.add_parser(
        "check",
        help=say(
            "電子点数表（背反・包括・回数）で何件でも点検する", "check any number of claims by the tables"
        ),
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help=say("請求ファイルまたはフォルダ", "files or folders"),
    )
    add_past(parser)
    add_beside(parser)
    parser.add_argument(
        "--out", metavar="DIR", type=Path,
        help=say("結果（HTML、CSV）と途中経過を置くフォルダ。続きから再開できる", "folder of the report and of what is done"),
    )  # fmt: skip
    parser.add_argument(
        "--workers", metavar="N", type=int, default=0, help=say("プロセス数（既定は全コア）", "processes")
    )
    parser.add_argument(
        "--office", action="store_true",
        help=say("受付・事務点検も行う（1件ずつ読むため遅い。全コアで分ける）", "also the office checks, receipt by receipt in all processes"),
    )  # fmt: skip
    parser.add_argument(
        "--content", action="store_true",
        help=say(
            "内容（病名・適応・突合・算定漏れ・資格・縦覧）も点検する（受付・事務点検も行う）",
            "also the content of each receipt, with the office checks",
        ),
    )  # fmt: skip
    parser.set_defaults(verb=_check)


def need_libraries() -> None:
    """部品の確認 — says how to get the libraries of the extra ``claims`` where they are missing."""
    missing = [name for name in ("duckdb", "numpy", "pyarrow") if find_spec(name) is None]
    if missing:
        names = " ".join(missing)
        raise Stop(
            f"{names} が必要です。`pip install 'tasuki[claims]'` で入れてください。",
            f"{names} must be installed: `pip install 'tasuki[claims]'`.",
        )


def _check(args: argparse.Namespace) -> int:
    need_libraries()
    if args.out is not None:
        return _run(args, args.out)
    with tempfile.TemporaryDirectory(prefix="tasuki-check-") as folder:
        return _run(args, Path(folder))


def _run(args: argparse.Namespace, folder: Path) -> int:
    from tasuki.claims.tables.masters import table_rows
    from tasuki.claims.tables.month_run import MonthRun
    from tasuki_server import __version__
    from tasuki_server.masters_source import current_book, store_path

    began = time.monotonic()
    files, past = files_of(args.files, CLAIM_NAMES), files_of(args.past or (), CLAIM_NAMES)
    if not files:
        raise Stop("請求ファイルがありません。", "There is no claim file.")
    book = current_book()
    rows = table_rows(book)
    progress(*_covered(rows.counts))
    run = MonthRun(files, past, folder, __version__)
    workers = args.workers or os.cpu_count() or 1
    receipts = lines = 0
    to_read: set[str] = set()
    store = store_path()
    mark = f"{store.stat().st_mtime_ns}/{store.stat().st_size}" if store.exists() else "starter"
    for stage in run.run(rows, f"{mark}/{__version__}", workers):
        if stage.name == "columns":
            receipts += stage.report.receipts
            lines += stage.report.rows
            to_read.update(stage.report.to_read)
        _progress(stage.name, stage.done, stage.total, is_kept=stage.is_kept)
    seconds = time.monotonic() - began
    told = _all(run, to_read, args, book, workers)
    totals = {"files": len(files), "past_files": len(past), "receipts": receipts, "lines": lines}
    return _report(told, totals, args, seconds)


def _covered(counts: dict[str, int]) -> tuple[str, str]:
    left = sum(count for name, count in counts.items() if name.endswith("（点検しない）"))
    used = sum(counts.values()) - left
    parts = "、".join(f"{name} {count:,}行" for name, count in counts.items())
    return (
        f"電子点数表の {used:,}行で点検します（点検しない {left:,}行）: {parts}",
        f"{used:,} rows of the tables are used, {left:,} are not: {parts}",
    )


def _progress(name: str, done: int, count: int, *, is_kept: bool) -> None:
    label = say("読取", "reading") if name == "columns" else say("点検", "checking")
    kept = say("（前回のまま）", " (kept)") if is_kept else ""
    progress(f"[{done}/{count}] {label}{kept}", f"[{done}/{count}] {label}{kept}")


def _all(
    run: MonthRun, to_read: set[str], args: argparse.Namespace, book: Book, workers: int
) -> Iterator[Told]:
    from tasuki.claims.tables.report import told_findings
    from tasuki.kernel.messages import sentence
    from tasuki_server.cli.claims_content import receipt_findings

    beside = Beside(args, book) if args.content else None
    yield from receipt_findings(run.plans, to_read, args, beside, workers)
    yield from told_findings(run, book)
    if beside is not None:
        for finding in beside.not_given():
            progress(sentence(finding), sentence(finding))


def _report(told: Iterable[Told], totals: dict[str, Any], args: argparse.Namespace, seconds: float) -> int:
    from tasuki.claims.tables.report import HEADINGS, counts_csv, csv_row, no_counts, report_html
    from tasuki.kernel.messages import sentence
    from tasuki_server.cli.writing import write_all

    counts = no_counts()
    shown: list[Told] = []
    part = args.out / "findings.csv.part" if args.out else None
    stream = part.open("w", encoding="utf-8-sig", newline="") if part else None
    try:
        writer = csv.writer(stream) if stream else None
        if writer:
            writer.writerow(HEADINGS)
        for one in told:
            counts.add(one)
            if len(shown) < MOST_IN_PAGE:
                shown.append(one)
            if writer:
                writer.writerow(csv_row(one))
    finally:
        if stream:
            stream.close()
    found = {
        severity: sum(n for key, n in counts.rules.items() if key[2] == severity)
        for severity in ("block", "confirm", "advice")
    }
    if part is not None:
        part.replace(args.out / "findings.csv")
        labels = {"ファイル": totals["files"], "過去の月のファイル": totals["past_files"], "レセプト": f"{totals['receipts']:,}",
                  "明細（算定日ごと）": f"{totals['lines']:,}"}  # fmt: skip
        page = report_html(counts, shown, labels)
        write_all(
            [
                (args.out / "report.html", page.encode()),
                (args.out / "counts.csv", ("\ufeff" + counts_csv(counts)).encode()),
            ]
        )
    if args.format == "json":
        rules = {f"{code}/{severity}": n for (code, _, severity), n in sorted(counts.rules.items())}
        print(json.dumps({**totals, **found, "rules": rules}, ensure_ascii=False))
    else:
        for one in shown[:MOST_SHOWN]:
            print(f"{one.finding.code} {sentence(one.finding)}")
        rest = sum(found.values()) - min(len(shown), MOST_SHOWN)
        if rest > 0:
            print(
                say(f"ほか {rest:,}件（--out で全件のCSV）", f"and {rest:,} more (--out writes all as CSV)")
            )
        print(
            say(
                f"レセプト {totals['receipts']:,}件、明細 {totals['lines']:,}行: 提出不可 {found['block']:,}件、"
                f"要確認 {found['confirm']:,}件、参考 {found['advice']:,}件（{seconds:.1f}秒）",
                f"{totals['receipts']:,} receipts, {totals['lines']:,} lines: {found['block']:,} blocking, "
                f"{found['confirm']:,} to confirm, {found['advice']:,} advice ({seconds:.1f} s)",
            )
        )
    return 1 if found["block"] or found["confirm"] else 0
