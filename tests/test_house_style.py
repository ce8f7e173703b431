# SPDX-License-Identifier: Apache-2.0
"""家の流儀 — what a reader may rely on in every file of this repository."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {".py", ".sql", ".css", ".js", ".sh", ".typ"}
LONGEST = 500
# Names that say nothing about what is inside.
EMPTY_NAMES = {
    "utils.py",
    "util.py",
    "helpers.py",
    "helper.py",
    "manager.py",
    "base.py",
    "common.py",
    "misc.py",
}
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々〇]")
# Forms of the law that have no Japanese name: a code of the wire, an English product's word.
TERM = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々〇A-Za-z0-9].*")


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        return [each for each in (ROOT / "src").rglob("*") if each.is_file()]
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


TRACKED = _tracked()
PYTHON = [each for each in TRACKED if each.suffix == ".py"]


def test_every_source_names_its_licence():
    sources = [each for each in TRACKED if each.suffix in SOURCES]
    assert len(sources) > 100
    missing = [
        str(each.relative_to(ROOT))
        for each in sources
        if "SPDX-License-Identifier: Apache-2.0" not in "".join(each.open().readlines()[:2])
    ]
    assert missing == []


def test_no_module_is_too_long_or_named_for_nothing():
    modules = [each for each in PYTHON if ROOT / "src" in each.parents]
    long = [str(each.relative_to(ROOT)) for each in modules if len(each.read_text().splitlines()) > LONGEST]
    assert long == []
    assert [str(each) for each in PYTHON if each.name in EMPTY_NAMES] == []


def test_no_unfinished_work_is_left_in_the_source():
    marks = re.compile("TO" + r"DO\b|FIX" + r"ME\b|XX" + r"X\b|raise NotImplemented")
    found = [
        f"{each.relative_to(ROOT)}:{number}"
        for each in PYTHON
        if each != Path(__file__)
        for number, line in enumerate(each.read_text().splitlines(), start=1)
        if marks.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("package", ["tasuki", "tasuki_server"])
def test_public_classes_and_functions_begin_with_their_japanese_term(package):
    wrong = []
    for path in (ROOT / "src" / package).rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
                continue
            words = ast.get_docstring(node) or ""
            term, dash, _ = words.partition(" — ")
            # A page of the server may be its term alone: 公費の追加.
            if not (dash or package == "tasuki_server") or not (
                JAPANESE.search(term) or TERM.fullmatch(term)
            ):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert wrong == []


def test_nothing_names_a_machine_or_an_index():
    names = re.compile("/wo" + r"rk/|/ro" + r"ot/|pythonho" + r"sted|pypi\.o" + "rg|registry\\.np" + "m")
    found = [
        f"{each.relative_to(ROOT)}:{number}"
        for each in TRACKED
        if each.suffix in SOURCES | {".md", ".lock", ".toml", ".yaml", ".html", ".json", ".tsv"}
        for number, line in enumerate(each.read_text(errors="replace").splitlines(), start=1)
        if names.search(line)
    ]
    assert found == []


def test_decisions_have_one_number_each():
    numbers = [each.name[:4] for each in (ROOT / "docs" / "decisions").glob("*.md")]
    assert numbers and all(number.isdecimal() for number in numbers)
    assert len(numbers) == len(set(numbers))
