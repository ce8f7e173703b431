# SPDX-License-Identifier: Apache-2.0
"""What is found once and kept: it goes with the book it is of, and never comes to mean something else."""

from __future__ import annotations

import gc
from datetime import date

from calculation.payers.test_elective_lines import BRAND, TWIN, book_with_twin
from tasuki.calculation.payers.elective_lines import brand_twin
from tasuki.calculation.ready_lines import ReadyLines
from tasuki.calculation.rule import Proposal, rules_on
from tasuki.calculation.rule import Stage as RuleStage
from tasuki.calculation.rules.tests.judgment_fees import judgment_codes
from tasuki.calculation.rules.tests.repeated_tests import family_codes
from tasuki.masters.book import Book
from tasuki.masters.starter import load_starter

DAY = date(2026, 6, 15)


def _books() -> int:
    gc.collect()
    return sum(type(each) is Book for each in gc.get_objects())


def test_what_is_found_once_of_a_book_goes_with_it() -> None:
    load_starter()
    before = _books()
    book = book_with_twin.__wrapped__()
    twin = brand_twin(book.at(DAY), BRAND)
    assert twin is not None and twin.code == TWIN
    for find in (judgment_codes, family_codes):
        assert find(book) is find(book) and find(book) == find(load_starter())
    assert _books() == before + 1
    del book
    assert _books() == before


class _Forgetting(dict[int, object]):
    """A table that another thread empties right after it was asked."""

    ready: ReadyLines | None = None

    def __contains__(self, key: object) -> bool:
        is_in = super().__contains__(key)
        if self.ready is not None:
            self.ready._forget()
        return is_in


def test_an_entry_made_while_another_thread_forgets_holds_what_its_key_names() -> None:
    book = load_starter().at(DAY)
    ready = ReadyLines(book)
    rule = rules_on(DAY, RuleStage.ADDITION)[0]
    first, second = (ready.line_of(rule, Proposal(code)) for code in ("112007410", "112011010"))
    race = _Forgetting(ready._ids)
    race.ready, ready._ids = ready, race  # type: ignore[assignment]
    joined = ready.join(first.unit.lines, 1, second.line)
    assert joined == (*first.unit.lines, second.line)
    held = [tuple(map(id, value[:2])) for value in ready._joined.values()]
    assert held == [(key[0], key[2]) for key in ready._joined] and held
    assert ready.join(first.unit.lines, 1, second.line) is joined
