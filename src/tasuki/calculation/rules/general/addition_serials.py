# SPDX-License-Identifier: Apache-2.0
"""注加算通番 — additions of one base that share a number exclude each other (医科診療行為マスター col 38・39)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit, Priced


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
    denials: list[Denial] = []
    known: dict[str, Numbered | None] = case.book.kept("numbered additions")
    for unit in draft.units:
        if len(unit.lines) > 2:
            denials += _losers(unit, known)
    return tuple(denials) or None


class Numbered(NamedTuple):
    """通番のある加算 — its 注加算コード and 通番, and the row."""

    serial: tuple[str, str]
    row: Act


def _losers(unit: DraftUnit, known: dict[str, Numbered | None]) -> list[Denial]:
    found: dict[tuple[str, str], Act] = {}
    lost: list[Denial] = []
    for line in unit.lines:
        code = line.row.code
        numbered = known[code] if code in known else known.setdefault(code, _numbered(line.row))
        if numbered is None:
            continue
        serial, row = numbered
        other = found.setdefault(serial, row)
        if other.code == code:
            continue
        winner, loser = (row, other) if (row.points, other.code) > (other.points, code) else (other, row)
        found[serial] = winner
        lost.append(Denial(loser.code, winner.code, group=unit.group))
    return lost


def _numbered(row: Priced) -> Numbered | None:
    if not isinstance(row, Act) or not is_numbered(row):
        return None
    return Numbered((row.addition_group, row.addition_serial), row)
