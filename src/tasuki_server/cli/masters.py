# SPDX-License-Identifier: Apache-2.0
"""マスター — imports the official files, and answers what a code means on a day."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from tasuki_server.cli.masters_import import import_masters
from tasuki_server.cli.masters_lookup import diff_days, list_sources, search_masters, show_code
from tasuki_server.cli.words import say

NAME = "masters"
HELP = ("公式マスターを取り込み、調べます", "import the official masters and look codes up")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — import, list, show, search, diff."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    taken = verbs.add_parser(
        "import", help=say("公式ファイル・フォルダを取り込む", "import official files or folders")
    )
    taken.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    taken.add_argument(
        "--no-starter-r8",
        action="store_true",
        help=say("令和8年度分をスターターセットで補わない", "do not fill R8 from the starter set"),
    )
    taken.add_argument(
        "--points",
        type=Path,
        metavar="CSV",
        help=say(
            "公式の令和8年度マスターがない間に重ねる点数一覧（列 code,points_r8,evidence）",
            "a list of R8 fees to lay over R6 while the official master is missing (code,points_r8,evidence)",
        ),
    )
    taken.set_defaults(verb=import_masters)
    listed = verbs.add_parser(
        "list", help=say("取り込んだファイルと件数", "what was imported: files, hashes, counts")
    )
    listed.set_defaults(verb=list_sources)
    shown = verbs.add_parser("show", help=say("コードの内容", "what a code means"))
    shown.add_argument("code", metavar="CODE")
    shown.add_argument(
        "--on", type=_day, metavar="DAY", help=say("診療日（既定は今日）", "day of service (default: today)")
    )
    shown.set_defaults(verb=show_code)
    sought = verbs.add_parser("search", help=say("カナ・漢字・コードで探す", "search by kana, kanji or code"))
    sought.add_argument("text", nargs="+", metavar="TEXT")
    sought.add_argument("--kind", metavar="KIND", help="act|drug|material|disease|modifier|comment|generic")
    sought.add_argument("--on", type=_day, metavar="DAY")
    sought.add_argument("--limit", type=int, default=30)
    sought.set_defaults(verb=search_masters)
    differ = verbs.add_parser("diff", help=say("2つの日の違い", "what differs between two days"))
    differ.add_argument("first", type=_day, metavar="DAY")
    differ.add_argument("second", type=_day, metavar="DAY")
    differ.add_argument(
        "--chapter",
        metavar="LETTER",
        default="",
        help=say("この部（A〜O）だけ", "this chapter (A to O) only"),
    )
    differ.add_argument(
        "--summary", action="store_true", help=say("部ごとの件数だけ", "counts by chapter only")
    )
    differ.set_defaults(verb=diff_days)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            say(f"「{text}」は年月日ではありません（例 2026-06-01）", f"{text!r} is not a day (2026-06-01)")
        ) from None
