# SPDX-License-Identifier: Apache-2.0
"""負担者の組合せ — which receipt each unit of a visit belongs to, and who pays for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.copayment.context import PROGRAMMES_RECEIPT, context_of
from tasuki.calculation.copayment.from_statement import copay_visit, payer_set_of
from tasuki.claims.codes import burden_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation.copayment.receipt_month import ReceiptMonth
    from tasuki.calculation.copayment.settings import CopaymentSettings
    from tasuki.calculation.statement import Unit
    from tasuki.claims.build.month import BilledVisit


class PlacedUnit(NamedTuple):
    """請求先の決まった算定単位 — a unit of a visit with the receipt and the programmes that pay it."""

    billed: BilledVisit
    unit: Unit
    programmes: tuple[str, ...]


def placed_units(
    visits: tuple[BilledVisit, ...], settings: CopaymentSettings
) -> Iterator[tuple[str, PlacedUnit]]:
    """請求先の決定 — every unit with the key of its receipt, as the copayment of the month decided it."""
    for billed in visits:
        context = context_of(copay_visit(billed.visit, billed.statement), settings, 0)
        for unit in billed.statement.units:
            key = context.key_of(payer_set_of(billed.visit, unit))
            yield key.receipt, PlacedUnit(billed, unit, key.programmes)


class Payers(NamedTuple):
    """レセプトの負担者 — whether an insurer stands on it, and its programmes in order, by key."""

    has_insurer: bool
    programmes: tuple[str, ...]

    def code_of(self, programmes: tuple[str, ...]) -> str:
        """負担区分 — of a unit that these programmes pay, beside the insurer where there is one.

        Raises ``KeyError`` when nobody on the receipt pays.
        """
        flags = tuple(n < len(self.programmes) and self.programmes[n] in programmes for n in range(4))
        return burden_code((self.has_insurer, flags[0], flags[1], flags[2], flags[3]))


def payers_of(receipt: ReceiptMonth) -> Payers:
    """レセプトの負担者 — programmes that are claimed apart (償還払い, own forms) do not stand on it."""
    return Payers(receipt.is_insured, tuple(one.programme for one in receipt.programmes if one.is_on_receipt))


def is_programme_receipt(key: str) -> bool:
    """公費単独レセプト — whether the key is that of a receipt without an insurer."""
    return key.startswith(PROGRAMMES_RECEIPT)
