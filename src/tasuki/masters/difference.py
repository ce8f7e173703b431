# SPDX-License-Identifier: Apache-2.0
"""改定差分 — what a book says on one day and not on another: acts, drugs and materials begun, ended, changed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.masters.rows import Act, Drug, Material

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tasuki.masters.book import Book, Priced


class Change(NamedTuple):
    """変更 — a code whose row differs between two days; a side that has no row is None."""

    table: str
    code: str
    before: Priced | None
    after: Priced | None

    @property
    def chapter(self) -> str:
        """部 — the letter of コード表用番号 of an act, "" for what has none."""
        row = self.after or self.before
        return row.chapter if isinstance(row, Act) else ""

    @property
    def section(self) -> str:
        """区分番号 — of an act ("A001"), "" for what has none."""
        row = self.after or self.before
        return row.section if isinstance(row, Act) else ""

    @property
    def what(self) -> str:
        """変更の種類 — added, ended, or which of points, name and conditions changed."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "ended"
        if _amount(self.before) != _amount(self.after):
            return "amount"
        return "name" if self.before.name != self.after.name else "conditions"


def difference(book: Book, first: date, second: date) -> list[Change]:
    """改定差分 — every priced code that is not the same on both days, in order of code.

    Raises ``OutOfBook`` when a day lies outside the loaded revisions.
    """
    book.at(first)
    book.at(second)
    made: list[Change] = []
    tables: tuple[tuple[str, Mapping[str, tuple[Priced, ...]]], ...] = (
        ("acts", book.acts),
        ("drugs", book.drugs),
        ("materials", book.materials),
    )
    for name, table in tables:
        for code in sorted(table):
            before = next((row for row in table[code] if first in row.validity), None)
            after = next((row for row in table[code] if second in row.validity), None)
            if before is not after and (before is None or after is None or not _same(before, after)):
                made.append(Change(name, code, before, after))
    return made


def _same(before: Priced, after: Priced) -> bool:
    """同じ内容か — the days of a row, its place in print and the list its price is from change no bill."""
    skipped = {"validity", "order", "price_on"}
    return all(
        getattr(before, field) == getattr(after, field)
        for field in before.__struct_fields__
        if field not in skipped
    )


def _amount(row: Act | Drug | Material) -> tuple[object, Decimal, object]:
    if isinstance(row, Act):
        return row.points_kind, row.points, row.step
    return row.price_kind, row.price, None
