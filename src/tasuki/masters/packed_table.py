# SPDX-License-Identifier: Apache-2.0
"""包まれた表 — a table of the store whose rows are made when somebody asks for them.

A visit asks for a few dozen of two hundred thousand rows; making all of them first would take most of a
second and a hundred megabytes in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, KeysView, Mapping
from typing import TYPE_CHECKING, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

    import msgspec

R = TypeVar("R")
D = TypeVar("D")


class PackedTable(Mapping[str, tuple[R, ...]]):
    """包まれた表 — a mapping from a code to its rows, each made at the first reading and kept.

    ``order`` sorts the rows of one code. Two threads may make the same rows at once: they are equal, and
    one of them stays.
    """

    __slots__ = ("_made", "_make", "_order", "_packed")

    def __init__(
        self,
        keys: Iterable[str],
        rows: Iterable[msgspec.Raw],
        make: Callable[[msgspec.Raw], R],
        order: Callable[[list[R]], tuple[R, ...]],
    ) -> None:
        packed: dict[str, list[msgspec.Raw]] = {}
        for key, row in zip(keys, rows, strict=True):
            if key in packed:
                packed[key].append(row)
            else:
                packed[key] = [row]
        self._packed = packed
        self._made: dict[str, tuple[R, ...]] = {}
        self._make = make
        self._order = order

    def __getitem__(self, key: str) -> tuple[R, ...]:
        """The rows of a code."""
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._order([self._make(row) for row in self._packed[key]])
        return found

    @overload
    def get(self, key: str) -> tuple[R, ...] | None: ...
    @overload
    def get(self, key: str, default: tuple[R, ...] | D) -> tuple[R, ...] | D: ...
    def get(self, key: str, default: object = None) -> object:
        """The rows of a code, or the default when there are none."""
        return self[key] if key in self._packed else default

    def __contains__(self, key: object) -> bool:
        """Whether the code has rows, without making them."""
        return key in self._packed

    def __iter__(self) -> Iterator[str]:
        """The codes in the order of the file."""
        return iter(self._packed)

    def __len__(self) -> int:
        """The number of codes."""
        return len(self._packed)

    def keys(self) -> KeysView[str]:
        """コード一覧 — the codes, as a view that knows set operations."""
        return self._packed.keys()
