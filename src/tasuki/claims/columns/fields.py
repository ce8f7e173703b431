# SPDX-License-Identifier: Apache-2.0
"""項目の切出し — where every item of every record begins and ends, found in whole arrays of bytes.

Comma and line feed are never the second byte of a Shift_JIS character, nor part of one in UTF-8: a record can
be cut before anything is decoded.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

COMMA, LINE_FEED, RETURN, ZERO = 44, 10, 13, 48
_TENS = 10 ** np.arange(18, dtype=np.int64)


class Span(NamedTuple):
    """項目の範囲 — the first byte and the byte after the last of one item, for many records."""

    start: Ints
    end: Ints

    @property
    def width(self) -> Ints:
        """バイト数 — of each item."""
        return self.end - self.start


class Cut:
    """切出し — a chunk of whole lines: which record each line is, and where its items lie."""

    def __init__(self, data: bytes) -> None:
        self.data = np.frombuffer(data, np.uint8)
        # 44 and 10 are the only bytes at or below 44 that a plain file has besides 13 and blanks.
        stops = np.flatnonzero((self.data == COMMA) | (self.data == LINE_FEED))
        kinds = self.data[stops]
        last = np.flatnonzero(kinds == LINE_FEED)
        self._stops = stops
        self.ends = stops[last]
        self.starts = np.concatenate((np.zeros(1, np.int64), self.ends[:-1] + 1))
        self._first = np.concatenate((np.zeros(1, np.int64), last[:-1] + 1))
        self.sizes = last - self._first + 1
        before = self.data[np.maximum(self.ends - 1, 0)]
        self.is_crlf: Flags = before == RETURN
        self.text_ends = self.ends - self.is_crlf
        two = np.minimum(self.starts + 1, len(self.data) - 1)
        self.ids = self.data[self.starts].astype(np.int64) * 256 + self.data[two]
        # The id is two bytes and nothing else.
        ends = np.where(self.sizes == 1, self.text_ends, stops[self._first])
        self.ids[ends - self.starts != 2] = 0
        self._asked: Ints | None = None
        self._found: tuple[Ints, Ints] = (self.sizes, self._first)

    def lines_of(self, record_id: str) -> Ints:
        """行 — the lines of a record id, counted from 0 within the chunk."""
        return np.flatnonzero(self.ids == id_number(record_id))

    def span(self, lines: Ints, number: int) -> Span:
        """項目 — by its official number from 1; empty where the record is too short."""
        size, first = self._of(lines)
        if len(lines) and size.min() > number:
            # Every record is longer: nothing is absent and no item ends its line.
            end = self._stops[first + (number - 1)]
            return Span(self._stops[first + (number - 2)] + 1 if number > 1 else self.starts[lines], end)
        at = first + number - 1
        is_there = size >= number
        safe = np.where(is_there, at, first)
        stop = self._stops[safe]
        begin = self._stops[safe - 1] + 1 if number > 1 else self.starts[lines]
        end = np.where(size == number, self.text_ends[lines], stop)
        begin = np.where(is_there, begin, 0)
        return Span(begin, np.where(is_there, end, 0))

    def _of(self, lines: Ints) -> tuple[Ints, Ints]:
        """Sizes and first stops of the lines asked last, which are asked item by item."""
        if self._asked is not lines:
            self._asked, self._found = lines, (self.sizes[lines], self._first[lines])
        return self._found

    def begin_of(self, lines: Ints, numbers: Ints) -> Ints:
        """項目の先頭 — the first byte of an item of each line, by its number from 2; the items must be there."""
        found: Ints = self._stops[self._first[lines] + numbers - 2] + 1
        return found

    def widths(self, lines: Ints, first: int, last: int) -> NDArray[np.int32]:
        """項目の幅 — of consecutive items of records that have them all, one row a record.

        The last item of a record may count the return before its line feed; see :meth:`span` for one item.
        """
        # The stop before an item stands one place before the stop after it.
        at = self._first[lines][:, None] + np.arange(first - 2, last)
        stops = self._stops[at].astype(np.int32)
        widths: NDArray[np.int32] = np.diff(stops, axis=1) - 1
        is_end = self.sizes[lines] == last
        widths[:, -1] -= is_end & self.is_crlf[lines]
        return widths


def id_number(record_id: str) -> int:
    """レコード識別の数 — two letters as one number, as :class:`Cut` keeps them.

    >>> id_number("RE")
    21061
    """
    high, low = record_id.encode("ascii")
    return high * 256 + low


def whole_numbers(data: Bytes, span: Span, digits: int) -> tuple[Ints, Flags, Flags]:
    """整数の列 — values, which are filled, and which are neither empty nor digits of at most ``digits``."""
    width = span.width
    value = np.zeros(len(width), np.int64)
    is_wrong = width > digits
    most = min(digits, int(width.max(initial=0)))
    least = int(width.min(initial=digits))
    for back in range(most):
        # Unsigned, so that what lies below the digit 0 is above 9 too.
        digit = data[span.end - (1 + back)] - np.uint8(ZERO)
        if back < least:
            is_wrong |= digit > 9
        else:
            has = width > back
            is_wrong |= (digit > 9) & has
            digit = digit * has
        value += digit * _TENS[back]
    is_filled = (width > 0) & ~is_wrong
    value[~is_filled] = 0
    return value, is_filled, is_wrong


def gathered(data: Bytes, span: Span) -> tuple[NDArray[np.int32], Bytes]:
    """文字の列 — offsets and bytes of an Arrow string column of the items."""
    width = span.width
    offsets = np.zeros(len(width) + 1, np.int32)
    np.cumsum(width, out=offsets[1:])
    total = int(offsets[-1])
    if not total:
        return offsets, np.zeros(0, np.uint8)
    at = np.repeat(span.start - offsets[:-1], width) + np.arange(total)
    return offsets, data[at]


def hashes(data: Bytes, span: Span, seed: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """項目のハッシュ — each item's bytes and its end mixed into ``seed``, byte by byte (FNV-1a, 64 bits)."""
    prime = np.uint64(0x100000001B3)
    found = seed.copy()
    width = span.width
    with np.errstate(over="ignore"):
        for at in range(int(width.max(initial=0))):
            has = width > at
            byte = data[np.where(has, span.start + at, 0)].astype(np.uint64)
            found = np.where(has, (found ^ byte) * prime, found)
        return (found ^ np.uint64(0xFF)) * prime
