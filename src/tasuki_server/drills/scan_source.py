# SPDX-License-Identifier: Apache-2.0
"""静的な点検 — what ruff's S rules and bandit find with every mute lifted, against waivers that say why and until when."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from tasuki_server.database.places import home

FOLDERS = ("src", "tools")


class Found(NamedTuple):
    """指摘 — of one tool, at a line of a file below the checkout."""

    tool: str
    rule: str
    path: str
    line: int


class Waiver(NamedTuple):
    """免除 — a rule that is let pass in some files, why, and to which day."""

    tool: str
    rule: str
    path: str
    reason: str
    until: date

    def covers(self, found: Found) -> bool:
        """該当 — of a finding."""
        return (self.tool, self.rule) == (found.tool, found.rule) and fnmatch(found.path, self.path)


def waivers() -> list[Waiver]:
    """免除の一覧 — a file of its own, so that each is seen and ends."""
    text = files("tasuki_server.drills").joinpath("scan_waivers.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:] if line]
    return [Waiver(*row[:4], date.fromisoformat(row[4])) for row in rows]


def judged(found: list[Found], known: list[Waiver], today: date, *, tools: set[str]) -> list[str]:
    """点検の結果 — findings that nobody waived, waivers that have ended, and waivers that cover nothing."""
    faults = [
        f"{each.tool} {each.rule} {each.path}:{each.line} は免除されていません。"
        for each in found
        if not any(one.covers(each) for one in known)
    ]
    for one in known:
        if one.tool not in tools:
            continue
        if one.until < today:
            faults.append(f"免除の期限が過ぎました: {one.tool} {one.rule} {one.path}（{one.until}）。")
        if not any(one.covers(each) for each in found):
            faults.append(f"当たるものの無い免除です: {one.tool} {one.rule} {one.path}。")
    return faults


def tool(name: str) -> str | None:
    """道具の場所 — of the environment of scans, of ours, or of the system; None when it is not installed."""
    places = [home() / ".venv-scan/bin" / name, Path(sys.executable).parent / name]
    return next((str(each) for each in places if each.exists()), shutil.which(name))


def ruff(folder: Path, *names: str) -> list[Found]:
    """ruffの点検 — the S rules, with every ``noqa`` lifted."""
    program = tool("ruff")
    if program is None:
        raise FileNotFoundError("ruff")
    told = _told([
        program, "check", "--isolated", "--select", "S", "--ignore-noqa", "--output-format", "json", "--exit-zero",
        "--no-cache", *names,
    ], folder)  # fmt: skip
    return [
        Found("ruff", each["code"], _below(folder, each["filename"]), each["location"]["row"])
        for each in told
    ]


def bandit(folder: Path, *names: str) -> list[Found] | None:
    """banditの点検 — with every ``nosec`` lifted; None when it is not installed."""
    program = tool("bandit")
    if program is None:
        return None
    told = _told([program, "-q", "-r", *names, "-f", "json", "--exit-zero", "--ignore-nosec"], folder)
    return [
        Found("bandit", each["test_id"], _below(folder, each["filename"]), each["line_number"])
        for each in told["results"]
    ]


def _told(command: list[str], folder: Path) -> list[dict[str, object]] | dict[str, object] | object:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=120)
    return json.loads(done.stdout)


def _below(folder: Path, name: str) -> str:
    path = Path(name)
    return str(path.relative_to(folder) if path.is_absolute() else path)
