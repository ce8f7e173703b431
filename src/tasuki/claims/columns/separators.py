# SPDX-License-Identifier: Apache-2.0
"""区切りのビット列 — one bit for each byte of a chunk: whether it is a comma or a line feed.

An eighth of the bytes, it stays in the nearest cache of a core, and one word tells of 64 bytes: the next separator of
many records is found in a handful of instructions for all of them, however many empty items stand between.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.signedinteger[Any]]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

# Bytes after a chunk that count as separators, so that every walk meets one.
_AFTER = 128
_ONE = np.uint64(1)
_LAST = np.uint64(63)
_BELOW = np.array([(1 << width) - 1 for width in range(65)], np.uint64)


class Filled(NamedTuple):
    """埋まっている項目 — of some rows: the row of each filled item, its number from 1 within the row, and its first byte."""

    row: Ints
    number: Ints
    start: Ints


class Separators:
    """区切り — where the commas and line feeds of a chunk are."""

    def __init__(self, is_separator: Flags) -> None:
        self.size = len(is_separator)
        packed = np.packbits(is_separator, bitorder="little")
        whole = np.full((len(packed) + _AFTER // 8 + 7) // 8 * 8, 0xFF, np.uint8)
        whole[: len(packed)] = packed
        if self.size % 8:
            whole[len(packed) - 1] |= 0xFF << self.size % 8 & 0xFF
        self._words: Words = whole.view("<u8")

    def before(self, at: Ints) -> Ints:
        """区切りの数 — how many stand before each place."""
        counts = np.bitwise_count(self._words)
        total = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=total[1:])
        word = at >> 6
        inside = np.bitwise_count(self._words[word] & _BELOW[at & 63])
        found: Ints = total[word] + inside
        return found

    def window(self, at: Ints) -> Words:
        """窓 — the 64 bits from each place on, the lowest first."""
        word = at >> 6
        shift = (at & 63).view(np.uint64)
        found: Words = self._words[word] >> shift
        word += 1
        found |= self._words[word] << _ONE << (_LAST - shift)
        return found

    def walk(self, at: Ints) -> Walk:
        """歩み — from each place to its separators, one after the other."""
        return Walk(self, at)

    def filled(self, start: Ints, end: Ints) -> list[Filled]:
        """埋まっている項目 — between two places of each row; no row stands twice in one part of the answer.

        The parts are in the order of the items of a row.
        """
        parts: list[Filled] = []
        rows, base = np.arange(len(start)), start.copy()
        number = np.ones(len(start), np.int64)
        carried = np.zeros(len(start), np.uint64)
        while len(rows):
            left = end[rows] - base
            width = np.minimum(left, 64)
            inside = _BELOW[np.maximum(width, 0)]
            commas = self.window(base) & inside
            items = ~commas & inside
            heads = items & ~((items << _ONE) | carried)
            _add(parts, heads, commas, (rows, base, number))
            goes_on = np.flatnonzero(left > width)
            number = (number + np.bitwise_count(commas))[goes_on]
            carried = (items >> (np.maximum(width, 1) - 1).view(np.uint64))[goes_on] & _ONE
            rows, base = rows[goes_on], (base + width)[goes_on]
        return parts


def _add(parts: list[Filled], heads: Words, commas: Words, of: tuple[Ints, Ints, Ints]) -> None:
    """The items that begin in a window, the first of each row, then the second, and so on."""
    rows, base, number = of
    while True:
        has = np.flatnonzero(heads)
        if not len(has):
            return
        if len(has) < len(heads):
            heads, commas = heads[has], commas[has]
            rows, base, number = rows[has], base[has], number[has]
        lower = heads - _ONE
        below = lower & ~heads
        parts.append(
            Filled(rows, number + np.bitwise_count(commas & below), base + np.bitwise_count(below))
        )  # fmt: skip
        heads = heads & lower


class Walk:
    """歩み — for many places at once, the next separator and the next."""

    def __init__(self, separators: Separators, at: Ints) -> None:
        self._separators = separators
        self._base = at.copy()
        self._word = separators.window(at)

    def skip(self, count: int) -> None:
        """飛ばし — passes over some separators."""
        for _ in range(count):
            self._fill()
            self._word &= self._word - _ONE

    def next(self) -> Ints:
        """次の区切り — where it is, at the end of the chunk or after it when there is no more."""
        self._fill()
        lower = self._word - _ONE
        found: Ints = self._base + np.bitwise_count(lower & ~self._word)
        self._word &= lower
        return found

    def _fill(self) -> None:
        if self._word.all():
            return
        separators = self._separators
        empty = np.flatnonzero(self._word == 0)
        while len(empty):
            base = self._base[empty]
            base += 64
            np.minimum(base, separators.size, out=base)
            word = separators.window(base)
            self._base[empty], self._word[empty] = base, word
            empty = empty[word == 0]
