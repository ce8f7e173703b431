# SPDX-License-Identifier: Apache-2.0
"""摘要の列 — SI, IY and TO as one row per billed day and count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tasuki.claims.columns.fields import Cut, Flags, Ints, Span, id_table, small_numbers, whole_numbers
from tasuki.claims.columns.schema import arrow
from tasuki.claims.columns.values import day_of_month, numbers, texts

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDS = ("SI", "IY", "TO")
_KIND_NUMBERS = id_table({record_id: at for at, record_id in enumerate((*_KINDS, "CO"), 1)})
_SECTIONS = ("", *(f"{number:02}" for number in range(100)))
_PAYERS = tuple(chr(number) for number in range(128))


def line_columns(
    cut: Cut, place: Callable[[Ints], dict[str, Any]], owner: Ints, is_odd: Flags, month_of: Any
) -> dict[str, Any]:
    """摘要の列 — of every line of the chunk; receipts with an item out of form are marked odd."""
    lines, kind, section = _billed(cut, owner, is_odd)
    of = owner[lines]
    code, is_code, wrong = whole_numbers(cut.words, cut.span(lines, 4), 9)
    wrong |= ~is_code | (code < 100_000_000)
    payer = cut.span(lines, 3)
    letter = cut.data[payer.start]
    wrong |= (payer.width != 1) | (letter > 127)
    points, is_points, bad = whole_numbers(cut.words, cut.span(lines, 6), 7)
    times, is_times, worse = small_numbers(cut.data, cut.words, cut.span(lines, 7), 3)
    is_odd[of[wrong | bad | worse]] = True
    at, day, count, is_day = _rows(cut, lines, kind, of, is_odd)
    # Lines without a day stand once, with their count.
    count = np.where(is_day, count, times[at])
    month = month_of[of]
    since, is_in_month = day_of_month(month[at], day)
    is_day &= is_in_month
    columns = place(lines[at])
    pa = arrow()
    columns["kind"] = _labels(kind[at], _KINDS)
    columns["section"] = _labels(section[at], _SECTIONS)
    columns["payer_code"] = _labels(letter[at].astype(np.int64) & 127, _PAYERS)
    columns["code"] = code[at].astype(np.int32)
    columns["amount"] = texts(cut.data, cut.span(lines, 5)).take(pa.array(at))
    columns["points"] = numbers(points[at], is_points[at])
    columns["times"] = numbers(times[at], is_times[at])
    columns["month"] = month[at]
    columns["day"] = pa.array(since.astype(np.int32), pa.date32(), mask=~is_day)
    columns["count"] = count
    return columns


def _labels(numbers_: Ints, labels: tuple[str, ...]) -> Any:
    pa = arrow()
    return pa.array(labels, pa.string()).take(pa.array(numbers_))


def _billed(cut: Cut, owner: Ints, is_odd: Flags) -> tuple[Ints, Ints, Ints]:
    """The lines with their kind, and the section each inherits from the head of its 剤, comments included."""
    number = _KIND_NUMBERS[cut.ids]
    body = np.flatnonzero(number)
    kind = number[body].astype(np.int64) - 1
    section, is_filled, wrong = whole_numbers(cut.words, cut.span(body, 2), 2)
    wrong |= is_filled & (cut.span(body, 2).width != 2)
    of = owner[body]
    is_odd[of[wrong]] = True
    at = np.maximum.accumulate(np.where(is_filled, np.arange(len(body)), -1)) if len(body) else body
    is_known = (at >= 0) & (of[np.maximum(at, 0)] == of)
    inherited = np.where(is_known, section[np.maximum(at, 0)] + 1, 0)
    is_line = kind < len(_KINDS)
    return body[is_line], kind[is_line], inherited[is_line]


def _rows(cut: Cut, lines: Ints, kind: Ints, of: Ints, is_odd: Flags) -> tuple[Ints, Ints, Ints, Flags]:
    """One row a filled day, and one for each line without: its line, day, count, and whether it has a day."""
    # Receipts with a record of another size are odd already: their days are not looked at.
    first_day = np.where(kind == 2, 18, 14)
    first = np.zeros(len(cut.starts), np.uint8)
    first[lines] = np.where(cut.sizes[lines] == first_day + 30, first_day, 0)
    items = cut.items_from(first, 31)
    place = np.zeros(len(cut.starts), np.int64)
    place[lines] = np.arange(len(lines))
    row = place[items.line]
    count, _, wrong = small_numbers(cut.data, cut.words, Span(items.start, items.end), 3)
    is_odd[of[row[wrong]]] = True
    filled = np.bincount(row, minlength=len(lines))
    rows = np.maximum(filled, 1)
    at = np.repeat(np.arange(len(lines)), rows)
    if len(at) == len(row):
        return at, items.number.astype(np.int64), count, np.ones(len(at), np.bool_)
    has_day = np.repeat(filled > 0, rows)
    day, counts = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    day[has_day], counts[has_day] = items.number, count
    return at, day, counts, has_day
