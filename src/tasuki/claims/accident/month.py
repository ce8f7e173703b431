# SPDX-License-Identifier: Apache-2.0
"""労災・自賠責の月の集計 — the statements of a person's visits as rows, fees in yen and the lines of 摘要."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.calculation.statement import LineKind
from tasuki.claims.accident.rows import fee_of_billed, is_goods, row_of_billed
from tasuki.claims.view.naming import Naming

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.statement import Line, Statement, Unit
    from tasuki.masters.book import Book

_PRICED_ROWS = frozenset({"12.revisit", "12.management", "12.after_hours", "12.holiday", "12.night"})


def accident_month(statements: Iterable[Statement], book: Book | None) -> dict[str, Any]:
    """月の集計 — ``rows``, ``fees``, ``units`` and ``visit_days`` as the statements of 労災 and 自賠責 take them.

    Units of the same lines and price are one line of 摘要 with their counts added up. What is priced in yen
    stands in ``fees``, everything else in ``rows`` by technique and goods.
    """
    rows: dict[str, dict[str, Any]] = {}
    fees: dict[str, dict[str, Any]] = {}
    units: dict[tuple[Any, ...], dict[str, Any]] = {}
    days: set[str] = set()
    for statement in sorted(statements, key=lambda one: one.day):
        naming = Naming(book, statement.day)
        days.add(statement.day.isoformat())
        for unit in statement.units:
            if unit.points:
                _add_points(rows.setdefault(row_of_billed(unit, naming), {}), unit)
            if unit.yen:
                fee = fees.setdefault(fee_of_billed(unit), {"yen": 0, "count": 0})
                fee["yen"] += unit.yen * unit.times
                fee["count"] += unit.times
            _add_unit(units, unit, naming)
    _keep_prices(rows)
    return {
        "rows": rows,
        "fees": [{"kind": kind, **fee} for kind, fee in fees.items()],
        "units": sorted((_shown(unit) for unit in units.values()), key=lambda unit: str(unit["section"])),
        "visit_days": sorted(days),
    }


def _add_points(cell: dict[str, Any], unit: Unit) -> None:
    name = "goods_points" if is_goods(unit) else "technique_points"
    cell[name] = cell.get(name, 0) + unit.total_points
    cell["count"] = cell.get("count", 0) + unit.times
    prices = cell.setdefault("unit_points", set())
    prices.add(unit.points)


def _keep_prices(rows: dict[str, dict[str, Any]]) -> None:
    """点数×回数 — only the rows of 再診 print the price before the ×, and only a single one."""
    for row, cell in rows.items():
        prices = cell.pop("unit_points")
        if row in _PRICED_ROWS and len(prices) == 1:
            cell["unit_points"] = prices.pop()


def _add_unit(units: dict[tuple[Any, ...], dict[str, Any]], unit: Unit, naming: Naming) -> None:
    lines = tuple((line.code, line.amount, line.text) for line in unit.lines)
    key = (unit.section, lines, unit.points, unit.yen)
    if key in units:
        units[key]["count"] += unit.times
        return
    units[key] = {
        "section": unit.section,
        "items": [_item(line, naming) for line in unit.lines],
        "points": unit.points,
        "count": unit.times,
        "yen": unit.yen,
    }


def _item(line: Line, naming: Naming) -> dict[str, str]:
    if line.kind is LineKind.COMMENT:
        return {"name": line.text or line.name}
    return {"name": line.name, "amount": naming.amount(line.code, line.amount)}


def _shown(unit: dict[str, Any]) -> dict[str, Any]:
    """摘要の算定単位 — what is priced in yen says so in words, as 点×回 cannot."""
    shown: dict[str, Any] = {"section": unit["section"], "items": list(unit["items"])}
    if unit["yen"]:
        shown["items"].append({"name": f"{unit['yen']:,}円×{unit['count']}"})
    if unit["points"]:
        shown |= {"points": unit["points"], "count": unit["count"]}
    return shown
