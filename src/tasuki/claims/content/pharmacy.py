# SPDX-License-Identifier: Apache-2.0
"""調剤と処方 — what a pharmacy dispensed and what we prescribed, as the values they are compared by.

Cite: 記録条件仕様（調剤用） SH, CZ, IY
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasuki.claims.content.given import person_of
from tasuki.claims.item_values import parse_amount, parse_day, parse_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from decimal import Decimal

    from tasuki.claims.content.given import PersonKey
    from tasuki.claims.receipt import ClaimFile, Receipt

ORAL = "1"  # 剤形 内服: its amount is of one day, its count the days


@dataclass(frozen=True, slots=True)
class Prescribed:
    """処方薬 — one drug of an outside prescription; ``amount`` of one day for oral drugs, ``count`` its days."""

    drug_code: str
    on: date
    amount: Decimal | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Dispensed:
    """調剤薬 — one drug a pharmacy billed, on whose prescription of which day."""

    drug_code: str
    prescribed_on: date | None
    dispensed_on: date | None
    amount: Decimal | None
    count: int | None
    form: str = ORAL


def dispensed_by_person(file: ClaimFile, institution_code: str) -> Mapping[PersonKey, tuple[Dispensed, ...]]:
    """調剤レセプトの薬 — of the receipts that name an institution as the one that prescribed, by person.

    Where the prescriber stands in RE is not asked: a receipt is ours when one of RE's items is our code.
    """
    found: dict[PersonKey, list[Dispensed]] = defaultdict(list)
    for receipt in file.receipts:
        key = person_of(receipt)
        if key is not None and institution_code and institution_code in receipt.header.record.values:
            found[key] += _dispensed(receipt)
    return {key: tuple(drugs) for key, drugs in found.items()}


def _dispensed(receipt: Receipt) -> Iterator[Dispensed]:
    """One value for every drug and every time it was dispensed.

    A prescription (SH) is followed by the times it was dispensed (CZ), then by its drugs.
    """
    form = ""
    times: list[tuple[date | None, date | None, int | None]] = []
    after_drug = False
    for record in receipt.records:
        kind = record.values[0]
        if kind == "SH":
            form, times, after_drug = record.value(3), [], False
        elif kind == "CZ":
            times = [] if after_drug else times
            after_drug = False
            times.append(
                (parse_day(record.value(3)), parse_day(record.value(4)), parse_whole(record.value(6)))
            )
        elif kind == "IY":
            after_drug = True
            for prescribed_on, dispensed_on, count in times:
                amount = parse_amount(record.value(4))
                yield Dispensed(record.value(3), prescribed_on, dispensed_on, amount, count, form)
