# SPDX-License-Identifier: Apache-2.0
"""支払者別の受診 — a mixed visit as one visit for each payer, so that each is calculated by its own table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.payers.work_accident import health_history
from tasuki.chart.coverage import Coverage, InsuranceKind
from tasuki.chart.visit import History, VisitKind

if TYPE_CHECKING:
    from tasuki.chart.coverage import Insurance
    from tasuki.chart.visit import PastLine, Visit

FEE_ELSEWHERE = "診察料は同じ受診のほかの支払者で算定"


class PayerVisit(NamedTuple):
    """支払者別の受診 — the orders one payer bears, with the history it knows; ``payer`` None: programmes alone."""

    payer: Insurance | None
    visit: Visit
    history: History
    bears_fee: bool


class PayerUnknown(ValueError):
    """支払者なし — an order, or the choice of who bears 診察料, names a payer the visit does not have."""

    def __init__(self, order_id: str, payer: str) -> None:
        self.order_id = order_id
        self.payer = payer
        super().__init__(f"{order_id}: {payer}")


def payer_visits(visit: Visit, history: History) -> tuple[PayerVisit, ...]:
    """支払者別の受診 — the visit's own payer first, then the others in the order of their keys.

    One payer bears 初診料 or 再診料 of the visit, and with it 外来管理加算 and whatever else is billed once a
    visit; for the others none is billed. A payer without an order and without that fee has no part.

    Raises :class:`PayerUnknown` for an order of a payer the visit does not have.

    Cite: 医科点数表 通知 A000 (6)
    """
    coverage = visit.coverage
    own = coverage.insurance.key if coverage.insurance is not None else ""
    payers = {one.key: one for one in sorted(coverage.others, key=lambda one: one.key)}
    fee = coverage.fee_payer or own
    known = {own, "", *payers}
    for order in visit.orders:
        if order.payer not in known:
            raise PayerUnknown(order.id, order.payer)
    if fee not in known:
        raise PayerUnknown("", fee)
    holder = _programme_holder(coverage, own)
    parts: list[PayerVisit] = []
    for key in (own, *payers):
        mine = key == own
        orders = tuple(o for o in visit.orders if o.payer == key or (mine and o.payer == ""))
        bears = fee == key
        if not orders and not bears and not (mine and not payers):
            continue
        payer = coverage.insurance if mine else payers[key]
        alone = replace(
            visit,
            coverage=Coverage(payer, coverage.programmes if key == holder else ()),
            orders=orders,
            kind=_kind_of(payer, visit) if bears else VisitKind.NONE,
            kind_reason=visit.kind_reason if bears else FEE_ELSEWHERE,
        )
        parts.append(PayerVisit(payer, alone, _history_of(payer, history), bears))
    return tuple(parts)


def _kind_of(payer: Insurance | None, visit: Visit) -> VisitKind:
    """A checkup is paid by its price: it knows no 初診料."""
    is_checkup = payer is not None and payer.kind is InsuranceKind.CHECKUP
    return VisitKind.NONE if is_checkup else visit.kind


def _programme_holder(coverage: Coverage, own: str) -> str:
    """公費の併用先 — programmes join health insurance, whichever payer was named first."""
    if coverage.insurance is None or coverage.insurance.is_health:
        return own
    return next((one.key for one in coverage.others if one.is_health), own)


def _history_of(payer: Insurance | None, history: History) -> History:
    """What a payer has been billed: health insurers count together, the others each by its kind."""
    if not any(line.payer for line in history.lines) and (payer is None or payer.is_health):
        return history
    if payer is None or payer.is_health:
        return History(tuple(line for line in history.lines if not line.payer))
    return History(health_history(tuple(_lines_of(payer, history))))


def _lines_of(payer: Insurance, history: History) -> list[PastLine]:
    return [line for line in history.lines if line.payer == payer.kind.value]
