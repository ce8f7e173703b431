# SPDX-License-Identifier: Apache-2.0
"""出来合いの明細 — lines that rules propose again and again on a day, made once and told by who they are.

A clinic's revisits bring the same additions with the same reasons. Such a line is one value for all visits of a
day of the book, so that its points and its line of the answer are found once too. Only lines whose facts are texts
and whole numbers are kept: two of them that are equal are also written alike, which ``1`` and ``Decimal("1.0")``
are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.draft import DraftLine, DraftUnit, kind_of
from tasuki.calculation.price_drugs import INTERNAL
from tasuki.calculation.sections import section_of
from tasuki.calculation.statement import Line
from tasuki.calculation.unit_lines import inserted
from tasuki.kernel.because import Because, Verdict
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.calculation.draft import Priced
    from tasuki.calculation.rule import Proposal, Rule
    from tasuki.masters.book import DayBook

    PriceUnit = Callable[[DraftUnit], tuple[DraftUnit | None, tuple[Line, ...]]]

# Of each kind and day of the book; a day has some hundred.
MOST_KEPT = 1024
_READY = "ready lines"


class Ready(NamedTuple):
    """出来合いの明細 — a proposed line with its row, and the unit it makes when it stands alone."""

    row: Priced
    line: DraftLine
    unit: DraftUnit


class PricedLines(NamedTuple):
    """点数の付いた明細 — the same lines with their points, their sum, and their lines of the answer.

    The lines they were made of are held, so that an identity cannot come to mean another.
    """

    made_of: tuple[DraftLine, ...]
    lines: tuple[DraftLine, ...]
    points: int
    settled: tuple[Line, ...]


class ReadyLines:
    """出来合いの明細の控え — of one day of the book."""

    __slots__ = ("_by_lines", "_ids", "_joined", "_known", "_priced", "_units", "book")

    def __init__(self, book: DayBook) -> None:
        self.book = book
        self._known: dict[tuple[object, ...], Ready] = {}
        self._ids: dict[int, DraftLine] = {}
        self._priced: dict[tuple[object, ...], PricedLines] = {}
        self._by_lines: dict[int, PricedLines] = {}
        # The lines of units that hold nothing else, by identity; and what one of them becomes with a line more. An
        # entry holds what its key names: another thread may forget the rest between a look and an entry.
        self._units: dict[int, tuple[DraftLine, ...]] = {}
        self._joined: dict[
            tuple[int, int, int], tuple[tuple[DraftLine, ...], DraftLine, tuple[DraftLine, ...]]
        ] = {}

    def line_of(self, rule: Rule, proposal: Proposal) -> Ready:
        """出来合いの明細 — the line of a proposal, the same one each time while it is kept.

        Raises :class:`tasuki.masters.book.UnknownCode` or :class:`tasuki.masters.book.EndedCode`.
        """
        code, facts, _, _, amount, times, _ = proposal
        if amount is not None:
            return _made(self.book, rule, proposal)
        for _, value in facts:
            if type(value) is not str and type(value) is not int:
                return _made(self.book, rule, proposal)
        key = (rule[0], code, facts, times)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_KEPT:
                self._forget()
            found = self._known[key] = _made(self.book, rule, proposal)
            self._ids[id(found.line)] = found.line
            self._units[id(found.unit.lines)] = found.unit.lines
        return found

    def join(self, lines: tuple[DraftLine, ...], at: int, line: DraftLine) -> tuple[DraftLine, ...]:
        """出来合いの明細の追加 — the lines of a unit with one more behind its base: found once for the same lines."""
        key = (id(lines), at, id(line))
        kept = self._joined.get(key)
        if kept is not None:
            return kept[2]
        found = inserted(self.book, lines, at, line)
        if id(lines) in self._units and id(line) in self._ids:
            if len(self._joined) >= MOST_KEPT:
                self._forget()
                return found
            self._joined[key] = (lines, line, found)
            self._units[id(found)] = found
        return found

    def _forget(self) -> None:
        """All at once, so that no identity outlives what it was of."""
        self._known.clear()
        self._ids.clear()
        self._units.clear()
        self._joined.clear()
        self._priced.clear()
        self._by_lines.clear()

    def price(self, unit: DraftUnit, price_unit: PriceUnit) -> tuple[DraftUnit | None, tuple[Line, ...]]:
        """出来合いの明細の点数 — of a unit that rules proposed: found once for the same lines."""
        section, group, lines, times, _, order_id, source, programme_ids, is_bundle, _, comments, site = unit
        found = self._priced.get((section, *map(id, lines)))
        if found is not None:
            fields = (section, group, found.lines, times, found.points, order_id, source, programme_ids)
            return tuple.__new__(DraftUnit, (*fields, is_bundle, 0, comments, site)), ()
        made, lost = price_unit(unit)
        ids = self._ids
        if made is not None and not lost and not made.yen and all(id(line) in ids for line in lines):
            kept = PricedLines(lines, made.lines, made.points, settled(made.lines))
            self._priced[section, *map(id, lines)] = self._by_lines[id(made.lines)] = kept
        return made, lost

    def settle(self, lines: tuple[DraftLine, ...]) -> tuple[Line, ...]:
        """出来合いの明細の確定 — the lines of the answer: those of :meth:`price` were made with their points."""
        found = self._by_lines.get(id(lines))
        return settled(lines) if found is None else found.settled


def ready_lines(book: DayBook) -> ReadyLines:
    """出来合いの明細の控え — of a day of the book, kept with it."""
    known: dict[str, ReadyLines] = book.kept(_READY)
    found = known.get(_READY)
    if found is None:
        found = known[_READY] = ReadyLines(book)
    return found


def settled(lines: tuple[DraftLine, ...]) -> tuple[Line, ...]:
    """算定明細 — lines that stand, as the answer has them."""
    granted = Verdict.GRANTED
    # tuple.__new__, because a Line is made for every line of every visit.
    return tuple(
        [
            tuple.__new__(Line, (row.code, row.name, kind_of(row), amount, points, granted, because, "", 0))
            for row, amount, because, points, *_ in lines
        ]
    )


def _made(book: DayBook, rule: Rule, proposal: Proposal) -> Ready:
    row = book.item(proposal.code)
    reason = Because(rule.id, Verdict.GRANTED, proposal.facts, rule.cite, row.code)
    line = DraftLine(row, proposal.amount, (reason,))
    section = section_of(row.tally_out) if isinstance(row, Act) else INTERNAL
    return Ready(row, line, DraftUnit(section or "80", f"auto:{row.code}", (line,), proposal.times))
