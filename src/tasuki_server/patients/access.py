# SPDX-License-Identifier: Apache-2.0
"""患者の参照 — what this user may see of a patient, or 404; the database shows one institution only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404

from tasuki_server.audit.trail import record
from tasuki_server.claims.claim_name import claim_name
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.birth_text import read_day
from tasuki_server.patients.models import (
    AllergyRecord,
    AllergySeverity,
    Demographics,
    InsuranceRecord,
    Patient,
    ProgrammeRecord,
)
from tasuki_server.patients.register import WhoTheyAre
from tasuki_server.reception.clock import today

Card = TypeVar("Card", InsuranceRecord, ProgrammeRecord)
_GRAVITY = {
    AllergySeverity.CONTRAINDICATED: 0,
    AllergySeverity.SEVERE: 1,
    AllergySeverity.UNKNOWN: 2,
    AllergySeverity.MILD: 3,
}


def access_patient(number: int) -> Patient:
    """患者の参照 — by chart number."""
    found = Patient.objects.filter(number=number).first() if number < 10**9 else None
    if found is None:
        raise Http404("patient")
    return found


def access_demographics(patient: Patient) -> list[Demographics]:
    """患者基本情報の履歴 — the newest first."""
    return list(
        Demographics.objects.filter(record_id=patient.id).select_related("made_by").order_by("-version")
    )


def access_allergies(patient: Patient) -> list[AllergyRecord]:
    """アレルギー — those in force, the gravest first."""
    found = AllergyRecord.objects.current().filter(patient=patient).order_by("made_at")
    return sorted(found, key=lambda each: _GRAVITY[AllergySeverity(each.severity)])


def access_insurances(patient: Patient) -> list[InsuranceRecord]:
    """保険 — every record not withdrawn, the newest cover first."""
    return list(InsuranceRecord.objects.current().filter(patient=patient).order_by("-since", "-made_at"))


def access_programmes(patient: Patient) -> list[ProgrammeRecord]:
    """公費 — every record not withdrawn, in the order of 法別番号, the newest first."""
    return list(ProgrammeRecord.objects.current().filter(patient=patient).order_by("payer_number", "-since"))


def cards_on(records: Sequence[Card], day: date) -> list[Card]:
    """その日に有効な記録 — in the order given."""
    return [each for each in records if day in each.validity]


def access_insurance(patient: Patient, record_id: UUID) -> InsuranceRecord:
    """保険の参照 — the newest version of one record of this patient."""
    return _newest(InsuranceRecord, patient, record_id)


def access_programme(patient: Patient, record_id: UUID) -> ProgrammeRecord:
    """公費の参照 — the newest version of one record of this patient."""
    return _newest(ProgrammeRecord, patient, record_id)


def access_allergy(patient: Patient, record_id: UUID) -> AllergyRecord:
    """アレルギーの参照 — the newest version of one record of this patient."""
    return _newest(AllergyRecord, patient, record_id)


def access_history(
    kind: type[InsuranceRecord | ProgrammeRecord | AllergyRecord], patient: Patient
) -> dict[UUID, list[InsuranceRecord | ProgrammeRecord | AllergyRecord]]:
    """変更履歴 — all versions of all records of one kind, by record, the newest first."""
    versions: dict[UUID, list[InsuranceRecord | ProgrammeRecord | AllergyRecord]] = {}
    rows = kind.objects.filter(patient=patient).select_related("made_by").order_by("-version")
    for each in rows:
        versions.setdefault(each.record_id, []).append(each)
    return versions


def _newest(kind: Any, patient: Patient, record_id: UUID) -> Any:
    found = kind.objects.filter(patient=patient, record_id=record_id).order_by("-version").first()
    if found is None:
        raise Http404(kind.__name__)
    return found


def banner_of(patient: Patient) -> dict[str, Any]:
    """患者の帯の内容 — what the banner of every clinical page shows; whoever opens such a page has read the patient."""
    if not any(event.patient_id == patient.id for event in current_work().events):
        record("patient.read", patient, patient.id)
    return {"patient": patient, "today": today(), "allergies": access_allergies(patient)}


def access_patient_page(number: int, day: date) -> dict[str, Any]:
    """患者の画面の内容 — the read is audited."""
    patient = access_patient(number)
    record("patient.read", patient, patient.id)
    insurances, programmes = access_insurances(patient), access_programmes(patient)
    visits = patient.visits.select_related("doctor").order_by("-arrived_at")[:20]
    return {
        **banner_of(patient),
        "versions": access_demographics(patient),
        "insurances": cards_on(insurances, day),
        "programmes": cards_on(programmes, day),
        "other_cards": len(insurances) + len(programmes),
        "visits": list(visits),
        "claim_spelling": _claim_spelling(patient),
    }


def _claim_spelling(patient: Patient) -> str:
    """請求用の氏名 — when it is not the name of the record."""
    spelled = claim_name(patient.name, patient.kana, patient.claim_name)
    return "" if spelled.split() == patient.name.split() else spelled


def initial_of_version(version: Demographics) -> dict[str, Any]:
    """患者基本情報の初期値 — the newest version as the form shows it."""
    names = WhoTheyAre.__dataclass_fields__
    return {**{name: getattr(version, name) for name in names}, "read_version": version.version}


def initial_of_search(text: str) -> dict[str, Any]:
    """検索からの初期値 — what was typed into the search box goes to the field it fits.

    >>> initial_of_search("やまだ はな"), initial_of_search("山田"), initial_of_search("S35.4.1")
    ({'kana': 'やまだ はな'}, {'name': '山田'}, {'born': 'S35.4.1'})
    """
    text = text.strip()
    if not text or text.isdecimal():
        return {}
    if read_day(text) is not None:
        return {"born": text}
    is_kana = all("\u3040" <= c <= "\u30ff" or "\uff66" <= c <= "\uff9f" or c.isspace() for c in text)
    return {"kana" if is_kana else "name": text}


def access_coverage_page(number: int, day: date) -> dict[str, Any]:
    """保険・公費の画面の内容 — cards in force on a day, the others, and all versions; the read is audited."""
    patient = access_patient(number)
    record("coverage.read", patient, patient.id)
    insurances, programmes = access_insurances(patient), access_programmes(patient)
    return {
        **banner_of(patient),
        "day": day,
        "insurances": cards_on(insurances, day),
        "programmes": cards_on(programmes, day),
        "insurance_versions": list(access_history(InsuranceRecord, patient).values()),
        "programme_versions": list(access_history(ProgrammeRecord, patient).values()),
    }


def overlap_sentence(card: InsuranceRecord | ProgrammeRecord) -> str:
    """重なりの注意 — which card holds on the same days."""
    until = f"{card.until:%Y-%m-%d}" if card.until else "（終了日なし）"
    name = card.get_kind_display() if isinstance(card, InsuranceRecord) else f"公費 {card.payer_number}"
    return f"{name} {card.since:%Y-%m-%d} 〜 {until} の記録と期間が重なっています。"
