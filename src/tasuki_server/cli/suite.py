# SPDX-License-Identifier: Apache-2.0
"""試験 — every check and every test; skipped ones say why."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tasuki_server.cli.words import progress, say

NAME = "test"
# Each has a PostgreSQL of its own.
MOST_WORKERS = 4
JOURNEYS = "tests/journeys"
HELP = ("点検と試験をすべて行います", "run every check and test")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — what to leave out, and what pytest is told."""
    parser.add_argument(
        "--quick",
        action="store_true",
        help=say(
            "ブラウザ・公式表・データベースの試験を除く",
            "leave browser, official-table and database tests out",
        ),
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help=say("試験を絞る", "only these tests"))


def run(args: argparse.Namespace) -> int:
    """実行 — 1 when a check or a test fails."""
    from tasuki_server.cli.check import run_checks
    from tasuki_server.database.places import home

    failed = []
    # Many processes are started, and each would compile every module again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not args.paths:
        for name, ok, seconds in run_checks():
            print(f"{'ok  ' if ok else 'FAIL'} {name} ({seconds:.1f} s)", flush=True)
            if not ok:
                failed.append(name)
    progress("試験を行っています…", "Running the tests…")
    # -rs prints the reason of every skip. Doctests run with the tests.
    command = [sys.executable, "-m", "pytest", "-rs", "--durations=10"]
    if args.quick:
        command += ["-m", "not browser and not official and not server"]
    environment = os.environ | {"PYTHONPATH": str(home() / "src")}
    environment.pop("TASUKI_SECRET_KEY", None)
    codes = [
        subprocess.run([*command, *part], cwd=home(), env=environment, stdin=subprocess.DEVNULL, check=False).returncode
        for part in ([args.paths] if args.paths else _parts())
    ]  # fmt: skip
    if failed:
        print(say(f"点検の失敗: {', '.join(failed)}", f"checks failed: {', '.join(failed)}"))
    # 5: nothing of this part was asked for.
    return 1 if failed or any(code not in (0, 5) for code in codes) else 0


def _parts() -> list[list[str]]:
    """Everything on every core, a file to a worker in the order of tests/conftest.py; then the journeys, whose people at a browser want the machine alone."""
    workers = str(min(os.cpu_count() or 1, MOST_WORKERS))
    order = ["--dist", "loadfile", "--no-loadscope-reorder"]
    return [["-n", workers, *order, f"--ignore={JOURNEYS}"], [JOURNEYS]]
