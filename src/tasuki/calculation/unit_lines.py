# SPDX-License-Identifier: Apache-2.0
"""加算の並び — where an addition stands in the unit of its base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.masters.rows import ADDITION_KINDS, Act

if TYPE_CHECKING:
    from tasuki.calculation.draft import DraftLine, Priced
    from tasuki.masters.book import DayBook

Rank = tuple[bool, str, bool, str, str]
_RANKS = "ranks of additions"


def inserted(
    book: DayBook, lines: tuple[DraftLine, ...], base: int, line: DraftLine
) -> tuple[DraftLine, ...]:
    """加算の並び — the additions of a base follow it in ascending 通番, general additions last."""
    start = end = base + 1
    last = len(lines)
    if end == last:
        return (*lines, line)
    while end < last:
        row = lines[end].row
        if type(row) is not Act or row.record_kind not in ADDITION_KINDS:
            break
        end += 1
    if end == start:
        return (*lines[:start], line, *lines[end:])
    additions = [*lines[start:end], line]
    known: dict[str, Rank] = book.kept(_RANKS)
    ranks = [known.get(each.row.code) or _rank(each.row, known) for each in additions]
    places = sorted(range(len(ranks)), key=ranks.__getitem__)
    return (*lines[:start], *[additions[place] for place in places], *lines[end:])


def _rank(row: Priced, known: dict[str, Rank]) -> Rank:
    """Additions that must follow a base first (col 68), those without a base of their own after the others."""
    if isinstance(row, Act):
        kind, group = row.record_kind, row.addition_group
        serial = (row.addition_serial or "0").zfill(2)
        rank = (kind not in ADDITION_KINDS, kind, group in ("0", ""), serial, row.code)
    else:
        rank = (True, "9", True, "0", row.code)
    known[row.code] = rank
    return rank
