# SPDX-License-Identifier: Apache-2.0
"""再算定 — every receipt of a file: its days calculated again, compared with what was billed.

Only outpatient receipts whose days lie in a loaded revision are calculated. Receipts of other days are told apart, or, when
asked, calculated as if their year were another: then a difference of prices is the revision's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from tasuki.calculation import calculate
from tasuki.chart.visit import History, PastLine
from tasuki.claims.recalculate.day_visits import at_place, billed_days, institution_of
from tasuki.claims.recalculate.differences import Cause, Difference, compare_day
from tasuki.kernel.because import Verdict
from tasuki.masters.book import OutOfBook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation.statement import Statement
    from tasuki.claims.recalculate.day_visits import BilledDay
    from tasuki.claims.receipt import ClaimFile, Receipt
    from tasuki.facility.institution import Institution
    from tasuki.masters.book import Book


class State(StrEnum):
    """再算定の可否 — whether a receipt could be calculated again."""

    CALCULATED = "calculated"
    INPATIENT = "inpatient"
    OUT_OF_BOOK = "out_of_book"
    UNREADABLE = "unreadable"  # no month, no line, or no birth before them


@dataclass(frozen=True, slots=True)
class ReceiptOutcome:
    """レセプトの再算定 — its points as billed and as calculated, lines equal, and the differences."""

    number: int
    month: str
    state: State
    billed_points: int = 0
    calculated_points: int = 0
    lines: int = 0
    equal_lines: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def is_equal(self) -> bool:
        """一致 — every point, and no difference."""
        return (
            self.state is State.CALCULATED
            and not self.differences
            and self.billed_points == self.calculated_points
        )


@dataclass(frozen=True, slots=True)
class Recalculation:
    """再算定の結果 — of a file; ``shifted_to`` the revision it was moved into, "" for its own days."""

    file: str
    revision: str
    outcomes: tuple[ReceiptOutcome, ...]
    shifted_to: str = ""

    @property
    def calculated(self) -> tuple[ReceiptOutcome, ...]:
        """再算定したレセプト — the others could not be."""
        return tuple(each for each in self.outcomes if each.state is State.CALCULATED)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """相違 — of every receipt, in order."""
        return tuple(one for each in self.outcomes for one in each.differences)


def recalculate(file: ClaimFile, book: Book, shift_to: str = "") -> Recalculation:
    """再算定 — of every receipt of a file.

    ``shift_to`` names a revision: a receipt of days outside every loaded revision is calculated on the same
    days of the last year of that revision which holds them, for a patient of the same age.
    """
    institution = institution_of(file, book, file.receipts)
    outcomes = tuple(_outcome(receipt, institution, book, shift_to) for receipt in file.receipts)
    revisions = sorted(set(_revisions(file, book)))
    return Recalculation(file.name, "、".join(revisions), outcomes, shift_to)


def _outcome(receipt: Receipt, institution: Institution, book: Book, shift_to: str) -> ReceiptOutcome:
    header = receipt.header
    number = header.receipt_number or 0
    month = header.service_month
    made = ReceiptOutcome(number, month.text if month else "", State.UNREADABLE)
    if receipt.type is not None and receipt.type.is_inpatient:
        return replace(made, state=State.INPATIENT)
    if month is None:
        return made
    years = 0
    if not _covers(book, month.day(1)):
        years = _years_to(book, month.day(1), shift_to) if shift_to else 0
        if not years:
            return replace(made, state=State.OUT_OF_BOOK)
    days = billed_days(receipt, book, years)
    if not days:
        return made
    return _calculated(made, days, institution, book, is_shifted=years != 0)


def _calculated(
    made: ReceiptOutcome,
    days: tuple[BilledDay, ...],
    institution: Institution,
    book: Book,
    *,
    is_shifted: bool,
) -> ReceiptOutcome:
    past: list[PastLine] = []
    billed = calculated = lines = equal = 0
    differences: list[Difference] = []
    for day in days:
        on = book.at(day.visit.day)
        statement = _statement(day, at_place(institution, day, book), History(tuple(past)), book)
        compared = compare_day(made.number, day, statement, on, is_shifted=is_shifted)
        lines += compared.lines
        equal += compared.equal
        differences += compared.differences
        billed += sum(unit.points * unit.times for unit in day.units)
        calculated += statement.total_points
        # What follows in the month saw what was billed, not what we would have billed.
        past += [
            PastLine(day.visit.day, code, max(unit.times, 1), day.visit.id, day.visit.department)
            for unit in day.units
            for code in unit.codes
        ]
    return replace(
        made,
        state=State.CALCULATED,
        billed_points=billed,
        calculated_points=calculated,
        lines=lines,
        equal_lines=equal,
        differences=tuple(differences),
    )


def _statement(day: BilledDay, place: Institution, history: History, book: Book) -> Statement:
    """The day calculated; what waits for a fact only a human knows is given it when the file bills the line."""
    statement = calculate(day.visit, place, history, book)
    billed = {code for unit in day.units for code in unit.codes}
    known = {
        str(value)
        for line in (*statement.advised, *statement.denied)
        if line.code in billed and line.because[-1].verdict in (Verdict.ADVISED, Verdict.DENIED)
        for name, found in line.because[-1].facts
        if name in ("missing", "flag")
        for value in (found if isinstance(found, tuple | list) else (found,))
    }
    if not known:
        return statement
    return calculate(replace(day.visit, flags=day.visit.flags | known), place, history, book)


def _revisions(file: ClaimFile, book: Book) -> Iterator[str]:
    for receipt in file.receipts:
        month = receipt.header.service_month
        if month is not None:
            yield from (each.name for each in book.revisions if month.day(1) in each.validity)


def _covers(book: Book, day: object) -> bool:
    try:
        book.at(day)  # type: ignore[arg-type]
    except OutOfBook:
        return False
    return True


def _years_to(book: Book, day: object, name: str) -> int:
    """How many years later the month lies in the revision, the latest such year; 0 when it never does."""
    validity = next((each.validity for each in book.revisions if each.name == name), None)
    if validity is None:
        return 0
    found = [years for years in range(1, 40) if day.replace(year=day.year + years) in validity]  # type: ignore[attr-defined]
    return max(found, default=0)


__all__ = ["Cause", "Recalculation", "ReceiptOutcome", "State", "recalculate"]
