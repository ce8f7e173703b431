# SPDX-License-Identifier: Apache-2.0
"""レコード様式 — what a record of the prescription formats is made of; each format's table is in a module of its own.

``mode`` is 9 数字, X 半角英数カナ, N 漢字・半角混在; ``limit`` counts bytes of Shift_JIS, 0 where none is known.
``need`` R must be filled whenever the record stands, O may be empty. ``rule`` is empty, ``day`` (YYYYMMDD or an era
date), ``born`` (also without day or month), ``amount`` (a number), or the codes allowed, separated by a bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple


class Repeat(StrEnum):
    """繰返し — how often a record may stand: once, at will, or by RP and by drug."""

    ONCE = "once"
    MANY = "many"
    RP = "rp"
    RP_MANY = "rp_many"
    DRUG = "drug"
    DRUG_MANY = "drug_many"


class Field(NamedTuple):
    """項目 — one item: its place after the record number, from 1, our name, the official one, and what it may hold."""

    number: int
    name: str
    term: str
    mode: str
    limit: int
    need: str
    rule: str


class Layout(NamedTuple):
    """レコード様式 — record number, official name, whether a whole message needs it, how often, and its items."""

    number: str
    term: str
    is_needed: bool
    repeat: Repeat
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """項目の検索 — by our name. Raises ``KeyError``."""
        return _fields_by_name(self)[name]


@cache
def _fields_by_name(layout: Layout) -> Mapping[str, Field]:
    return {each.name: each for each in layout.fields}


class Format(NamedTuple):
    """様式 — a format: how its header begins, the version written, its character code and line end, its records.

    ``has_end`` says whether a file ends with the EOF byte.
    """

    name: str
    term: str
    prefix: str
    version: str
    encoding: str
    line_end: str
    has_end: bool
    layouts: Mapping[str, Layout]


Row = tuple[str, str, str, int, str, str]


def layout(number: str, term: str, need: str, repeat: Repeat, *rows: Row) -> Layout:
    """レコード様式の定義 — ``need`` R when every message has the record."""
    return Layout(
        number, term, need == "R", repeat, tuple(Field(nth, *row) for nth, row in enumerate(rows, 1))
    )
