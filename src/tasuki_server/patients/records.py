# SPDX-License-Identifier: Apache-2.0
"""保険・公費・アレルギーの記録 — adding, correcting and withdrawing, each as a version with its audit event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, TypeVar

from tasuki.chart.coverage import Insurance, PublicProgramme
from tasuki.kernel.validity import Validity
from tasuki_server.audit.trail import emit, record
from tasuki_server.patients.coverage_values import insurance_members, programme_members
from tasuki_server.patients.models import (
    AllergyRecord,
    DatedRecord,
    InsuranceRecord,
    Patient,
    ProgrammeRecord,
)

Record = TypeVar("Record", InsuranceRecord, ProgrammeRecord, AllergyRecord)


def add_insurance(
    patient: Patient, value: Insurance, days: Validity, confirmed_on: date | None
) -> InsuranceRecord:
    """保険の追加 — a new card."""
    members = insurance_members(value, since=days.since, until=days.until)
    return _told(InsuranceRecord.objects.create(patient=patient, confirmed_on=confirmed_on, **members), "add")


def add_programme(
    patient: Patient, value: PublicProgramme, days: Validity, confirmed_on: date | None
) -> ProgrammeRecord:
    """公費の追加 — a new certificate."""
    members = programme_members(value, since=days.since, until=days.until)
    return _told(ProgrammeRecord.objects.create(patient=patient, confirmed_on=confirmed_on, **members), "add")


def add_allergy(patient: Patient, **members: Any) -> AllergyRecord:
    """アレルギーの追加 — something the person must not be given."""
    return _told(AllergyRecord.objects.create(patient=patient, **members), "add")


def revise_record(newest: Record, *, read_version: int, reason: str, **members: Any) -> Record:
    """記録の訂正 — a new version; raises ``StaleVersion`` when another was saved meanwhile."""
    return _told(newest.revise(read_version=read_version, reason=reason, **members), "revise")


def withdraw_record(newest: Record, *, read_version: int, reason: str) -> Record:
    """記録の取消 — a version that says it never held."""
    return _told(newest.withdraw(read_version=read_version, reason=reason), "withdraw")


def close_before(cards: Iterable[InsuranceRecord], next_day: date) -> None:
    """前の保険の終了 — cards that began earlier end on the day before the next one begins."""
    for card in cards:
        if card.since < next_day:
            last_day = next_day - timedelta(days=1)
            revise_record(card, read_version=card.version, reason="次の保険の開始による終了", until=last_day)


def overlapping_insurances(
    patient: Patient, kind: str, days: Validity, but: Any = None
) -> list[InsuranceRecord]:
    """保険の重なり — other insurers' records in force on some same day; accident and private cover stand beside them."""
    beside = {"work_accident", "traffic_accident", "private"}
    if kind in beside:
        return []
    rows = InsuranceRecord.objects.current().filter(patient=patient).exclude(kind__in=beside)
    return [each for each in rows if each.record_id != but and each.validity.overlaps(days)]


def overlapping_programmes(
    patient: Patient, payer_number: str, days: Validity, but: Any = None
) -> list[ProgrammeRecord]:
    """公費の重なり — records of the same payer in force on some same day."""
    rows = ProgrammeRecord.objects.current().filter(patient=patient, payer_number=payer_number)
    return [each for each in rows if each.record_id != but and each.validity.overlaps(days)]


def _told(saved: Record, verb: str) -> Record:
    noun = saved._meta.model_name
    record(f"{noun}.{verb}", saved, saved.patient_id, {"version": saved.version})
    topic = "coverage.changed" if isinstance(saved, DatedRecord) else "allergy.changed"
    emit(topic, {"patient": str(saved.patient_id), "record": str(saved.record_id)})
    return saved
