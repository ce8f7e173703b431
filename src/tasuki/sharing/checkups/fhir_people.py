# SPDX-License-Identifier: Apache-2.0
"""健診の関係者のリソース — 受診者, 医師, 機関, 保険者, 受診券 and 保険.

Cite: 健診結果報告書 1.5.0 JP_Patient・Practitioner・Organization・CoverageService・CoverageInsurance_eCheckupGeneral
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.sharing.checkups import fhir_names as names
from tasuki.sharing.checkups.values import Sex

if TYPE_CHECKING:
    from tasuki.sharing.checkups.values import (
        CheckupDoctor,
        CheckupInstitution,
        CheckupInsurance,
        CheckupTicket,
        Examinee,
        InsuredNumber,
        PersonName,
    )

Resource = dict[str, Any]
GENDERS = {Sex.MALE: "male", Sex.FEMALE: "female"}


def member_number(insured: InsuredNumber) -> str:
    """被保険者個人識別子 — 保険者番号8桁:記号:番号:枝番2桁.

    Cite: 電子カルテ情報共有サービス 被保険者個人識別子

    >>> from tasuki.sharing.checkups.values import InsuredNumber
    >>> member_number(InsuredNumber("138057", "あいう", "１８７", "5"))
    '00138057:あいう:１８７:05'
    """
    branch = insured.branch.zfill(2) if insured.branch else ""
    return f"{insured.insurer.zfill(8)}:{insured.symbol}:{insured.number}:{branch}"


def patient(person: Examinee) -> Resource:
    """受診者 — as Patient."""
    identifiers = [{"system": each.system, "value": each.value} for each in person.numbers]
    if person.insured.insurer:
        identifiers.append({"system": names.MEMBER_NUMBER, "value": member_number(person.insured)})
    made: Resource = {"resourceType": "Patient", "identifier": identifiers}
    made["name"] = [
        _name(each, kind) for each, kind in ((person.kanji, "IDE"), (person.kana, "SYL")) if each is not None
    ]
    for each in made["name"]:
        each["use"] = "official"
    if person.telephone:
        made["telecom"] = [{"system": "phone", "value": person.telephone, "use": "home"}]
    made |= {"gender": GENDERS[person.sex], "birthDate": person.born_on.isoformat()}
    made["address"] = [_address(person.address, person.postal_code)]
    return made


def practitioner(doctor: CheckupDoctor) -> Resource:
    """健診の医師 — as Practitioner."""
    shown = [_name(doctor.name, "IDE")] + ([_name(doctor.kana, "SYL")] if doctor.kana else [])
    return {"resourceType": "Practitioner", "name": shown}


def institution(given: CheckupInstitution, roles: list[str]) -> Resource:
    """健診機関 — as Organization, with what it did."""
    made: Resource = {
        "resourceType": "Organization",
        "identifier": [{"system": names.INSTITUTION_NUMBER, "value": given.number}],
        "type": [{"coding": [{"system": names.ORGANIZATION_ROLE, "code": each}]} for each in roles],
    }
    if given.name:
        made["name"] = given.name
    if given.telephone:
        made["telecom"] = [{"system": "phone", "value": given.telephone}]
    if given.address:
        made["address"] = [_address(given.address, given.postal_code)]
    return made


def insurer(number: str, name: str) -> Resource:
    """保険者 — as Organization."""
    made: Resource = {
        "resourceType": "Organization",
        "identifier": [{"system": names.INSURER_NUMBER, "value": number.zfill(8)}],
        "type": [{"coding": [{"system": names.ORGANIZATION_TYPE, "code": "ins"}]}],
    }
    return made | ({"name": name} if name else {})


def coverage_service(ticket: CheckupTicket, person: str, payor: str) -> Resource:
    """受診券 — as Coverage."""
    made: Resource = {
        "resourceType": "Coverage",
        "status": "active",
        "type": {"coding": [{"system": names.TICKET_KIND, "code": ticket.kind}]},
        "subscriberId": ticket.number,
        "beneficiary": {"reference": person},
    }
    period = {}
    if ticket.valid_since is not None:
        period["start"] = ticket.valid_since.isoformat()
    if ticket.valid_until is not None:
        period["end"] = ticket.valid_until.isoformat()
    if period:
        made["period"] = period
    return made | {"payor": [{"reference": payor}]}


def coverage_insurance(insurance: CheckupInsurance, person: str, payor: str) -> Resource:
    """保険情報 — as Coverage."""
    insured = insurance.insured
    urls = (
        (names.INSURED_SYMBOL, insured.symbol), (names.INSURED_NUMBER, insured.number),
        (names.INSURED_BRANCH, insured.branch),
    )  # fmt: skip
    made: Resource = {"resourceType": "Coverage"}
    extensions = [{"url": url, "valueString": value} for url, value in urls if value]
    if extensions:
        made["extension"] = extensions
    if insurance.member_id:
        made["identifier"] = [{"value": insurance.member_id}]
    made |= {
        "status": "active",
        "type": {"coding": [{"system": names.INSURANCE_CATEGORY, "code": insurance.category}]},
    }
    if insured.symbol or insured.number:
        made["subscriberId"] = f'"{insured.symbol}","{insured.number}"'
    made["beneficiary"] = {"reference": person}
    if insured.branch:
        made["dependent"] = insured.branch
    relationship = {"system": names.INSURED_CATEGORY, "code": insurance.relationship}
    if insurance.relationship_name:
        relationship["display"] = insurance.relationship_name
    made["relationship"] = {"coding": [relationship]}
    period = {}
    if insurance.since is not None:
        period["start"] = insurance.since.isoformat()
    if insurance.until is not None:
        period["end"] = insurance.until.isoformat()
    if period:
        made["period"] = period
    return made | {"payor": [{"reference": payor}]}


def _name(name: PersonName, kind: str) -> Resource:
    text = name.text.replace("\u3000", " ")
    made: Resource = {"extension": [{"url": names.NAME_KIND, "valueCode": kind}], "text": text}
    if name.family:
        made["family"] = name.family
    if name.given:
        made["given"] = list(name.given)
    return made


def _address(text: str, postal_code: str) -> Resource:
    made = {"text": text} | ({"postalCode": postal_code} if postal_code else {})
    return made | {"country": "JP"}
