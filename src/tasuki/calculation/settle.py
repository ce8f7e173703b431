# SPDX-License-Identifier: Apache-2.0
"""算定結果の確定 — the last draft as a statement, in an order that does not depend on entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.ready_lines import SettledUnit, ready_lines, settled
from tasuki.calculation.statement import Line, LineKind, Statement, Unit
from tasuki.chart.orders import Dispensing
from tasuki.kernel.because import Verdict
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.masters.book import DayBook

PRESCRIPTION_FEE = "F400"


def settle(draft: Draft) -> Statement:
    """算定結果の確定 — units by 診療識別, then the official order of their first act."""
    case = draft.case
    ready = ready_lines(case.book)
    units = _in_order(ready.settle(draft.units, _settled))
    return Statement(
        case.visit.id,
        case.day,
        case.book.revision.name,
        draft.kind,
        draft.kind_because,
        case.visit.department,
        tuple(_with_outside_comments(units, case)),
        draft.denied,
        draft.advised,
        draft.findings,
    )


def _in_order(settled: list[SettledUnit]) -> list[Unit]:
    """By the first act of their 剤, which is the rank of all its units."""
    if len({dose for _, dose, _ in settled}) == len(settled):
        return [unit for _, _, unit in sorted(settled)]
    first: dict[tuple[str, str], tuple[str, ...]] = {}
    for place, dose, _ in sorted(settled, key=lambda each: each[0], reverse=True):
        first[dose] = place
    return [unit for _, _, unit in sorted(settled, key=lambda each: first[each[1]])]


def _settled(unit: DraftUnit, book: DayBook) -> SettledUnit:
    section, group, first = unit.section, unit.group, unit.lines[0]
    lines = settled(unit.lines)
    if unit.comments:
        lines = (*lines, *_comment_lines(unit.comments, book))
    row, amount = first.row, first.amount
    order = row.order if type(row) is Act else "~"
    place = (section, order, row.code, "None" if amount is None else str(amount), group)
    answer = (
        section,
        group,
        lines,
        unit.points,
        unit.times,
        unit.order_id,
        unit.programme_ids,
        unit.yen,
        unit.site,
    )
    return place, (section, group), tuple.__new__(Unit, answer)


def _comment_lines(comments: Iterable[tuple[str, str]], book: DayBook) -> list[Line]:
    return [
        Line(code, book.comment(code).name, LineKind.COMMENT, None, 0, Verdict.GRANTED, (), text)
        for code, text in comments
        if book.has_comment(code)
    ]


def _with_outside_comments(units: list[Unit], case: Case) -> list[Unit]:
    """Comments of a prescription that a pharmacy fills stand with 処方箋料: its drugs are not on this claim."""
    outside = [
        order for order in case.visit.orders if order.comments and order.dispensing is Dispensing.OUTSIDE
    ]
    if not outside:
        return units
    comments = dict.fromkeys(comment for order in outside for comment in order.comments)
    place = next((at for at, unit in enumerate(units) if _is_prescription_fee(unit, case.book)), None)
    if place is None:
        return units
    unit = units[place]
    lines = (*unit.lines, *_comment_lines(comments, case.book))
    return [*units[:place], unit._replace(lines=lines), *units[place + 1 :]]


def _is_prescription_fee(unit: Unit, book: DayBook) -> bool:
    first = unit.lines[0]
    return first.kind is LineKind.ACT and book.act(first.code).section == PRESCRIPTION_FEE
