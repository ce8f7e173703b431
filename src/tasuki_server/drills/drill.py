# SPDX-License-Identifier: Apache-2.0
"""訓練の形 — a drill runs its attacks and its control at a tier, and tells counts that can be compared with its goal."""

from __future__ import annotations

import json
import platform
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from tasuki_server.database.places import home


class Tier(StrEnum):
    """訓練の規模 — with every test run, or on demand."""

    PUSH = "push"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Finding:
    """訓練の結果 — ``counts`` of what was tried and found; ``faults`` say in Japanese what is not as it must be.

    ``control`` are the counts with the planted fault; ``control_is_red`` whether the drill saw it. ``not_run`` is why it
    could not be run here: such a drill neither passed nor failed. ``papers`` are documents it made, by their ending.
    """

    counts: Mapping[str, int | float]
    faults: tuple[str, ...] = ()
    control: Mapping[str, int | float] = field(default_factory=dict)
    control_is_red: bool = False
    not_run: str = ""
    papers: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def is_passed(self) -> bool:
        """合格か — no fault, and the planted one was seen."""
        return not self.not_run and not self.faults and self.control_is_red


class Drill(NamedTuple):
    """訓練 — ``run(tier, seed, tell)`` does it all, on a database of its own."""

    name: str
    title: str
    goal: str
    run: Callable[[Tier, int, Callable[[str], None]], Finding]


def evidence_of(drill: Drill, tier: Tier, seed: int, finding: Finding, seconds: float) -> dict[str, object]:
    """証跡 — everything that is needed to do it again and to compare."""
    told = {name: value for name, value in asdict(finding).items() if name != "papers"}
    return {
        "drill": drill.name,
        "title": drill.title,
        "goal": drill.goal,
        "tier": tier.value,
        "seed": seed,
        "passed": finding.is_passed,
        **told,
        "seconds": round(seconds, 1),
        "commit": _commit(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
    }


def write_evidence(folder: Path, evidence: Mapping[str, object]) -> Path:
    """証跡の保存 — one file a drill and tier, the newest run."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{evidence['drill']}-{evidence['tier']}.json"
    path.write_text(json.dumps(evidence, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def write_papers(folder: Path, drill: Drill, tier: Tier, finding: Finding) -> list[Path]:
    """訓練の書類 — beside the evidence, each with its ending."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for ending, content in finding.papers.items():
        paths.append(folder / f"{drill.name}-{tier.value}.{ending}")
        paths[-1].write_bytes(content)
    return paths


def _commit() -> str:
    """The commit of the checkout, with a mark when files differ from it; empty where there is none."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=home(), capture_output=True, text=True, check=True, timeout=20,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
