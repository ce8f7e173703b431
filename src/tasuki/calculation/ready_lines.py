# SPDX-License-Identifier: Apache-2.0
"""出来合いの明細 — lines that rules propose again and again, made once and told by who they are.

A clinic's revisits bring the same additions with the same reasons. Such a line is one value for all visits of the
days that have the same rows, and so is the unit it makes, alone or with others: its points, its place and its unit of the answer
are found once too. Only lines whose facts are texts and whole numbers are kept: two of them that are equal are also
written alike, which ``1`` and ``Decimal("1.0")`` are not.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace as changed

from tasuki.calculation.draft import MOST_KEPT, DraftLine, DraftUnit, fallen, kind_of, unborn
from tasuki.calculation.price_drugs import INTERNAL
from tasuki.calculation.rule import Advice
from tasuki.calculation.sections import section_of
from tasuki.calculation.statement import Line
from tasuki.calculation.unit_lines import inserted
from tasuki.kernel.because import Because, Verdict
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasuki.calculation.draft import Priced
    from tasuki.calculation.rule import Denial, Proposal, Rule
    from tasuki.calculation.statement import Unit
    from tasuki.masters.book import DayBook

    Facts = tuple[tuple[str, object], ...]
    NameOf = Callable[[str], str]
    PriceUnit = Callable[[DraftUnit], tuple[DraftUnit | None, tuple[Line, ...]]]
    SettleUnit = Callable[[DraftUnit, DayBook], "SettledUnit"]

K = TypeVar("K")
T = TypeVar("T")
_READY = "ready lines"
_GRANTED, _DENIED, _ADVISED = Verdict


class Ready(Struct, frozen=True, gc=False):
    """出来合いの明細 — a line that a rule proposed with its row, and the unit it makes when it stands alone."""

    rule: Rule
    row: Priced
    line: DraftLine
    unit: DraftUnit


# 確定した算定単位: the place of a unit of the answer (診療識別, official order, code, amount and group of its first line),
# 診療識別 and group, which the units of one 剤 share, and the unit. A plain tuple: every visit sorts and takes apart some.
SettledUnit = tuple[tuple[str, str, str, str, str], tuple[str, str], "Unit"]


class ReadyLines:
    """出来合いの明細の控え — of the days of a book that have the same rows.

    What is told by identity is held, so that an identity cannot come to mean another. Several threads calculate at once:
    what is kept is kept under a lock, and what is found by an identity is let go before what holds it.
    """

    __slots__ = (
        "_fallen",
        "_joined",
        "_known",
        "_left",
        "_lines",
        "_lock",
        "_priced",
        "_read",
        "_seen",
        "_settled",
        "_told",
        "_units",
        "book",
    )

    def __init__(self, book: DayBook) -> None:
        self.book = book
        self._lock = Lock()
        self._known: dict[tuple[object, ...], Ready] = {}
        # The same by proposal, for rules that answer with one value each time.
        self._seen: dict[int, tuple[Proposal, Ready]] = {}
        self._lines: dict[int, DraftLine] = {}
        # Units of such lines alone, and what one of them becomes with a line more, or without some.
        self._units: dict[int, DraftUnit] = {}
        self._joined: dict[tuple[int, str, int], DraftUnit] = {}
        self._left: dict[tuple[int, ...], DraftUnit] = {}
        self._fallen: dict[tuple[int, int], tuple[Because, Line]] = {}
        self._told: dict[int, tuple[Denial | Advice, Rule, Line]] = {}
        self._priced: dict[int, DraftUnit] = {}
        self._read: dict[tuple[object, int], tuple[DraftUnit, Any]] = {}
        self._settled: dict[int, SettledUnit] = {}

    def line_of(self, rule: Rule, proposal: Proposal) -> Ready:
        """出来合いの明細 — the line of a proposal, the same one each time while it is kept.

        Raises :class:`tasuki.masters.book.UnknownCode` or :class:`tasuki.masters.book.EndedCode`.
        """
        seen = self._seen.get(id(proposal))
        if seen is not None and (found := seen[1]).rule is rule:
            return found
        if proposal.amount is not None:
            return _made(self.book, rule, proposal)
        for _, value in proposal.facts:
            if type(value) is not str and type(value) is not int:
                return _made(self.book, rule, proposal)
        # A rule of one id is another one in another year; the line holds the rule.
        key = (id(rule), proposal.code, proposal.facts, proposal.times)
        kept = self._known.get(key)
        if kept is None:
            found = _made(self.book, rule, proposal)
            with self._lock:
                if len(self._known) >= MOST_KEPT:
                    self._forget()
                self._lines[id(found.line)] = found.line
                self._units[id(found.unit)] = found.unit
                self._known[key] = found
        else:
            found = kept
        if len(self._seen) >= MOST_KEPT:
            self._seen.clear()
        self._seen[id(proposal)] = (proposal, found)
        return found

    def join(self, unit: DraftUnit, onto: str, line: DraftLine) -> DraftUnit | None:
        """出来合いの明細の追加 — the unit with one line more behind the last of a code: found once for the same unit; None without the code."""
        key = (id(unit), onto, id(line))
        found = self._joined.get(key)
        if found is None:
            lines = unit.lines
            for at in range(len(lines) - 1, -1, -1):
                if lines[at].row.code == onto:
                    found = changed(unit, lines=inserted(self.book, lines, at, line))
                    self._keep(self._joined, key, unit, found, line)
                    break
        return found

    def holds(self, unit: DraftUnit) -> bool:
        """出来合いの明細か — whether the unit is one that is kept, and so may come again."""
        return id(unit) in self._units

    def leave(self, unit: DraftUnit, lost: list[DraftLine]) -> DraftUnit:
        """出来合いの明細の削除 — the unit without some of its lines: found once for the same unit."""
        key = (id(unit), *map(id, lost))
        found = self._left.get(key)
        if found is None:
            gone = key[1:]
            found = changed(unit, lines=tuple([line for line in unit.lines if id(line) not in gone]))
            self._keep(self._left, key, unit, found)
        return found

    def fall(self, line: DraftLine, reason: Because) -> Line:
        """出来合いの明細の算定不可 — as the answer has a line that fell for a reason: found once for the same two."""
        key = (id(line), id(reason))
        found = self._fallen.get(key)
        if found is not None and found[0] is reason:
            return found[1]
        made = fallen(line, reason)
        with self._lock:
            if id(line) in self._lines:
                if len(self._fallen) >= MOST_KEPT:
                    self._fallen.clear()
                self._fallen[key] = (reason, made)
        return made

    def told(self, rule: Rule, outcome: Denial | Advice, name_of: NameOf) -> Line:
        """出来合いの助言 — as the answer has a denial or an advice of a code that does not stand.

        Raises :class:`tasuki.masters.book.UnknownCode` or :class:`tasuki.masters.book.EndedCode`.
        """
        found = self._told.get(id(outcome))
        if found is not None and found[1] is rule:
            return found[2]
        row = self.book.item(outcome.code)
        if isinstance(outcome, Advice):
            verdict, known = _ADVISED, outcome.facts
        else:
            verdict, known = _DENIED, (("lost_to", outcome.lost_to), *outcome.facts)
        line = unborn(row, Because(rule.id, verdict, named(known, name_of), rule.cite, row.code))
        if len(self._told) >= MOST_KEPT:
            self._told.clear()
        self._told[id(outcome)] = (outcome, rule, line)
        return line

    def of_unit(self, find: Callable[[DraftUnit], T], unit: DraftUnit) -> T:
        """出来合いの算定単位の控え — what a reader finds out of the rows of a unit alone: found once for the same unit."""
        key = (find, id(unit))
        kept = self._read.get(key)
        if kept is not None and kept[0] is unit:
            found: T = kept[1]
            return found
        found = find(unit)
        if self.holds(unit):
            if len(self._read) >= MOST_KEPT:
                self._read.clear()
            self._read[key] = (unit, found)
        return found

    def priced(self, unit: DraftUnit) -> DraftUnit | None:
        """出来合いの明細の点数 — the unit with its points, None where they are not known yet."""
        return self._priced.get(id(unit))

    def price(self, unit: DraftUnit, price_unit: PriceUnit) -> tuple[DraftUnit | None, tuple[Line, ...]]:
        """出来合いの明細の点数 — of a unit that rules proposed: kept for :meth:`priced` where all of it could be priced, in points."""
        made, lost = price_unit(unit)
        if made is not None and not lost and not made.yen:
            self._keep(self._priced, id(unit), unit, made)
        return made, lost

    def settle(self, units: Iterable[DraftUnit], settle_unit: SettleUnit) -> list[SettledUnit]:
        """出来合いの明細の確定 — the units of the answer, each found once for the same unit with its points."""
        settled, known = [], self._settled
        for unit in units:
            found = known.get(id(unit))
            if found is None:
                found = settle_unit(unit, self.book)
                with self._lock:
                    if id(unit) in self._units:
                        known[id(unit)] = found
            settled.append(found)
        return settled

    def _keep(
        self,
        table: dict[K, DraftUnit],
        key: K,
        unit: DraftUnit,
        made: DraftUnit,
        line: DraftLine | None = None,
    ) -> None:
        """Only what was made of a unit (and a line) that is held, and all of it no longer than the unit."""
        with self._lock:
            if id(unit) not in self._units or not (line is None or id(line) in self._lines):
                return
            if len(self._units) >= 4 * MOST_KEPT:
                self._forget()
            else:
                table[key] = self._units[id(made)] = made

    def _forget(self) -> None:
        """All at once, under the lock; first what is found by identities, then what they are of."""
        for found in (self._joined, self._left, self._fallen, self._priced, self._settled):
            found.clear()
        for held in (self._known, self._seen, self._lines, self._units):
            held.clear()


def ready_lines(book: DayBook) -> ReadyLines:
    """出来合いの明細の控え — those of the rows of a day, kept with them."""
    known: dict[str, ReadyLines] = book.kept(_READY)
    found = known.get(_READY)
    if found is None:
        found = known[_READY] = ReadyLines(book)
    return found


def named(known: Facts, name_of: NameOf) -> Facts:
    """勝った行為の名称 — whoever won is named as well as coded, so that a reason can be read without a book."""
    for name, winner in known:
        if name == "lost_to" and winner and isinstance(winner, str):
            return (*known, ("lost_to_name", name_of(winner)))
    return known


def settled(lines: tuple[DraftLine, ...]) -> tuple[Line, ...]:
    """算定明細 — lines that stand, as the answer has them."""
    # tuple.__new__, because a Line is made for every line of every visit.
    return tuple(
        [
            tuple.__new__(
                Line,
                (
                    (row := line.row).code,
                    row.name,
                    kind_of(row),
                    line.amount,
                    line.points,
                    _GRANTED,
                    line.because,
                    "",
                    0,
                ),
            )
            for line in lines
        ]
    )


def _made(book: DayBook, rule: Rule, proposal: Proposal) -> Ready:
    row = book.item(proposal.code)
    reason = Because(rule.id, _GRANTED, proposal.facts, rule.cite, row.code)
    line = DraftLine(row, proposal.amount, (reason,))
    section = section_of(row.tally_out) if isinstance(row, Act) else INTERNAL
    return Ready(rule, row, line, DraftUnit(section or "80", f"auto:{row.code}", (line,), proposal.times))
