# SPDX-License-Identifier: Apache-2.0
"""証跡の収集 — the tests, drills and documents of this checkout, as the register asks for them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from tasuki.security.controls import DrillRun, Known
from tasuki_server.database.places import home

FOLDERS_OF_DOCUMENTS = ("docs", "deploy")


class KeptRun(NamedTuple):
    """残っている訓練の証跡 — the newest run of a drill at one tier."""

    drill: str
    title: str
    tier: str
    ran_on: date
    is_passed: bool
    commit: str


def known_here(folder: Path | None = None) -> Known | None:
    """いまある証跡 — ``None`` where the tests are not part of the installation: then nothing can be judged."""
    place = folder or home()
    if not (place / "tests").is_dir():
        return None
    return Known(_collected(place, _newest_change(place / "tests")), _drills(place), _documents(place))


def kept_runs(folder: Path | None = None) -> tuple[KeptRun, ...]:
    """証跡の一覧 — of every drill, the newest first of each."""
    found = [_read(path) for path in sorted(((folder or home()) / "evidence").glob("*.json"))]
    return tuple(sorted(found, key=lambda each: (each.drill, -each.ran_on.toordinal())))


def _read(path: Path) -> KeptRun:
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return KeptRun(
        str(told["drill"]),
        str(told["title"]),
        str(told["tier"]),
        date.fromisoformat(str(told["at"])[:10]),
        told["passed"] is True,
        str(told["commit"]),
    )


def _drills(place: Path) -> dict[str, DrillRun | None]:
    """Each drill of the registry with its newest kept run."""
    from tasuki_server.drills.registry import DRILLS

    found: dict[str, DrillRun | None] = dict.fromkeys(DRILLS)
    for each in kept_runs(place):
        last = found.get(each.drill)
        if each.drill in found and (last is None or each.ran_on > last.ran_on):
            found[each.drill] = DrillRun(each.ran_on, each.is_passed)
    return found


def _documents(place: Path) -> frozenset[str]:
    return frozenset(
        path.relative_to(place).as_posix()
        for folder in FOLDERS_OF_DOCUMENTS
        for path in (place / folder).rglob("*")
        if path.is_file()
    )


def _newest_change(folder: Path) -> float:
    return max((path.stat().st_mtime for path in folder.rglob("test_*.py")), default=0.0)


@lru_cache(maxsize=4)
def _collected(place: Path, changed: float) -> frozenset[str]:
    """Ids of every test function; read from the source, because collecting imports everything that is tested."""
    return frozenset(
        f"{path.relative_to(place).as_posix()}::{name}"
        for path in sorted((place / "tests").rglob("test_*.py"))
        for name in _functions(path)
    )


def _functions(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_bytes(), str(path)).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name.startswith("test_"):
                    yield f"{node.name}::{each.name}"
