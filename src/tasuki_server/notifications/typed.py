# SPDX-License-Identifier: Apache-2.0
"""発生届の記載 — what a person typed on the page, by the names of its boxes, and back to answers.

A box is named by the link of its question; what is asked below a choice is ``link:code``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from tasuki.kernel.finding import BadInput, Finding
from tasuki.notifications.answers import Answer, Answers
from tasuki.notifications.questions import Kind, Question, questions_of
from tasuki.notifications.table import Disease
from tasuki_server.notifications.messages import fault
from tasuki_server.patients.birth_text import read_day

Typed = dict[str, list[str]]
MOST = 2000
# Without these there is no notice at all.
_NEEDED = ("reported_on", "subject", "sex", "age_years")


def flat(disease: Disease) -> Iterator[Question]:
    """設問 — of all groups, in order."""
    for group in questions_of(disease):
        yield from group.inner


def typed_of(disease: Disease, answers: Answers) -> Typed:
    """回答の記載 — as the page shows it."""
    made: Typed = {}
    for question in flat(disease):
        given = answers.get(question.link, [])
        if given:
            made[question.link] = [_shown(each.value) for each in given]
        for each in given:
            for link, value in each.inner.items():
                made[f"{link}:{each.value}"] = [_shown(value)]
    return made


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def posted(disease: Disease, form: Mapping[str, list[str]]) -> Typed:
    """送られた記載 — of the boxes of this form only, without empty ones; anything else sent is passed over."""
    made: Typed = {}
    for name in box_names(disease):
        values = [_clean(each)[:MOST] for each in form.get(name, [])]
        kept = [each for each in values if each]
        if kept:
            made[name] = kept
    return _ticked(disease, made)


def _ticked(disease: Disease, typed: Typed) -> Typed:
    """What was written beside a tick ticks it: nothing typed is lost for a forgotten mark."""
    for question in flat(disease):
        if question.repeats:
            codes = [each.code for each in question.options]
            written = {code for code in codes for each in question.inner if f"{each.link}:{code}" in typed}
            given = set(typed.get(question.link, ()))
            if written - given:
                typed[question.link] = [code for code in codes if code in written | given]
    return typed


def box_names(disease: Disease) -> Iterator[str]:
    """欄の名前 — every name the page may send."""
    for question in flat(disease):
        yield question.link
        for below in question.inner:
            for option in question.options:
                yield f"{below.link}:{option.code}"


def read_typed(disease: Disease, typed: Typed) -> Answers:
    """記載の読取り — raises :class:`BadInput` with every box that cannot be read."""
    answers, faults = read_partly(disease, typed)
    if faults:
        raise BadInput(faults)
    return answers


def read_partly(disease: Disease, typed: Typed) -> tuple[Answers, list[Finding]]:
    """記載の読取り — what can be read, and what is wrong with the rest."""
    faults: list[Finding] = []
    answers: Answers = {}
    for question in flat(disease):
        found = [
            Answer(value, _below(question, text, typed, faults))
            for text in typed.get(question.link, [])
            if (value := _read(question, text, faults)) is not None
        ]
        faults += _beside(question, typed)
        if found:
            answers[question.link] = found if question.repeats else found[:1]
        elif question.link in _NEEDED and question.link not in typed:
            key = "notice.choose" if question.kind is Kind.CHOICE else "notice.number"
            if question.kind is Kind.DATE:
                key = "notice.day"
            faults.append(fault(key, question.link, what=question.text, value=""))
    return answers, faults


def _beside(question: Question, typed: Typed) -> list[Finding]:
    """Words beside a choice that was not made."""
    given = typed.get(question.link, ())
    return [
        fault("notice.beside", question.link, label=option.label)
        for option in question.options
        if option.code not in given and any(f"{each.link}:{option.code}" in typed for each in question.inner)
    ]


def _below(question: Question, code: str, typed: Typed, faults: list[Finding]) -> dict[str, str | date]:
    found: dict[str, str | date] = {}
    for below in question.inner:
        for text in typed.get(f"{below.link}:{code}", [])[:1]:
            value = _read(below, text, faults)
            if isinstance(value, str | date):
                found[below.link] = value
    return found


def _read(question: Question, text: str, faults: list[Finding]) -> str | int | bool | date | None:
    if question.kind is Kind.DATE:
        day = read_day(text)
        if day is None:
            faults.append(fault("notice.day", question.link, what=question.text, value=text))
        return day
    if question.kind is Kind.INTEGER:
        if text.isdecimal() and len(text) <= 3:
            return int(text)
        faults.append(fault("notice.number", question.link, what=question.text, value=text))
        return None
    if question.kind is Kind.BOOLEAN:
        return {"true": True, "false": False}.get(text)
    if question.kind is Kind.CHOICE and text not in {each.code for each in question.options}:
        faults.append(fault("notice.choose", question.link, what=question.text))
        return None
    return text


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
