# SPDX-License-Identifier: Apache-2.0
"""文の型 — every rule says something in Japanese of its own."""

from __future__ import annotations

from tasuki.calculation.rule_catalogue import rule_catalogue
from tasuki.calculation.sentences.patterns import rule_patterns
from tasuki.kernel.because import Verdict


def test_every_rule_of_the_registry_has_a_japanese_sentence():
    catalogue = rule_catalogue()
    assert catalogue
    assert [each.id for each in catalogue.values() if not rule_patterns(each.id, each.title)] == []


def test_facts_are_blank_and_the_line_is_the_title(monkeypatch):
    given = {
        ("X", "granted"): "{line}を{days}日で算定します",
        ("X", "denied"): {"a": "不可{{1}}", "": "{line}なし"},
    }
    monkeypatch.setattr("tasuki.calculation.sentences.patterns.SENTENCES", given)
    assert rule_patterns("X", "加算") == (
        (Verdict.GRANTED, "加算を○○日で算定します"),
        (Verdict.DENIED, "不可{1}"),
        (Verdict.DENIED, "加算なし"),
    )
