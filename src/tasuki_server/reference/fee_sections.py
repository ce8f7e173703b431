# SPDX-License-Identifier: Apache-2.0
"""区分番号の一覧 — every section of the fee table of 2026, as facts: number, title, what each 注 is about."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple


class Note(NamedTuple):
    """注 — what one note is about, and the points and percents it names."""

    number: str
    kinds: tuple[str, ...]
    points: tuple[str, ...]
    percents: tuple[str, ...]


class FeeSection(NamedTuple):
    """区分番号 — a section; ``ward`` says why outpatients do not have it, "" when they do."""

    code: str
    title: str
    ward: str
    notes: tuple[Note, ...]

    @property
    def chapter(self) -> str:
        """部 — the letter."""
        return self.code[0]


def fee_sections() -> tuple[FeeSection, ...]:
    """区分番号の一覧 — in the order of the fee table (令和8年度)."""
    text = files("tasuki.masters.starter").joinpath("fee_sections.tsv").read_text(encoding="utf-8")
    _, *lines = text.splitlines()
    made: list[FeeSection] = []
    for line in lines:
        code, title, ward, notes = line.split("\t")
        made.append(FeeSection(code, title, ward, tuple(map(_note, filter(None, notes.split("|"))))))
    return tuple(made)


def _note(cell: str) -> Note:
    number, kinds, points, percents = cell.split(":")
    return Note(number, *(tuple(filter(None, part.split(","))) for part in (kinds, points, percents)))
