# SPDX-License-Identifier: Apache-2.0
"""共有する患者と受診 — who is meant, who sends, and where a fault of them is repaired."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tasuki.chart.coverage import Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.visit import Sex
from tasuki.claims.codes import DEPARTMENTS
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.sharing.build.around import (
    DepartmentFacts,
    DoctorFacts,
    InstitutionFacts,
    InsuredNumber,
    PatientFacts,
    Place,
    PublicPayerNumber,
    VisitFacts,
    institution_number,
)
from tasuki_server.chart.values import coverage_value
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.patients.models import Demographics, Patient
from tasuki_server.reception.models import Visit

register(
    {
        "desk.no_payer": "この受診に医療保険も生活保護もないため、情報共有サービスの患者を特定できません。受付の内容で保険を選んでください。",
        "desk.no_payer_today": "今日有効な医療保険（社保・国保・後期高齢者）も生活保護も登録されていないため、だれの記録か定められません。患者の「保険・公費」に登録してから、もう一度発行してください。",
        "desk.one_name": "氏名「{name}」を姓と名に分けられません。患者登録で姓と名の間に空白を入れてください。",
    }
)
# 医療保険: the service knows a person by one of these; 労災 and 自賠責 name nobody there.
INSURED_KINDS = (InsuranceKind.EMPLOYEES, InsuranceKind.NATIONAL, InsuranceKind.LATE_ELDERLY)
# 自院の外来・在宅: the home when the note says so; a clinic without beds admits nobody.
_WELFARE_LAW = "12"


class Sender(NamedTuple):
    """送り元 — the institution, the department and the doctor of a visit."""

    institution: InstitutionFacts
    department: DepartmentFacts
    doctor: DoctorFacts
    visit: VisitFacts


def sender_of(visit: Visit, doctor: Staff) -> Sender:
    """送り元 — of one visit."""
    row = Institution.objects.get()
    department = DepartmentFacts(visit.department, DEPARTMENTS.get(visit.department, visit.department))
    institution = InstitutionFacts(
        institution_number(row.prefecture, row.code), row.name, row.address, "", row.telephone
    )
    seen = VisitFacts(str(visit.id), Place.OUTPATIENT, visit.arrived_at, None, department)
    return Sender(institution, department, DoctorFacts(str(doctor.id), doctor.name), seen)


def patient_facts(patient: Patient, visit: Visit) -> PatientFacts:
    """共有する患者 — raises ``BadInput`` where the service could not tell who is meant."""
    newest = Demographics.objects.filter(patient=patient).order_by("-version").first()
    family, given = _parts(patient.name)
    if not given:
        raise _refusal("SHR-0032", "name", "desk.one_name", name=patient.name)
    family_kana, given_kana = _parts(patient.kana)
    return PatientFacts(
        id=str(patient.number),
        family=family,
        given=given,
        born=patient.born,
        gender=Sex(patient.sex),
        address=newest.address if newest is not None else "",
        insured=_insured(visit),
        family_kana=family_kana if given_kana else "",
        given_kana=given_kana,
        postal_code=newest.postal_code if newest is not None else "",
    )


def _insured(visit: Visit) -> InsuredNumber | PublicPayerNumber:
    coverage = coverage_value(visit)
    return insured_number(coverage.insurance, coverage.programmes)


def insured_number(
    card: Insurance | None, programmes: Iterable[PublicProgramme], *, refusal: str = "desk.no_payer"
) -> InsuredNumber | PublicPayerNumber:
    """被保険者個人識別子 — by what pays; raises ``BadInput`` where the service could not tell who is meant.

    ``refusal`` is the sentence that says what to do then, where it is not the insurance of a visit that is to be chosen.
    """
    if card is not None and card.kind in INSURED_KINDS:
        return InsuredNumber(
            card.insurer_number.strip(), card.symbol.strip(), card.number.strip(), card.branch
        )
    for each in programmes:
        if each.law_code == _WELFARE_LAW:
            return PublicPayerNumber(each.payer_number, each.recipient_number)
    raise _refusal("SHR-0031", "insured", refusal)


def _parts(name: str) -> tuple[str, str]:
    family, _, given = name.replace("　", " ").strip().partition(" ")
    return family, given.strip()


def _refusal(code: str, field: str, key: str, **facts: object) -> BadInput:
    where = Where(record="visit" if field == "insured" else "patient", field=field)
    return BadInput([Finding(code, Severity.BLOCK, where, key, facts)])
