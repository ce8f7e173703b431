# SPDX-License-Identifier: Apache-2.0
"""点検規則 — what a rule is given and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.item_values import Month

if TYPE_CHECKING:
    from tasuki.claims.content.given import Content
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record
    from tasuki.masters.book import Book


@dataclass(frozen=True, slots=True)
class Context:
    """点検の前提 — who is asked to pay, for which month, and the book when there is one.

    Without a book the checks that ask the master stay silent: nothing is reported that was not looked up.
    Without ``content`` diseases, indications, other months and eligibility are not judged at all.
    """

    payer: str = ""
    claim_month: Month | None = None
    book: Book | None = None
    content: Content | None = None


class Hit(NamedTuple):
    """該当 — a check that fired: its five-digit code, the record, the item number, and the facts."""

    code: str
    record: Record
    item: int
    facts: tuple[tuple[str, object], ...]


Rule = Callable[["Receipt", Context], Iterator[Hit]]


def hit(code: str, record: Record, item: int = 0, **facts: object) -> Hit:
    """該当 — made from keyword facts."""
    return Hit(code, record, item, tuple(facts.items()))
