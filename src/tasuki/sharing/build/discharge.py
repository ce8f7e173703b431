# SPDX-License-Identifier: Apache-2.0
"""退院時サマリー — one stay, from why the patient came in to what goes on; built and read.

Cite: 厚生労働省標準規格 HS039 退院時サマリー; JP-CLINS 1.10.0 JP_Composition_eDischargeSummary (section codes as corrected in 1.5.4)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tasuki.sharing.build import names
from tasuki.sharing.build.around import Around, Place, VisitFacts
from tasuki.sharing.build.document import (
    EMPTY,
    Attachment,
    Desk,
    Kind,
    Part,
    Reading,
    ReceivedDocument,
    Section,
    composition,
    head,
    narrative,
    read_attachment,
)
from tasuki.sharing.build.facts import ConditionFacts
from tasuki.sharing.build.faults import missing, refuse, unreadable
from tasuki.sharing.build.parts import (
    Resource,
    code_of,
    coding,
    concept,
    day_of,
    local_number,
    moment,
    said,
)
from tasuki.sharing.build.people import build_doctor, build_institution
from tasuki.sharing.build.visits import build_visit

KIND = Kind(names.DISCHARGE, "18842-5", "退院時サマリー", "退院時サマリー")
STRUCTURED, PDF = Section("300", "構造情報", ""), Section("230", "PDF", "")
ATTACHED = Section("210", "添付情報", "")
ON_ADMISSION, ON_DISCHARGE = Section("322", "入院時詳細", ""), Section("324", "退院時詳細", "")
COURSE = Section("333", "入院中経過", "course", is_required=True)
SECTIONS = (
    Section("342", "入院時診断", "admission_diagnoses", is_required=True),
    Section("510", "アレルギー・不耐性反応", "allergies"),
    Section("352", "主訴", "complaint", is_required=True),
    Section("312", "入院理由", "reason", is_required=True),
    Section("360", "現病歴", "present", is_required=True),
    Section("370", "既往歴", "past"),
    Section("432", "入院時服薬", "admission_medication"),
    Section("640", "社会歴・生活習慣", "social"),
    Section("612", "入院時身体所見", "admission_findings"),
    Section("550", "家族歴", "family"),
    Section("344", "退院時診断", "discharge_diagnoses", is_required=True),
    Section("444", "退院時投薬指示", "discharge_medication", is_required=True),
    Section("424", "退院時方針指示", "plan", is_required=True),
    Section("614", "退院時身体所見", "discharge_findings"),
    Section("713", "入院中治療", "treatment"),
    Section("623", "入院中検査結果", "laboratory"),
)
# 退院時転帰 and 入院経路.
DISPOSITIONS = {
    "1": "治癒・軽快",
    "3": "寛解",
    "4": "不変",
    "5": "増悪",
    "6": "傷病による死亡",
    "7": "傷病以外による死亡",
    "9": "その他",
}
ADMIT_SOURCES = {
    "0": "他病棟",
    "1": "家庭",
    "4": "他院病棟",
    "5": "介護・福祉施設",
    "8": "院内出生",
    "9": "その他",
}
COURSE_NUMBER = 900  # of the DocumentReference that carries 入院中経過


@dataclass(frozen=True, slots=True)
class DischargeFacts:
    """退院時サマリーの内容 — the stay, and what was found, done and left to do. Members named in :data:`SECTIONS` fill its
    sections; ``course`` is 入院中経過 in words.
    """

    number: str
    issued_at: datetime
    stay_id: str
    admitted_on: date
    discharged_on: date
    disposition: str
    discharge_diagnoses: Part
    course: str
    admit_source: str = ""
    admission_diagnoses: Part = EMPTY
    allergies: Part = EMPTY
    complaint: Part = EMPTY
    reason: Part = EMPTY
    present: Part = EMPTY
    past: Part = EMPTY
    admission_medication: Part = EMPTY
    social: Part = EMPTY
    admission_findings: Part = EMPTY
    family: Part = EMPTY
    discharge_medication: Part = EMPTY
    plan: Part = EMPTY
    discharge_findings: Part = EMPTY
    treatment: Part = EMPTY
    laboratory: Part = EMPTY
    attachments: tuple[Attachment, ...] = ()
    version: str = "1.0"


def build_discharge_summary(summary: DischargeFacts, around: Around) -> Resource:
    """退院時サマリーの組立 — JP_Bundle_eDischargeSummary. Raises :class:`BadInput` without what every summary has."""
    if not summary.course.strip():
        missing("discharge", "course", "入院中経過")
    if not any(isinstance(each, ConditionFacts) for each in summary.discharge_diagnoses.facts):
        missing("discharge", "discharge_diagnoses", "退院時診断の傷病名")
    if around.doctor is None:
        missing("discharge", "doctor", "作成した医師")
    if summary.discharged_on < summary.admitted_on:
        refuse("discharge", "discharged_on", summary.discharged_on, "退院日", "入院日以後の日")
    desk = Desk(around)
    doctor = desk.add("Practitioner", around.doctor.id, build_doctor(around.doctor, around))
    sender = desk.add(
        "Organization",
        around.institution.number,
        build_institution(around.institution, around, around.department),
    )
    stay = desk.add("Encounter", summary.stay_id, _stay(summary, around))
    course = desk.add_attachment(
        Attachment("入院中経過", "text/plain; charset=UTF-8", summary.course.strip().encode()), COURSE_NUMBER
    )
    words = Part(f"入院 {summary.admitted_on.isoformat()}"), Part(f"退院 {summary.discharged_on.isoformat()}")
    structured = [
        desk.section(ON_ADMISSION, words[0], [stay]),
        *(
            desk.section(each, part)
            for each in SECTIONS
            if (part := getattr(summary, each.field)) or each.is_required
        ),
        desk.section(COURSE, Part(summary.course), [course]),
        desk.section(ON_DISCHARGE, words[1], [stay]),
    ]
    sections: list[Resource] = [{**head(STRUCTURED), "section": structured}]
    kinds: tuple[list[Resource], list[Resource]] = ([], [])
    for number, each in enumerate(summary.attachments, 1):
        kinds[each.content_type == "application/pdf"].append(desk.add_attachment(each, number))
    if kinds[0]:
        sections.append({**head(ATTACHED), "text": narrative(f"添付 {len(kinds[0])}件"), "entry": kinds[0]})
    if kinds[1]:
        sections.append({**head(PDF), "entry": kinds[1]})
    period = {"start": moment(summary.admitted_on), "end": moment(summary.discharged_on)}
    rest: Resource = {
        "category": [concept([coding(names.DOCUMENT_SUBTYPE, "DISCHARGE", "退院時文書")])],
        "encounter": stay,
        "author": [doctor, sender],
        "custodian": sender,
        "event": [{"period": period}],
        "section": sections,
    }
    made = composition(around, KIND, summary.number, summary.issued_at, summary.version, rest)
    return desk.bundle(names.DISCHARGE_BUNDLE, made, summary.number)


def _stay(summary: DischargeFacts, around: Around) -> Resource:
    visit = VisitFacts(summary.stay_id, Place.INPATIENT, summary.admitted_on, summary.discharged_on)
    if summary.disposition not in DISPOSITIONS:
        refuse("discharge", "disposition", summary.disposition, "退院時転帰", "・".join(DISPOSITIONS))
    if summary.admit_source and summary.admit_source not in ADMIT_SOURCES:
        refuse("discharge", "admit_source", summary.admit_source, "入院経路", "・".join(ADMIT_SOURCES))
    days = (summary.discharged_on - summary.admitted_on).days + 1
    made = build_visit(visit, around)
    made["length"] = {"value": days, "unit": "日", "system": names.UCUM, "code": "d"}
    ended = coding(names.DISPOSITION, summary.disposition, DISPOSITIONS[summary.disposition])
    made["hospitalization"] = {"dischargeDisposition": concept([ended])}
    if summary.admit_source:
        source = coding(names.ADMIT_SOURCE, summary.admit_source, ADMIT_SOURCES[summary.admit_source])
        made["hospitalization"]["admitSource"] = concept([source])
    return made


def read_discharge_summary(bundle: Resource) -> tuple[ReceivedDocument, DischargeFacts]:
    """退院時サマリーの読取り — who sent it and what it says. Raises :class:`BadInput`."""
    reading = Reading(bundle, names.DISCHARGE, "退院時サマリー")
    around = reading.around()
    stay = next(
        (
            each
            for code in (ON_DISCHARGE.code, ON_ADMISSION.code)
            for each in reading.resources(code)
            if each.get("resourceType") == "Encounter"
        ),
        {},
    )
    since, until = day_of(said(stay, "period", "start")), day_of(said(stay, "period", "end"))
    if since is None or until is None:
        unreadable("Encounter", "period", "入院期間", "入院日か退院日が日付ではありません")
    hospital = stay.get("hospitalization")
    hospital = hospital if type(hospital) is dict else {}
    named: dict[str, Any] = {
        each.field: reading.part(each.code) for each in SECTIONS if each.code in reading.sections
    }
    named.setdefault("discharge_diagnoses", EMPTY)
    number_of = local_number(stay)
    files = [*reading.resources(ATTACHED.code), *reading.resources(PDF.code)]
    return around, DischargeFacts(
        number=around.number,
        issued_at=around.issued_at,
        stay_id=number_of,
        admitted_on=since,
        discharged_on=until,
        disposition=code_of(hospital.get("dischargeDisposition"), names.DISPOSITION),
        admit_source=code_of(hospital.get("admitSource"), names.ADMIT_SOURCE),
        course=reading.text(COURSE.code) or _course(reading),
        attachments=tuple(found for each in files if (found := read_attachment(each)) is not None),
        version=around.version,
        **named,
    )


def _course(reading: Reading) -> str:
    """入院中経過 when it is only in its file."""
    for each in reading.resources(COURSE.code):
        found = read_attachment(each)
        if found and found.content_type.startswith("text/plain"):
            return found.data.decode("utf-8", "replace").strip()
    return ""
