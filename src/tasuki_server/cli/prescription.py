# SPDX-License-Identifier: Apache-2.0
"""処方データ — `./tasuki prescription read FILE`: the symbol of a prescription, SJ1 or a notebook, shown and checked."""

from __future__ import annotations

import argparse
import json

from tasuki_server.cli.claims_stream import exit_code, opened, plain, tell
from tasuki_server.cli.words import say

NAME = "prescription"
HELP = (
    "処方箋の２次元シンボル、電子処方箋、お薬手帳のデータを読み、点検して表示します",
    "read and check prescription and notebook data",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    read = verbs.add_parser("read", help=say("処方データを読んで表示する", "read and show prescription data"))
    read.add_argument(
        "file",
        metavar="FILE",
        help=say("JAHIS・SJ1・JAHISTC のデータ（- は標準入力）", "JAHIS, SJ1 or JAHISTC data (- for stdin)"),
    )
    read.set_defaults(verb=_read)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _read(args: argparse.Namespace) -> int:
    from tasuki.prescriptions.reader import MOST_BYTES, read_prescription
    from tasuki.prescriptions.view import document_text, document_view

    with opened(args.file) as stream:
        # One byte more than may be read is refused as too large.
        data = stream.read(MOST_BYTES + 1)
    document = read_prescription(data, args.file)
    if args.format == "json":
        print(
            json.dumps({**document_view(document), "findings": plain(document.findings)}, ensure_ascii=False)
        )
    else:
        print(document_text(document))
        tell(document.findings)
    return exit_code(document.findings)
