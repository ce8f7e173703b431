# SPDX-License-Identifier: Apache-2.0
"""発生届の回答 — a notice as answers by the link of the question, and back; FHIR and the screen both speak it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from tasuki.chart.visit import Sex
from tasuki.notifications.facts import Examined, Identity, Notification, Origin, Reporter, Ticked
from tasuki.notifications.words import Certainty, Subject


class Answer(NamedTuple):
    """回答 — a value (text, number, day, yes or no; of a choice its code) with what was answered below it."""

    value: str | int | bool | date
    inner: Mapping[str, str | date] = {}


Answers = dict[str, list[Answer]]
_PLAIN = (
    "age_years", "age_months", "symptom_words", "method_words", "first_seen_on", "diagnosed_on", "infected_on",
    "onset_on", "died_on", "remarks", "reported_on",
)  # fmt: skip
_REPORTER = ("doctor", "institution", "address", "telephone")


def answers_of(notice: Notification) -> Answers:
    """発生届の回答 — what is empty has no answer."""
    found: dict[str, Any] = {name: getattr(notice, name) for name in _PLAIN}
    found |= {name: getattr(notice.identity, name) for name in Identity.__dataclass_fields__}
    found |= {f"reporter.{name}": getattr(notice.reporter, name) for name in _REPORTER}
    origin = notice.origin
    found |= {
        "subject": notice.subject.value,
        "sex": notice.sex.value,
        "cause_words": origin.words,
        "cause.certainty": origin.certainty.value if origin.certainty else "",
        "region.is_abroad": origin.is_abroad,
        "region": origin.region,
        "region.certainty": origin.region_certainty.value if origin.region_certainty else "",
    }
    made = {link: [Answer(value)] for link, value in found.items() if value is not None and value != ""}
    ticks = {
        "type": () if notice.kind is None else (notice.kind,),
        "symptom": notice.symptoms,
        "cause": origin.causes,
        "extra": notice.extras,
    }
    for link, ticked in ticks.items():
        if ticked:
            made[link] = [
                Answer(each.code, {f"{link}.words": each.words} if each.words else {}) for each in ticked
            ]
    if notice.methods:
        made["method"] = [Answer(each.code, _tested(each)) for each in notice.methods]
    return made


def _tested(tested: Examined) -> dict[str, str | date]:
    below: dict[str, str | date | None] = {
        "method.specimen": tested.specimen,
        "method.result": tested.result,
        "method.taken_on": tested.taken_on,
    }
    return {link: value for link, value in below.items() if value}


def notification_of(disease: str, answers: Answers) -> Notification:
    """回答の発生届 — raises ``KeyError`` for an answer without which there is no notice at all (類型, 性別, 年齢, 報告年月日)."""

    def one(link: str, otherwise: Any = None) -> Any:
        return answers[link][0].value if link in answers else otherwise

    def certain(link: str) -> Certainty | None:
        return Certainty(one(link)) if link in answers else None

    ticked = {link: _ticked(answers, link) for link in ("type", "symptom", "cause", "extra")}
    return Notification(
        disease=disease,
        reported_on=answers["reported_on"][0].value,  # type: ignore[arg-type]
        subject=Subject(str(answers["subject"][0].value)),
        sex=Sex(str(answers["sex"][0].value)),
        age_years=answers["age_years"][0].value,  # type: ignore[arg-type]
        age_months=one("age_months"),
        identity=Identity(**{name: one(name) for name in Identity.__dataclass_fields__ if name in answers}),
        kind=ticked["type"][0] if ticked["type"] else None,
        symptoms=ticked["symptom"],
        symptom_words=one("symptom_words", ""),
        methods=tuple(
            Examined(
                str(each.value),
                str(each.inner.get("method.specimen", "")),
                str(each.inner.get("method.result", "")),
                each.inner.get("method.taken_on"),  # type: ignore[arg-type]
            )
            for each in answers.get("method", ())
        ),
        method_words=one("method_words", ""),
        first_seen_on=one("first_seen_on"),
        diagnosed_on=one("diagnosed_on"),
        infected_on=one("infected_on"),
        onset_on=one("onset_on"),
        died_on=one("died_on"),
        origin=Origin(
            ticked["cause"],
            one("cause_words", ""),
            certain("cause.certainty"),
            one("region.is_abroad"),
            one("region", ""),
            certain("region.certainty"),
        ),
        extras=ticked["extra"],
        remarks=one("remarks", ""),
        reporter=Reporter(**{name: one(f"reporter.{name}", "") for name in _REPORTER}),
    )


def _ticked(answers: Answers, link: str) -> tuple[Ticked, ...]:
    return tuple(
        Ticked(str(each.value), str(each.inner.get(f"{link}.words", ""))) for each in answers.get(link, ())
    )
