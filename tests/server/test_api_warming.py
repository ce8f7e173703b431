# SPDX-License-Identifier: Apache-2.0
"""作業者の準備 — what a worker has at hand when it says that it is ready."""

from __future__ import annotations

import gc
import json
from datetime import date

import msgspec
import pytest

from tasuki.calculation.service import Operation, answer
from tasuki.masters.book import Book, Tables
from tasuki.masters.starter import load_starter, starter_tables
from tasuki_server.api.warming import _visits, warm
from tasuki_server.steady_heap import keep_heap_still


@pytest.mark.parametrize("place", [0, 1])
def test_the_visits_of_the_warming_are_billed_without_a_finding(place):
    document = _visits(date(2026, 6, 15))[place]
    told = answer(Operation.CALCULATE, msgspec.json.encode(document), load_starter())
    said = json.loads(told.body)
    assert (told.status, said["findings"]) == (200, [])
    assert said["total_points"] > 0


def test_a_warmed_book_has_opened_the_tables_and_a_book_without_revisions_is_left_alone():
    book = Book(starter_tables())
    names = {"acts", "drugs", "exclusions", "members", "limits"}
    assert not names & opened(book)
    warm(book)
    assert names <= opened(book)
    warm(Book(Tables()))


def opened(book):
    """The tables that were asked for, read past ``__getattr__``, which opens them."""
    found = set()
    for name in Book.__slots__:
        try:
            vars(Book)[name].__get__(book)
        except AttributeError:
            continue
        found.add(name)
    return found


def test_what_is_kept_still_is_not_looked_at_and_what_comes_after_is_collected():
    class Ring:
        pass

    before, thresholds = gc.get_freeze_count(), gc.get_threshold()
    gc.set_threshold(700)  # a test before this one may have warmed the process already
    keep_heap_still()
    try:
        assert gc.get_freeze_count() > before
        assert gc.isenabled() and gc.get_threshold()[0] > 700
        ring = Ring()
        ring.self = ring
        del ring
        assert gc.collect() >= 1
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
