# SPDX-License-Identifier: Apache-2.0
"""算定結果から窓口負担へ — the points of a calculated visit by the set of payers of each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.copayment.ledger import CopayVisit
from tasuki.calculation.copayment.programmes import is_before_insurance
from tasuki.chart.visit import VisitKind

if TYPE_CHECKING:
    from tasuki.calculation.copayment.ledger import PayerSet
    from tasuki.calculation.statement import Statement, Unit
    from tasuki.chart.visit import Visit


def copay_visit(visit: Visit, statement: Statement, *, is_counted_day: bool = True) -> CopayVisit:
    """窓口負担の受診 — a calculated visit as its payment sees it.

    A unit that names no programmes belongs to every programme of the visit that works beside the
    insurer; a programme that comes before insurance must be named by the unit.
    """
    points: dict[PayerSet, int] = {}
    for unit in statement.units:
        payer_set = payer_set_of(visit, unit)
        points[payer_set] = points.get(payer_set, 0) + unit.total_points
    return CopayVisit(
        day=visit.day,
        person=visit.person,
        coverage=visit.coverage,
        points_by_payer_set=points,
        is_counted_day=is_counted_day,
        is_first_visit=statement.kind is VisitKind.FIRST,
        department=visit.department,
        id=visit.id,
    )


def payer_set_of(visit: Visit, unit: Unit) -> PayerSet:
    """組合せ — the programmes that pay a unit: those it names, or all that work beside the insurer."""
    if unit.programme_ids is not None:
        return tuple(sorted(unit.programme_ids))
    cards = visit.coverage.programmes
    beside = tuple(card.key for card in cards if not is_before_insurance(card.law_code))
    return beside or tuple(card.key for card in cards[:1] if visit.coverage.insurance is None)
