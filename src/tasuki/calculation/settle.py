# SPDX-License-Identifier: Apache-2.0
"""算定結果の確定 — the last draft as a statement, in an order that does not depend on entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.draft import Draft, DraftUnit
from tasuki.calculation.ready_lines import ready_lines, settled
from tasuki.calculation.statement import Line, LineKind, Statement, Unit
from tasuki.chart.orders import Dispensing
from tasuki.kernel.because import Verdict
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.ready_lines import ReadyLines

PRESCRIPTION_FEE = "F400"


def settle(draft: Draft) -> Statement:
    """算定結果の確定 — units by 診療識別, then the official order of their first act."""
    case = draft.case
    ordered = _in_order(draft.units)
    ready = ready_lines(case.book)
    return Statement(
        visit_id=case.visit.id,
        day=case.day,
        revision=case.book.revision.name,
        kind=draft.kind,
        kind_because=draft.kind_because,
        department=case.visit.department,
        units=tuple([_unit(unit, case, ready) for unit in _with_outside_comments(ordered, case)]),
        denied=draft.denied,
        advised=draft.advised,
        findings=draft.findings,
    )


def _in_order(units: tuple[DraftUnit, ...]) -> list[DraftUnit]:
    """By the first act of their 剤, which is the rank of all its units."""
    if len(units) < 2:
        return list(units)
    groups: dict[tuple[str, str], tuple[str, str, str]] = {}
    ranked = []
    for at, unit in enumerate(units):
        section, group, lines, *_ = unit
        row, amount = lines[0][:2]
        order, code = row.order if type(row) is Act else "~", row.code
        text = "None" if amount is None else str(amount)
        ranked.append((section, order, code, text, group, at))
        known = groups.get((section, group))
        if known is None or (order, code, text) < known:
            groups[section, group] = (order, code, text)
    if len(groups) < len(units):
        ranked = [(*each[:1], *groups[each[0], each[4]], *each[4:]) for each in ranked]
    ranked.sort()
    return [units[each[5]] for each in ranked]


def _with_outside_comments(units: list[DraftUnit], case: Case) -> list[DraftUnit]:
    """Comments of a prescription that a pharmacy fills stand with 処方箋料: its drugs are not on this claim."""
    outside = [
        order for order in case.visit.orders if order.comments and order.dispensing is Dispensing.OUTSIDE
    ]
    if not outside:
        return units
    comments = tuple(dict.fromkeys(comment for order in outside for comment in order.comments))
    place = next((at for at, unit in enumerate(units) if _is_prescription_fee(unit)), None)
    if place is None:
        return units
    unit = units[place]._replace(comments=(*units[place].comments, *comments))
    return [*units[:place], unit, *units[place + 1 :]]


def _is_prescription_fee(unit: DraftUnit) -> bool:
    row = unit.lines[0].row
    return isinstance(row, Act) and row.section == PRESCRIPTION_FEE


def _unit(unit: DraftUnit, case: Case, ready: ReadyLines) -> Unit:
    section, group, drafted, times, points, order_id, _, programme_ids, _, yen, comments, site = unit
    lines = settled(drafted) if order_id else ready.settle(drafted)
    if comments:
        book = case.book
        commented = [
            Line(code, book.comment(code).name, LineKind.COMMENT, None, 0, Verdict.GRANTED, (), text)
            for code, text in comments
            if book.has_comment(code)
        ]
        lines = (*lines, *commented)
    return tuple.__new__(Unit, (section, group, lines, points, times, order_id, programme_ids, yen, site))
