# SPDX-License-Identifier: Apache-2.0
"""合計の点検 — points and meals of every payer against the lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.checks.catalogue import PER_PROGRAMME
from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.points import payer_sums

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt


def totals(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """合計点数・合計金額 — what HO and KO say must be the sum of their lines."""
    sums = payer_sums(receipt)
    payer = receipt.insurer
    for negative in (one.points for one in sums if one.points < 0):
        yield hit("33800", receipt.header.record, 0, found=negative)
    if payer is not None:
        if (payer.total_points or 0) != sums[0].points:
            yield hit("45010", payer.record, 6, found=payer.total_points, expected=sums[0].points)
        if (payer.meal_yen or 0) != sums[0].meal_yen:
            yield hit("45340", payer.record, 9, found=payer.meal_yen or 0, expected=sums[0].meal_yen)
    for nth, one in enumerate(receipt.programmes[:4], 1):
        expected = sums[nth]
        code, meal_code = PER_PROGRAMME["45020"][nth - 1], PER_PROGRAMME["45350"][nth - 1]
        if (one.total_points or 0) != expected.points:
            yield hit(code, one.record, 6, nth=nth, found=one.total_points, expected=expected.points)
        if (one.meal_yen or 0) != expected.meal_yen:
            yield hit(meal_code, one.record, 12, nth=nth, found=one.meal_yen or 0, expected=expected.meal_yen)


RULES = (totals,)
