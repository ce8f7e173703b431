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

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from tasuki.claims.receipt import Receipt


class PayerSum(NamedTuple):
    """負担者別合計 — points, and meals in count and yen, of one payer."""

    points: int
    meal_count: int
    meal_yen: int


def payer_sums(receipt: Receipt, reductions: Container[str] = REDUCTION_ITEMS) -> tuple[PayerSum, ...]:
    """負担者別合計 — insurer, 公費1 … 公費4, from the lines alone.

    ``reductions`` are the codes of 減点 acts and drugs, whose points are recorded without a sign and
    taken off.

    Cite: 医科診療行為マスター 点数識別 7, 医薬品マスター 金額種別 7
    """
    points = [0] * 5
    meals = [0] * 5
    yen = [0] * 5
    for group in receipt.groups:
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

    def plus(self, receipt: Receipt) -> FileTotals:
        """合計の加算 — one more receipt."""
        payers = (*((receipt.insurer,) if receipt.insurer else ()), *receipt.programmes)
        points = (payers[0].total_points or 0) if payers else 0
        return FileTotals(self.receipt_count + len(payers), self.total_points + points)


def file_totals(receipts: Iterable[Receipt]) -> FileTotals:
    """請求書の合計 — counts payers, not receipts, and adds the points of the main payer only.

    The main payer is the insurer, or the first programme of a receipt without one.
    """
    total = FileTotals(0, 0)
    for receipt in receipts:
        total = total.plus(receipt)
    return total
