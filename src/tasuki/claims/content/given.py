# SPDX-License-Identifier: Apache-2.0
"""内容点検の前提 — the tables, the other months and the answers a receipt's content is held against."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from tasuki.claims.content.pharmacy import Dispensed, Prescribed
    from tasuki.claims.content.snapshot import EligibilitySnapshot
    from tasuki.claims.indications.rows import Indications
    from tasuki.claims.recalculate.differences import Difference
    from tasuki.claims.receipt import Receipt
    from tasuki.masters.book import Book


class PersonKey(NamedTuple):
    """同一人の鍵 — payer, symbol, number, birth, sex and name, as two claims of one person share them."""

    payer: str
    symbol: str
    number: str
    born_on: date
    sex: str
    name: str


@dataclass(frozen=True, slots=True)
class Terms:
    """内容点検の期間 — after how many months a suspicion, an acute disease or an uncoded name is asked about.

    The guide names 長期にわたる疑い病名・急性疾患 as wrong and gives no number; three months are our default.

    Cite: 保険診療の理解のために（厚生労働省保険局医療課医療指導監査室） 傷病名の記載
    """

    suspected_months: int = 3
    acute_months: int = 3
    uncoded_months: int = 3


@dataclass(frozen=True, slots=True)
class Content:
    """内容点検の前提 — each part may be missing; the checks that ask for it are then silent.

    ``book`` is asked by the checks of content where the checks of office have none: a starter set does not know
    every code, so that it may not refuse one, but what it knows can be judged.
    ``past`` and ``dispensed`` are found by person, ``snapshots`` by chart number, ``prescribed`` by chart number and
    ``differences`` (of a recalculation) by receipt number.
    """

    indications: Indications | None = None
    past: Mapping[PersonKey, tuple[Receipt, ...]] = field(default_factory=dict)
    dispensed: Mapping[PersonKey, tuple[Dispensed, ...]] = field(default_factory=dict)
    prescribed: Mapping[str, tuple[Prescribed, ...]] | None = None
    snapshots: Mapping[str, EligibilitySnapshot] = field(default_factory=dict)
    differences: Mapping[int, tuple[Difference, ...]] = field(default_factory=dict)
    terms: Terms = Terms()
    book: Book | None = None

    def past_of(self, receipt: Receipt) -> tuple[Receipt, ...]:
        """過去のレセプト — of the same person, of months before this one, the latest first."""
        key, month = person_of(receipt), receipt.header.service_month
        if key is None or month is None:
            return ()
        earlier = [
            (each.header.service_month, each)
            for each in self.past.get(key, ())
            if each.header.service_month is not None and each.header.service_month < month
        ]
        return tuple(each for _, each in sorted(earlier, key=lambda pair: pair[0], reverse=True))


def person_of(receipt: Receipt) -> PersonKey | None:
    """同一人の鍵 — of a receipt; None when it has no birth or no payer to tell a person by."""
    header = receipt.header
    if header.born_on is None:
        return None
    name = _plain(header.patient_name)
    if receipt.insurer is not None:
        insurer = receipt.insurer
        numbers = (insurer.insurer_number.strip(), _plain(insurer.symbol), _plain(insurer.number))
    elif receipt.programmes:
        programme = receipt.programmes[0]
        numbers = (programme.payer_number.strip(), "", _plain(programme.recipient_number))
    else:
        return None
    return PersonKey(*numbers, header.born_on, header.sex, name)


def receipts_by_person(receipts: Iterable[Receipt]) -> Mapping[PersonKey, tuple[Receipt, ...]]:
    """同一人のレセプト — the receipts of every person."""
    found: dict[PersonKey, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        key = person_of(receipt)
        if key is not None:
            found[key].append(receipt)
    return {key: tuple(each) for key, each in found.items()}


def _plain(text: str) -> str:
    """Full and half width are one, and spaces none: for comparing, never for storing."""
    return "".join(normalize("NFKC", text).split())
