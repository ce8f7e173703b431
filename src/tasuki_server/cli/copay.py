# SPDX-License-Identifier: Apache-2.0
"""窓口負担 — `./tasuki copay CASE.json`: what each visit of a month pays, and why."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tasuki_server.cli.words import Stop, say

NAME = "copay"
HELP = ("窓口負担と公費・高額療養費を計算します", "calculate the copayment of a case")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the case file, or - for standard input."""
    parser.add_argument(
        "case",
        metavar="CASE.json",
        nargs="?",
        help=say("負担事案（- は標準入力）", "case file (- for stdin)"),
    )
    parser.add_argument(
        "--schema",
        action="store_true",
        help=say("事案ファイルのJSON Schemaを出す", "print the schema of a case"),
    )


def run(args: argparse.Namespace) -> int:
    """実行 — charges the visits in order and prints the month; findings of the file raise BadInput."""
    from tasuki.calculation.copayment import close_month, visit_copayment
    from tasuki.calculation.copayment.case_file import case_schema, read_case
    from tasuki.calculation.copayment.report import month_text, month_trace

    if args.schema:
        print(json.dumps(case_schema(), ensure_ascii=False, indent=2))
        return 0
    if args.case is None:
        raise Stop("事案ファイルを指定してください。", "Name a case file.")
    ledger, visits = read_case(_bytes_of(args.case), args.case)
    for visit in visits:
        _, ledger = visit_copayment(ledger, visit)
    result = close_month(ledger)
    if args.format == "json":
        print(json.dumps(month_trace(ledger, result), ensure_ascii=False, indent=2))
    else:
        print(month_text(ledger, result))
    return 0


def _bytes_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as trouble:
        raise Stop(
            f"{name} を読めません（{trouble.strerror}）。", f"Cannot read {name} ({trouble.strerror})."
        ) from trouble
