# SPDX-License-Identifier: Apache-2.0
"""患者サマリー（療養計画書） — the plan that a patient takes home, of the draft in JP-CLINS; built and read.

Cite: JP-CLINS 1.5.2 JP_Composition_ePCS, JP_CarePlan_ePCS (案)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tasuki.sharing.build import names
from tasuki.sharing.build.around import Around
from tasuki.sharing.build.document import Desk, Kind, Part, Reading, ReceivedDocument, Section, composition
from tasuki.sharing.build.facts import ConditionFacts
from tasuki.sharing.build.faults import missing, unreadable
from tasuki.sharing.build.parts import (
    Resource,
    coding,
    concept,
    day_of,
    meta,
    moment,
    patient_reference,
    resource_number,
    said,
    text,
)
from tasuki.sharing.build.people import build_doctor, build_institution
from tasuki.sharing.build.visits import build_visit

KIND = Kind(names.SUMMARY, "56447-6", "患者サマリー（療養計画書）", "計画書")
PLAN = Section("422", "計画サマリー", "plan", is_required=True)


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """患者サマリーの内容 — the plan in words, from when, and the diseases it is for."""

    number: str
    issued_at: datetime
    plan: str
    since: date
    conditions: tuple[ConditionFacts, ...]
    until: date | None = None
    words: str = ""
    version: str = "1.0"


def build_patient_summary(summary: SummaryFacts, around: Around) -> Resource:
    """患者サマリーの組立 — JP_Bundle_ePCS. Raises :class:`BadInput` without a disease, a doctor or a visit."""
    if not summary.conditions:
        missing("summary", "conditions", "療養計画の対象の傷病名")
    if around.doctor is None:
        missing("summary", "doctor", "作成した医師")
    if around.visit is None:
        missing("summary", "visit", "受診")
    desk = Desk(around)
    doctor = desk.add("Practitioner", around.doctor.id, build_doctor(around.doctor, around))
    sender = desk.add(
        "Organization",
        around.institution.number,
        build_institution(around.institution, around, around.department),
    )
    seen = desk.add("Encounter", around.visit.id, build_visit(around.visit, around))
    plan = desk.add("CarePlan", summary.number, _plan(summary, around))
    section = desk.section(PLAN, Part(summary.words or summary.plan, summary.conditions), [plan])
    rest: Resource = {
        "category": [concept([coding(names.DOCUMENT_SUBTYPE, "OUTPATIENT", "外来文書")])],
        "encounter": seen,
        "author": [doctor, sender],
        "section": [section],
    }
    made = composition(around, KIND, summary.number, summary.issued_at, summary.version, rest)
    return desk.bundle(names.SUMMARY_BUNDLE, made, summary.number)


def _plan(summary: SummaryFacts, around: Around) -> Resource:
    period = {"start": moment(summary.since)}
    if summary.until:
        period["end"] = moment(summary.until)
    return {
        "resourceType": "CarePlan",
        "meta": meta(around, names.SUMMARY_PLAN),
        "identifier": [resource_number(around, "CarePlan", summary.number)],
        "status": "active",
        "intent": "plan",
        "title": "療養計画",
        "description": text(summary.plan, "summary", "plan", "療養計画"),
        "subject": patient_reference(around),
        "period": period,
        "created": moment(summary.issued_at),
    }


def read_patient_summary(bundle: Resource) -> tuple[ReceivedDocument, SummaryFacts]:
    """患者サマリーの読取り — who made it and what it says. Raises :class:`BadInput`."""
    reading = Reading(bundle, names.SUMMARY, "患者サマリー（療養計画書）")
    around = reading.around()
    plan = next((each for each in reading.resources(PLAN.code) if each.get("resourceType") == "CarePlan"), {})
    since = day_of(said(plan, "period", "start"))
    if since is None:
        unreadable("CarePlan", "period", "療養計画の開始日", "日付ではありません")
    part, words = reading.part(PLAN.code), said(plan, "description")
    return around, SummaryFacts(
        number=around.number,
        issued_at=around.issued_at,
        plan=words,
        since=since,
        until=day_of(said(plan, "period", "end")),
        conditions=tuple(each for each in part.facts if isinstance(each, ConditionFacts)),
        words="" if part.text == words else part.text,
        version=around.version,
    )
