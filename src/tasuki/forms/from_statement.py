# SPDX-License-Identifier: Apache-2.0
"""算定結果から帳票へ — the parts and items of a receipt and an itemised statement from a calculation's answer."""

from __future__ import annotations

from decimal import Decimal

from tasuki.calculation.statement import Line, LineKind, Statement
from tasuki.forms.fee_part import FeePart, parts_of_units, points_by_part
from tasuki.forms.itemised_statement import ItemisedLine, ItemisedUnit
from tasuki.masters.book import DayBook


def receipt_points(statement: Statement, book: DayBook) -> dict[FeePart, int]:
    """部別点数 — of a statement, for the receipt; ``book`` is the one of the day of the visit."""
    return points_by_part(statement, lambda code: book.act(code).chapter)


def itemised_units(
    statement: Statement, book: DayBook, marks: dict[str, str] | None = None
) -> tuple[ItemisedUnit, ...]:
    """診療明細書の項目 — the granted units of a statement with names and amounts, comments left out.

    ``marks`` gives the sign (①, ② …) of each programme id. A unit that every programme pays shows none.
    """
    parts = parts_of_units(statement, lambda code: book.act(code).chapter)
    return tuple(
        ItemisedUnit(
            part,
            tuple(_line(line, book) for line in unit.lines if line.kind is not LineKind.COMMENT),
            unit.points,
            unit.times,
            "".join((marks or {}).get(programme, "") for programme in unit.programme_ids or ()),
        )
        for unit, part in zip(statement.units, parts, strict=True)
        if any(line.kind is not LineKind.COMMENT for line in unit.lines)
    )


def _line(line: Line, book: DayBook) -> ItemisedLine:
    return ItemisedLine(line.name, amount_text(line.amount, book.item(line.code).unit_name))


def amount_text(amount: Decimal | None, unit: str) -> str:
    """数量 — with its unit and no idle zeroes; empty where the item has no amount.

    >>> amount_text(Decimal("1.50"), "錠"), amount_text(Decimal("100"), "ｍＬ"), amount_text(None, "錠")
    ('1.5錠', '100ｍＬ', '')
    """
    return "" if amount is None else f"{_trimmed(amount)}{unit}"


def _trimmed(amount: Decimal) -> str:
    whole = f"{amount:f}"
    return whole.rstrip("0").rstrip(".") if "." in whole else whole
