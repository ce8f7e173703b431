# SPDX-License-Identifier: Apache-2.0
"""項目の値の列 — days, months, numbers and texts of many items at once, as Arrow columns."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from tasuki.claims.columns.fields import Bytes, Flags, Ints, Span, Words, gathered, whole_numbers
from tasuki.claims.columns.schema import arrow
from tasuki.claims.item_values import FIRST_DAY, LAST_DAY

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


def day_of_month(month: Ints, day: Ints) -> tuple[Ints, Flags]:
    """算定日 — days since 1970-01-01 of a day of YYYYMM, and whether the month has the day."""
    return _day_number(month // 100, month % 100, day)


def _day_number(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Flags]:
    is_month = (month >= 1) & (month <= 12) & (year >= 1)
    index = np.where(is_month, (year - 1970) * 12 + month - 1, 0)
    first = index.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (index + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + day - 1, is_month & (day >= 1) & (day <= following - first)


def numbers(value: Ints, is_filled: Flags) -> Any:
    """整数の列 — Int64, empty where the item is."""
    return arrow().array(value, arrow().int64(), mask=~is_filled)


def texts(data: Bytes, span: Span) -> Any:
    """文字の列 — decoded only where an item is not plain ASCII."""
    pa = arrow()
    offsets, found = gathered(data, span)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(found)]
    if not len(found) or found.max() < 0x80:
        return pa.StringArray.from_buffers(len(offsets) - 1, buffers[1], buffers[2])
    raw = pa.BinaryArray.from_buffers(pa.binary(), len(offsets) - 1, buffers).dictionary_encode()
    decoded = [each.decode("cp932", "replace") for each in raw.dictionary.to_pylist()]
    return pa.array(decoded, pa.string()).take(raw.indices)
