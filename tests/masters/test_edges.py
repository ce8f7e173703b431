# SPDX-License-Identifier: Apache-2.0
"""Days that have the same rows share what was looked up, and no other days do."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, EndedCode, Revision, Tables, edges_of
from tasuki.masters.rows import Drug
from tasuki.masters.starter import starter_tables
from tasuki.masters.store import encode_store, load_book, read_header

A_DAY = timedelta(days=1)
CODE = "620000001"
PRICES = (
    Drug(code=CODE, name="試験薬", validity=Validity(date(2026, 6, 1), date(2026, 6, 19)), price=Decimal(10)),
    Drug(code=CODE, name="試験薬", validity=Validity(date(2026, 6, 20), date(2026, 7, 9)), price=Decimal(20)),
)  # fmt: skip
TABLES = Tables((Revision("試験", Validity(date(2026, 6, 1))),), drugs=PRICES)


def test_rows_begin_and_end_at_the_edges_and_nowhere_else() -> None:
    tables = starter_tables()
    edges = edges_of(tables)
    assert list(edges) == sorted(set(edges))
    dated = [
        row
        for name, rows in zip(Tables._fields, tables, strict=True)
        if name not in ("standard_members", "standards")
        for row in rows
    ]
    for first, after in pairwise(edges):
        last = after - A_DAY
        assert [row for row in dated if first in row.validity] == [
            row for row in dated if last in row.validity
        ], (first, last)


@pytest.mark.parametrize("book", [Book(TABLES), load_book(encode_store(TABLES))], ids=["tables", "store"])
def test_every_day_finds_its_own_rows_in_whatever_order_they_are_asked(book: Book) -> None:
    first = date(2026, 6, 1)
    for offset in (20, 5, 18, 19, 0, 38, 39):
        day = first + timedelta(days=offset)
        if offset == 39:
            with pytest.raises(EndedCode) as ended:
                book.at(day).item(CODE)
            assert ended.value.day == day
        else:
            assert book.at(day).item(CODE).price == (10 if offset < 19 else 20)
        assert book.at(day).day == day
    assert book.at(first).kept("a reader") is book.at(date(2026, 6, 19)).kept("a reader")
    assert book.at(first).kept("a reader") is not book.at(date(2026, 6, 20)).kept("a reader")


def test_a_store_without_edges_shares_nothing() -> None:
    """One that was written before the edges were: no day is known to have the rows of another."""
    data = encode_store(TABLES)
    edges = read_header(data).edges
    text = b',"edges":[' + b",".join(f'"{day}"'.encode() for day in edges) + b"]"
    assert text in data
    book = load_book(data.replace(text, b""))
    assert [book.at(day).item(CODE).price for day in (date(2026, 6, 1), date(2026, 6, 20))] == [10, 20]
    assert book.at(date(2026, 6, 1)).kept("a reader") is not book.at(date(2026, 6, 2)).kept("a reader")
