# SPDX-License-Identifier: Apache-2.0
"""型の要素 — the rows of a type as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.sharing.ig.table import Row


class Element:
    """型の要素 — a row with its children in order."""

    __slots__ = ("children", "codes", "is_choice", "name", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.name = row.id.rpartition(".")[2]
        self.is_choice = self.name.endswith("[x]")
        self.codes = tuple(each.code for each in row.types or ())
        self.children: list[Element] = []


def read_elements(rows: Iterable[Row]) -> dict[str, Element]:
    """要素の木 — by path."""
    found: dict[str, Element] = {}
    for row in rows:
        if ":" in row.id:
            continue
        element = Element(row)
        found[row.id] = element
        above = row.id.rpartition(".")[0]
        if above in found:
            found[above].children.append(element)
    return found
