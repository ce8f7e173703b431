# SPDX-License-Identifier: Apache-2.0
"""The catalogue of 区分番号 cannot claim what is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tasuki.calculation.rule import all_rules
from tasuki.masters.rows import Act
from tasuki.masters.starter import load_starter
from tasuki_server.reference.case_index import case_index, distinct_questions, question_of
from tasuki_server.reference.coverage import DAY, Status, cited_notes, coverage, judge, numbered
from tasuki_server.reference.coverage_page import coverage_lines
from tasuki_server.reference.fee_sections import FeeSection, Note, fee_sections

ROOT = Path(__file__).resolve().parents[2]


def test_every_rule_the_page_names_is_registered() -> None:
    page = (ROOT / "docs" / "reference" / "coverage.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`]+/[^`]+)`", page))
    assert named
    # The page on disk may wait for rules being landed; one that names a rule nobody registered is wrong.
    assert named <= {rule.id for rule in all_rules()}


def test_a_rule_is_listed_under_the_notes_it_cites() -> None:
    assert "A000/infant" in cited_notes()["A000"]["6"]
    assert "A000/out_of_hours" in cited_notes()["A000"]["8"]
    # A range with its note, and a fee of the list B001 cited by number.
    assert "C150/patients" in cited_notes()["C165"]["1"]
    assert any(rule.startswith("B001/") for rule in cited_notes()["B001の7"]["1"])
    assert "C150/patients" not in cited_notes()["C165"].get("2", ())
    # Abolished on the day of the revision: no rule of the catalogue.
    assert "A000/medical_information" not in cited_notes()["A000"].get("", ())


def test_every_act_of_the_book_stands_in_a_section_of_the_list() -> None:
    book = load_starter().at(DAY)
    known = {section.code for section in fee_sections()}
    acts = [
        book.act(code) for code, rows in load_starter().acts.items() if rows[0].chapter and book.has(code)
    ]
    strays = {numbered(act) for act in acts} - known
    # まるめ and comments of tests, and what the master keeps under no number.
    assert strays <= {"D999", "L000"}


def test_a_section_without_acts_is_never_called_covered() -> None:
    for each in coverage():
        if each.status in (Status.TABLES, Status.RULES):
            assert each.acts or re.match("薬剤|特定保険医療材料|フィルム|造影剤", each.section.title), each
        if each.status is Status.PART:
            assert each.missing


def test_a_note_no_table_answers_makes_a_section_partly_covered() -> None:
    book = load_starter().at(DAY)
    act: Act = book.act("111000110")
    unanswered = FeeSection("A000", "初診料", "", (Note("99", ("addition",), ("12345",), ()),))
    found = judge(unanswered, book, [act], [], 0, {})
    assert (found.status, found.missing) == (Status.PART, ("注99（12345点）",))
    cited = judge(unanswered, book, [act], [], 0, {"99": frozenset({"A000/infant"})})
    assert cited.status is Status.RULES


def test_the_head_counts_what_is_registered() -> None:
    total = next(line for line in coverage_lines() if line.startswith("| **計**"))
    numbers = [int(n) for n in re.findall(r"\*\*(\d+)\*\*", total)]
    assert numbers[0] == len(fee_sections())
    assert numbers[-3] == len({rule.id for rule in all_rules()})
    assert numbers[-2] == len(case_index())


def test_the_page_counts_each_question_once() -> None:
    """At least 160 questions are answered; a case that names its source in another form is refused."""
    found = distinct_questions(case_index())
    asked = [case for case in case_index() if case.question]
    assert 160 <= len(found) < len(asked)
    assert f"疑義解釈の問（その・日・問の相異なるもの）: {len(found)}。" in "\n".join(coverage_lines())
    first, second = (question_of(f"疑義解釈その5 (令和8年5月8日) 医科 問15 {part}") for part in "①②")
    assert first == second
    assert question_of("疑義解釈その1 (令和8年3月23日) ベースアップ評価料 問4 (改定前)").number == "問4"


@pytest.mark.parametrize(
    "text", ["疑義解釈その5 問15", "疑義解釈その5 (令和8年5月8日) 医科", "通知 A000 (18)"]
)
def test_a_question_without_its_day_or_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no question"):
        question_of(text)
