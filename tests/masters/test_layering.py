# SPDX-License-Identifier: Apache-2.0
"""Filling what was not imported from the starter: whole revisions and whole tables only, and said."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from masters.invented_rows import act, encoded
from tasuki.masters.book import Book, EndedCode, OutOfBook
from tasuki.masters.layering import layer_starter
from tasuki.masters.official.compiling import compile_tables
from tasuki.masters.official.importing import Import
from tasuki.masters.starter import starter_tables

OFFICIAL = ("s_ALL20240531.csv", encoded(act(), act({3: "112007410", 5: "再診料", 12: "75.00"})))


def tables(*files: tuple[str, bytes]):  # type: ignore[no-untyped-def]
    reading = Import()
    for name, data in files:
        reading.read(name, data)
    return compile_tables(reading).tables


def test_without_the_starter_a_day_of_the_next_revision_is_out_of_the_book() -> None:
    book = Book(tables(OFFICIAL))
    assert book.at(date(2026, 5, 31)).act("112007410").points == 75
    with pytest.raises(OutOfBook):
        book.at(date(2026, 6, 1))


def test_with_the_starter_the_next_revision_is_the_starters_alone() -> None:
    layered, filled = layer_starter(tables(OFFICIAL), starter_tables())
    book = Book(layered)
    assert filled == ("R8",)
    assert book.at(date(2026, 5, 31)).act("112007410").points == 75
    assert book.at(date(2026, 6, 1)).act("112007410").points == 76
    assert "スターター" in book.at(date(2026, 6, 1)).revision.source
    assert "スターター" not in book.at(date(2026, 5, 31)).revision.source
    # A code the starter does not know has no known points in R8: never those of R6.
    with pytest.raises(EndedCode):
        book.at(date(2026, 6, 1)).act("199990010")


def test_an_imported_next_revision_is_left_alone() -> None:
    r8 = ("s_ALL20260605.csv", encoded(act({12: "120.00", 87: "20260601"})))
    layered, filled = layer_starter(tables(OFFICIAL, r8), starter_tables())
    assert filled == ()
    book = Book(layered)
    assert book.at(date(2026, 6, 1)).act("199990010").points == 120
    with pytest.raises(EndedCode):
        book.at(date(2026, 6, 1)).act("112007410")


def test_a_revision_between_two_loaded_ones_is_not_covered_by_their_rows() -> None:
    old = ("s_ALL20220218.csv", encoded(act({87: "20200401"})))
    book = Book(tables(old, OFFICIAL))
    assert [revision.name for revision in book.revisions] == ["R2", "R6"]
    with pytest.raises(OutOfBook):
        book.at(date(2023, 1, 1))


def test_a_fee_of_work_accidents_keeps_the_day_it_was_published() -> None:
    """労災の初診料: its own table has no R8 edition in the starter, and an earlier price must tell its age."""
    layered, _ = layer_starter(tables(OFFICIAL), starter_tables())
    fee = Book(layered).at(date(2026, 6, 15)).act("101110010")
    assert (fee.points, fee.validity.since) == (3850, date(2024, 6, 1))


def test_an_imported_fee_of_work_accidents_goes_on_in_place_of_the_starters() -> None:
    mine = tables(OFFICIAL)
    imported = msgspec.structs.replace(
        next(one for one in starter_tables().acts if one.code == "101110010"), name="取り込んだ初診料"
    )
    layered, _ = layer_starter(mine._replace(acts=(*mine.acts, imported)), starter_tables())
    book = Book(layered)
    assert len(book.acts["101110010"]) == 1
    assert book.at(date(2026, 6, 15)).act("101110010").name == "取り込んだ初診料"
