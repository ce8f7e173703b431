# SPDX-License-Identifier: Apache-2.0
"""摘要の作成 — SI, IY, TO and CO of the merged groups, as the day fields and counting units ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.statement import LineKind
from tasuki.claims.build.units import MOST_FOLLOWING, ItemLine, MergedGroup, MergedUnit
from tasuki.claims.codes import REDUCTION_ITEMS, REMARK
from tasuki.claims.comment_digits import recorded_digits
from tasuki.kernel.finding import Severity
from tasuki.masters.rows import UNCODED_MATERIAL, Act, Material

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.claims.build.composing import Composing
    from tasuki.claims.writer import Value
    from tasuki.masters.book import Book

_REMARK_LENGTH = 38
_PROCEDURE_SECTIONS = frozenset({"14", "40", "50", "54", "60", "70", "80"})


def add_lines(composing: Composing, groups: Iterable[MergedGroup], book: Book) -> None:
    """摘要 — every group in order; a new 剤 is opened where more than 98 records would follow the first."""
    for group in groups:
        room = 0
        for unit in group.units:
            if _is_worth_nothing(unit, group.section):
                codes = "、".join(line.code for line in unit.lines)
                composing.report("UKE-B-05", Severity.ADVICE, unit.lines[0].kind.value, "", codes=codes)
                continue
            size = sum(len(_parts(line)) if line.kind is LineKind.COMMENT else 1 for line in unit.lines)
            opens = room < size
            room = (MOST_FOLLOWING + 1 if opens else room) - size
            _add_unit(composing, group, unit, book, opens=opens)


def _is_worth_nothing(unit: MergedUnit, section: str) -> bool:
    # Drugs of fifteen yen or less in procedures and tests bring no points and are not recorded.
    only_drugs = all(line.kind in (LineKind.DRUG, LineKind.COMMENT) for line in unit.lines)
    return unit.points == 0 and only_drugs and section in _PROCEDURE_SECTIONS


def _add_unit(composing: Composing, group: MergedGroup, unit: MergedUnit, book: Book, *, opens: bool) -> None:
    priced = [line for line in unit.lines if line.kind is not LineKind.COMMENT]
    comments = [line for line in unit.lines if line.kind is LineKind.COMMENT]
    # What a reduction takes off is recorded without a sign.
    is_reduction = any(line.code in REDUCTION_ITEMS for line in priced)
    points = abs(unit.points) if is_reduction else unit.points
    days: dict[str, Value] = {f"day_{day}": times for day, times in unit.days.items()}
    for at, line in enumerate(priced):
        items: dict[str, Value] = {
            "section": group.section if opens and at == 0 else "",
            "payer_code": group.payer_code,
            "code": line.code,
            "points": points if at == len(priced) - 1 else None,
            "count": unit.times,
            **days,
        }
        items.update(_amounts(composing, line, book))
        composing.add(line.kind.value, items)
    for at, line in enumerate(comments):
        section = group.section if opens and not priced and at == 0 else ""
        _add_comment(composing, section, group.payer_code, line)


def _amounts(composing: Composing, line: ItemLine, book: Book) -> dict[str, Value]:
    if line.kind is LineKind.ACT:
        rows = book.acts.get(line.code)
        if not rows or not isinstance(rows[0], Act) or rows[0].step is None or line.amount is None:
            return {}
        if line.amount != line.amount.to_integral_value():
            composing.report("UKE-B-06", Severity.BLOCK, "SI", "5", code=line.code, amount=line.amount)
        return {"amount": line.amount}
    if line.kind is LineKind.DRUG:
        return {"amount": line.amount}
    rows_of_material = book.materials.get(line.code)
    row = rows_of_material[0] if rows_of_material else None
    is_bought = line.code == UNCODED_MATERIAL or (isinstance(row, Material) and row.price_kind == "2")
    unit_code = row.unit_code if isinstance(row, Material) and row.unit_code not in ("", "0") else ""
    return {
        "amount": line.amount,
        "unit_code": unit_code.zfill(3) if is_bought and unit_code else "",
        "unit_price": line.unit_price if is_bought else None,
        "product_name": line.product_name if is_bought else "",
    }


def _add_comment(composing: Composing, section: str, payer_code: str, line: ItemLine) -> None:
    for at, part in enumerate(_parts(line)):
        items: dict[str, Value] = {
            "section": section if at == 0 else "",
            "payer_code": payer_code,
            "code": line.code,
            "text": part,
        }
        composing.add("CO", items)


def _parts(line: ItemLine) -> list[str]:
    # Free text may go on in further records; the text of a coded comment may not.
    text = recorded_digits(line.code, line.text)
    if line.code != REMARK or len(text) <= _REMARK_LENGTH:
        return [text]
    return [text[at : at + _REMARK_LENGTH] for at in range(0, len(text), _REMARK_LENGTH)]
