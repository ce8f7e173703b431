# SPDX-License-Identifier: Apache-2.0
"""索引の行 — what one resource puts into each table of the index, in the order of its columns after the key."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

# A B-tree takes no entry longer than a third of a page; four bytes a character at worst.
LONGEST = 300


class IndexRows(NamedTuple):
    """索引の行 — every row begins with (parameter number, number of the element within a composite search)."""

    token: list[tuple[int, int, str, str, str]]
    reference: list[tuple[int, int, str, str, str, str, str]]
    date: list[tuple[int, int, datetime, datetime]]
    string: list[tuple[int, int, str, str]]
    quantity: list[tuple[int, int, Decimal | None, Decimal | None, str, str, str]]
    uri: list[tuple[int, int, str]]
    # コードと量の組: what both components of a composite search ask for, in one row; its number is that of the search.
    pair: list[tuple[int, int, str, str, Decimal | None, Decimal | None, str, str, str]]


def no_rows() -> IndexRows:
    """空の索引 — to be filled."""
    return IndexRows([], [], [], [], [], [], [])


def cut(text: str) -> str:
    """索引の文字数 — the part of a code, address or id that stands in the index.

    >>> len(cut("x" * 500))
    300
    """
    return text if len(text) <= LONGEST else text[:LONGEST]
