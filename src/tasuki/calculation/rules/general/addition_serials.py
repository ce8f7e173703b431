# SPDX-License-Identifier: Apache-2.0
"""注加算通番 — additions of one base that share a number exclude each other (医科診療行為マスター col 38・39)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.ready_lines import ready_lines
from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit


def is_numbered(row: Act) -> bool:
    """通番のある加算か — whether the row is an addition of a base with a number."""
    return row.is_addition and row.addition_group not in ("0", "")


@rule(
    "table/addition_serial",
    title="同じ注加算通番の加算",
    cite="医科診療行為マスター col 38・39 注加算コード・注加算通番",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    acts=is_numbered,
)
def addition_serial(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """注加算通番 — of additions with one 注加算コード and one 通番 in a unit the one of most points stands."""
    of_unit = ready_lines(case.book).of_unit
    units = [unit for unit in draft.units if len(unit.lines) > 2]
    return tuple([denial for unit in units for denial in of_unit(_losers, unit)]) or None


def _losers(unit: DraftUnit) -> tuple[Denial, ...]:
    found: dict[tuple[str, str], Act] = {}
    lost: list[Denial] = []
    for line in unit.lines:
        row = line.row
        if not isinstance(row, Act) or not is_numbered(row):
            continue
        serial = (row.addition_group, row.addition_serial)
        other = found.setdefault(serial, row)
        if other.code == row.code:
            continue
        winner, loser = (row, other) if (row.points, other.code) > (other.points, row.code) else (other, row)
        found[serial] = winner
        lost.append(Denial(loser.code, winner.code, group=unit.group))
    return tuple(lost)
