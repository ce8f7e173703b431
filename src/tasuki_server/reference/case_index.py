# SPDX-License-Identifier: Apache-2.0
"""事例の索引 — the readable cases of the calculation: which rules each is about, and where it comes from."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import tasuki_server

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECTION = re.compile(r"[A-O]\d{3}")
# Which paper of which day, which of its lists, and the number in it: a part of an answer (①, 改定前) is no other question.
_QUESTION = re.compile(
    r"疑義解釈(?P<paper>その\d+)? \((?P<day>(?:平成|令和)\d+年\d+月(?:\d+日)?)\)(?: (?P<list>[^ ]+))? (?P<number>問\d+(?:-\d+)*)"
    r"(?: [①-⑳])?(?: \(改定前\))?"
)


class CaseNote(NamedTuple):
    """事例 — a case as the reference lists it; ``rules`` says of each rule whether it speaks."""

    name: str
    chapter: str
    rules: tuple[tuple[str, bool], ...]
    question: str


class Question(NamedTuple):
    """問 — one question of the 疑義解釈: the paper, its day, the list in it, and the number."""

    paper: str
    day: str
    table: str
    number: str


def question_of(text: str) -> Question:
    """問の読取り — of what a case names as its source.

    Raises ``ValueError`` for another form.

    >>> question_of("疑義解釈その5 (令和8年5月8日) 医科 問15 ②").number
    '問15'
    """
    found = _QUESTION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no question of the form 疑義解釈その1 (令和8年3月23日) 医科 問3")
    return Question(found["paper"] or "", found["day"], found["list"] or "", found["number"])


def distinct_questions(cases: Iterable[CaseNote]) -> frozenset[Question]:
    """相異なる問 — that the cases answer; several cases of one question count once."""
    return frozenset(question_of(case.question) for case in cases if case.question)


@cache
def case_index() -> tuple[CaseNote, ...]:
    """事例の索引 — every case of tests/cases/calculation, in the order of the files.

    The pages are made in the project itself: a folder without cases is a wrong place, and said.
    """
    # The reader of YAML belongs to the tools of development, as the pages do.
    import yaml

    folder = Path(tasuki_server.__path__[0]).parents[1] / "tests" / "cases" / "calculation"
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise FileNotFoundError(f"no readable cases in {folder}: the reference is made in the project")
    made: list[CaseNote] = []
    for path in paths:
        for data in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            one = {data["rule"]: bool(data["fires"])} if "rule" in data else {}
            rules = {**one, **data.get("rules", {})}
            made.append(
                CaseNote(
                    str(data["name"]), _chapter(data, rules), tuple(rules.items()), str(data.get("qa", ""))
                )
            )
    return tuple(made)


def _chapter(data: dict[str, object], rules: dict[str, bool]) -> str:
    """部 — of the section the case cites, else of its rule; "" for what belongs to no chapter."""
    for text in (str(data["cite"]), *rules):
        if found := _SECTION.search(text):
            return found[0][0]
    return ""
