# SPDX-License-Identifier: Apache-2.0
"""算定理由の文 — a reason as one Japanese sentence with its source; every number in it is a fact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.calculation.sentences import (
    basic_fees,
    care_fees,
    drugs,
    home,
    imaging,
    management,
    payers,
    procedures,
    psychiatry,
    rehabilitation,
    tables,
    tests,
    tests_and_acts,
)
from tasuki.calculation.sentences.labels import NUMBERS, WORDS
from tasuki.kernel.because import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.calculation.statement import Line, Statement
    from tasuki.kernel.because import Because

Sentence = str | dict[str, str]
SENTENCES: dict[tuple[str, str], Sentence] = {
    **tables.SENTENCES,
    **basic_fees.SENTENCES,
    **management.SENTENCES,
    **care_fees.SENTENCES,
    **home.SENTENCES,
    **psychiatry.SENTENCES,
    **rehabilitation.SENTENCES,
    **tests_and_acts.SENTENCES,
    **procedures.SENTENCES,
    **tests.SENTENCES,
    **imaging.SENTENCES,
    **drugs.SENTENCES,
    **payers.SENTENCES,
}
# What is said of a rule that has no words of its own yet.
GENERAL: dict[str, str] = {
    Verdict.GRANTED: "{line}を算定します",
    Verdict.DENIED: "{line}は算定できません",
    Verdict.ADVISED: "{line}を算定できるか確かめてください",
}
GENERAL_LOST = "{line}は、{lost_to_name}を算定するため算定できません"


def sentence(line: Line, because: Because) -> str:
    """算定理由の文 — one reason of a line.

    「外来管理加算は、創傷処置（１００ｃｍ２未満）を行ったため算定できません（医科点数表 A001 注8）」
    """
    return _filled(_template(because), because, line.name)


def explain(line: Line) -> tuple[str, ...]:
    """算定理由の文 — every reason of a line, the deciding one last."""
    return tuple(sentence(line, because) for because in line.because)


def kind_sentence(statement: Statement) -> str:
    """初再診の判定の文 — why the visit counts as a first one or another."""
    return "".join(_filled(_template(each), each, "") for each in statement.kind_because)


def _template(because: Because) -> str:
    found = SENTENCES.get((because.rule_id, because.verdict))
    if isinstance(found, str):
        return found
    facts = dict(because.facts)
    if found is None:
        return GENERAL_LOST if facts.get("lost_to_name") else GENERAL[because.verdict]
    return found[_variant(found, facts)]


def _variant(found: Mapping[str, str], facts: Mapping[str, object]) -> str:
    """The value of the fact ``reason``, else the first named fact that holds, else the plain sentence."""
    reason = facts.get("reason")
    if isinstance(reason, str) and reason and reason in found:
        return reason
    return next((name for name in found if name and facts.get(name)), "")


def _filled(template: str, because: Because, line: str) -> str:
    words = {name: _word(name, value) for name, value in because.facts}
    return f"{template.format_map({**words, 'line': line})}（{because.cite}）"


def _word(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "あり" if value else "なし"
    if isinstance(value, int) and name in NUMBERS:
        return NUMBERS[name].get(value, str(value))
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple | list | frozenset):
        return "、".join(_word(name, each) for each in value)
    return WORDS.get(str(value), str(value))
