# SPDX-License-Identifier: Apache-2.0
"""患者・医師・医療機関・受診 — the resources around the informations, built and read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tasuki.chart.visit import Sex
from tasuki.sharing.build import names
from tasuki.sharing.build.around import (
    PLACE_NAMES,
    DepartmentFacts,
    DoctorFacts,
    InstitutionFacts,
    InsuredNumber,
    PatientFacts,
    Place,
    PublicPayerNumber,
    VisitFacts,
)
from tasuki.sharing.build.faults import unreadable
from tasuki.sharing.build.parts import (
    Resource,
    code_of,
    coding,
    concept,
    day_of,
    department_extension,
    dicts,
    extension,
    identifier,
    local_number,
    meta,
    moment,
    read_moment,
    resource_number,
    said,
    text,
)

if TYPE_CHECKING:
    from tasuki.sharing.build.around import Around

_GENDERS = {Sex.MALE: "male", Sex.FEMALE: "female", None: "unknown"}
_INSURED = re.compile(r"([0-9]{8}):([^:\s　]*):([^:\s　]*):([0-9]{2})?")
_PUBLIC = re.compile(r"([0-9]{8})::([0-9]{7}):")
CONTAINED_VISIT, CONTAINED_DOCTOR = "encounter", "practitioner"


def _name(kind: str, family: str, given: str) -> Resource:
    """Half-width between the two, and never a full-width space (R1113)."""
    family, given = family.replace("　", " ").strip(), given.replace("　", " ").strip()
    return {
        "extension": [{"url": names.NAME_KIND, "valueCode": kind}],
        "use": "official",
        "text": f"{family} {given}".strip(),
        "family": family,
        "given": [given],
    }


def build_patient(around: Around) -> Resource:
    """患者の組立 — JP_Patient_eCS."""
    facts = around.patient
    who = [("IDE", facts.family, facts.given), ("SYL", facts.family_kana, facts.given_kana)]
    system = names.INSURED if isinstance(facts.insured, InsuredNumber) else names.PUBLIC_PAYER
    made: Resource = {
        "resourceType": "Patient",
        "meta": meta(around, names.PATIENT),
        "identifier": [
            {"system": system, "value": facts.insured.text},
            {"system": names.PATIENT_NUMBER + around.institution.number, "value": facts.id},
        ],
        "name": [
            _name(
                kind,
                text(family, "patient", "family", "患者の氏名"),
                text(given, "patient", "given", "患者の氏名"),
            )
            for kind, family, given in who
            if family
        ],
        "gender": _GENDERS[facts.gender],
        "birthDate": facts.born.isoformat(),
    }
    if facts.telephone:
        made["telecom"] = [{"system": "phone", "value": facts.telephone}]
    address: Resource = {"text": text(facts.address, "patient", "address", "患者の住所")}
    made["address"] = [{**address, "postalCode": facts.postal_code} if facts.postal_code else address]
    return made


def read_patient(resource: Resource) -> PatientFacts:
    """患者の読取り. Raises :class:`BadInput` for a patient without what identifies one."""
    named = {
        said(extension(each, names.NAME_KIND), "valueCode") or "IDE": each
        for each in dicts(resource.get("name"))
    }
    kanji, kana = named.get("IDE", {}), named.get("SYL", {})
    born = day_of(resource.get("birthDate"))
    if born is None:
        unreadable("Patient", "birthDate", "患者の生年月日", "日付ではありません")
    address = next(dicts(resource.get("address")), {})
    phone = next((e for e in dicts(resource.get("telecom")) if e.get("system") == "phone"), {})
    own = next(
        (
            said(each, "value")
            for each in dicts(resource.get("identifier"))
            if said(each, "system").startswith(names.PATIENT_NUMBER)
        ),
        "",
    )
    genders = {value: key for key, value in _GENDERS.items()}
    return PatientFacts(
        id=own or said(resource, "id") or "不明",
        family=said(kanji, "family") or said(kana, "family"),
        given=_given(kanji) or _given(kana),
        born=born,
        gender=genders.get(said(resource, "gender")),
        address=said(address, "text") or "不明",
        insured=_insured(resource),
        family_kana=said(kana, "family"),
        given_kana=_given(kana),
        postal_code=said(address, "postalCode"),
        telephone=said(phone, "value"),
    )


def _given(name: Resource) -> str:
    given = name.get("given")
    return " ".join(each for each in given if type(each) is str) if type(given) is list else ""


def _insured(resource: Resource) -> InsuredNumber | PublicPayerNumber:
    if found := _INSURED.fullmatch(identifier(resource, names.INSURED)):
        return InsuredNumber(found[1], found[2], found[3], found[4] or "")
    if found := _PUBLIC.fullmatch(identifier(resource, names.PUBLIC_PAYER)):
        return PublicPayerNumber(found[1], found[2])
    unreadable("Patient", "identifier", "被保険者個人識別子", "ないか、形が違います")


def build_visit(facts: VisitFacts, around: Around, reasons: tuple[str, ...] = ()) -> Resource:
    """受診の組立 — JP_Encounter_eCS; ``reasons`` are why the patient came, in words."""
    made: Resource = {
        "resourceType": "Encounter",
        "meta": meta(around, names.ENCOUNTER),
        "identifier": [resource_number(around, "Encounter", facts.id)],
        "status": "finished",
        "class": coding(names.ACT, facts.place, PLACE_NAMES[facts.place]),
    }
    if facts.since:
        made["period"] = {"start": moment(facts.since)}
        if facts.until:
            made["period"]["end"] = moment(facts.until)
    if reasons:
        made["reasonCode"] = [concept((), each) for each in reasons]
    return made


def contained_visit(facts: VisitFacts, around: Around) -> Resource:
    """内包する受診 — compact, with the profile that the service looks for."""
    made = build_visit(facts, around)
    return {"resourceType": "Encounter", "id": CONTAINED_VISIT, "meta": {"profile": [names.ENCOUNTER]}} | {
        key: value for key, value in made.items() if key not in ("resourceType", "meta")
    }


def read_visit(resource: Resource, department: DepartmentFacts | None = None) -> VisitFacts:
    """受診の読取り."""
    code = said(resource, "class", "code")
    period = resource.get("period")
    place = Place(code) if code in tuple(Place) else Place.OUTPATIENT
    return VisitFacts(
        id=local_number(resource) or said(resource, "id"),
        place=place,
        since=read_moment(said(period, "start")),
        until=read_moment(said(period, "end")),
        department=department,
    )


def contained_of(resource: Resource, kind: str) -> Resource | None:
    """内包するリソース — the first of a type."""
    return next((e for e in dicts(resource.get("contained")) if e.get("resourceType") == kind), None)


def visit_of(resource: Resource) -> VisitFacts | None:
    """情報の受診 — the contained encounter with the department of the resource."""
    inner = contained_of(resource, "Encounter")
    return read_visit(inner, read_department(resource)) if inner else None


def read_department(resource: Resource) -> DepartmentFacts | None:
    """診療科の読取り — of the extension."""
    found = extension(resource, names.DEPARTMENT_EXTENSION)
    value = found.get("valueCodeableConcept") if found else None
    code = code_of(value, names.DEPARTMENT)
    if not code and not said(value, "text"):
        return None
    return DepartmentFacts(code, said(value, "text"))


def _split(name: str) -> tuple[str, str]:
    family, _, given = name.replace("　", " ").strip().partition(" ")
    return family, given.strip()


def _doctor_names(facts: DoctorFacts) -> list[Resource]:
    made = []
    for kind, name in (("IDE", facts.name), ("SYL", facts.kana)):
        if not name.strip():
            continue
        family, given = _split(text(name, "doctor", "name", "医師の氏名"))
        whole: Resource = _name(kind, family, given)
        if not given:
            del whole["given"]
        made.append(whole)
    return made


def build_doctor(facts: DoctorFacts, around: Around, institution: InstitutionFacts | None = None) -> Resource:
    """医師の組立 — JP_Practitioner_eCS; of another institution than the sender's when it is given."""
    number = (institution or around.institution).number
    made: Resource = {
        "resourceType": "Practitioner",
        "meta": meta(around, names.PRACTITIONER),
        **({"identifier": [{"system": names.DOCTOR_NUMBER + number, "value": facts.id}]} if facts.id else {}),
        "name": _doctor_names(facts),
    }
    if facts.register_number:
        made["qualification"] = [
            {
                "identifier": [{"system": names.DOCTOR_REGISTER, "value": facts.register_number}],
                "code": concept([coding(names.LICENCE, "medical-registration")]),
            }
        ]
    return made


def contained_doctor(facts: DoctorFacts, around: Around) -> Resource:
    """内包する医師."""
    made = build_doctor(facts, around)
    head = {"resourceType": "Practitioner", "id": CONTAINED_DOCTOR, "meta": {"profile": [names.PRACTITIONER]}}
    return head | {key: value for key, value in made.items() if key not in ("resourceType", "meta")}


def read_doctor(resource: Resource) -> DoctorFacts:
    """医師の読取り."""
    named = {
        said(extension(each, names.NAME_KIND), "valueCode") or "IDE": said(each, "text")
        for each in dicts(resource.get("name"))
    }
    own = next(
        (
            said(each, "value")
            for each in dicts(resource.get("identifier"))
            if said(each, "system").startswith(names.DOCTOR_NUMBER)
        ),
        "",
    )
    register = next(
        (
            number
            for each in dicts(resource.get("qualification"))
            if (number := identifier(each, names.DOCTOR_REGISTER))
        ),
        "",
    )
    return DoctorFacts(own, named.get("IDE", ""), named.get("SYL", ""), register)


def build_institution(
    facts: InstitutionFacts, around: Around, department: DepartmentFacts | None = None
) -> Resource:
    """医療機関の組立 — JP_Organization_eCS."""
    made: Resource = {"resourceType": "Organization", "meta": meta(around, names.ORGANIZATION)}
    if department:
        made["extension"] = [department_extension(department)]
    made |= {
        "identifier": [{"system": names.INSTITUTION_NUMBER, "value": facts.number}],
        "type": [concept([coding(names.ORGANIZATION_TYPE, "prov", "Healthcare Provider")])],
        "name": text(facts.name, "institution", "name", "医療機関名"),
    }
    if facts.telephone:
        made["telecom"] = [{"system": "phone", "value": facts.telephone}]
    if facts.address:
        postal = {"postalCode": facts.postal_code} if facts.postal_code else {}
        made["address"] = [{"text": facts.address, **postal, "country": "JP"}]
    return made


def read_institution(resource: Resource) -> InstitutionFacts:
    """医療機関の読取り."""
    address = next(dicts(resource.get("address")), {})
    phone = next((e for e in dicts(resource.get("telecom")) if e.get("system") == "phone"), {})
    return InstitutionFacts(
        identifier(resource, names.INSTITUTION_NUMBER),
        said(resource, "name"),
        said(address, "text"),
        said(address, "postalCode"),
        said(phone, "value"),
    )
