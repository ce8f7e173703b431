# SPDX-License-Identifier: Apache-2.0
"""用語の資料 — the official term of every public class of the library, from its docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Term(NamedTuple):
    """用語 — Japanese first, then the name in the code and what it is."""

    japanese: str
    name: str
    meaning: str
    where: str


def terms(package: Path) -> Iterator[Term]:
    """用語の収集 — public classes, in the order of the tree."""
    for path in sorted(package.rglob("*.py")):
        module = ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                first = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
                japanese, _, meaning = first.partition(" — ")
                yield Term(japanese, node.name, meaning, module)


def terms_table(package: Path) -> list[str]:
    """用語の表 — Markdown rows, by term."""
    rows = [
        f"| {each.japanese} | {_words(each.name)} | {each.meaning.replace('|', chr(92) + '|')} | `{each.where}.{each.name}` |"
        for each in sorted(terms(package))
    ]
    return ["| 用語 | English name | meaning | where |", "|---|---|---|---|", *rows]


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
