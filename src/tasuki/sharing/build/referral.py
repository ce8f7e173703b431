# SPDX-License-Identifier: Apache-2.0
"""診療情報提供書 — the letter that hands a patient on, with a 退院時サマリー attached when there is one; built and read.

Cite: 厚生労働省標準規格 HS038 診療情報提供書; JP-CLINS 1.10.0 JP_Composition_eReferral, JP_Bundle_eReferral
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tasuki.sharing.build import names
from tasuki.sharing.build.around import Around, DepartmentFacts, DoctorFacts, InstitutionFacts, Place
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
from tasuki.sharing.build.faults import missing, refuse
from tasuki.sharing.build.parts import Resource, coding, concept, moment, said
from tasuki.sharing.build.people import build_doctor, build_institution, read_doctor, read_institution
from tasuki.sharing.build.visits import build_visit, read_department

KIND = Kind(names.REFERRAL, "57133-1", "診療情報提供書", "診療情報提供書")
FROM, TO = Section("920", "紹介元情報", ""), Section("910", "紹介先情報", "")
PURPOSE, STRUCTURED = Section("950", "紹介目的", "purpose", is_required=True), Section("300", "構造情報", "")
ATTACHED, REMARKS, PDF = (
    Section("210", "添付情報", ""),
    Section("220", "備考・連絡情報", ""),
    Section("230", "PDF", ""),
)
SECTIONS = (
    Section("340", "傷病名・主訴", "complaint", is_required=True),
    Section("360", "現病歴", "present", is_required=True),
    Section("370", "既往歴", "past"),
    Section("510", "アレルギー・不耐性反応", "allergies"),
    Section("550", "家族歴", "family"),
    Section("610", "身体所見", "findings"),
    Section("520", "感染症情報", "infections"),
    Section("640", "社会歴・生活習慣", "social"),
    Section("530", "予防接種歴", "immunization"),
    Section("730", "手術", "surgery"),
    Section("430", "投薬指示", "medication"),
    Section("620", "検査結果", "laboratory"),
    Section("330", "臨床経過", "course"),
    Section("420", "診療方針指示", "plan"),
)


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """診療情報提供書の内容 — to whom, what for, and what is known. Members named in :data:`SECTIONS` fill its sections.

    ``discharge_summaries`` are Bundles of 退院時サマリー, which travel only inside a letter.
    """

    number: str
    issued_at: datetime
    purpose: str
    recipient: InstitutionFacts
    complaint: Part
    present: Part = EMPTY
    recipient_department: DepartmentFacts | None = None
    recipient_doctor: DoctorFacts | None = None
    past: Part = EMPTY
    allergies: Part = EMPTY
    family: Part = EMPTY
    findings: Part = EMPTY
    infections: Part = EMPTY
    social: Part = EMPTY
    immunization: Part = EMPTY
    surgery: Part = EMPTY
    medication: Part = EMPTY
    laboratory: Part = EMPTY
    course: Part = EMPTY
    plan: Part = EMPTY
    remarks: str = ""
    attachments: tuple[Attachment, ...] = ()
    discharge_summaries: tuple[Resource, ...] = ()
    version: str = "1.0"


def build_referral(letter: ReferralFacts, around: Around) -> Resource:
    """診療情報提供書の組立 — JP_Bundle_eReferral. Raises :class:`BadInput` without a purpose, a doctor or a disease."""
    if not letter.purpose.strip():
        missing("referral", "purpose", "紹介目的")
    if not letter.complaint:
        missing("referral", "complaint", "傷病名・主訴")
    if around.doctor is None:
        missing("referral", "doctor", "紹介元の医師")
    desk = Desk(around)
    doctor = desk.add("Practitioner", around.doctor.id, build_doctor(around.doctor, around))
    sender = desk.add(
        "Organization",
        around.institution.number,
        build_institution(around.institution, around, around.department),
    )
    to_id = f"to-{letter.recipient.number}"
    to = [
        desk.add(
            "Organization", to_id, build_institution(letter.recipient, around, letter.recipient_department)
        )
    ]
    if letter.recipient_doctor:
        id = f"to-{letter.recipient_doctor.id or 'doctor'}"
        to.append(
            desk.add("Practitioner", id, build_doctor(letter.recipient_doctor, around, letter.recipient))
        )
    visit = around.visit
    seen = (
        desk.add("Encounter", visit.id, build_visit(visit, around, (letter.purpose.strip(),)))
        if visit
        else None
    )
    is_stay = visit is not None and visit.place is Place.INPATIENT
    subtype = ("INPATIENT", "入院文書") if is_stay else ("OUTPATIENT", "外来文書")
    purpose = desk.section(PURPOSE, Part(letter.purpose), [seen] if seen else [])
    structured = [purpose] + [
        desk.section(each, part)
        for each in SECTIONS
        if (part := getattr(letter, each.field)) or each.is_required
    ]
    sections = [
        {**head(FROM), "text": narrative(around.institution.name), "entry": [sender, doctor]},
        {**head(TO), "text": narrative(letter.recipient.name), "entry": to},
        {**head(STRUCTURED), "section": structured},
        *_attached(letter, desk),
    ]
    rest: Resource = {
        "category": [concept([coding(names.DOCUMENT_SUBTYPE, *subtype)])],
        **({"encounter": seen} if seen else {}),
        "author": [doctor, sender],
        "custodian": sender,
        "event": [
            {"code": [concept((), "診療情報提供書発行")], "period": {"start": moment(letter.issued_at)}}
        ],
        "section": sections,
    }
    made = composition(around, KIND, letter.number, letter.issued_at, letter.version, rest)
    return desk.bundle(names.REFERRAL_BUNDLE, made, letter.number)


def _attached(letter: ReferralFacts, desk: Desk) -> list[Resource]:
    files: list[Resource] = []
    prints: list[Resource] = []
    for number, each in enumerate(letter.attachments, 1):
        kept = prints if each.content_type == "application/pdf" else files
        kept.append(desk.add_attachment(each, number))
    for summary in letter.discharge_summaries:
        number_of = said(summary, "identifier", "value")
        if number_of == desk.around.bundle_number or not number_of:
            refuse("referral", "discharge_summaries", number_of, "退院時サマリーの番号", "この文書と違う番号")
        files.append(desk.add("Bundle", number_of, summary))
    found = []
    if files:
        found.append({**head(ATTACHED), "text": narrative(f"添付 {len(files)}件"), "entry": files})
    if letter.remarks.strip():
        found.append(desk.section(REMARKS, Part(letter.remarks)))
    if prints:
        found.append({**head(PDF), "entry": prints})
    return found


def read_referral(bundle: Resource) -> tuple[ReceivedDocument, ReferralFacts]:
    """診療情報提供書の読取り — who sent it and what it says. Raises :class:`BadInput`."""
    reading = Reading(bundle, names.REFERRAL, "診療情報提供書")
    around = reading.around()
    named: dict[str, Any] = {
        each.field: reading.part(each.code) for each in SECTIONS if each.code in reading.sections
    }
    named.setdefault("complaint", Part())
    to = reading.resources(TO.code)
    institution = next((each for each in to if each.get("resourceType") == "Organization"), {})
    doctor = next((each for each in to if each.get("resourceType") == "Practitioner"), None)
    attached = [*reading.resources(ATTACHED.code), *reading.resources(PDF.code)]
    return around, ReferralFacts(
        number=around.number,
        issued_at=around.issued_at,
        purpose=reading.text(PURPOSE.code),
        recipient=read_institution(institution),
        recipient_department=read_department(institution),
        recipient_doctor=read_doctor(doctor) if doctor else None,
        remarks=reading.text(REMARKS.code),
        attachments=tuple(found for each in attached if (found := read_attachment(each)) is not None),
        discharge_summaries=tuple(each for each in attached if each.get("resourceType") == "Bundle"),
        version=around.version,
        **named,
    )
