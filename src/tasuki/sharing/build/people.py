# SPDX-License-Identifier: Apache-2.0
"""患者・医師・医療機関・受診 — the resources around the informations, built and read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tasuki.chart.visit import Sex
from tasuki.sharing.build import names
from tasuki.sharing.build.around import (
    DepartmentFacts,
    DoctorFacts,
    InstitutionFacts,
    InsuredNumber,
    PatientFacts,
    PublicPayerNumber,
)
from tasuki.sharing.build.faults import unreadable
from tasuki.sharing.build.parts import (
    Resource,
    coding,
    concept,
    day_of,
    department_extension,
    dicts,
    extension,
    identifier,
    meta,
    said,
    text,
)

if TYPE_CHECKING:
    from tasuki.sharing.build.around import Around

_GENDERS = {Sex.MALE: "male", Sex.FEMALE: "female", None: "unknown"}
_INSURED = re.compile(r"([0-9]{8}):([^:\s　]*):([^:\s　]*):([0-9]{2})?")
_PUBLIC = re.compile(r"([0-9]{8})::([0-9]{7}):")
CONTAINED_DOCTOR = "practitioner"


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
    """患者の読取り — raises :class:`BadInput` for a patient without what identifies one."""
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
    """内包する医師 — with the profile that the service looks for."""
    made = build_doctor(facts, around)
    head = {"resourceType": "Practitioner", "id": CONTAINED_DOCTOR, "meta": {"profile": [names.PRACTITIONER]}}
    return head | {key: value for key, value in made.items() if key not in ("resourceType", "meta")}


def read_doctor(resource: Resource) -> DoctorFacts:
    """医師の読取り — empty members for what is not told."""
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
    """医療機関の読取り — raises :class:`BadInput` without a number of ten digits or a name."""
    address = next(dicts(resource.get("address")), {})
    phone = next((e for e in dicts(resource.get("telecom")) if e.get("system") == "phone"), {})
    return InstitutionFacts(
        identifier(resource, names.INSTITUTION_NUMBER),
        said(resource, "name"),
        said(address, "text"),
        said(address, "postalCode"),
        said(phone, "value"),
    )
