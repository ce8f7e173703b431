# SPDX-License-Identifier: Apache-2.0
"""資格確認 — `./tasuki eligibility read FILE`: a message of オンライン資格確認, XML, JSON or ZIP, shown and checked."""

from __future__ import annotations

import argparse
import json
from typing import Any

from tasuki_server.cli.claims_stream import exit_code, opened, plain, tell
from tasuki_server.cli.words import say

NAME = "eligibility"
HELP = (
    "オンライン資格確認の電文を読み、点検して表示します",
    "read and check messages of the eligibility service",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    read = verbs.add_parser("read", help=say("電文を読んで表示する", "read and show a message"))
    read.add_argument(
        "file",
        metavar="FILE",
        help=say("電文（XML・JSON・ZIP、- は標準入力）", "XML, JSON or ZIP (- for stdin)"),
    )
    read.set_defaults(verb=_read)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _read(args: argparse.Namespace) -> int:
    from tasuki.eligibility.reading import read_messages
    from tasuki.eligibility.view import message_text, message_view
    from tasuki.eligibility.xml_text import MOST_BYTES

    code = 0
    shown: list[dict[str, Any]] = []
    with opened(args.file) as stream:
        # One byte more than may be read is refused as too large.
        data = stream.read(MOST_BYTES + 1)
    for message in read_messages(data, args.file):
        code = max(code, exit_code(message.findings))
        if args.format == "json":
            shown.append({**message_view(message), "findings": plain(message.findings)})
            continue
        print(message_text(message))
        tell(message.findings)
        print()
    if args.format == "json":
        print(json.dumps({"messages": shown}, ensure_ascii=False))
    return code
