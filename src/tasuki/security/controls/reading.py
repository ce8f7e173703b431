# SPDX-License-Identifier: Apache-2.0
"""管理策台帳の読取り — tab-separated rows, one file a document; a row that says less than its answer needs is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files

from tasuki.security.controls.control import Answer, Control, Document, Level

COLUMNS = ("code", "level", "asked", "answer", "proofs", "words", "decided_on")


class BadRegister(ValueError):
    """読めない管理策台帳 — says which file, which line, and what is wrong with it."""


def read_register(document: Document, text: str) -> tuple[Control, ...]:
    """管理策台帳の読取り — of one document. Raises :class:`BadRegister`."""
    lines = text.splitlines()
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        raise BadRegister(f"{document} 1: the columns are {' '.join(COLUMNS)}")
    found: dict[str, Control] = {}
    for number, line in enumerate(lines[1:], 2):
        try:
            row = _row(document, line)
        except ValueError as error:
            raise BadRegister(f"{document} {number}: {error}") from error
        if row.code in found:
            raise BadRegister(f"{document} {number}: {row.code} stands here twice")
        found[row.code] = row
    return tuple(found.values())


@cache
def register() -> tuple[Control, ...]:
    """管理策台帳 — every row of every document, in their order."""
    return tuple(_every())


def _every() -> Iterator[Control]:
    for document in Document:
        text = (files(__package__) / f"{document}.tsv").read_text("utf-8")
        yield from read_register(document, text)


def _row(document: Document, line: str) -> Control:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells, {len(COLUMNS)} are wanted")
    code, level, asked, answer, proofs, words, decided_on = cells
    row = Control(
        document,
        code,
        Level(level),
        asked,
        Answer(answer),
        tuple(proofs.split()),
        words,
        date.fromisoformat(decided_on),
    )
    if not code or not asked:
        raise ValueError("a row has a code and says what is asked")
    if row.answer in (Answer.MET, Answer.PARTLY) and not row.proofs:
        raise ValueError(f"{code}: {row.answer} needs a test, a drill or a document")
    if row.answer is not Answer.MET and not words:
        raise ValueError(f"{code}: {row.answer} needs words that say why")
    for proof in row.proofs:
        if not proof.startswith(("tests/", "drill:", "doc:")):
            raise ValueError(f"{code}: {proof} is no test, drill or document")
    return row
