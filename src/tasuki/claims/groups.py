# SPDX-License-Identifier: Apache-2.0
"""剤と算定単位 — a receipt's lines as they are counted.

A 剤 starts at the record whose 診療識別 is filled. Inside it points stand on the last record of each
点数・回数算定単位.

Cite: 記録条件仕様（医科用） 摘要情報の記録
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.records import CO, Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class CountedUnit(NamedTuple):
    """点数・回数算定単位 — consecutive lines that share one points item and one count.

    ``points`` is None when the file gives none (a unit cut short, or drugs of no points).
    """

    section: str
    lines: tuple[Line | CO, ...]
    points: int | None
    times: int
    payer_code: str

    @property
    def total(self) -> int:
        """点数計 — points times count, or yen for meals."""
        return (self.points or 0) * self.times

    @property
    def days(self) -> tuple[tuple[int, int], ...]:
        """算定日 — of its lines, which must agree."""
        return next((line.days for line in self.lines if isinstance(line, Line)), ())


class Group(NamedTuple):
    """剤 — the units from one filled 診療識別 to the next."""

    section: str
    units: tuple[CountedUnit, ...]


def groups_of(lines: Iterable[Line | CO]) -> Iterator[Group]:
    """剤 — every group of lines in order."""
    section = ""
    gathered: list[Line | CO] = []
    for line in lines:
        if line.section and gathered:
            yield Group(section, tuple(_units(section, gathered)))
            gathered = []
        if line.section:
            section = line.section
        gathered.append(line)
    if gathered:
        yield Group(section, tuple(_units(section, gathered)))


def _units(section: str, lines: Iterable[Line | CO]) -> Iterator[CountedUnit]:
    gathered: list[Line | CO] = []
    for line in lines:
        gathered.append(line)
        if isinstance(line, Line) and line.points is not None:
            yield CountedUnit(section, tuple(gathered), line.points, line.count or 0, line.payer_code)
            gathered = []
    if gathered:
        last = next((line for line in reversed(gathered) if isinstance(line, Line)), None)
        count = last.count or 0 if last else 0
        yield CountedUnit(section, tuple(gathered), None, count, gathered[-1].payer_code)
