# SPDX-License-Identifier: Apache-2.0
"""傷病名の点検 — codes, modifiers, dates and outcomes of SY."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.codes import MAIN_DISEASE, OUTCOMES, UNCODED_DISEASE
from tasuki.masters.book import OutOfBook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import SY
    from tasuki.masters.book import DayBook


def form(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """傷病名の形 — dates that exist between birth and the month's end, known outcomes, named 0000999."""
    month, born = receipt.header.service_month, receipt.header.born_on
    for one in receipt.diseases:
        modifiers = one.record.value(5)
        if len(modifiers) % 4 or (modifiers and not modifiers.isdigit()):
            yield hit("21680", one.record, 5, text=modifiers)
        text, since = one.record.value(3), one.since_on
        if since is None:
            yield hit("32070", one.record, 3, text=text)
        elif month is not None and since > month.day(month.last_day):
            yield hit("32060", one.record, 3, text=text)
        elif born is not None and since < born:
            yield hit("32210", one.record, 3, text=text)
        if one.outcome not in OUTCOMES:
            yield hit("32080", one.record, 4, text=one.outcome)
        if one.disease_code == UNCODED_DISEASE and not one.disease_name:
            yield hit("32090", one.record, 6)
        if one.main and one.main != MAIN_DISEASE:
            yield hit("32200", one.record, 7, text=one.main)


def master(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """傷病名マスター — codes must exist, and one disease at least must be claimable."""
    book = book_of_month(receipt, context)
    if book is None:
        return
    unclaimable = 0
    for one in receipt.diseases:
        for modifier in one.modifiers:
            if len(modifier) == 4 and modifier not in book.book.modifiers:
                yield hit("32050", one.record, 5, text=modifier)
        if one.disease_code == UNCODED_DISEASE:
            continue
        rows = book.book.diseases.get(one.disease_code)
        if rows is None:
            yield hit("32040", one.record, 2, text=one.disease_code)
        elif rows[0].is_unclaimable:
            unclaimable += 1
    if receipt.diseases and unclaimable == len(receipt.diseases):
        yield hit("42220", _first(receipt.diseases).record)


def _first(diseases: tuple[SY, ...]) -> SY:
    return diseases[0]


def book_of_month(receipt: Receipt, context: Context) -> DayBook | None:
    """診療月の点数表 — the book on the last day of the service month, None when there is none."""
    month = receipt.header.service_month
    if context.book is None or month is None:
        return None
    try:
        return context.book.at(month.day(month.last_day))
    except OutOfBook:
        return None


RULES = (form, master)
