# SPDX-License-Identifier: Apache-2.0
"""点数の集計 — a receipt's own lines grouped as they are counted, and the sums each payer is asked for.

A 剤 starts at the record whose 診療識別 is filled. Inside it points stand on the last record of each
点数・回数算定単位. A payer's 合計点数 is the sum of points times count over the units whose 負担区分 names
it; class 97 adds up to the yen of meals instead.

Cite: 記録条件仕様（医科用） 摘要情報の記録, 診療報酬請求書レコード 総件数・総合計点数
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.codes import BURDEN_PAYERS, MEAL_SECTION, REDUCTION_ITEMS
from tasuki.claims.records import CO, Line

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from tasuki.claims.receipt import Receipt


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


class PayerSum(NamedTuple):
    """負担者別合計 — points, and meals in count and yen, of one payer."""

    points: int
    meal_count: int
    meal_yen: int


def groups(receipt: Receipt) -> tuple[Group, ...]:
    """剤 — every group of a receipt in order."""
    return tuple(_groups(receipt.lines))


def _groups(lines: Iterable[Line | CO]) -> Iterator[Group]:
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


def payer_sums(receipt: Receipt, reductions: Container[str] = REDUCTION_ITEMS) -> tuple[PayerSum, ...]:
    """負担者別合計 — insurer, 公費1 … 公費4, from the lines alone.

    ``reductions`` are the codes of 減点 acts and drugs, whose points are recorded without a sign and
    taken off.

    Cite: 医科診療行為マスター 点数識別 7, 医薬品マスター 金額種別 7
    """
    points = [0] * 5
    meals = [0] * 5
    yen = [0] * 5
    for group in groups(receipt):
        for unit in group.units:
            payers = BURDEN_PAYERS.get(unit.payer_code)
            if payers is None:
                continue
            is_reduction = any(line.code in reductions for line in unit.lines)
            total = -unit.total if is_reduction else unit.total
            for at, pays in enumerate(payers):
                if pays and group.section == MEAL_SECTION:
                    yen[at] += total
                    meals[at] += unit.times
                elif pays:
                    points[at] += total
    return tuple(PayerSum(*one) for one in zip(points, meals, yen, strict=True))


class FileTotals(NamedTuple):
    """総件数・総合計点数 — what a GO record must say."""

    receipt_count: int
    total_points: int


def file_totals(receipts: Iterable[Receipt]) -> FileTotals:
    """請求書の合計 — counts payers, not receipts, and adds the points of the main payer only.

    The main payer is the insurer, or the first programme of a receipt without one.
    """
    count = total = 0
    for receipt in receipts:
        payers = (*((receipt.insurer,) if receipt.insurer else ()), *receipt.programmes)
        count += len(payers)
        if payers:
            total += payers[0].total_points or 0
    return FileTotals(count, total)
