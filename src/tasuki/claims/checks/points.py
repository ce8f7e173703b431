# SPDX-License-Identifier: Apache-2.0
"""点数計算の点検 — points of acts and drugs against the fixed points and prices of the service day.

Only what the master and the notes of bundles decide is compared: acts of fixed points without steps, tests billed
together by their number, and plain drugs of 内服, 屯服 and 外用. Percentages, steps, materials and reductions need the
visit and are left to ``claims recalculate``. A unit whose days fall on both sides of a change of points is not judged.

Cite: 医科診療行為マスター 新又は現点数・点数識別・包括対象検査, 医科点数表 F200 薬剤 注1, D007 注 ほか（まるめ）
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.calculation.bundle_points import bundles_on
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

_NO_BUNDLE = ("0", "")
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
    bundled: list[Act] = []
    for line in lines:
        row = _row(line, book, month)
        if not isinstance(row, Act) or row.points_kind != PointsKind.ADD or row.step or line.amount:
            return
        if row.test_bundle not in _NO_BUNDLE:
            bundled.append(row)
        expected += row.points
    if len(bundled) > 1:
        points = _bundle_points(bundled, unit, month)
        if points is None:
            return
        expected += points - sum((row.points for row in bundled), Decimal(0))
    if expected == unit.points or expected == 0:
        return
    code = "79010" if len(lines) == 1 else "79030"
    yield hit(code, lines[-1].record, 6, text=lines[-1].code, found=unit.points, expected=expected)


def _bundle_points(rows: list[Act], unit: CountedUnit, month: Month) -> Decimal | None:
    """Points of tests billed together by their number; None where no note of the days gives them."""
    days = [month.day(day) for day, _ in unit.days if day <= month.last_day]
    groups = {row.test_bundle for row in rows}
    if len(groups) != 1 or not days:
        return None
    (group,) = groups
    found = [bundles_on(day).get(group) for day in days]
    bundle = found[0]
    if bundle is None or any(each != bundle for each in found):
        return None
    points = bundle.points_of(len(rows))
    return Decimal(points) if points is not None else sum((row.points for row in rows), Decimal(0))


def tests_apart(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """まるめの項目の別々の算定 — tests of one group on one day in several units, so many that they are billed together.

    A second draw of blood on the day counts by itself, and a claim does not tell draws: advice. Items that other
    programmes pay are counted apart.

    Cite: 医科点数表 D006 注, D007 注, D008 注, D009 注2, D013 注, D014 注1
    """
    month = receipt.header.service_month
    if context.book is None or month is None:
        return
    units: dict[tuple[str, int, str], list[tuple[Line, int]]] = {}
    for group in receipt.groups:
        for unit in group.units:
            lines = [line for line in unit.lines if isinstance(line, SI)]
            rows = [(line, _row(line, context.book, month)) for line in lines]
            tests = [(line, row.test_bundle) for line, row in rows if isinstance(row, Act)]
            for name in {each for _, each in tests if each not in _NO_BUNDLE}:
                mine = [line for line, each in tests if each == name]
                for day, times in unit.days:
                    if times == 1 and day <= month.last_day:
                        units.setdefault((name, day, unit.payer_code), []).append((mine[-1], len(mine)))
    for (name, day, _), found in sorted(units.items()):
        bundle = bundles_on(month.day(day)).get(name)
        count = sum(each for _, each in found)
        if len(found) < 2 or bundle is None or bundle.points_of(count) is None:
            continue
        yield hit(
            "79040",
            found[-1][0].record,
            6,
            day=day,
            name=bundle.name,
            count=count,
            expected=bundle.points_of(count),
        )


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


RULES = (unit_points, tests_apart)
