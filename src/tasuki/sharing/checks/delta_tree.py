# SPDX-License-Identifier: Apache-2.0
"""プロファイルの木 — the rows of a profile as a tree of elements and their slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tasuki.sharing.ig.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasuki.sharing.ig.table import Profile


class Node:
    """プロファイルの要素 — what a profile says of an element; children and slices by name."""

    __slots__ = ("children", "name", "row", "slices")

    def __init__(self, name: str) -> None:
        self.name = name
        self.row = Row("")
        self.children: dict[str, Node] = {}
        self.slices: dict[str, Node] = {}


def rows_of(profile: Profile, find: Callable[[str], Profile | None], depth: int = 0) -> tuple[Row, ...]:
    """プロファイルの行 — with those of its parents when it came without a snapshot."""
    above = find(profile.over) if profile.over and depth < 20 else None
    if above is None or above.is_type:
        return profile.rows
    rows = {row.id: row for row in rows_of(above, find, depth + 1)}
    for row in profile.rows:
        before = rows.get(row.id)
        rows[row.id] = row if before is None else _over(before, row)
    return tuple(rows.values())


def _over(before: Row, row: Row) -> Row:
    changes = {
        name: told
        for name in (
            "min",
            "max",
            "types",
            "fixed",
            "pattern",
            "binding",
            "slicing",
            "max_length",
            "least",
            "most",
        )
        if (told := getattr(row, name)) is not None
    }
    return msgspec.structs.replace(before, invariants=(*before.invariants, *row.invariants), **changes)


def tree_of(rows: Iterable[Row]) -> Node:
    """プロファイルの木 — ``identifier:insurer.system`` stands under the slice ``insurer`` of ``identifier``."""
    root = Node("")
    for row in rows:
        node = root
        for part in row.id.split(".")[1:]:
            name, _, slice_name = part.partition(":")
            node = node.children.setdefault(name, Node(name))
            if slice_name:
                node = node.slices.setdefault(slice_name, Node(name))
        node.row = row
    return root
