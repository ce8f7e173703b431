# SPDX-License-Identifier: Apache-2.0
"""摘要の列 — SI, IY and TO as one row per billed day and count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tasuki.claims.columns.digits import full_numbers, small_numbers, whole_numbers
from tasuki.claims.columns.fields import Cut, Flags, Ints, Span, id_number, id_table
from tasuki.claims.columns.schema import arrow
from tasuki.claims.columns.values import month_days, numbers, short_texts, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_BILLED = ("SI", "IY", "TO")
_IS_BODY = id_table(dict.fromkeys((*_BILLED, "CO"), 1)) == 1
# The item after 回数, and where the 31 days of a line begin.
_AFTER_TIMES, _FIRST_DAY, _FIRST_DAY_OF_MATERIAL, _DAYS = 8, 14, 18, 31
# By two bytes as one number: the number of two digits, -1 of all others.
_TWO_DIGITS = np.full(1 << 16, -1, np.int8)
for _number in range(100):
    _TWO_DIGITS[id_number(f"{_number:02}")] = _number


class _Rows(NamedTuple):
    """One row a filled day, and one for each line without: its line, day, count, and whether it has a day."""

    at: Ints
    day: Ints
    times: Ints
    has_day: Flags


def line_columns(
    cut: Cut, place: Callable[[Ints], dict[str, Any]], owner: Ints, is_odd: Flags, month_of: Any
) -> dict[str, Any]:
    """摘要の列 — of every line of the chunk; receipts with an item out of form are marked odd."""
    pa = arrow()
    lines, section, has_section = _billed(cut, owner, is_odd)
    of = owner[lines]
    payer, of_code, amount, of_points, of_times = cut.spans(lines, (3, 4, 5, 6, 7))
    code, odd = full_numbers(cut.data, cut.words, of_code)
    odd |= code < 100_000_000
    letter = cut.data[payer.start]
    odd |= (payer.width != 1) | (letter > 127)
    points, is_points, bad = whole_numbers(cut.words, of_points, 7)
    times, is_times, worse = small_numbers(cut.data, cut.words, of_times, 3)
    rows, broken = _rows(cut, lines, of_times.end + 1)
    is_odd[of[odd | bad | worse | broken]] = True
    at, day, count, has_day = rows
    first, last = month_days(month_of)
    of_row = of[at]
    columns = place(lines[at])
    columns["kind"] = short_texts(cut.pairs(cut.starts[lines[at]]).byteswap())
    columns["section"] = short_texts(section[at].byteswap(), has_section[at])
    columns["payer_code"] = short_texts((letter & 127)[at])
    columns["code"] = code.astype(np.int32)[at]
    columns["amount"] = texts(cut, Span(amount.start[at], amount.end[at]))
    columns["points"] = numbers(points[at], is_points[at])
    columns["times"] = numbers(times[at], is_times[at])
    columns["month"] = month_of[of_row]
    since = (first[of_row] + day - 1).astype(np.int32)
    columns["day"] = pa.array(since, pa.date32(), mask=~(has_day & (day <= last[of_row])))
    # Lines without a day stand once, with their count.
    columns["count"] = np.where(has_day, count, times[at])
    return columns


def _billed(cut: Cut, owner: Ints, is_odd: Flags) -> tuple[Ints, NDArray[np.uint16], Flags]:
    """The lines, and the two digits of the section each inherits from the head of its 剤, comments included."""
    body = np.flatnonzero(_IS_BODY[cut.ids])
    span = cut.span(body, 2)
    width = span.width
    section = cut.pairs(span.start)
    is_head = width > 0
    of = owner[body]
    is_odd[of[is_head & ((width != 2) | (_TWO_DIGITS[section] < 0))]] = True
    head = np.maximum.accumulate(np.where(is_head, np.arange(len(body)), 0)) if len(body) else body
    is_known = is_head[head] & (of[head] == of)
    is_line = cut.ids[body] != id_number("CO")
    return body[is_line], section[head][is_line], is_known[is_line]


def _rows(cut: Cut, lines: Ints, start: Ints) -> tuple[_Rows, Flags]:
    """The rows of the lines, and which lines have a count out of form."""
    is_material = cut.ids[lines] == id_number("TO")
    first = np.where(is_material, _FIRST_DAY_OF_MATERIAL, _FIRST_DAY)
    # Receipts with a record of another size are odd already: their days are not looked at.
    end = cut.text_ends[lines]
    items = cut.filled(np.where(cut.sizes[lines] == first + _DAYS - 1, start, end), end)
    number = items.number + (_AFTER_TIMES - 1 - first)[items.row]
    if len(number) and number.min() < 0:
        # Comments stand between 回数 and the days.
        is_day = number >= 0
        items, number = items.only(is_day), number[is_day]
    count, _, wrong = small_numbers(cut.data, cut.words, items.span, 3)
    broken = np.zeros(len(lines), np.bool_)
    broken[items.row[wrong]] = True
    is_filled = np.zeros(len(lines), np.bool_)
    is_filled[items.row] = True
    if is_filled.all():
        return _Rows(items.row, number + 1, count, np.ones(len(count), np.bool_)), broken
    rows = np.maximum(np.bincount(items.row, minlength=len(lines)), 1)
    at = np.repeat(np.arange(len(lines)), rows)
    has_day = is_filled[at]
    day, counts = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    day[has_day], counts[has_day] = number + 1, count
    return _Rows(at, day, counts, has_day), broken
