# SPDX-License-Identifier: Apache-2.0
"""患者の参照 — what this user may see of a patient, or 404; the database shows one institution only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.http import Http404

from tasuki_server.patients.models import (
    AllergyRecord,
    AllergySeverity,
    DatedRecord,
    Demographics,
    InsuranceRecord,
    Patient,
    ProgrammeRecord,
)

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


def valid_on(records: Sequence[DatedRecord], day: date) -> list[DatedRecord]:
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


def _newest(kind, patient, record_id):  # type: ignore[no-untyped-def]
    found = kind.objects.filter(patient=patient, record_id=record_id).order_by("-version").first()
    if found is None:
        raise Http404(kind.__name__)
    return found
