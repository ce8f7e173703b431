# SPDX-License-Identifier: Apache-2.0
"""剤の統合 — equal groups of lines of different days become one, with the count of each day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.statement import LineKind
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.statement import Line, Unit
    from tasuki.claims.build.payer_sets import Payers, PlacedUnit
    from tasuki.masters.book import Book

# A group's first record carries the 診療識別; at most this many may follow it.
MOST_FOLLOWING = 98


class ItemLine(NamedTuple):
    """明細 — what a line says apart from its day: two equal ones can share a record."""

    kind: LineKind
    code: str
    amount: Decimal | None
    text: str
    unit_price: Decimal | None
    product_name: str


@dataclass(slots=True)
class MergedUnit:
    """統合した算定単位 — lines, points, and the count of each day of the month."""

    lines: tuple[ItemLine, ...]
    points: int
    days: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def times(self) -> int:
        """回数 — the sum of the days."""
        return sum(self.days.values())


@dataclass(slots=True)
class MergedGroup:
    """統合した剤 — section, payers and units; ``rank`` is the official order of its first act."""

    section: str
    payer_code: str
    rank: str
    first_day: int
    units: list[MergedUnit]

    @property
    def record_count(self) -> int:
        """レコード数 — of all its units."""
        return sum(len(unit.lines) for unit in self.units)


def merged_groups(
    units: Iterable[PlacedUnit], payers: Payers, book: Book
) -> tuple[MergedGroup, ...]:  # fmt: skip
    """剤の統合 — by 診療識別, then the official order of acts, then the first day.

    Units of one 剤 stay together: an act with its drugs and materials merges only with the whole same.
    """
    found: dict[tuple[object, ...], MergedGroup] = {}
    for placed_group in _groups_of_visits(units):
        first = placed_group[0]
        payer_code = payers.code_of(first.programmes)
        day = first.billed.visit.day.day
        signature: tuple[object, ...] = (
            first.unit.section,
            payer_code,
            tuple((_lines(placed), placed.unit.points) for placed in placed_group),
        )
        group = found.get(signature)
        if group is None:
            group = found[signature] = MergedGroup(
                first.unit.section,
                payer_code,
                _rank(first.unit, book),
                day,
                [MergedUnit(_lines(placed), placed.unit.points) for placed in placed_group],
            )
        for merged, placed in zip(group.units, placed_group, strict=True):
            merged.days[day] += placed.unit.times
    return tuple(sorted(found.values(), key=lambda group: (group.section, group.rank, group.first_day)))


def _groups_of_visits(units: Iterable[PlacedUnit]) -> list[list[PlacedUnit]]:
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[PlacedUnit]] = {}
    for number, placed in enumerate(units):
        unit = placed.unit
        name = unit.group or f"#{number}"
        key = (placed.billed.visit.id, unit.section, name, placed.programmes)
        groups.setdefault(key, []).append(placed)
    return list(groups.values())


def _rank(unit: Unit, book: Book) -> str:
    # Drugs stand before their 調剤料; an act whose 公表順序番号 is not known goes last.
    if unit.section in _DRUG_SECTIONS and all(line.kind is not LineKind.ACT for line in unit.lines):
        return ""
    for line in unit.lines:
        rows = book.acts.get(line.code) if line.kind is LineKind.ACT else None
        if rows and isinstance(rows[0], Act):
            return rows[0].order or _LAST
    return _LAST


_DRUG_SECTIONS = frozenset({"21", "22", "23"})
_LAST = "~"


def _lines(placed: PlacedUnit) -> tuple[ItemLine, ...]:
    return tuple(_line(placed, line) for line in placed.unit.lines)


def _line(placed: PlacedUnit, line: Line) -> ItemLine:
    price, name = None, ""
    if line.kind is LineKind.MATERIAL:
        order = next((o for o in placed.billed.visit.orders if o.id == placed.unit.order_id), None)
        items = [i for i in order.items if i.code == line.code] if order else []
        # Materials without a code share one: the name tells which.
        item = next((i for i in items if i.comment.strip() == line.name), next(iter(items), None))
        if item is not None:
            price, name = item.unit_price_yen, item.comment
    return ItemLine(line.kind, line.code, line.amount, line.text, price, name)
