# SPDX-License-Identifier: Apache-2.0
"""傷病名の読み — the diseases of a receipt with their master rows, as the checks of content see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.checks.diseases import book_of_month
from tasuki.claims.codes import MAIN_DISEASE, UNCODED_DISEASE
from tasuki.kernel.days import months_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tasuki.claims.checks.rule import Context
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import SY
    from tasuki.masters.rows import Disease

SUSPECTED = "8002"  # 修飾語「の疑い」
CONTINUING = ("", "1")


class Sickness(NamedTuple):
    """傷病名 — a disease of a receipt, its master row where the book has it, and its name with modifiers dropped."""

    view: SY
    row: Disease | None
    name: str

    @property
    def code(self) -> str:
        """傷病名コード — seven digits."""
        return self.view.disease_code

    @property
    def is_suspected(self) -> bool:
        """疑い — by its modifier, or in the text of an uncoded name."""
        return SUSPECTED in self.view.modifiers or self.view.disease_name.endswith("の疑い")

    @property
    def is_continuing(self) -> bool:
        """継続中 — no outcome yet."""
        return self.view.outcome in CONTINUING

    @property
    def is_main(self) -> bool:
        """主傷病 — marked as the main disease."""
        return self.view.main == MAIN_DISEASE

    @property
    def is_uncoded(self) -> bool:
        """未コード化 — a name without a code."""
        return self.code == UNCODED_DISEASE

    @property
    def is_unknown(self) -> bool:
        """行のない傷病名 — a name without a code, or a code that the book at hand does not have."""
        return self.is_uncoded or self.row is None

    def is_longer_than(self, months: int, until: date) -> bool:
        """長期 — whether so many months have passed since its start."""
        since = self.view.since_on
        return since is not None and months_after(since, months) <= until


def may_hide(found: Sequence[Sickness], keys: Iterable[str]) -> bool:
    """判断できない傷病名 — whether one that fits may stand unseen: without a code, or, for ICD-10 keys, without a row."""
    if any(one.is_uncoded for one in found):
        return True
    return any(one.row is None for one in found) and any(not key.isdigit() for key in keys)


def sicknesses(receipt: Receipt, context: Context) -> tuple[Sickness, ...]:
    """傷病名 — of a receipt, in order."""
    book = book_of_month(receipt, context)
    made = []
    for view in receipt.diseases:
        rows = book.book.diseases.get(view.disease_code) if book else None
        row = rows[0] if rows and view.disease_code != UNCODED_DISEASE else None
        made.append(Sickness(view, row, row.name if row else view.disease_name or view.disease_code))
    return tuple(made)


def last_day(receipt: Receipt) -> date | None:
    """診療月の末日 — None when the month cannot be read."""
    month = receipt.header.service_month
    return month.day(month.last_day) if month else None
