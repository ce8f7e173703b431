# SPDX-License-Identifier: Apache-2.0
"""出来合いの明細 — lines that rules propose again and again on a day, made once and told by who they are.

A clinic's revisits bring the same additions with the same reasons. Such a line is one value for all visits of a
day of the book, so that its points and its line of the answer are found once too. Only lines whose facts are texts
and whole numbers are kept: two of them that are equal are also written alike, which ``1`` and ``Decimal("1.0")``
are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.calculation.draft import DraftLine, DraftUnit
from tasuki.calculation.price_drugs import INTERNAL
from tasuki.calculation.sections import section_of
from tasuki.kernel.because import Because, Verdict
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.calculation.draft import Priced
    from tasuki.calculation.rule import Proposal, Rule
    from tasuki.calculation.statement import Line
    from tasuki.masters.book import DayBook

# Of each kind and day of the book; a day has some hundred.
MOST_KEPT = 1024
_READY, _PRICED, _SETTLED, _IDS = "ready lines", "priced ready lines", "settled ready lines", "ids of ready lines"


class Ready(NamedTuple):
    """出来合いの明細 — a proposed line with its row, and the unit it makes when it stands alone."""

    row: Priced
    line: DraftLine
    unit: DraftUnit


def ready_line(book: DayBook, rule: Rule, proposal: Proposal) -> Ready:
    """出来合いの明細 — the line of a proposal, the same one each time while it is kept.

    Raises :class:`tasuki.masters.book.UnknownCode` or :class:`tasuki.masters.book.EndedCode`.
    """
    code, facts, _, _, amount, times, _ = proposal
    if amount is not None:
        return _made(book, rule, proposal)
    for _, value in facts:
        if type(value) is not str and type(value) is not int:
            return _made(book, rule, proposal)
    known: dict[Any, Ready] = book.kept(_READY)
    key = (rule[0], code, facts, times)
    found = known.get(key)
    if found is None:
        ids = book.kept(_IDS)
        if len(known) >= MOST_KEPT:
            for each in (known, ids, book.kept(_PRICED), book.kept(_SETTLED)):
                each.clear()
        found = known[key] = _made(book, rule, proposal)
        ids[id(found.line)] = found.line
    return found


def _made(book: DayBook, rule: Rule, proposal: Proposal) -> Ready:
    row = book.item(proposal.code)
    reason = Because(rule.id, Verdict.GRANTED, proposal.facts, rule.cite, row.code)
    line = DraftLine(row, proposal.amount, (reason,))
    section = section_of(row.tally_out) if isinstance(row, Act) else INTERNAL
    return Ready(row, line, DraftUnit(section or "80", f"auto:{row.code}", (line,), proposal.times))


def ready_price(
    book: DayBook, unit: DraftUnit, price: Callable[[DraftUnit], tuple[DraftUnit | None, tuple[Line, ...]]]
) -> tuple[DraftUnit | None, tuple[Line, ...]]:
    """出来合いの明細の点数 — of a unit that rules proposed: found once for the same lines, else by ``price``."""
    known: dict[Any, tuple[Any, ...]] = book.kept(_PRICED)
    section, group, lines, times, _, *rest = unit
    key = (section, *map(id, lines))
    found = known.get(key)
    if found is not None:
        # The kept value holds the lines, so that an identity cannot come to mean another.
        _, priced, points = found
        return tuple.__new__(DraftUnit, (section, group, priced, times, points, *rest)), ()
    made, lost = price(unit)
    ids = book.kept(_IDS)
    if made is not None and not lost and not made.yen and all(id(line) in ids for line in lines):
        known[key] = (lines, made.lines, made.points)
        book.kept(_SETTLED)[id(made.lines)] = (made.lines, None)  # type: ignore[assignment,index]
    return made, lost


def settled_lines(
    book: DayBook, lines: tuple[DraftLine, ...], settle: Callable[[tuple[DraftLine, ...]], tuple[Line, ...]]
) -> tuple[Line, ...]:
    """出来合いの明細の確定 — the lines of the answer: those of :func:`ready_price` are made once."""
    known: dict[Any, tuple[Any, Any]] = book.kept(_SETTLED)
    found = known.get(id(lines))
    if found is None:
        return settle(lines)
    settled: tuple[Line, ...] | None = found[1]
    if settled is None:
        settled = settle(lines)
        known[id(lines)] = (lines, settled)
    return settled
