# SPDX-License-Identifier: Apache-2.0
"""FHIR QuestionnaireResponse — a notice written and read as FHIR R4.

It refers to no Patient: a form without identity must not lead to a person, and one with identity says who it is itself.

Cite: HL7 FHIR R4 QuestionnaireResponse
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.notifications import messages
from tasuki.notifications.answers import Answer, Answers, answers_of, notification_of
from tasuki.notifications.facts import Notification
from tasuki.notifications.questionnaire import BASE, canonical, coding, option_system
from tasuki.notifications.questions import Kind, Question, questions_of
from tasuki.notifications.table import Disease, NotifiableTable, OutOfTable

assert messages.READY
NUMBERS = "urn:tasuki:notification"
_MEMBER = {
    Kind.CHOICE: "valueCoding",
    Kind.STRING: "valueString",
    Kind.TEXT: "valueString",
    Kind.DATE: "valueDate",
    Kind.INTEGER: "valueInteger",
    Kind.BOOLEAN: "valueBoolean",
}
_TYPES = {Kind.STRING: str, Kind.TEXT: str, Kind.DATE: str, Kind.INTEGER: int, Kind.BOOLEAN: bool}


def questionnaire_response(notice: Notification, disease: Disease, number: str = "") -> dict[str, Any]:
    """FHIR QuestionnaireResponse — of a notice on its disease's form; answers the form has no box for are left out.

    A form without identity has no box for a name, so what is built from it cannot carry one.
    """
    answers = answers_of(notice)
    made: dict[str, Any] = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": canonical(disease),
        "status": "completed",
        "authored": notice.reported_on.isoformat(),
        "item": [
            written
            for each in questions_of(disease)
            if (written := _write(each, answers, disease)) is not None
        ],
    }
    if number:
        made["identifier"] = {"system": NUMBERS, "value": number}
    return made


def _write(question: Question, answers: Answers, disease: Disease) -> dict[str, Any] | None:
    if question.kind is Kind.GROUP:
        inner = [made for each in question.inner if (made := _write(each, answers, disease)) is not None]
        return {"linkId": question.link, "text": question.text, "item": inner} if inner else None
    given = answers.get(question.link)
    if not given:
        return None
    return {
        "linkId": question.link,
        "text": question.text,
        "answer": [_answer(question, each, disease) for each in given],
    }


def _answer(question: Question, answer: Answer, disease: Disease) -> dict[str, Any]:
    made: dict[str, Any] = {_MEMBER[question.kind]: _value(question, answer, disease)}
    below: Answers = {link: [Answer(value)] for link, value in answer.inner.items()}
    inner = [written for each in question.inner if (written := _write(each, below, disease)) is not None]
    if inner:
        made["item"] = inner
    return made


def _value(question: Question, answer: Answer, disease: Disease) -> Any:
    value = answer.value
    if question.kind is Kind.CHOICE:
        option = next((each for each in question.options if each.code == value), None)
        if option is None:
            raise ValueError(f"{question.link}: {value} is no option of {disease.code}")
        return coding(option, question.link, disease)
    return value.isoformat() if isinstance(value, date) else value


def read_response(value: object, table: NotifiableTable) -> tuple[Notification, Disease]:
    """発生届の読取り — a QuestionnaireResponse on one of the table's forms; raises :class:`BadInput` with all faults."""
    if not isinstance(value, dict) or value.get("resourceType") != "QuestionnaireResponse":
        raise BadInput([_fault(21, "", reason="QuestionnaireResponse ではありません")])
    if value.get("status") != "completed":
        raise BadInput([_fault(21, "", reason="status が completed ではありません")])
    disease = _disease(value.get("questionnaire"), table)
    reading = _Reading(disease)
    reading.items(value.get("item", []), {each.link: each for each in questions_of(disease)})
    for link in ("reported_on", "subject", "sex", "age_years"):
        if link not in reading.answers and not reading.faults:
            reading.faults.append(_fault(23, link, link=link, reason="回答がありません"))
    if reading.faults:
        raise BadInput(reading.faults)
    return notification_of(disease.code, reading.answers), disease


def _disease(canonical_url: object, table: NotifiableTable) -> Disease:
    url, _, version = str(canonical_url).partition("|")
    code = url.removeprefix(f"{BASE}/Questionnaire/notification-").replace("-", "_")
    try:
        return table.version(code, date.fromisoformat(version))
    except (ValueError, OutOfTable):
        raise BadInput([_fault(21, "", reason=f"様式「{canonical_url}」がありません")]) from None


class _Reading:
    """The walk through the items: answers so far, and every fault with its place."""

    def __init__(self, disease: Disease) -> None:
        self.disease = disease
        self.answers: Answers = {}
        self.faults: list[Finding] = []

    def items(self, items: object, asked: Mapping[str, Question]) -> None:
        for link, question, item in self._known(items, asked):
            if question.kind is Kind.GROUP:
                self.items(item.get("item", []), {each.link: each for each in question.inner})
            elif found := self._answers(link, question, item):
                self.answers[link] = found

    def _known(
        self, items: object, asked: Mapping[str, Question]
    ) -> Iterator[tuple[str, Question, dict[str, Any]]]:
        seen: set[str] = set()
        for item in items if isinstance(items, list) else [None]:
            link = item.get("linkId") if isinstance(item, dict) else None
            if not isinstance(item, dict) or not isinstance(link, str) or link not in asked:
                self.faults.append(_fault(22, str(link), link=link))
            elif link in seen:
                self.faults.append(_fault(24, link, link=link))
            else:
                seen.add(link)
                yield link, asked[link], item

    def _answers(self, link: str, question: Question, item: dict[str, Any]) -> list[Answer]:
        given = item.get("answer")
        if not isinstance(given, list) or not given or (len(given) > 1 and not question.repeats):
            self.faults.append(_fault(23, link, link=link, reason="回答の数が様式と違います"))
            return []
        found = []
        for each in given:
            value = self._one(link, question, each)
            if value is not None:
                found.append(Answer(value, self._inner(question, each)))
        return found

    def _inner(self, question: Question, answer: dict[str, Any]) -> dict[str, Any]:
        """The single answers below one answer."""
        found: dict[str, Any] = {}
        for link, below, item in self._known(
            answer.get("item", []), {each.link: each for each in question.inner}
        ):
            for each in self._answers(link, below, item):
                found[link] = each.value
        return found

    def _one(self, link: str, question: Question, answer: object) -> Any:
        value = answer.get(_MEMBER[question.kind]) if isinstance(answer, dict) else None
        if question.kind is Kind.CHOICE:
            return self._choice(link, question, value)
        if type(value) is not _TYPES[question.kind] or value == "":
            self.faults.append(_fault(23, link, link=link, reason=f"{_MEMBER[question.kind]} がありません"))
            return None
        if question.kind is not Kind.DATE:
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.faults.append(_fault(23, link, link=link, reason=f"「{value}」は年月日ではありません"))
            return None

    def _choice(self, link: str, question: Question, value: object) -> str | None:
        if isinstance(value, dict) and value.get("system") == option_system(link, self.disease):
            for option in question.options:
                if option.code == value.get("code"):
                    return option.code
        self.faults.append(_fault(23, link, link=link, reason="選択肢にありません"))
        return None


def _fault(number: int, field: str, **facts: object) -> Finding:
    code = f"NTF-{number:04d}"
    return Finding(code, Severity.BLOCK, Where(record="発生届", field=field), f"notifications.{code}", facts)
