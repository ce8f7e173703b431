# SPDX-License-Identifier: Apache-2.0
"""点数計算の点検 — points of acts and drugs against the fixed points and prices of the service day.

Only what the master alone decides is compared: acts of fixed points without steps, and plain drugs of
内服, 屯服 and 外用. Percentages, steps, bundles of tests, materials and reductions need the visit and are left to
``claims recalculate``. A unit whose days fall on both sides of a change of points is not judged.

Cite: 医科診療行為マスター 新又は現点数・点数識別, 医科点数表 F200 薬剤 注1
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import MEAL_SECTION, REDUCTION_ITEMS
from tasuki.claims.records import IY, SI, Line
from tasuki.kernel.points import drug_points
from tasuki.masters.book import EndedCode, OutOfBook, UnknownCode
from tasuki.masters.rows import Act, Drug, PointsKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.groups import CountedUnit
    from tasuki.claims.item_values import Month
    from tasuki.claims.receipt import Receipt
    from tasuki.masters.book import Book, Priced

_PLAIN_DRUGS = frozenset({"21", "22", "23"})


def unit_points(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """点数・回数算定単位の点数 — recorded points that the master's fixed points or prices do not give."""
    month = receipt.header.service_month
    if context.book is None or month is None:
        return
    for group in receipt.groups:
        if group.section == MEAL_SECTION:
            continue
        for unit in group.units:
            lines = [line for line in unit.lines if isinstance(line, Line)]
            if unit.points is None or any(line.code in REDUCTION_ITEMS for line in lines):
                continue
            if all(isinstance(line, SI) for line in lines):
                yield from _acts(unit, lines, context.book, month)
            elif group.section in _PLAIN_DRUGS and all(isinstance(line, IY) for line in lines):
                yield from _drugs(unit, lines, context.book, month)


def _acts(unit: CountedUnit, lines: list[Line], book: Book, month: Month) -> Iterator[Hit]:
    expected = Decimal(0)
    for line in lines:
        row = _row(line, book, month)
        if not isinstance(row, Act) or row.points_kind != PointsKind.ADD or row.step or line.amount:
            return
        if len(lines) > 1 and row.test_bundle not in ("0", ""):
            return  # まるめ: the points are those of the number of tests
        expected += row.points
    if expected == unit.points or expected == 0:
        return
    code = "79010" if len(lines) == 1 else "79030"
    yield hit(code, lines[-1].record, 6, text=lines[-1].code, found=unit.points, expected=expected)


def _drugs(unit: CountedUnit, lines: list[Line], book: Book, month: Month) -> Iterator[Hit]:
    price = Decimal(0)
    for line in lines:
        row = _row(line, book, month)
        if not isinstance(row, Drug) or row.price_kind != "1" or line.amount is None:
            return
        price += row.price * line.amount
    expected = drug_points(price)
    if expected != unit.points:
        yield hit("79020", lines[-1].record, 6, found=unit.points, expected=expected)


def _row(line: Line, book: Book, month: Month) -> Priced | None:
    """The row that prices a line on all its days; None where days or price leave it open."""
    days = [day for day, _ in line.days if day <= month.last_day]
    try:
        rows = [book.at(month.day(day)).item(line.code) for day in days]
    except (UnknownCode, EndedCode, OutOfBook):
        return None
    return rows[0] if rows and all(_price(one) == _price(rows[0]) for one in rows) else None


def _price(row: Priced) -> Decimal | None:
    return row.points if isinstance(row, Act) else row.price if isinstance(row, Drug) else None


RULES = (unit_points,)
