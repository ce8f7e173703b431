# SPDX-License-Identifier: Apache-2.0
"""管理策の台帳 — rows are read or refused, and what goes missing turns exactly its rows red."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tasuki.security.controls import (
    Answer,
    BadRegister,
    Control,
    Document,
    DrillRun,
    Known,
    Level,
    Proved,
    judge,
    judge_all,
    read_register,
    register,
)

DAY = date(2026, 11, 29)
HEAD = "code\tlevel\tasked\tanswer\tproofs\twords\tdecided_on\n"
ROW = Control(
    Document.ASVS,
    "V1",
    Level.L1,
    "求め",
    Answer.MET,
    ("tests/a.py::test_b", "drill:c", "doc:docs/d.md"),
    "",
    DAY,
)
KNOWN = Known(
    frozenset({"tests/a.py::test_b"}), {"c": DrillRun(date(2026, 11, 1), True)}, frozenset({"docs/d.md"})
)


def test_what_is_there_shows_the_row_since_its_oldest_drill():
    found = judge(ROW, KNOWN)
    assert found.proved is Proved.MET and found.is_met and not found.is_red
    assert found.shown_on == date(2026, 11, 1)
    assert judge(ROW, replace(KNOWN, drills={"c": None})).shown_on == DAY


@pytest.mark.parametrize(
    ("known", "missing"),
    [
        (replace(KNOWN, tests=frozenset()), "tests/a.py::test_b"),
        (replace(KNOWN, drills={}), "drill:c"),
        (replace(KNOWN, documents=frozenset()), "doc:docs/d.md"),
    ],
)
@pytest.mark.parametrize("answer", list(Answer))
def test_anything_that_goes_missing_turns_the_row_red_whatever_it_answers(known, missing, answer):
    found = judge(replace(ROW, answer=answer), known)
    assert found.is_red and found.missing == (missing,) and not found.is_answered


def test_a_drill_that_did_not_pass_turns_its_rows_red():
    found = judge(ROW, replace(KNOWN, drills={"c": DrillRun(DAY, False)}))
    assert found.is_red and found.failed == ("drill:c",)


def test_other_rows_are_left_alone():
    other = replace(ROW, code="V2", proofs=("tests/a.py::test_other",))
    known = replace(KNOWN, tests=KNOWN.tests | {"tests/a.py::test_other"})
    without = replace(known, tests=known.tests - {"tests/a.py::test_b"})
    assert [each.is_red for each in judge_all((ROW, other), known)] == [False, False]
    assert [each.is_red for each in judge_all((ROW, other), without)] == [True, False]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("V1\tL1\t求め\t満たす\t\t\t2026-11-29", "needs a test"),
        ("V1\tL1\t求め\tしない\t\t\t2026-11-29", "needs words"),
        ("V1\tL1\t求め\t該当なし\t\t\t2026-11-29", "needs words"),
        ("V1\tL1\t求め\tたぶん\t\t\t2026-11-29", "たぶん"),
        ("V1\tL1\t求め\t満たす\tsomewhere\t\t2026-11-29", "no test, drill or document"),
        ("V1\tL1\t求め\t満たす\tdrill:a\t\t先日", "先日"),
        ("V1\tL1\t\t満たす\tdrill:a\t\t2026-11-29", "says what is asked"),
        ("V1\tL1\t求め", "3 cells"),
    ],
)
def test_a_row_that_says_too_little_is_refused_by_line(line, says):
    with pytest.raises(BadRegister) as refused:
        read_register(Document.ASVS, HEAD + line + "\n")
    assert says in str(refused.value) and str(refused.value).startswith("asvs 2")


def test_a_code_stands_once():
    line = "V1\tL1\t求め\t満たす\tdrill:a\t\t2026-11-29\n"
    with pytest.raises(BadRegister, match="asvs 3: V1 stands here twice"):
        read_register(Document.ASVS, HEAD + line * 2)


def test_every_row_of_ours_is_read_and_judged_by_this_checkout():
    from tasuki_server.office.evidence import known_here

    rows = register()
    assert len({each.key for each in rows}) == len(rows)
    assert {each.document for each in rows} == set(Document)
    known = known_here()
    assert known is not None
    assert [(each.control.key, each.missing) for each in judge_all(rows, known) if each.missing] == []
    some = next(each for each in rows if each.proofs and each.proofs[0].startswith("tests/"))
    without = replace(known, tests=known.tests - {some.proofs[0]})
    assert some.key in {each.control.key for each in judge_all(rows, without) if each.is_red}


def test_the_wall_between_persons_is_evidence_wherever_rows_are_asked_about():
    walls = "tests/server/test_portal_walls.py::"
    rows = {each.code for each in register() if any(proof.startswith(walls) for proof in each.proofs)}
    assert {"V8.2.2", "V8.2.3", "V13.2.2", "10-6-1"} <= rows
