# SPDX-License-Identifier: Apache-2.0
"""項目の切出し — where every filled item of every record begins and ends, found in whole arrays of bytes.

Comma and line feed are never the second byte of a Shift_JIS character, nor part of one in UTF-8: a record can
be cut before anything is decoded. Most items are empty, above all the days of the month, so it is the filled ones that are
found: of each the commas before it in its line are the bytes before it that belong to no item.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]

COMMA, LINE_FEED, RETURN, ZERO = 44, 10, 13, 48
# Bytes kept before a chunk, so that eight bytes may be read that end with any of its bytes.
PAD = 8
# Items from this number on are looked for one number at a time, which few records are asked for.
_LOW = 8
_FAR = 255
_LAST_ASCII = 127
_HIGH = np.uint64(0x8080808080808080)
# Places in a chunk are kept in 32 bits.
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
    """埋まっている項目 — the line of each filled item, its number from 1 (255 for all above), and where it lies.

    Of a chunk ``start`` and ``end`` hold one item more than there are, an empty one.
    """

    line: Ints
    number: NDArray[np.uint8]
    start: Ints
    end: Ints


class Cut:
    """切出し — a chunk of whole lines: which record each line is, and where its items lie."""

    def __init__(self, data: bytes) -> None:
        if len(data) > _MOST_BYTES:
            raise ValueError("a chunk is cut in one piece")
        self.bytes = data
        padded = np.empty(len(data) + PAD, np.uint8)
        padded[:PAD] = LINE_FEED
        padded[PAD:] = np.frombuffer(data, np.uint8)
        self.data: Bytes = padded[PAD:]
        self.words = words_of(padded)
        around = padded[PAD - 1 :]
        is_end = around == LINE_FEED
        is_between = (around == COMMA) | is_end
        self.ends: Ints = np.flatnonzero(is_end)[1:] - 1
        self.starts = np.concatenate((np.zeros(1, np.int64), self.ends[:-1] + 1))
        self.is_crlf: Flags = self.data[self.ends - 1] == RETURN
        is_between[self.ends[self.is_crlf]] = True
        self.text_ends = self.ends - self.is_crlf
        # Where bytes of items and bytes between them meet: the beginning and the end of each filled item in turn.
        borders = np.flatnonzero(is_between[1:] != is_between[:-1]).astype(np.int32)
        count = len(borders) // 2
        # One item more, which is empty, stands for those that are not there.
        start, end = np.zeros(count + 1, np.int32), np.zeros(count + 1, np.int32)
        start[:-1], end[:-1] = borders[0::2], borders[1::2]
        outside = np.zeros(count + 1, np.int32)
        np.cumsum(end[:-1] - start[:-1], out=outside[1:])
        first = np.searchsorted(start[:-1], self.starts.astype(np.int32))
        self._counts = np.diff(first, append=count)
        self.sizes: Ints = self.text_ends - self.starts - (outside[first + self._counts] - outside[first]) + 1
        before = (self.starts - outside[first] - 1).astype(np.int32)
        number = start[:-1] - outside[:-1]
        number -= np.repeat(before, self._counts)
        numbers = np.minimum(number, _FAR).astype(np.uint8)
        line = np.repeat(np.arange(len(self.starts)), self._counts)
        self.items = Items(line, numbers, start, end)
        # A row for each number, as items of one number are asked of neighbouring lines; row 0, which no item has,
        # takes what is looked for by its number.
        low = np.full(_LOW * len(self.starts), count, np.int32)
        low[(numbers * (numbers < _LOW)).astype(np.int64) * len(self.starts) + line] = np.arange(
            count, dtype=np.int32
        )
        self._low = low.reshape(_LOW, len(self.starts))
        self._high: dict[int, Ints] = {}
        # The id is two bytes and nothing else.
        head = Span(start[self._low[1]], end[self._low[1]])
        two = self.data[np.minimum(self.starts + 1, len(data) - 1)]
        self.ids = np.where(head.width == 2, self.data[self.starts].astype(np.int64) * 256 + two, 0)

    def lines_of(self, record_id: str) -> Ints:
        """行 — the lines of a record id, counted from 0 within the chunk."""
        return np.flatnonzero(self.ids == id_number(record_id))

    def lines_beyond_ascii(self) -> Ints:
        """漢字の行 — those that hold a byte above 127, and perhaps a neighbour of one."""
        whole = len(self.data) // PAD * PAD
        words = self.data[:whole].view(np.uint64)
        at = np.flatnonzero(words & _HIGH) * PAD
        if (self.data[whole:] > _LAST_ASCII).any():
            at = np.append(at, len(self.data) - PAD)
        first, last = np.searchsorted(self.ends, at), np.searchsorted(self.ends, at + PAD - 1)
        is_beyond = np.zeros(len(self.starts), np.bool_)
        is_beyond[first] = is_beyond[last] = True
        # Eight bytes may hold a whole line between two others.
        for one in np.flatnonzero(last > first + 1).tolist():
            is_beyond[first[one] : last[one]] = True
        return np.flatnonzero(is_beyond)

    def span(self, lines: Ints, number: int) -> Span:
        """項目 — by its official number from 1; empty where the record is too short."""
        found = (self._low[number] if number < _LOW else self._of_all(number))[lines]
        return Span(self.items.start[found], self.items.end[found])

    def _of_all(self, number: int) -> Ints:
        found = self._high.get(number)
        if found is None:
            at = np.flatnonzero(self.items.number == number)
            found = np.full(len(self.starts), len(self.items.number), np.int64)
            found[self.items.line[at]] = at
            self._high[number] = found
        return found

    def items_from(self, first: NDArray[np.uint8], count: int) -> Items:
        """続く項目 — the filled ones of the ``count`` items from an item of each line, which its number tells (0: of none).

        They are numbered from 1 on.
        """
        # Unsigned, so that what stands before the first is far above the last.
        at = self.items.number - np.repeat(first, self._counts)
        has = np.repeat(first > 0, self._counts)
        chosen = np.flatnonzero((at < count) & has)
        items = self.items
        return Items(
            items.line[chosen], at[chosen] + np.uint8(1), items.start[chosen], items.end[chosen]
        )  # fmt: skip


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


_ZEROS = np.uint64(0x3030303030303030)
_TO_NINE = np.uint64(0x7676767676767676)
_KEEP = np.array([0, *((~0 << (8 * (8 - width))) & ((1 << 64) - 1) for width in range(1, 9))], np.uint64)
# Neighbours are joined: eight digits to four numbers below 100, to two below 10,000, to one.
_JOIN = (
    (np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(2561), np.uint64(8)),
    (np.uint64(0x00FF00FF00FF00FF), np.uint64(6553601), np.uint64(16)),
    (np.uint64(0x0000FFFF0000FFFF), np.uint64(42949672960001), np.uint64(32)),
)


def whole_numbers(words: Words, span: Span, digits: int) -> tuple[Ints, Flags, Flags]:
    """整数の列 — values, which are filled, and which are neither empty nor digits of at most ``digits``, 16 at most.

    Eight digits are read as one word and joined pair by pair.
    """
    width = span.width
    value, is_wrong = _eight(words, span.end, np.minimum(width, 8))
    is_wrong |= width > digits
    if digits > 8:
        longer = np.flatnonzero(width > 8)
        if len(longer):
            rest = np.minimum(width[longer] - 8, 8)
            high, is_bad = _eight(words, span.end[longer] - 8, rest)
            value[longer] += high * 100_000_000
            is_wrong[longer] |= is_bad
    is_filled = (width > 0) & ~is_wrong
    value[~is_filled] = 0
    return value, is_filled, is_wrong


def small_numbers(data: Bytes, words: Words, span: Span, digits: int) -> tuple[Ints, Flags, Flags]:
    """小さい整数の列 — as :func:`whole_numbers`, for items that are nearly all one digit: counts and times."""
    width = span.width
    value = data[span.start].astype(np.int64) - ZERO
    is_wrong: Flags = (value < 0) | (value > 9)
    longer = np.flatnonzero(width != 1)
    if len(longer):
        some = Span(span.start[longer], span.end[longer])
        value[longer], _, is_wrong[longer] = whole_numbers(words, some, digits)
    is_filled = (width > 0) & ~is_wrong
    value[~is_filled] = 0
    return value, is_filled, is_wrong


def _eight(words: Words, end: Ints, width: Ints) -> tuple[Ints, Flags]:
    """Numbers of at most eight digits that end before ``end``, and which are none."""
    digit = (words[end] ^ _ZEROS) & _KEEP[width]
    is_wrong: Flags = ((digit + _TO_NINE) | digit) & _HIGH != 0
    for mask, factor, shift in _JOIN:
        digit = ((digit & mask) * factor) >> shift
    return digit.astype(np.int64), is_wrong


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
