# SPDX-License-Identifier: Apache-2.0
"""保険者・公費の列 — HO and KO of a chunk, and whose receipt each card names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tasuki.claims.columns.digits import whole_numbers
from tasuki.claims.columns.fields import Cut, Flags, Ints, Span, id_number
from tasuki.claims.columns.values import numbers, texts

if TYPE_CHECKING:
    from collections.abc import Callable

# The items that are read of either record.
_ASKED = (2, 3, 4, 5, 6, 7, 9, 12)
# Our column, and which item of HO and of KO it is.
_AMOUNTS = (("visit_days", 5, 5), ("total_points", 6, 6), ("share_yen", 12, 7), ("meal_yen", 9, 12))


class PayerLines(NamedTuple):
    """保険者・公費の行 — the lines, the receipt of each counted in the chunk, which are insurers, and their items."""

    lines: Ints
    of: Ints
    is_insurer: Flags
    items: dict[int, Span]

    def either(self, insurer: int, programme: int) -> Span:
        """項目 — one of HO, another of KO."""
        one, other = self.items[insurer], self.items[programme]
        if insurer == programme:
            return one
        is_insurer = self.is_insurer
        return Span(np.where(is_insurer, one.start, other.start), np.where(is_insurer, one.end, other.end))

    def symbol(self) -> Span:
        """記号 — of an insurer; a programme has none."""
        start, end = self.items[3]
        return Span(start, np.where(self.is_insurer, end, start))


def payer_lines(cut: Cut, owner: Ints) -> PayerLines:
    """保険者・公費の行 — cut once for all that is asked of them."""
    lines = cut.lines_of("HO", "KO")
    spans = dict(zip(_ASKED, cut.spans(lines, _ASKED), strict=True))
    return PayerLines(lines, owner[lines], cut.ids[lines] == id_number("HO"), spans)


def first_payers(known: PayerLines, count: int) -> tuple[Span, Span, Span]:
    """第一の保険者 — the insurer of each receipt, or its first programme where it has none: number, symbol, holder."""
    chosen = np.full(count, -1)
    for some in (np.flatnonzero(~known.is_insurer)[::-1], np.flatnonzero(known.is_insurer)[::-1]):
        # Of one receipt the first line is written last, and insurers after programmes.
        chosen[known.of[some]] = some
    if not len(known.lines):
        nothing = np.zeros(count, np.int64)
        return (Span(nothing, nothing),) * 3
    has = chosen >= 0

    def of(span: Span) -> Span:
        start, end = span.start[chosen], span.end[chosen]
        return Span(start, end if has.all() else np.where(has, end, start))

    return of(known.items[2]), of(known.symbol()), of(known.either(4, 3))


def payer_columns(
    cut: Cut, heads: Ints, known: PayerLines, place: Callable[[Ints], dict[str, Any]], is_odd: Flags
) -> dict[str, Any]:
    """保険者・公費の列 — of the chunk; receipts with an item out of form are marked odd."""
    lines, of, is_insurer, items = known
    start = np.searchsorted(lines, heads)
    insurers: Ints = np.zeros(len(lines) + 1, np.int64)
    np.cumsum(is_insurer, out=insurers[1:])
    # Programmes of the receipt up to this line: lines since its head, less the insurers among them.
    since: Ints = np.arange(len(lines)) + 1 - start[of]
    position = since - (insurers[1:] - insurers[start[of]])
    columns = place(lines)
    columns["position"] = np.where(is_insurer, 0, position).astype(np.int32)
    columns["number"] = texts(cut, items[2])
    columns["symbol"] = texts(cut, known.symbol())
    columns["holder"] = texts(cut, known.either(4, 3))
    for name, insurer, programme in _AMOUNTS:
        value, is_filled, wrong = whole_numbers(cut.words, known.either(insurer, programme), 9)
        is_odd[of[wrong]] = True
        columns[name] = numbers(value, is_filled)
    return columns
