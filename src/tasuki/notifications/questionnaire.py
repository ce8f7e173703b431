# SPDX-License-Identifier: Apache-2.0
"""FHIR Questionnaire — a disease's form as FHIR R4, made from the table.

The national draft (jpfhir.jp eInfectionReport 1.0.0, trial use) also has one Questionnaire a form; its own linkIds were
not public to us, so ours are our own.

Cite: HL7 FHIR R4 Questionnaire
"""

from __future__ import annotations

from typing import Any

from tasuki.notifications.questions import Kind, Option, Question, questions_of
from tasuki.notifications.table import Disease

BASE = "http://tasuki.invalid/fhir"
SEXES = "http://hl7.org/fhir/administrative-gender"
DISEASES = f"{BASE}/CodeSystem/notifiable-disease"


def canonical(disease: Disease) -> str:
    """様式のURL — with the version, which is the first day of the row."""
    return f"{BASE}/Questionnaire/notification-{disease.code.replace('_', '-')}|{disease.validity.since}"


def questionnaire(disease: Disease) -> dict[str, Any]:
    """FHIR Questionnaire — of one version of one disease's form."""
    url, version = canonical(disease).split("|")
    title = f"{disease.short_name}発生届"
    return {
        "resourceType": "Questionnaire",
        "id": url.rsplit("/", 1)[-1],
        "url": url,
        "version": version,
        "name": "Notification_" + "".join(each.capitalize() for each in disease.code.split("_")),
        "title": title,
        "status": "active",
        "subjectType": ["Patient"],
        "date": version,
        "description": f"{disease.category.label}（届出: {disease.deadline.label}）",
        "code": [{"system": DISEASES, "code": disease.code, "display": disease.name}],
        "item": [_item(each, disease) for each in questions_of(disease)],
    }


def option_system(link: str, disease: Disease) -> str:
    """選択肢の体系 — items of a disease are codes of that disease only."""
    if link == "sex":
        return SEXES
    if link in ("subject", "cause.certainty", "region.certainty"):
        return f"{BASE}/CodeSystem/notification-{link.rsplit('.', 1)[-1]}"
    return f"{BASE}/CodeSystem/notification-{disease.code.replace('_', '-')}-{link}"


def coding(option: Option, link: str, disease: Disease) -> dict[str, str]:
    """選択肢の符号 — as FHIR writes a chosen code."""
    return {"system": option_system(link, disease), "code": option.code, "display": option.label}


def _item(question: Question, disease: Disease) -> dict[str, Any]:
    made: dict[str, Any] = {"linkId": question.link, "text": question.text, "type": question.kind.value}
    if question.prefix:
        made["prefix"] = question.prefix
    if question.is_required and question.kind is not Kind.GROUP:
        made["required"] = True
    if question.repeats:
        made["repeats"] = True
    if question.options:
        made["answerOption"] = [
            {"valueCoding": coding(each, question.link, disease)} for each in question.options
        ]
    if question.inner:
        made["item"] = [_item(each, disease) for each in question.inner]
    return made
