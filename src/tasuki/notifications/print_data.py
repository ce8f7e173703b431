# SPDX-License-Identifier: Apache-2.0
"""発生届の印字内容 — a notice as the form ``disease_notification`` takes it: plain members, days as ISO text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tasuki.chart.visit import Sex
from tasuki.notifications.answers import Answer, Answers, notification_of
from tasuki.notifications.facts import Examined, Identity, Notification, Ticked
from tasuki.notifications.table import Disease
from tasuki.notifications.words import Deadline, Part, Subject

# Without these there is no notice; on a draft their boxes are emptied again.
_STAND_INS: dict[str, str | int | date] = {
    "reported_on": date.min, "subject": Subject.PATIENT.value, "sex": Sex.FEMALE.value, "age_years": 0,
}  # fmt: skip


def print_data(notice: Notification, disease: Disease, *, is_draft: bool = False) -> dict[str, Any]:
    """発生届の印字内容 — of a notice on its disease's form; a form without identity gets no person."""
    who, origin = notice.identity, notice.origin
    return {
        "title": f"{disease.short_name}発生届",
        "form_number": disease.form,
        "reported_on": notice.reported_on.isoformat(),
        "doctor_name": notice.reporter.doctor,
        "issuer": {
            "name": notice.reporter.institution,
            "address": notice.reporter.address,
            "telephone": notice.reporter.telephone,
        },
        "deadline": "直ちに" if disease.deadline is Deadline.IMMEDIATE else "七日以内に",
        "subjects": [{"label": each.label, "is_on": each is notice.subject} for each in disease.subjects],
        "sex": notice.sex.value,
        "age_years": notice.age_years,
        "age_months": notice.age_months,
        "person": _person(who) if disease.has_identity and who.born is not None else None,
        "kinds": _choices(disease, Part.TYPE, () if notice.kind is None else (notice.kind,)),
        "symptoms": _choices(disease, Part.SYMPTOM, notice.symptoms),
        "symptom_words": notice.symptom_words,
        "methods": _choices(disease, Part.METHOD, map(_told, notice.methods)),
        "method_words": notice.method_words,
        **{
            name: _iso(getattr(notice, name))
            for name in ("first_seen_on", "diagnosed_on", "infected_on", "onset_on", "died_on")
        },
        "causes": _choices(disease, Part.CAUSE, origin.causes),
        "cause_words": origin.words,
        "cause_certainty": origin.certainty.value if origin.certainty else "",
        "is_abroad": origin.is_abroad,
        "region": origin.region,
        "region_certainty": origin.region_certainty.value if origin.region_certainty else "",
        "extras": _choices(disease, Part.EXTRA, notice.extras),
        "remarks": notice.remarks,
        "is_common": disease.is_common,
        "is_draft": is_draft,
    }


def draft_data(disease: Disease, answers: Answers, notes: Iterable[str] = ()) -> dict[str, Any]:
    """発生届の下書きの印字内容 — of what there is; boxes that wait stay empty, and ``notes`` say which."""
    missing = [link for link in _STAND_INS if link not in answers]
    whole = {**{link: [Answer(_STAND_INS[link])] for link in missing}, **answers}
    notice = notification_of(disease.code, whole)
    made = print_data(notice, disease, is_draft=True)
    made |= {link: None for link in missing if link != "subject"}
    if "subject" in missing:
        made["subjects"] = [{**each, "is_on": False} for each in made["subjects"]]
    if disease.has_identity:
        made["person"] = _person(notice.identity)
    return made | {"notes": list(notes)}


def _person(who: Identity) -> dict[str, Any]:
    told = {name: getattr(who, name) for name in Identity.__dataclass_fields__ if name != "born"}
    return {**told, "born": _iso(who.born)}


def _told(method: Examined) -> Ticked:
    """検体: 便、結果: 陽性、採取: 2026-06-01 — what stands in the brackets of a method."""
    parts = (
        ("検体", method.specimen),
        ("結果", method.result),
        ("採取", f"{method.taken_on:%Y-%m-%d}" if method.taken_on else ""),
    )
    return Ticked(method.code, "　".join(f"{label}: {text}" for label, text in parts if text))


def _choices(disease: Disease, part: Part, given: Iterable[Ticked]) -> list[dict[str, Any]]:
    on = {each.code: each.words for each in given}
    return [
        {"label": each.label, "is_on": each.code in on, "words": on.get(each.code, "")}
        for each in disease.items_of(part)
    ]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
