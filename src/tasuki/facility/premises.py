# SPDX-License-Identifier: Apache-2.0
"""医療機関のその日 — what holds at an institution on one day, found once and shared by its visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.facility.standards import standard_name

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from tasuki.facility.institution import Institution
    from tasuki.masters.book import Book

MOST_KEPT = 256


class Premises:
    """医療機関のその日 — the notified standards of an institution on a day, as a book reads them."""

    __slots__ = ("_first", "_has", "_kept", "_names", "book", "day", "institution", "standards")

    def __init__(self, institution: Institution, day: date, book: Book) -> None:
        self.institution = institution
        self.day = day
        self.book = book
        self.standards = institution.standards_on(day)
        self._kept: dict[date, dict[str, Any]] = {}
        self._has: dict[str, bool] = {}
        self._first: dict[tuple[str, ...], str | None] = {}
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}

    def kept_on(self, day: date) -> dict[str, Any]:
        """控え — what the calculation finds out about a code here, by the day of its book."""
        found = self._kept.get(day)
        if found is None:
            found = self._kept[day] = {}
        return found

    def has_standard(self, code: str) -> bool:
        """届出の有無 — whether the standard, or one that stands for it (名寄せ), is notified."""
        found = self._has.get(code)
        if found is None:
            filed = self.book.standard_members.get(code, ())
            found = code in self.standards or not self.standards.isdisjoint(filed)
            self._has[code] = found
        return found

    def first_notified(self, codes: tuple[str, ...]) -> str | None:
        """届出のある最初の施設基準 — of several tiers, found once; None where none of them is notified."""
        if codes not in self._first:
            self._first[codes] = next((code for code in codes if self.has_standard(code)), None)
        return self._first[codes]

    def standard_names(self, codes: Collection[str]) -> tuple[str, ...]:
        """施設基準の名称 — Japanese names as facts of a reason, the code itself where none is known."""
        asked = tuple(codes)
        found = self._names.get(asked)
        if found is None:
            listed = self.book.standards
            found = self._names[asked] = tuple(
                standard_name(code, self.day) or (listed[code].name if code in listed else code)
                for code in asked
            )
        return found


_KEPT: dict[tuple[int, int, date], Premises] = {}


def premises_on(institution: Institution, day: date, book: Book) -> Premises:
    """医療機関のその日 — the same value for every visit of one institution, day and book.

    Found by identity, because comparing an institution costs more than what is kept; the kept value holds
    both, so that an identity cannot come to mean another.
    """
    key = (id(institution), id(book), day)
    found = _KEPT.get(key)
    if found is None:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        found = _KEPT[key] = Premises(institution, day, book)
    return found
