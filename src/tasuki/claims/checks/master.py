# SPDX-License-Identifier: Apache-2.0
"""マスターとの点検 — codes, quantities and points against the dated book."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import REDUCTION_ITEMS
from tasuki.claims.groups import CountedUnit
from tasuki.claims.records import IY, SI, TO, Line
from tasuki.masters.book import EndedCode, OutOfBook, UnknownCode
from tasuki.masters.rows import UNCODED_MATERIAL, Act, Drug, Material

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tasuki.claims.receipt import Receipt
    from tasuki.masters.book import Priced

# 厚生労働大臣が定める 購入価格 materials: 金額種別 2; those that need an amount: 1, 2, 4, 9.
_AMOUNT_KINDS = frozenset({"1", "2", "4", "9"})


def codes_on_days(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """コードの有効性 — every code must exist on every day it is billed."""
    for line, row in _rows(receipt, context):
        if row is None:
            yield hit("33031", line.record, 4, text=line.code)


def quantities(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """数量 — stepped acts, drugs and materials say how much; a purchase price says what it cost."""
    for line, row in _rows(receipt, context):
        if isinstance(line, SI) and isinstance(row, Act) and row.step is not None:
            if line.amount is None:
                yield hit("33040", line.record, 5, text=line.code)
            elif row.step.error_rule in (2, 3) and line.amount <= row.step.above - row.step.width:
                yield hit(
                    "33170", line.record, 5, text=line.code, amount=line.amount, lower=row.step.above
                )  # fmt: skip
        if isinstance(line, IY) and isinstance(row, Drug) and row.price_kind == "1" and not line.amount:
            yield hit("33090", line.record, 5, text=line.code)
        if isinstance(line, TO) and isinstance(row, Material):
            if row.price_kind in _AMOUNT_KINDS and not line.amount:
                yield hit("33110", line.record, 5, text=line.code)
            if row.price_kind == "2" and line.unit_price is None:
                yield hit("33130", line.record, 9, text=line.code)
            if row.price_kind == "2" and not line.unit_code:
                yield hit("43230", line.record, 8, text=line.code)


def reductions(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """減点の医薬品 — have points of their own and stand apart from priced drugs."""
    for group in receipt.groups:
        for unit in group.units:
            drugs = [line for line in unit.lines if isinstance(line, IY)]
            reducing = [line for line in drugs if line.code in REDUCTION_ITEMS]
            if reducing and len(reducing) < len(drugs):
                yield hit("33190", reducing[0].record, 4)
            if reducing and unit.points is None:
                yield hit("33060", reducing[-1].record, 6, text=reducing[-1].code)


def zero_points(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """点数 — not zero where the master's acts carry points."""
    rows = {id(line): row for line, row in _rows(receipt, context)}
    for group in receipt.groups:
        for unit in group.units:
            if unit.points == 0 and _is_worth(unit, rows):
                last = next(line for line in reversed(unit.lines) if isinstance(line, Line))
                yield hit("33070", last.record, 6)


def _is_worth(unit: CountedUnit, rows: dict[int, Priced | None]) -> bool:
    priced = [row for line in unit.lines if (row := rows.get(id(line))) is not None]
    return any(isinstance(row, Act) and row.points > Decimal(0) and row.points_kind != 7 for row in priced)


def beds(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """病床数 — recorded when a hospital's act is priced by it (外来診療料, 特定疾患療養管理料)."""
    if receipt.header.bed_count is not None:
        return
    for line, row in _rows(receipt, context):
        if isinstance(row, Act) and is_priced_by_beds(row):
            yield hit("36390", receipt.header.record, 13, text=line.code)
            return


def is_priced_by_beds(row: Act) -> bool:
    """病床数が要る診療行為か — one of hospitals alone that asks for a number of beds."""
    return row.beds_kind != "0" and row.facility_kind == "1"


def _rows(receipt: Receipt, context: Context) -> Iterator[tuple[Line, Priced | None]]:
    month = receipt.header.service_month
    if context.book is None or month is None:
        return
    for line in receipt.lines:
        if not isinstance(line, Line) or line.code == UNCODED_MATERIAL:
            continue
        days = [day for day, _ in line.days if day <= month.last_day] or [month.last_day]
        try:
            found = [_on(context, line.code, month.day(day)) for day in days]
        except OutOfBook:
            continue
        yield line, None if None in found else found[0]


def _on(context: Context, code: str, day: date) -> Priced | None:
    if context.book is None:
        return None
    try:
        return context.book.at(day).item(code)
    except (UnknownCode, EndedCode):
        return None


RULES = (codes_on_days, quantities, reductions, zero_points, beds)
