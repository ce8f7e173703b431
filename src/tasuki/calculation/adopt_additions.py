# SPDX-License-Identifier: Apache-2.0
"""加算の帰属 — an addition ordered by itself joins the act of the visit it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from tasuki.calculation.unit_lines import inserted
from tasuki.masters.rows import ADDITION_KINDS, Act

if TYPE_CHECKING:
    from tasuki.calculation.draft import Draft, DraftLine, DraftUnit


def adopt_additions(draft: Draft) -> Draft:
    """加算の帰属 — by 注加算コード (col 38): to the base that carries the same number.

    Which order named the addition, and when, does not matter. One without such a base stays where it
    is and falls as an orphan.
    """
    orphans = [
        unit
        for unit in draft.units
        if type(row := unit.lines[0].row) is Act and row.record_kind in ADDITION_KINDS and _is_orphan(unit)
    ]
    if not orphans:
        return draft
    units = [unit for unit in draft.units if not _is_orphan(unit)]
    for orphan in sorted(orphans, key=lambda unit: (unit.lines[0].code, unit.group)):
        place = _base_place(units, orphan.lines[0].row)  # type: ignore[arg-type]
        if place is None:
            units.append(orphan)
            continue
        index, base = place
        lines = units[index].lines
        for line in orphan.lines:
            lines = inserted(draft.case.book, lines, base, line)
        units[index] = changed(units[index], lines=lines)
    return draft.with_units(units)


def _is_orphan(unit: DraftUnit) -> bool:
    first, *others = unit.lines
    return _is_group_addition(first) and all(_is_group_addition(line) for line in others)


def _is_group_addition(line: DraftLine) -> bool:
    row = line.row
    return type(row) is Act and row.record_kind in ADDITION_KINDS and row.addition_group not in ("0", "")


def _base_place(units: list[DraftUnit], addition: Act) -> tuple[int, int] | None:
    found = [
        (line.code, unit.group, index, place)
        for index, unit in enumerate(units)
        for place, line in enumerate(unit.lines)
        if isinstance(line.row, Act)
        and not line.row.is_addition
        and line.row.addition_group == addition.addition_group
    ]
    if not found:
        return None
    _, _, index, place = min(found)
    return index, place
