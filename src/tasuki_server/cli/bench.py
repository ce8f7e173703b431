# SPDX-License-Identifier: Apache-2.0
"""計測 — `./tasuki bench NAME [--size N]`: one JSON line a figure, each with its unit and peer."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tasuki_server.cli.words import Stop, say

NAME = "bench"
HELP = ("速さを計ります（1行1つの値のJSON）", "measure speed, one JSON line a figure")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — which benchmark, and how much of it."""
    parser.add_argument(
        "name", nargs="?", default="", help=say("計測の名前（なしで一覧）", "its name; none lists them")
    )
    parser.add_argument("--size", type=int, help=say("件数", "how many"))


def run(args: argparse.Namespace) -> int:
    """実行 — the exit code of the benchmark; 2 for a name that is not there."""
    from tasuki_server.database.places import home

    folder = home() / "bench"
    names = sorted(path.stem for path in folder.glob("*.py") if "__main__" in path.read_text("utf-8"))
    if not args.name:
        print("\n".join(names))
        return 0
    if args.name not in names:
        raise Stop(
            f"計測「{args.name}」はありません。使えるもの: {'、'.join(names)}",
            f"There is no benchmark “{args.name}”. There are: {', '.join(names)}",
        )
    command = [sys.executable, str(Path("bench") / f"{args.name}.py")]
    if args.size is not None:
        command += ["--size", str(args.size)]
    environment = os.environ | {"PYTHONPATH": str(home() / "src")}
    return subprocess.run(command, cwd=home(), env=environment, check=False).returncode
