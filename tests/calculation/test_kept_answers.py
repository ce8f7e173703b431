# SPDX-License-Identifier: Apache-2.0
"""What is found once and kept: it goes with the book it is of, and never comes to mean something else."""

from __future__ import annotations

import gc
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as changed

from calculation.case_files import CaseFile, run
from calculation.payers.test_elective_lines import BRAND, TWIN, book_with_twin
from tasuki.calculation.draft import DraftUnit
from tasuki.calculation.payers.elective_lines import brand_twin
from tasuki.calculation.ready_lines import ReadyLines
from tasuki.calculation.rule import Proposal, rules_on
from tasuki.calculation.rule import Stage as RuleStage
from tasuki.calculation.rules.tests.judgment_fees import judgment_codes
from tasuki.calculation.rules.tests.repeated_tests import family_codes
from tasuki.kernel.because import Because, Verdict
from tasuki.masters.book import Book
from tasuki.masters.starter import load_starter, starter_tables

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


class _Watched(dict[Any, Any]):
    """A table that notes whether the lock was held at each look and entry, and what else was left when it was emptied."""

    def __init__(self, ready: ReadyLines, given: dict[Any, Any], beside: tuple[str, ...] = ()) -> None:
        super().__init__(given)
        self.ready, self.beside = ready, beside
        self.locked: list[bool] = []
        self.left: list[int] = []

    def __contains__(self, key: object) -> bool:
        self.locked.append(self.ready._lock.locked())
        return super().__contains__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.locked.append(self.ready._lock.locked())
        super().__setitem__(key, value)

    def clear(self) -> None:
        self.left.append(sum(len(getattr(self.ready, each)) for each in self.beside))
        super().clear()


FOUND = ("_joined", "_left", "_fallen", "_priced", "_settled")
HELD = ("_known", "_lines", "_units")


def test_what_is_kept_by_an_identity_is_kept_only_while_that_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread may forget everything between a look and an entry, and an identity then comes to mean another."""
    rule = rules_on(DAY, RuleStage.ADDITION)[0]
    reason = Because(rule.id, Verdict.DENIED, (), rule.cite, "112007410")
    ready = ReadyLines(load_starter().at(DAY))
    for name in FOUND:
        setattr(ready, name, _Watched(ready, getattr(ready, name)))
    for name in HELD:
        setattr(ready, name, _Watched(ready, getattr(ready, name), FOUND))
    tables = {name: getattr(ready, name) for name in (*FOUND, *HELD)}
    first, second = (ready.line_of(rule, Proposal(code)) for code in ("112007410", "112011010"))
    joined = ready.join(first.unit, "112007410", second.line)
    assert joined.lines == (*first.unit.lines, second.line)
    assert ready.join(first.unit, "112007410", second.line) is joined
    ready.leave(joined, [second.line])
    ready.fall(first.line, reason)
    ready.price(first.unit, lambda unit: (unit, ()))
    ready.settle([first.unit], lambda unit, _: (("", "", "", "", ""), ("", ""), unit))  # type: ignore[arg-type,return-value]
    assert all(len(table) for table in tables.values())
    assert all(table.locked and all(table.locked) for table in tables.values())
    # What is found by an identity goes before what it is of.
    monkeypatch.setattr("tasuki.calculation.ready_lines.MOST_KEPT", 2)
    ready.line_of(rule, Proposal("112011310"))
    assert [table.left for table in tables.values()] == [[0]] * len(tables)


def test_what_is_read_of_a_unit_is_kept_only_of_one_that_is_held() -> None:
    ready = ReadyLines(load_starter().at(DAY))
    asked: list[str] = []

    def group_of(unit: DraftUnit) -> str:
        asked.append(unit.group)
        return unit.group

    held = ready.line_of(rules_on(DAY, RuleStage.ADDITION)[0], Proposal("112007410")).unit
    other = changed(held, group="o1")
    assert [ready.of_unit(group_of, unit) for unit in (held, held, other, other)] == [
        held.group,
        held.group,
        "o1",
        "o1",
    ]
    assert asked == [held.group, "o1", "o1"]


def test_a_rule_of_another_year_makes_a_line_of_its_own() -> None:
    """Days of the same rows may have other rules: a reason is that of the rule that was asked."""
    ready = ReadyLines(load_starter().at(DAY))
    rule, proposal = rules_on(DAY, RuleStage.ADDITION)[0], Proposal("112007410")
    later = changed(rule, cite="別の告示")
    for each in (rule, later, rule):
        assert ready.line_of(each, proposal).line.because[0].cite == each.cite


def test_what_is_kept_of_the_codes_that_stand_is_not_of_those_that_stood_before_a_proposal() -> None:
    """A denial, then proposals in the same stage, which are others at another institution."""
    ordered: dict[str, Any] = {
        "day": DAY, "kind": "none",
        "orders": [{"act": [{"item": "Ｔ－Ｍ（組織切片）", "amount": amount}]} for amount in (3, 1)],
    }  # fmt: skip
    addition = "病理診断管理加算２（組織診断）"
    billed = {"standards": ["3177"], "history": [{"act": addition, "day": date(2026, 6, 12)}]}
    book = Book(starter_tables())
    run(CaseFile(Path(), ordered), book)
    second = run(CaseFile(Path(), {**ordered, **billed}), book)
    assert [line.because[-1].rule_id for line in second.denied if line.name == addition] == ["table/limit"]
