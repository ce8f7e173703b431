# SPDX-License-Identifier: Apache-2.0
"""資料 — writes docs/reference from the code, or says what is stale."""

from __future__ import annotations

import argparse

from tasuki_server.cli.words import say

NAME = "docs"
HELP = ("docs/reference の資料をコードから作ります", "make docs/reference from the code")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — only check, or write."""
    parser.add_argument(
        "--check",
        action="store_true",
        help=say("書かずに、古いものがあれば知らせる", "do not write, tell what is stale"),
    )
    parser.add_argument(
        "--cases",
        action="store_true",
        help=say(
            "ルールの画面に出す事例の一覧も作り直す", "also gather the cases that the pages of rules show"
        ),
    )


def run(args: argparse.Namespace) -> int:
    """実行 — 1 when --check finds a stale page."""
    import os

    from tasuki_server.database.places import home
    from tasuki_server.reference import rule_cases
    from tasuki_server.reference.pages import stale_pages

    # The pages are in both languages where it matters and else in Japanese, whoever makes them.
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        os.environ[name] = "ja_JP.UTF-8"
    folder = home() / "docs" / "reference"
    stale = list(stale_pages(folder))
    for path, text in stale:
        if args.check:
            print(
                say(
                    f"古い資料: {path.name}（./tasuki docs で作り直せます）",
                    f"stale: {path.name} (run ./tasuki docs)",
                )
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(say(f"作りました: {path.name}", f"made: {path.name}"))
    if args.cases:
        # Read by the pages of the rules. Cases come daily: made on request, and not held to be fresh.
        (folder / rule_cases.NAME).write_text(rule_cases.gather_cases(), "utf-8")
    return 1 if stale and args.check else 0
