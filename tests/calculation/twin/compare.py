# SPDX-License-Identifier: Apache-2.0
"""Core and twin side by side: the visits on which they do not agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calculation.twin.made_months import core_month
from calculation.twin.table_twin import Month, twin_months

if TYPE_CHECKING:
    from tasuki.masters.book import Book

    Answer = tuple[list[str], list[tuple[str, str]]]


class Difference(NamedTuple):
    """One visit of one month, with what each of the two says; later visits of that month are not compared."""

    month: int
    visit: int
    codes: list[str]
    core: Answer
    twin: Answer


def differences(months: list[Month], book: Book) -> list[Difference]:
    """The first visit of each month on which core and twin differ."""
    found = []
    for number, (month, other) in enumerate(zip(months, twin_months(months, book), strict=True)):
        for visit, (core, twin) in enumerate(zip(core_month(month, book), other, strict=True)):
            if core != twin:
                codes = [order.items[0].code for order in month.visits[visit].orders]
                found.append(Difference(number, visit, codes, core, twin))
                break
    return found
