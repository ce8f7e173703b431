# SPDX-License-Identifier: Apache-2.0
"""Sentences: every reason that any case gives has words of its own, filled from its facts and citing its source."""

from __future__ import annotations

import re
from functools import cache

import pytest

from calculation.case_files import read_cases, run
from tasuki.calculation import Line, Statement
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import all_rules
from tasuki.calculation.sentences import explain, kind_sentence, label, sentence
from tasuki.calculation.sentences.labels import FLAGS
from tasuki.calculation.sentences.render import SENTENCES
from tasuki.kernel.because import Because, Verdict

PLACEHOLDER = re.compile(r"[{}]")
# A code of the master or an English identifier never reaches a reader.
RAW = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])|[a-z]+_[a-z_]+|\d{4}-\d{2}-\d{2}|\bTrue\b|\bFalse\b|\bNone\b")


@cache
def statements() -> tuple[Statement, ...]:
    return tuple(run(case) for case in read_cases())


def lines() -> list[Line]:
    return [
        line
        for statement in statements()
        for line in (*statement.granted(), *statement.denied, *statement.advised)
    ]


def test_every_reason_of_every_case_has_words_of_its_own() -> None:
    given = {(because.rule_id, because.verdict.value) for line in lines() for because in line.because}
    given |= {(b.rule_id, b.verdict.value) for statement in statements() for b in statement.kind_because}
    assert sorted(given - set(SENTENCES)) == [], "add them to src/tasuki/calculation/sentences/"


def test_every_registered_rule_has_a_sentence() -> None:
    spoken = {rule_id for rule_id, _ in SENTENCES}
    assert sorted({rule.id for rule in all_rules()} - spoken) == []


def test_no_placeholder_code_or_english_word_is_left_in_a_sentence() -> None:
    texts = [text for line in lines() for text in explain(line)]
    texts += [kind_sentence(statement) for statement in statements()]
    left = {text for text in texts if PLACEHOLDER.search(text) or RAW.search(text.split("（")[0])}
    assert sorted(left) == []


def test_every_reason_cites_its_source() -> None:
    missing = {
        (line.name, because.rule_id)
        for line in lines()
        for because in line.because
        if not because.cite.strip()
    }
    assert missing == set()


def test_denied_lines_name_who_won_or_the_fact_that_is_missing() -> None:
    for statement in statements():
        for line in statement.denied:
            facts = dict(line.because[-1].facts)
            has_winner = bool(facts.get("lost_to"))
            has_fact = len([name for name in facts if name not in ("lost_to", "lost_to_name")]) > 0
            says_why = (line.because[-1].rule_id, "denied") in SENTENCES
            assert has_winner or has_fact or says_why, line


def test_the_sentence_of_the_house_style() -> None:
    because = Because(
        "A001/outpatient_management_blocked",
        Verdict.DENIED,
        (
            ("lost_to", "140000610"),
            ("act", "創傷処置（１００ｃｍ２未満）"),
            ("lost_to_name", "創傷処置（１００ｃｍ２未満）"),
        ),
        "医科点数表 A001 注8",
    )
    line = next(each for each in lines() if each.name == "外来管理加算")
    assert (
        sentence(line, because)
        == "外来管理加算は、創傷処置（１００ｃｍ２未満）を行ったため算定できません（医科点数表 A001 注8）"
    )


def test_a_rule_without_words_still_says_what_happened() -> None:
    line = next(each for each in lines() if each.name == "外来管理加算")
    lost = Because("X/new", Verdict.DENIED, (("lost_to", "1"), ("lost_to_name", "某料")), "某注")
    assert sentence(line, lost) == "外来管理加算は、某料を算定するため算定できません（某注）"


@pytest.mark.parametrize("flag", list(Flag))
def test_every_flag_has_a_japanese_label(flag: Flag) -> None:
    assert flag in FLAGS
    assert label(flag.value) == FLAGS[flag]
