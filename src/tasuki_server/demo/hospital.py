# SPDX-License-Identifier: Apache-2.0
"""架空総合病院 — a made-up hospital that the demo clinic does not know: what it registers about people, and the letters it writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from tasuki.chart.visit import Diagnosis
from tasuki.kernel.days import age_on
from tasuki.sharing.build.around import (
    Around,
    DepartmentFacts,
    DoctorFacts,
    InstitutionFacts,
    PatientFacts,
    Place,
    VisitFacts,
    institution_number,
)
from tasuki.sharing.build.codes import CodeKind, CodeMap, Mapping, StandardCode
from tasuki.sharing.build.discharge import DischargeFacts, build_discharge_summary
from tasuki.sharing.build.document import Part
from tasuki.sharing.build.facts import (
    AllergenKind,
    AllergyFacts,
    ConditionFacts,
    Criticality,
    Facts,
    LabFacts,
)
from tasuki.sharing.build.information import information_bundle
from tasuki.sharing.build.names import FLAGS, INSURED, LOCAL_LAB, PUBLIC_PAYER
from tasuki.sharing.build.parts import to_json
from tasuki.sharing.build.referral import ReferralFacts, build_referral
from tasuki.sharing.lab_items import CORE_LAB
from tasuki_server.demo.clinics import DemoClinic
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.platform.clients import house_token, register_institution
from tasuki_server.platform.engine import Pairs
from tasuki_server.platform.house import ask_in_house
from tasuki_server.platform.models import FeeTable
from tasuki_server.portal.data import insured_numbers
from tasuki_server.records.messages import Sending

HOSPITAL = UUID("018d0000-0000-7000-8000-686f73706974")
HOSPITAL_NAME, PREFECTURE, CODE = "架空総合病院", "13", "9990052"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/"
# 検査: local code, JLAC10, name, unit, range, and three results from the oldest.
_LABS = (
    ("hba1c", "3D046000001806202", "HbA1c(NGSP)", "%", (4.6, 6.2), (7.4, 6.9, 6.6)),
    ("cre", "3C015000002327101", "クレアチニン", "mg/dL", (0.46, 0.79), (0.71, 0.74, 0.73)),
    ("ldl", "3F077000002327101", "LDLコレステロール", "mg/dL", (70, 139), (162, 148, 128)),
    ("hb", "2A030000001930901", "ヘモグロビン", "g/dL", (11.6, 14.8), (12.9, 11.2, 12.4)),
)


class Letter(NamedTuple):
    """紹介状の中身 — why somebody is handed on, and what happened in the hospital before."""

    purpose: str
    disease: str
    present: str
    medication: str
    laboratory: str
    plan: str
    course: str = ""


LETTERS = (
    Letter(
        "教育入院後の継続治療をお願いします。", "2型糖尿病", "健診でHbA1c 9.1%を指摘され、教育入院しました。",
        "メトホルミン塩酸塩錠２５０ｍｇ 1回1錠 1日2回朝夕食後", "HbA1c 7.4%（退院時）、クレアチニン 0.71 mg/dL",
        "3か月ごとに当院でも経過を拝見します。低血糖があればご連絡ください。", "食事療法と内服で血糖は落ち着き、合併症は認めませんでした。",
    ),
    Letter(
        "狭心症の疑いの精査が終わりましたので、日々の管理をお願いします。", "高血圧症", "労作時の胸部違和感で紹介を受けました。",
        "アムロジピン錠５ｍｇ 1回1錠 1日1回朝食後", "負荷心電図 陰性、心エコー 異常なし", "家庭血圧 135/85 mmHg 未満を目安にしてください。",
    ),
)  # fmt: skip
GROWN_YEARS = 15
CODES = CodeMap(
    Mapping(CodeKind.LAB, local, (StandardCode(CORE_LAB, code, name),), unit=unit) for local, code, name, unit, *_ in _LABS
)  # fmt: skip
_DEPARTMENT = DepartmentFacts("01", "内科")
_DOCTOR = DoctorFacts("H001", "架空 一郎", "カクウ イチロウ")


def send_letter(
    letter: Letter, who: PatientFacts, receiver: InstitutionFacts, at: datetime, *, waits: bool
) -> None:
    """紹介状の送付 — through the service like any other; with a 退院時サマリー where there was a stay.

    ``waits`` leaves the consent to the patient: it is given at the receiver's reader or in the portal.
    """
    key = f"demo-{at:%Y%m%d}-{who.id}"
    bundle = build_referral(
        ReferralFacts(
            key, at, letter.purpose, receiver, Part(letter.disease, (_told("c1", letter.disease, at, 60),)),
            present=Part(letter.present), medication=Part(letter.medication), laboratory=Part(letter.laboratory),
            plan=Part(letter.plan),
        ),
        _around(who, at, key),
    )  # fmt: skip
    request = Sending(receiver.number, "later" if waits else "oral", msgspec.Raw(to_json(bundle)))
    if letter.course:
        until = at.date() - timedelta(days=3)
        summary = build_discharge_summary(
            DischargeFacts(
                f"{key}-s", at, f"stay-{who.id}", until - timedelta(days=11), until, "1",
                Part(letter.disease, (_told("c2", letter.disease, at, 60),)), letter.course, laboratory=Part(letter.laboratory),
            ),
            _around(who, at, f"{key}-s"),
        )  # fmt: skip
        request = msgspec.structs.replace(request, discharge=msgspec.Raw(to_json(summary)))
    _ask("records/documents", msgspec.json.encode(request))


def register_informations(who: PatientFacts, at: datetime) -> None:
    """6情報の登録 — diseases, allergies and the newest results of somebody, a unit each, through the service."""
    results = tuple(
        LabFacts(
            local, local, name, at - timedelta(days=30), Decimal(str(values[-1])), unit, low=Decimal(str(low)), high=Decimal(str(high)),
        )
        for local, _, name, unit, (low, high), values in _LABS
    )  # fmt: skip
    units: dict[str, Sequence[Facts]] = {
        "diseases": (_told("h1", "2型糖尿病", at, 1500), _told("h2", "脂質異常症", at, 1200)),
        "allergies": (
            AllergyFacts(
                "h3", AllergenKind.FOOD, "そば", criticality=Criticality.HIGH, reaction="じんましん"
            ),
            AllergyFacts(
                "h4", AllergenKind.DRUG, "アモキシシリン", criticality=Criticality.LOW, reaction="発疹"
            ),
        ),
        "results": results,
    }
    for name, facts in units.items():
        around = _around(who, at, f"demo-{who.id}-{name}")
        _ask("records/informations", to_json(information_bundle(facts, around)), "application/fhir+json")


def _told(id: str, name: str, at: datetime, days: int) -> ConditionFacts:
    return ConditionFacts(id, Diagnosis("", at.date() - timedelta(days=days), (), name))


def _ask(path: str, body: bytes, media_type: str = "application/json") -> None:
    reply = ask_in_house("POST", path, Pairs.read(""), {"content-type": media_type}, _token(), body)
    if reply.status != 200:
        raise ValueError(f"what the made-up hospital sent was refused: {reply.body.decode()[:500]}")


def _around(who: PatientFacts, at: datetime, number: str) -> Around:
    house = InstitutionFacts(institution_number(PREFECTURE, CODE), HOSPITAL_NAME, "（架空の所在地）")
    visit = VisitFacts(f"visit-{who.id}", Place.OUTPATIENT, at.date(), None, _DEPARTMENT)
    return Around(house, who, at, number, _DEPARTMENT, _DOCTOR, visit, CODES)


def _token() -> str:
    token = house_token(HOSPITAL)
    register_institution(PREFECTURE, FeeTable.MEDICAL, CODE, HOSPITAL_NAME, token)
    return token


def join_services(clinic: DemoClinic) -> None:
    """サービスへの参加 — of a clinic that has not knocked there yet; before it has, nobody can send to it."""
    register_institution(
        clinic.prefecture, FeeTable.MEDICAL, clinic.code, clinic.name, house_token(clinic.id)
    )


def register_record(person: InsuredPerson, today: date) -> None:
    """記録の登録 — what the hospital knows of somebody, on the exchange."""
    told = insured_numbers(person)[0]
    who = "urn:uuid:018d0000-0000-7000-8000-000000000001"
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": PUBLIC_PAYER if told.is_public else INSURED, "value": told.number}],
        "name": [{"text": person.name}],
        "birthDate": person.born.isoformat(),
    }
    resources = [
        patient,
        *_resources({"reference": who}, today, is_child=age_on(person.born, today).years < GROWN_YEARS),
    ]
    entries = [
        {"resource": each, "request": {"method": "POST", "url": each["resourceType"]}} for each in resources
    ]
    entries[0]["fullUrl"] = who
    body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}, ensure_ascii=False)
    _ask("fhir/", body.encode(), "application/fhir+json")


def _resources(about: dict[str, Any], today: date, *, is_child: bool) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [_allergy(about, "そば", "food", "high", "じんましん")]
    if is_child:
        return [*made, _condition(about, "アトピー性皮膚炎", today - timedelta(days=900))]
    for local, code, name, unit, (low, high), values in _LABS:
        for nth, value in enumerate(values):
            day = today - timedelta(days=30 * (len(values) - nth))
            made.append(
                {
                    "resourceType": "Observation",
                    "status": "final",
                    "code": {"coding": [_coding(LOCAL_LAB, local), _coding(CORE_LAB, code)], "text": name},
                    "subject": about,
                    "effectiveDateTime": f"{day.isoformat()}T09:00:00+09:00",
                    "valueQuantity": {"value": value, "unit": unit},
                    "referenceRange": [{"low": {"value": low}, "high": {"value": high}}],
                }
            )
    hidden = _condition(about, "説明前の病名（架空）", today - timedelta(days=20))
    hidden["meta"] = {"tag": [_coding(FLAGS, "UNINFORMED")]}
    return [
        *made,
        _condition(about, "2型糖尿病", today - timedelta(days=1500)),
        _condition(about, "脂質異常症", today - timedelta(days=1200)),
        hidden,
        _allergy(about, "アモキシシリン", "medication", "low", "発疹"),
        _prescription(
            about, "メトホルミン塩酸塩錠２５０ｍｇ", "１日２回朝夕食後", today - timedelta(days=28)
        ),
        _prescription(about, "ロスバスタチン錠２．５ｍｇ", "１日１回夕食後", today - timedelta(days=28)),
    ]


def _condition(about: dict[str, Any], name: str, since: date) -> dict[str, Any]:
    state = {"coding": [_coding(f"{_CLINICAL}condition-clinical", "active")]}
    return {
        "resourceType": "Condition",
        "clinicalStatus": state,
        "code": {"text": name},
        "subject": about,
        "onsetDateTime": since.isoformat(),
    }


def _allergy(about: dict[str, Any], name: str, category: str, criticality: str, sign: str) -> dict[str, Any]:
    state = {"coding": [_coding(f"{_CLINICAL}allergyintolerance-clinical", "active")]}
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": state,
        "category": [category],
        "criticality": criticality,
        "code": {"text": name},
        "patient": about,
        "reaction": [{"manifestation": [{"text": sign}]}],
    }


def _prescription(about: dict[str, Any], name: str, usage: str, day: date) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        "subject": about,
        "authoredOn": day.isoformat(),
        "dosageInstruction": [{"text": usage}],
    }


def _coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}
