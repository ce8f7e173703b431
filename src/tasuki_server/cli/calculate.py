# SPDX-License-Identifier: Apache-2.0
"""算定 — `./tasuki calculate VISIT.json`: the bill of a visit, with why and why not."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tasuki_server.cli.words import Stop, say

NAME = "calculate"
HELP = ("受診ファイルから算定します", "bill a visit from its file, with every reason")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the visit file, or - for standard input."""
    parser.add_argument(
        "visit", metavar="VISIT.json", help=say("受診ファイル（- は標準入力）", "visit file (- for stdin)")
    )


def run(args: argparse.Namespace) -> int:
    """実行 — 2 when the file or a code in it cannot be used, 1 when a human must look, else 0."""
    from tasuki.calculation.bill_text import bill_text
    from tasuki.calculation.calculate_file import calculate_file
    from tasuki.calculation.trace import trace_of
    from tasuki_server.masters_source import current_book

    file = "" if args.visit == "-" else args.visit
    statement = calculate_file(_bytes_of(args.visit), current_book(), file)
    if args.format == "json":
        print(json.dumps(trace_of(statement), ensure_ascii=False, indent=2))
    else:
        sys.stdout.write(bill_text(statement))
    return 1 if statement.findings else 0


def _bytes_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as trouble:
        raise Stop(
            f"{name} を読めません（{trouble.strerror}）。", f"Cannot read {name} ({trouble.strerror})."
        ) from trouble
