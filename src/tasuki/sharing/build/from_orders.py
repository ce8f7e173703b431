# SPDX-License-Identifier: Apache-2.0
"""オーダからの処方 — the drugs of an order as they are shared, in the order they were entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.chart.orders import Dispensing, OrderKind
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.sharing.build.facts import PrescribedDrug

if TYPE_CHECKING:
    from datetime import date, datetime

    from tasuki.chart.orders import Item, Order
    from tasuki.masters.book import DayBook
    from tasuki.sharing.build.around import VisitFacts

_SHARED = (OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL)
_PLACES = {Dispensing.IN_HOUSE: "OHI", Dispensing.OUTSIDE: "OHO"}


def drugs_of(
    orders: tuple[Order, ...],
    book: DayBook,
    ordered_at: datetime,
    since: date,
    visit: VisitFacts | None = None,
) -> tuple[PrescribedDrug, ...]:
    """処方薬の一覧 — of the orders that are prescriptions, one Rp an order; injections and acts are left out, and so are
    drugs that the Book of the day does not have: they have no name here.

    Cite: JP-CLINS 1.10.0 JP_MedicationRequest_eCS 対象外（注射・点滴）
    """
    found: list[PrescribedDrug] = []
    prescribed = [each for each in orders if each.kind in _SHARED]
    for rp, order in enumerate(prescribed, 1):
        drugs = [each for each in order.items if each.code[:1] == "6"]
        for index, item in enumerate(drugs, 1):
            if (named := _name(item, book)) is None:
                continue
            name, unit = named
            category = (_PLACES[order.dispensing],) if order.dispensing else ("OHP",)
            found.append(
                PrescribedDrug(
                    id=f"{order.id}-{index}",
                    rp=rp,
                    index=index,
                    kind=order.kind,
                    code=item.code,
                    name=name,
                    amount=item.amount,
                    unit=unit,
                    count=order.count,
                    usage_text=order.usage or "用法口授",
                    ordered_at=order.at or ordered_at,
                    since=since,
                    is_generic_name=item.is_generic_name,
                    categories=(*category, "XTR") if order.is_temporary else category,
                    note=item.comment,
                    visit=visit,
                )
            )
    return tuple(found)


def _name(item: Item, book: DayBook) -> tuple[str, str] | None:
    try:
        row = book.drug(item.code)
    except (UnknownCode, EndedCode):
        return None
    return (row.generic_name if item.is_generic_name and row.generic_name else row.name), row.unit_name
