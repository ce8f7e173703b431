# SPDX-License-Identifier: Apache-2.0
"""請求書の内訳 — every receipt taken apart into what it asks of its insurer and of each programme.

An invoice counts these parts: a receipt of two payers is two 件, as the 総件数 of the claim file counts them.

Cite: 記録条件仕様（医科用） 診療報酬請求書レコード 総件数; 診療報酬請求書等の記載要領 I
"""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.claims.records import KO
from tasuki.claims.view.naming import Naming
from tasuki.claims.view.receipt_view import issuer_view
from tasuki.claims.view.stay_view import meal_burdens

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.receipt_type import ReceiptType
    from tasuki.claims.records import HO, IR
    from tasuki.masters.book import Book

_LONG_NUMBER = 8


@dataclass(frozen=True, slots=True)
class PartAmounts:
    """請求書の数 — 件数, 診療実日数, 点数, 一部負担金 and 患者負担額; of meals 件数, 回数, 金額 and 標準負担額."""

    receipts: int = 0
    days: int = 0
    points: int = 0
    share_yen: int = 0
    patient_yen: int = 0
    meal_receipts: int = 0
    meal_count: int = 0
    meal_yen: int = 0
    meal_burden_yen: int = 0

    def __add__(self, other: PartAmounts) -> PartAmounts:
        return PartAmounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


class ClaimedPart(NamedTuple):
    """請求の1件 — what one receipt asks of one payer.

    ``law_number`` is 法別番号 (empty for the six digits of 国保), ``is_combined`` whether another payer stands
    on the same receipt.
    """

    payer_number: str
    law_number: str
    is_programme: bool
    is_combined: bool
    kind: ReceiptType
    duty_reason: str
    amounts: PartAmounts


def claimed_parts(receipt: Receipt, book: Book | None) -> tuple[ClaimedPart, ...]:
    """請求の内訳 — the insurer's part, then each programme's; nothing for a receipt of unknown type."""
    kind = receipt.type
    if kind is None:
        return ()
    month = receipt.header.service_month
    burdens = meal_burdens(receipt, Naming(book, month.day(1))) if month else ()
    payers: list[HO | KO] = [*((receipt.insurer,) if receipt.insurer else ()), *receipt.programmes]
    # 負担区分 keeps the insurer's place even where there is none.
    first = 0 if receipt.insurer else 1
    return tuple(
        _part(
            payer, kind, (burdens[place] if place < len(burdens) else None) or 0, is_combined=len(payers) > 1
        )
        for place, payer in enumerate(payers, first)
    )


def _part(payer: HO | KO, kind: ReceiptType, burden: int, *, is_combined: bool) -> ClaimedPart:
    number = payer.record.value(2).strip()
    is_programme = isinstance(payer, KO)
    share, patient = payer.share_yen or 0, 0
    if isinstance(payer, KO):
        patient = share
        share = (payer.inpatient_share_yen if kind.is_inpatient else payer.outpatient_share_yen) or 0
    meals = payer.meal_count or 0
    return ClaimedPart(
        number,
        number[:2] if len(number) == _LONG_NUMBER else "",
        is_programme,
        is_combined,
        kind,
        "" if isinstance(payer, KO) else payer.duty_reason,
        PartAmounts(
            1,
            payer.visit_days or 0,
            payer.total_points or 0,
            share,
            patient,
            1 if meals or payer.meal_yen else 0,
            meals,
            payer.meal_yen or 0,
            burden,
        ),
    )


def sum_parts(parts: Iterable[ClaimedPart]) -> PartAmounts:
    """合計 — of any parts."""
    return sum((part.amounts for part in parts), PartAmounts())


def plain_amounts(amounts: PartAmounts) -> dict[str, int]:
    """数のJSON — what is not zero."""
    return {name: number for name, number in asdict(amounts).items() if number}


def invoice_head(
    receipts: Iterable[Receipt], institution: IR | None, claimed_on: date | None, opener: str
) -> dict[str, Any]:
    """請求書の頭 — month of service, day, institution, and the receipts that could not be counted.

    The month is that of most receipts; an invoice has one, and late receipts stand in its sums.
    """
    months: dict[str, int] = {}
    uncounted: list[str] = []
    for receipt in receipts:
        month = receipt.header.service_month
        if month is None or receipt.type is None:
            uncounted.append(receipt.header.record.value(2))
        else:
            day = month.day(1).isoformat()
            months[day] = months.get(day, 0) + 1
    return {
        "month": max(months, key=lambda day: (months[day], day)) if months else None,
        "claimed_on": claimed_on.isoformat() if claimed_on else None,
        "issuer": issuer_view(institution),
        "opener": opener,
        "uncounted": uncounted,
    }
