# SPDX-License-Identifier: Apache-2.0
"""点検 — style, types, layers, migrations and generated pages; no tests."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tasuki_server.cli.words import progress

NAME = "check"
HELP = ("書式・型・層・移行・資料を点検します", "check style, types, layers, migrations and generated pages")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — none of its own."""


def run(args: argparse.Namespace) -> int:
    """実行 — runs every check, also after one failed."""
    results = run_checks()
    if args.format == "json":
        print(json.dumps([{"name": name, "ok": ok, "seconds": round(s, 2)} for name, ok, s in results]))
    else:
        for name, ok, seconds in results:
            print(f"{'ok  ' if ok else 'FAIL'} {name} ({seconds:.1f} s)")
    return 0 if all(ok for _, ok, _ in results) else 1


def run_checks() -> list[tuple[str, bool, float]]:
    """点検の実行 — name, whether it passed, seconds."""
    from tasuki_server.database.places import home

    results = []
    for name, command in _commands().items():
        progress(f"点検: {name}", f"check: {name}")
        started = time.monotonic()
        done = subprocess.run(
            command, cwd=home(), capture_output=True, text=True, check=False, env=_environment(home())
        )
        if done.returncode != 0:
            print((done.stdout + done.stderr)[-8000:], file=sys.stderr)
        results.append((name, done.returncode == 0, time.monotonic() - started))
    return results


def _commands() -> dict[str, list[str]]:
    python = sys.executable
    return {
        "ruff": [python, "-m", "ruff", "check", "--no-cache", "."],
        "ruff format": [python, "-m", "ruff", "format", "--no-cache", "--check", "."],
        "mypy": [python, "-m", "mypy", "--no-incremental", "--cache-dir", os.devnull],
        "import-linter": [
            python,
            "-c",
            "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])",
        ],
        "migrations": [python, "-m", "django", "makemigrations", "--check", "--dry-run"],
        "docs": [python, "-m", "tasuki_server.cli", "docs", "--check"],
    }


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(home / "src"),
        "DJANGO_SETTINGS_MODULE": "tasuki_server.settings",
        "TASUKI_SECRET_KEY": "for checks only",
        "PYTHONWARNINGS": "ignore",
    }
