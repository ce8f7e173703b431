# SPDX-License-Identifier: Apache-2.0
"""名称 — what codes are called in the book, on the day of the receipt; a code that it lacks stands as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tasuki.claims.codes import UNCODED_DISEASE
from tasuki.masters.rows import Act, Comment, Drug, Material

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from tasuki.claims.records import SY
    from tasuki.masters.book import Book, Priced
    from tasuki.masters.rows import Row

R = TypeVar("R", bound="Row")


@dataclass(frozen=True, slots=True)
class Naming:
    """名称 — asks a book (None: no names are known) on one day."""

    book: Book | None
    day: date

    def priced(self, code: str) -> Priced | None:
        """診療行為・医薬品・特定器材 — the row of the day, else the newest; None for an unknown code."""
        if self.book is None:
            return None
        if code[:1] == "6":
            return self._of(self.book.drugs.get(code, ()))
        if code[:1] == "7":
            return self._of(self.book.materials.get(code, ()))
        return self._of(self.book.acts.get(code, ()))

    def comment(self, code: str) -> Comment | None:
        """コメント — the row of a code."""
        return None if self.book is None else self._of(self.book.comments.get(code, ()))

    def item(self, code: str) -> str:
        """項目名 — of a nine-digit code, or the code itself."""
        row = self.priced(code)
        return f"［{code}］" if row is None else row.name

    def amount(self, code: str, amount: Decimal | None) -> str:
        """数量 — with its unit where the master has one."""
        row = self.priced(code)
        if amount is None:
            return ""
        unit = row.unit_name if isinstance(row, Act | Drug | Material) else ""
        return f"{amount:f}{unit}"

    def modifier(self, code: str) -> str:
        """修飾語 — of a four-digit code."""
        row = None if self.book is None else self._of(self.book.modifiers.get(code, ()))
        return f"［{code}］" if row is None else row.name

    def disease(self, one: SY) -> str:
        """傷病名 — modifiers before and after the name, as the form prints it."""
        row = None if self.book is None else self._of(self.book.diseases.get(one.disease_code, ()))
        name = row.name if row is not None else f"［{one.disease_code}］"
        if one.disease_code == UNCODED_DISEASE:
            name = one.disease_name
        before = "".join(self.modifier(code) for code in one.modifiers if code < "8000")
        after = "".join(self.modifier(code) for code in one.modifiers if code >= "8000")
        comment = f"（{one.comment}）" if one.comment else ""
        return f"{before}{name}{after}{comment}"

    def _of(self, rows: tuple[R, ...]) -> R | None:
        return next((row for row in rows if self.day in row.validity), rows[0] if rows else None)
