# SPDX-License-Identifier: Apache-2.0
"""再算定 — `./tasuki claims recalculate FILE…`: each receipt priced again from its own acts."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tasuki_server.cli.words import Stop, progress, say


def add_recalculate(verbs: Any) -> None:
    """引数 — the files, the form of the report, and a revision to move old receipts into."""
    parser = verbs.add_parser(
        "recalculate",
        help=say(
            "レセプトを自身の診療行為から算定し直し、違いを説明する",
            "price receipts again and explain differences",
        ),
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help=say("請求ファイル", "claim files")
    )
    parser.add_argument(
        "--shift-to",
        metavar="REVISION",
        default="",
        help=say(
            "取り込まれている改定の外のレセプトを、この改定（R6 など）の同じ月日へ移して計算する",
            "move receipts outside the loaded revisions to the same days of this revision (such as R6)",
        ),
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help=say("結果の形（text、json、markdown）", "form of the result"),
    )
    parser.set_defaults(verb=_recalculate)


def _recalculate(args: argparse.Namespace) -> int:
    """1 when a line differs that neither prices, revision, other months nor facts of the institution explain."""
    from tasuki.claims.reader import read
    from tasuki.claims.recalculate import (
        recalculate,
        recalculation_markdown,
        recalculation_text,
        recalculation_trace,
    )
    from tasuki.claims.recalculate.differences import Cause
    from tasuki_server.masters_source import current_book

    book = current_book()
    names = [each.name for each in book.revisions]
    if args.shift_to and args.shift_to not in names:
        raise Stop(
            f"改定「{args.shift_to}」は取り込まれていません（{'、'.join(names)}）。",
            f"The revision {args.shift_to} is not loaded ({', '.join(names)}).",
        )
    results = []
    for path in args.files:
        try:
            data = path.read_bytes()
        except OSError as trouble:
            raise Stop(
                f"{path} を読めません（{trouble.strerror}）。", f"Cannot read {path} ({trouble.strerror})."
            ) from trouble
        progress(f"{path.name} を再算定しています…", f"recalculating {path.name}…")
        results.append(recalculate(read(data, path.name), book, args.shift_to))
    if args.format == "json":
        print(json.dumps([recalculation_trace(each) for each in results], ensure_ascii=False))
    elif args.format == "markdown":
        print(recalculation_markdown(results), end="")
    else:
        print("\n".join(recalculation_text(each) for each in results), end="")
    ours = {Cause.RULE, Cause.TABLE}
    return 1 if any(one.cause in ours for each in results for one in each.differences) else 0
