# SPDX-License-Identifier: Apache-2.0
"""事例の索引 — the readable cases of the calculation: which rules each is about, and where it comes from."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import tasuki_server

_SECTION = re.compile(r"[A-O]\d{3}")


class CaseNote(NamedTuple):
    """事例 — a case as the reference lists it; ``rules`` says of each rule whether it speaks."""

    name: str
    chapter: str
    rules: tuple[tuple[str, bool], ...]
    question: str


@cache
def case_index() -> tuple[CaseNote, ...]:
    """事例の索引 — every case of tests/cases/calculation, in the order of the files.

    The pages are made in the project itself: a folder without cases is a wrong place, and said.
    """
    # The reader of YAML belongs to the tools of development, as the pages do.
    import yaml

    folder = Path(tasuki_server.__path__[0]).parents[1] / "tests" / "cases" / "calculation"
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise FileNotFoundError(f"no readable cases in {folder}: the reference is made in the project")
    made: list[CaseNote] = []
    for path in paths:
        for data in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            one = {data["rule"]: bool(data["fires"])} if "rule" in data else {}
            rules = {**one, **data.get("rules", {})}
            made.append(
                CaseNote(
                    str(data["name"]), _chapter(data, rules), tuple(rules.items()), str(data.get("qa", ""))
                )
            )
    return tuple(made)


def _chapter(data: dict[str, object], rules: dict[str, bool]) -> str:
    """部 — of the section the case cites, else of its rule; "" for what belongs to no chapter."""
    for text in (str(data["cite"]), *rules):
        if found := _SECTION.search(text):
            return found[0][0]
    return ""
