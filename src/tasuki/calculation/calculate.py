# SPDX-License-Identifier: Apache-2.0
"""算定 — a visit to a statement of points, each line with its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki.calculation import rules as _rules  # noqa: F401  (registers every rule)
from tasuki.calculation.case import Case
from tasuki.calculation.draft import Draft
from tasuki.calculation.passes import PASSES
from tasuki.calculation.settle import settle
from tasuki.chart.visit import History

if TYPE_CHECKING:
    from datetime import date

    from tasuki.calculation.statement import Statement
    from tasuki.chart.visit import Visit
    from tasuki.facility.institution import Institution
    from tasuki.masters.book import Book


def calculate(
    visit: Visit, institution: Institution, history: History, book: Book, *, priced_on: date | None = None
) -> Statement:
    """算定 — the points of one visit, what fell, and what could be billed.

    The same input gives the same output, in any order of entry of its orders. ``simulate`` is this
    function on a visit that is not saved. ``priced_on`` asks the tables and rules of another day about the
    visit as it was, which is how a revision is weighed.

    Raises :class:`tasuki.masters.book.OutOfBook` when no loaded revision covers the day.
    """
    day = visit.day
    on_day = book.at(priced_on or day)
    draft = Draft(Case(_in_order(visit), institution, _past(visit.id, day, history), on_day))
    for each in PASSES:
        draft = each(draft)
    return settle(draft)


def _in_order(visit: Visit) -> Visit:
    """Orders by their id and diagnoses by their day, so that no rule can see the order of entry."""
    if len(visit.orders) < 2 and len(visit.diagnoses) < 2:
        return visit
    ids = [order.id for order in visit.orders]
    days = [(each.since, each.code, each.modifiers) for each in visit.diagnoses]
    if ids == sorted(ids) and days == sorted(days):
        return visit
    orders = tuple(sorted(visit.orders, key=lambda order: order.id))
    diagnoses = tuple(sorted(visit.diagnoses, key=lambda each: (each.since, each.code, each.modifiers)))
    return replace(visit, orders=orders, diagnoses=diagnoses)


def _past(own: str, day: date, history: History) -> History:
    """A visit calculated again is not its own past, nor are the days after it."""
    last = history.last_day()
    if own not in history.visit_ids and (last is None or last <= day):
        return history
    return History(tuple([each for each in history.lines if each.day <= day and each.visit_id != own]))
