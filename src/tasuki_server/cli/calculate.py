# SPDX-License-Identifier: Apache-2.0
"""算定 — `./tasuki calculate VISIT.json`: the bill of a visit, with why and why not."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tasuki_server.cli.given_files import read_given
from tasuki_server.cli.words import Stop, say

NAME = "calculate"
HELP = ("受診ファイルから算定します", "bill a visit from its file, with every reason")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the visit file, or ``batch`` with a file of visits and one for the results."""
    parser.add_argument(
        "visit",
        metavar="VISIT.json | batch IN OUT | impact VISITS.jsonl REVISION [FOLDER]",
        nargs="+",
        help=say(
            "受診ファイル（- は標準入力）。batch は1行1受診の IN.jsonl か、受診の表（Parquet）のフォルダを一括算定する。"
            "impact は同じ受診を別の改定で計算し、違いを示す",
            "visit file (- for stdin); batch reads IN.jsonl, a visit a line, or a folder of visit tables (Parquet); "
            "impact prices the same visits under another revision",
        ),
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        help=say("並行する数（Parquetの一括算定。既定はCPUの数）", "processes (tables only; default: CPUs)"),
    )


def run(args: argparse.Namespace) -> int:
    """実行 — 2 when the file or a code in it cannot be used, 1 when a human must look, else 0."""
    if args.visit[0] == "batch":
        return _batch(args.visit[1:], args)
    if args.visit[0] == "impact":
        from tasuki_server.cli.calculate_impact import run_impact

        return run_impact(args)
    if len(args.visit) != 1:
        raise Stop("受診ファイルは一つだけ指定してください。", "Name one visit file.")
    from tasuki.calculation.account_trace import account_text, account_trace
    from tasuki.calculation.bill_text import bill_text
    from tasuki.calculation.calculate_file import account_of_file
    from tasuki_server.masters_source import current_book

    name = args.visit[0]
    told = account_of_file(read_given(name), current_book(), "" if name == "-" else name)
    if args.format == "json":
        print(json.dumps(account_trace(told), ensure_ascii=False, indent=2))
    else:
        sys.stdout.write(bill_text(told.statement) + account_text(told))
    return 1 if told.statement.findings else 0


def _batch(names: list[str], args: argparse.Namespace) -> int:
    """A folder or a Parquet file goes by partitions, anything else is a visit a line."""
    if len(names) != 2:
        raise Stop("batch には入力と出力を一つずつ指定してください。", "Name one input and one output.")
    if Path(names[0]).is_dir() or names[0].endswith(".parquet"):
        from tasuki_server.cli.calculate_tables import calculate_tables

        return calculate_tables(Path(names[0]), Path(names[1]), args)
    return _lines(names)


def _lines(names: list[str]) -> int:
    """1 when a line has findings. The result appears under its name only when all of it is written."""
    from tasuki.calculation.calculate_file import calculate_lines
    from tasuki_server.masters_source import current_book

    source, target = Path(names[0]), Path(names[1])
    book = current_book()
    partial = target.with_name(target.name + ".part")
    faulty = count = 0
    try:
        with source.open("rb") as lines, partial.open("w", encoding="utf-8") as out:
            for result in calculate_lines(lines, book, source.name):
                count += 1
                faulty += bool(result["findings"])
                out.write(json.dumps(result, ensure_ascii=False) + "\n")
        partial.replace(target)
    except OSError as trouble:
        partial.unlink(missing_ok=True)
        raise Stop(
            f"{trouble.filename} を扱えません（{trouble.strerror}）。",
            f"Cannot use {trouble.filename} ({trouble.strerror}).",
        ) from trouble
    print(
        say(f"{count}件を算定しました（指摘あり {faulty}件）", f"{count} visits, {faulty} with findings"),
        file=sys.stderr,
    )
    return 1 if faulty else 0
