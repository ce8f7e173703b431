# SPDX-License-Identifier: Apache-2.0
"""部品表 — `./tasuki sbom [--out FILE]`: what is installed here, as CycloneDX."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tasuki_server.cli.words import progress, say

NAME = "sbom"
HELP = ("使っている部品の一覧（SBOM）を書き出します", "write the software bill of materials")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — where it goes."""
    parser.add_argument(
        "--out", type=Path, help=say("書き出すファイル（省けば画面に）", "file; printed if absent")
    )


def run(args: argparse.Namespace) -> int:
    """実行 — CycloneDX 1.6 in JSON."""
    from tasuki_server.database.places import home
    from tasuki_server.sbom import bill_of_materials, locks_below

    bill = bill_of_materials(locks_below(home() / "requirements"))
    text = json.dumps(bill, ensure_ascii=False, indent=1) + "\n"
    if args.out is None:
        print(text, end="")
    else:
        args.out.write_text(text, encoding="utf-8")
        count = len(bill["components"])
        progress(f"{args.out} に {count} 個の部品を書きました。", f"{count} components in {args.out}")
    return 0
