# SPDX-License-Identifier: Apache-2.0
"""項目の値の列 — days, months, numbers and texts of many items at once, as Arrow columns."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tasuki.claims.columns.digits import whole_numbers
from tasuki.claims.columns.schema import arrow
from tasuki.claims.item_values import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasuki.claims.columns.fields import Bytes, Cut, Flags, Ints, Span, Words

_LAST_ASCII = 127
_EPOCH = date(1970, 1, 1)
_FIRST, _LAST = (FIRST_DAY - _EPOCH).days, (LAST_DAY - _EPOCH).days


def days(words: Words, span: Span) -> tuple[Ints, Flags, Flags]:
    """年月日の列 — days since 1970-01-01, which are filled, which are for the object reader to judge."""
    value, _, wrong = whole_numbers(words, span, 8)
    is_there = span.width > 0
    wrong |= is_there & (span.width != 8)
    since, is_day = _day_number(value // 10000, value // 100 % 100, value % 100)
    wrong |= is_there & (~is_day | (since < _FIRST) | (since > _LAST))
    is_filled = is_there & ~wrong
    return np.where(is_filled, since, 0), is_filled, wrong


def months(words: Words, span: Span) -> tuple[Ints, Flags]:
    """年月の列 — YYYYMM, and which are for the object reader to judge."""
    value, _, wrong = whole_numbers(words, span, 6)
    year, month = value // 100, value % 100
    wrong |= (span.width != 6) | (month < 1) | (month > 12)
    wrong |= (year <= FIRST_DAY.year) | (year > LAST_DAY.year)
    return np.where(wrong, 0, value), wrong


def month_days(month: Ints) -> tuple[Ints, Ints]:
    """月の日 — of YYYYMM, the first day since 1970-01-01 and how many there are; none of what is no month."""
    at = _month_index(month // 100, month % 100)
    return _FIRST_OF_MONTH[at], _LENGTH_OF_MONTH[at]


def _day_number(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Flags]:
    at = _month_index(year, month)
    return _FIRST_OF_MONTH[at] + day - 1, (day >= 1) & (day <= _LENGTH_OF_MONTH[at])


def _month_index(year: Ints, month: Ints) -> Ints:
    """Where a month stands in the tables, 0 (a month without days) of what is none of those the object reader knows."""
    is_month = (month >= 1) & (month <= 12) & (year >= FIRST_DAY.year) & (year <= LAST_DAY.year)
    found: Ints = ((year - FIRST_DAY.year) * 12 + month) * is_month
    return found


def _tables_of_months() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    count = (LAST_DAY.year - FIRST_DAY.year + 1) * 12
    first = np.arange(count + 1) + (FIRST_DAY.year - 1970) * 12
    days_of = first.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.append(0, days_of[:-1]), np.append(0, np.diff(days_of))


_FIRST_OF_MONTH, _LENGTH_OF_MONTH = _tables_of_months()


def numbers(value: Ints, is_filled: Flags) -> Any:
    """整数の列 — Int64, empty where the item is."""
    return arrow().array(value, arrow().int64(), mask=~is_filled)


def texts(cut: Cut, span: Span) -> Any:
    """文字の列 — decoded only where an item is not plain ASCII."""
    pa = arrow()
    count = len(span.start)
    offsets, found = _gathered(cut, span)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(found)]
    if not len(found) or found.max() <= _LAST_ASCII:
        return pa.StringArray.from_buffers(count, buffers[1], buffers[2])
    raw = pa.BinaryArray.from_buffers(pa.binary(), count, buffers).dictionary_encode()
    decoded = [each.decode("cp932", "replace") for each in raw.dictionary.to_pylist()]
    return pa.array(decoded, pa.string()).take(raw.indices)


def short_texts(value: NDArray[Any], is_filled: Flags | None = None) -> Any:
    """短い文字の列 — of ASCII of one width, the bytes of each as a number of the order they are written in."""
    pa = arrow()
    width = value.dtype.itemsize
    if is_filled is None:
        offsets = np.arange(0, (len(value) + 1) * width, width, dtype=np.int32)
    else:
        offsets = np.zeros(len(value) + 1, np.int32)
        np.cumsum(is_filled * width, out=offsets[1:])
        value = value[is_filled]
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(value))


def in_order(column: Any, order: Ints) -> Any:
    """列の並替え — rows of an Arrow column by their places; texts of one width, as most codes are, without their offsets."""
    pa = arrow()
    whole = column.combine_chunks()
    if len(whole) and pa.types.is_string(whole.type):
        _, offsets, data = whole.buffers()
        bounds = np.frombuffer(offsets, np.int32)[whole.offset : whole.offset + len(whole) + 1]
        width = int(bounds[-1] - bounds[0]) // len(whole)
        if width and (np.diff(bounds) == width).all():
            value = _strided(np.frombuffer(data, np.uint8), width)[bounds[0] :: width][order]
            return short_texts(value)
    return whole.take(pa.array(order))


def _gathered(cut: Cut, span: Span) -> tuple[NDArray[np.int32], Bytes]:
    """Offsets and bytes of an Arrow column of the items."""
    width = span.width
    offsets = np.zeros(len(width) + 1, np.int32)
    np.cumsum(width, out=offsets[1:])
    total = int(offsets[-1])
    if not total:
        return offsets, np.zeros(0, np.uint8)
    most = int(width.max())
    if most * len(width) == total:
        # All of one width, as codes are.
        return offsets, _strided(cut.data, most)[span.start].view(np.uint8)
    filled = np.flatnonzero(width)
    start, width = span.start[filled], width[filled]
    at = np.repeat(start - (np.cumsum(width) - width), width)
    at += np.arange(total)
    return offsets, cut.data[at]


def _strided(data: Bytes, width: int) -> NDArray[Any]:
    return np.ndarray((len(data) - width + 1,), np.dtype((np.void, width)), buffer=data, strides=(1,))
