# SPDX-License-Identifier: Apache-2.0
"""部品の点検 — locks with hashes, a bill of materials that is complete, and parts that are known to be weak."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from tasuki_server.drills.scan_source import tool
from tasuki_server.sbom import Locked, bill_of_materials, plain_name


class Advisory(NamedTuple):
    """脆弱性情報 — a part is weak below ``fixed_in``."""

    package: str
    fixed_in: str
    id: str


def advisories() -> list[Advisory]:
    """脆弱性情報の控え — a short list kept by hand; it does not stand for a service that knows all."""
    text = files("tasuki_server.drills").joinpath("advisories.tsv").read_text("utf-8")
    return [Advisory(*line.split("\t")) for line in text.splitlines()[1:] if line]


def known_weak(lock: list[Locked], known: list[Advisory]) -> list[str]:
    """既知の弱い部品 — by our own list."""
    return [
        f"{each.name} {each.version} に既知の脆弱性 {one.id} があります（{one.fixed_in} で解消）。"
        for each in lock
        for one in known
        if one.package == each.name and _order(each.version) < _order(one.fixed_in)
    ]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:4])


def without_hash(locks: dict[str, list[Locked]]) -> list[str]:
    """ハッシュの無い部品 — of any lock; an empty lock is a fault too."""
    found = [
        f"{name} の {each.name} にハッシュがありません。"
        for name, lock in locks.items()
        for each in lock
        if not each.hashes
    ]
    return [*found, *(f"{name} が空です。" for name, lock in locks.items() if not lock)]


def missing_from_bill(locks: dict[str, list[Locked]]) -> tuple[int, list[str]]:
    """部品表の抜け — against what pip itself lists of this environment."""
    told = subprocess.run(
        [sys.executable, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    listed = {(plain_name(each["name"]), each["version"]) for each in json.loads(told.stdout)}
    bill = {(each["name"], each["version"]) for each in bill_of_materials(locks)["components"]}
    listed = {each for each in listed if each[0] != "tasuki"}
    return len(bill), [f"部品表に {name} {version} がありません。" for name, version in sorted(listed - bill)]


class Audit(NamedTuple):
    """pip-auditの結果 — how many parts it knew; 0 is an audit that did not take place."""

    known: int
    faults: tuple[str, ...]


def pip_audit(path: Path) -> Audit | None:
    """pip-auditの点検 — of a lock; None when it is not installed. It asks a service, which may be out of reach."""
    program = tool("pip-audit")
    if program is None:
        return None
    done = subprocess.run(
        [program, "-r", str(path), "--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"],
        capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return Audit(0, ())
    known = [each for each in told if "skip_reason" not in each]
    return Audit(
        len(known),
        tuple(
            f"{path.name}: {each['name']} {each['version']} {one['id']}"
            for each in known
            for one in each["vulns"]
        ),
    )
