# SPDX-License-Identifier: Apache-2.0
"""手術料 — the operations of a visit (第10部第1節), their points and their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.price_acts import price_group
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftUnit
    from tasuki.chart.visit import PastLine

# ２以上の手術の５０％併施加算: the addition that says that a pair of 告示第72号 is billed.
HALF_OF_SECOND = "150268970"
FIRST_OPERATION = "K000"
LAST_OPERATION = "K917-5"
# 第4款 眼: one eye is one field.
_EYE = range(199, 285)
_SIDES = ("右", "左")


class Operation(NamedTuple):
    """手術 — an operation with its unit, its points with the additions of its notes, and its field."""

    row: Act
    unit: DraftUnit
    points: int
    field: str

    @property
    def is_second_of_pair(self) -> bool:
        """併施の従たる手術 — whether the order says that half of its points are billed."""
        return any(line.code == HALF_OF_SECOND for line in self.unit.lines)


def is_operation(row: object) -> bool:
    """手術料の行 — whether an act belongs to 第1節 手術料, blood and devices aside."""
    return isinstance(row, Act) and row.chapter == "K" and not row.is_addition and _number(row.section) < 918


def operations(draft: Draft) -> list[Operation]:
    """手術の一覧 — of the visit, the one of most points first.

    Cite: 通知 第10部 19(1) 主たる手術
    """
    if not [act for act in draft.acts() if act.chapter == "K"]:
        return []
    found = [
        Operation(line.row, unit, _points(unit), _field(line.row, unit.site))
        for unit in draft.units
        for line in unit.lines
        if isinstance(line.row, Act) and is_operation(line.row)
    ]
    return sorted(found, key=lambda each: (-each.points, each.row.code, each.unit.group))


def operated_earlier(case: Case) -> PastLine | None:
    """当日の手術 — an operation billed at an earlier visit of the day."""
    return next(
        (line for line in case.today if case.book.has(line.code) and is_operation(case.book.item(line.code))),
        None,
    )


def _points(unit: DraftUnit) -> int:
    lines = tuple(
        line
        for line in unit.lines
        if isinstance(line.row, Act) and line.row.record_kind != "9" and line.code != HALF_OF_SECOND
    )
    return price_group(lines).points


def _field(row: Act, site: str) -> str:
    if site and _number(row.section) in _EYE:
        return next((f"{side}眼" for side in _SIDES if side in site), site)
    return site


def _number(section: str) -> int:
    digits = section[1:4]
    return int(digits) if digits.isdecimal() else 999
