# SPDX-License-Identifier: Apache-2.0
"""項目の切出し — where the items of every record begin and end, found in whole arrays of bytes.

Comma and line feed are never the second byte of a Shift_JIS character, nor part of one in UTF-8: a record can
be cut before anything is decoded. Each byte becomes one bit (:mod:`tasuki.claims.columns.separators`), and only the records
and items that are asked for are walked to.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasuki.claims.columns.schema import arrow
from tasuki.claims.columns.separators import Separators

Ints = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]

COMMA, LINE_FEED, RETURN = 44, 10, 13
# Bytes kept before a chunk, so that eight bytes may be read that end with any of its bytes, and after it.
PAD = 8
# Places in a chunk are kept in 32 bits where they go to Arrow.
_MOST_BYTES = 1 << 30


class Span(NamedTuple):
    """項目の範囲 — the first byte and the byte after the last of one item, for many records."""

    start: Ints
    end: Ints

    @property
    def width(self) -> Ints:
        """バイト数 — of each item."""
        return self.end - self.start


class Items(NamedTuple):
    """埋まっている項目 — the row of each, its number from 1 within what was asked for, and where it lies."""

    row: Ints
    number: Ints
    span: Span

    def only(self, kept: Flags) -> Items:
        """一部 — some of them."""
        start, end = self.span
        return Items(self.row[kept], self.number[kept], Span(start[kept], end[kept]))


class Cut:
    """切出し — a chunk of whole lines: which record each line is, and where its items lie."""

    def __init__(self, data: bytes) -> None:
        if len(data) > _MOST_BYTES:
            raise ValueError("a chunk is cut in one piece")
        self.bytes = data
        padded = np.empty(len(data) + 2 * PAD, np.uint8)
        padded[:PAD] = padded[-PAD:] = LINE_FEED
        padded[PAD:-PAD] = np.frombuffer(data, np.uint8)
        self.words = words_of(padded)
        # With what stands after the chunk, of which nobody asks but who looks past a line that is too short.
        self.data: Bytes = padded[PAD:]
        inside = padded[PAD:-PAD]
        is_end = inside == LINE_FEED
        self.ends: Ints = np.flatnonzero(is_end)
        self.separators = Separators(is_end | (inside == COMMA))
        self.starts = np.concatenate((np.zeros(1, np.int64), self.ends[:-1] + 1))
        self.is_crlf: Flags = self.data[self.ends - 1] == RETURN
        self.text_ends = self.ends - self.is_crlf
        before = self.separators.before(self.ends)
        self.sizes: Ints = np.diff(before, prepend=-1)
        # The id is two bytes and nothing else.
        after = self.data[self.starts + 2]
        is_pair = (after == COMMA) | (self.starts + 2 == self.text_ends)
        self.ids = self.pairs(self.starts) * is_pair

    def pairs(self, at: Ints) -> NDArray[np.uint16]:
        """二バイト — the two bytes at each place as one number, the first of them highest."""
        found = self.data[at].astype(np.uint16)
        found <<= 8
        found |= self.data[at + 1]
        return found

    def lines_of(self, *record_ids: str) -> Ints:
        """行 — the lines of some record ids, counted from 0 within the chunk."""
        is_one = self.ids == id_number(record_ids[0])
        for each in record_ids[1:]:
            is_one |= self.ids == id_number(each)
        return np.flatnonzero(is_one)

    def lines_beyond_ascii(self) -> Ints:
        """漢字の行 — those that hold a byte above 127, and perhaps a neighbour of one."""
        is_beyond = np.packbits(self.data.view(np.int8) < 0) != 0
        before = np.zeros(len(is_beyond) + 1, np.int32)
        np.cumsum(is_beyond, out=before[1:])
        return np.flatnonzero(before[(self.ends >> 3) + 1] != before[self.starts >> 3])

    def texts_of(self, lines: Ints) -> Any:
        """行の文字 — some lines with their line ends, as an Arrow column of bytes."""
        pa = arrow()
        offsets = np.zeros(len(self.ends) + 1, np.int32)
        offsets[1:] = self.ends + 1
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self.bytes)]
        return pa.BinaryArray.from_buffers(pa.binary(), len(self.ends), buffers).take(pa.array(lines))

    def spans(self, lines: Ints, numbers: tuple[int, ...]) -> list[Span]:
        """項目の範囲 — of the items of some official numbers from 1, rising; empty where the record is too short."""
        at, last = self.starts[lines], self.text_ends[lines]
        walk = self.separators.walk(at)
        found, reached = [], 1
        for number in numbers:
            if number > reached:
                walk.skip(number - reached - 1)
                at = walk.next() + 1
            end = walk.next()
            reached = number + 1
            begin = np.minimum(at, last)
            found.append(Span(begin, np.maximum(np.minimum(end, last), begin)))
            at = end + 1
        return found

    def span(self, lines: Ints, number: int) -> Span:
        """項目 — of one number."""
        return self.spans(lines, (number,))[0]

    def filled(self, start: Ints, end: Ints) -> Items:
        """埋まっている項目 — all that are between two places of each row, row by row."""
        parts = self.separators.filled(start, end)
        counts = np.zeros(len(start), np.int64)
        for part in parts:
            counts[part.row] += 1
        place = np.cumsum(counts) - counts
        row = np.repeat(np.arange(len(start)), counts)
        number, first = np.empty(len(row), np.int64), np.empty(len(row), np.int64)
        for part in parts:
            at = place[part.row]
            number[at], first[at] = part.number, part.start
            place[part.row] += 1
        # Nearly all are one byte wide.
        stop = first + 1
        last = end[row]
        longer = np.flatnonzero((stop < last) & (self.data[stop] != COMMA))
        if len(longer):
            stop[longer] = np.minimum(self.separators.walk(first[longer]).next(), last[longer])
        return Items(row, number, Span(first, stop))


def id_table(values: dict[str, int]) -> NDArray[np.int16]:
    """レコード識別の表 — a number for each record id, by :func:`id_number`; 0 for all others.

    >>> table = id_table({"RE": 38})
    >>> int(table[id_number("RE")]), int(table[id_number("HO")])
    (38, 0)
    """
    table = np.zeros(1 << 16, np.int16)
    for record_id, value in values.items():
        table[id_number(record_id)] = value
    return table


def id_number(record_id: str) -> int:
    """レコード識別の数 — two letters as one number, as :class:`Cut` keeps them.

    >>> id_number("RE")
    21061
    """
    high, low = record_id.encode("ascii")
    return high * 256 + low


def words_of(padded: Bytes) -> Words:
    """八バイトの語 — at each byte of a chunk the eight bytes before it as one number, the last of them highest."""
    return np.ndarray((len(padded) - PAD + 1,), np.dtype("<u8"), buffer=padded, strides=(1,))
