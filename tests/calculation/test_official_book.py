# SPDX-License-Identifier: Apache-2.0
"""The readable cases on a book made from the official files: what the starter answers, they answer too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from calculation.case_files import read_cases, run
from tasuki.calculation import Statement
from tasuki.masters.book import Book
from tasuki.masters.layering import layer_starter
from tasuki.masters.official.compiling import compile_tables
from tasuki.masters.official.importing import Import
from tasuki.masters.starter import starter_tables

SHARED = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[3] / "shared")) / "reference" / "masters"
FOLDERS = ("r4", "r6", "r6/tensuhyo", "derived")

pytestmark = [
    pytest.mark.official,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the official tables are not beside the checkout"),
]


@pytest.fixture(scope="module")
def book() -> Book:
    """The official vintages, with what only the starter knows of R8 laid over them."""
    reading = Import()
    for folder in FOLDERS:
        for path in sorted((SHARED / folder).iterdir()):
            if path.is_file():
                reading.read(f"{folder}/{path.name}", path.read_bytes())
    tables, _ = layer_starter(compile_tables(reading).tables, starter_tables())
    return Book(tables)


def granted(statement: Statement) -> list[tuple[str, int]]:
    return sorted((line.code, line.points) for line in statement.granted())


def test_every_case_is_answered_as_by_the_starter(book: Book) -> None:
    different = {
        str(case): (granted(run(case)), granted(run(case, book)))
        for case in read_cases()
        if granted(run(case)) != granted(run(case, book))
    }
    assert different == {}
