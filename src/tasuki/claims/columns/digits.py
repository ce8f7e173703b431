# SPDX-License-Identifier: Apache-2.0
"""数字の読取 — items that must be digits, eight at a time, and the hash of items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasuki.claims.columns.fields import Bytes, Flags, Ints, Span, Words

ZERO = 48
_HIGH = np.uint64(0x8080808080808080)
_ZEROS = np.uint64(0x3030303030303030)
_TO_NINE = np.uint64(0x7676767676767676)
_KEEP = np.array([0, *((~0 << (8 * (8 - width))) & ((1 << 64) - 1) for width in range(1, 9))], np.uint64)
# Neighbours are joined: eight digits to four numbers below 100, to two below 10,000, to one.
_JOIN = (
    (np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(2561), np.uint64(8)),
    (np.uint64(0x00FF00FF00FF00FF), np.uint64(6553601), np.uint64(16)),
    (np.uint64(0x0000FFFF0000FFFF), np.uint64(42949672960001), np.uint64(32)),
)
_PRIME = np.uint64(0x100000001B3)
_BYTE = np.uint64(0xFF)


def whole_numbers(words: Words, span: Span, digits: int) -> tuple[Ints, Flags, Flags]:
    """整数の列 — values, which are filled, and which are neither empty nor digits of at most ``digits``, 16 at most.

    Eight digits are read as one word and joined pair by pair.
    """
    width = span.width
    value, is_wrong = _eight(words, span.end, _KEEP[np.minimum(width, 8)])
    is_wrong |= width > digits
    if digits > 8:
        longer = np.flatnonzero(width > 8)
        if len(longer):
            rest = np.minimum(width[longer] - 8, 8)
            high, is_bad = _eight(words, span.end[longer] - 8, _KEEP[rest])
            value[longer] += high * 100_000_000
            is_wrong[longer] |= is_bad
    is_filled = (width > 0) & ~is_wrong
    value *= is_filled
    return value, is_filled, is_wrong


def small_numbers(data: Bytes, words: Words, span: Span, digits: int) -> tuple[Ints, Flags, Flags]:
    """小さい整数の列 — as :func:`whole_numbers`, for items that are nearly all one digit: counts and times."""
    width = span.width
    value = data[span.start].astype(np.int64) - ZERO
    is_wrong: Flags = value.view(np.uint64) > np.uint64(9)
    is_filled = ~is_wrong
    longer = np.flatnonzero(width != 1)
    if len(longer):
        some = type(span)(span.start[longer], span.end[longer])
        value[longer], is_filled[longer], is_wrong[longer] = whole_numbers(words, some, digits)
    value *= is_filled
    return value, is_filled, is_wrong


def full_numbers(data: Bytes, words: Words, span: Span) -> tuple[Ints, Flags]:
    """九桁の数の列 — codes: values, and which are no nine digits."""
    value, is_wrong = _eight(words, span.end, None)
    first = data[span.start].astype(np.int64) - ZERO
    is_wrong |= (span.width != 9) | (first.view(np.uint64) > np.uint64(9))
    value += first * 100_000_000
    value *= ~is_wrong
    return value, is_wrong


def _eight(words: Words, end: Ints, keep: Words | None) -> tuple[Ints, Flags]:
    """Numbers of at most eight digits that end before ``end``, and which are none."""
    digit = words[end]
    digit ^= _ZEROS
    if keep is not None:
        digit &= keep
    high = digit + _TO_NINE
    high |= digit
    high &= _HIGH
    is_wrong: Flags = high != 0
    for mask, factor, shift in _JOIN:
        digit &= mask
        digit *= factor
        digit >>= shift
    return digit.view(np.int64), is_wrong


def hashes(words: Words, span: Span, seed: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """項目のハッシュ — each item's bytes and its end mixed into ``seed``, byte by byte (FNV-1a, 64 bits)."""
    found = seed.copy()
    width = span.width
    most = int(width.max(initial=0))
    least = int(width.min(initial=most))
    with np.errstate(over="ignore"):
        for at in range(most):
            if at % 8 == 0:
                # The eight bytes before the eighth byte after this one.
                word = words[np.minimum(span.start + at + 8, len(words) - 1)]
            byte = word & _BYTE
            word >>= np.uint64(8)
            if at < least:
                found ^= byte
                found *= _PRIME
            else:
                found = np.where(width > at, (found ^ byte) * _PRIME, found)
        found ^= _BYTE
        found *= _PRIME
    return found
