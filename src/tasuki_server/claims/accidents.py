# SPDX-License-Identifier: Apache-2.0
"""労災・自賠責の請求 — a month's visits borne by 労災 and by motor insurers.

Diseases are chosen for a statement by hand: the chart holds others, which are no business of who pays for an accident.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki.calculation.payers import payer_name
from tasuki.chart.coverage import InsuranceKind
from tasuki_server.audit.trail import record
from tasuki_server.billing.models import Bill
from tasuki_server.billing.parts import BilledPart, decode_parts
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.chart.values import diagnoses_between
from tasuki_server.claims.cycle_access import shift
from tasuki_server.patients.coverage_values import insurance_value
from tasuki_server.patients.models import InsuranceRecord, Patient

TRAFFIC = InsuranceKind.TRAFFIC_ACCIDENT.value
WORK = InsuranceKind.WORK_ACCIDENT.value
KINDS = (WORK, TRAFFIC)


@dataclass(frozen=True, slots=True)
class AccidentClaim:
    """労災・自賠責の1件 — one person's month under one of them."""

    patient: Patient
    insurance: InsuranceRecord
    parts: tuple[BilledPart, ...]

    @property
    def kind(self) -> str:
        """種別 — 労災 or 自賠責."""
        return str(self.insurance.kind)

    @property
    def label(self) -> str:
        """種別の呼び名."""
        return payer_name(self.kind)

    @property
    def insurer(self) -> str:
        """相手先 — as the record names it."""
        value = insurance_value(self.insurance)
        return value.symbol or value.insurer_number

    @property
    def points(self) -> int:
        """点数 — of the visits."""
        return sum(part.statement.total_points for part in self.parts)

    @property
    def total_yen(self) -> int:
        """会計の金額 — what the bills ask of the insurer."""
        return sum(part.total_yen for part in self.parts)

    @property
    def days(self) -> list[date]:
        """診療日."""
        return sorted({part.statement.day for part in self.parts})


def accident_claims(month: date) -> list[AccidentClaim]:
    """労災・自賠責の一覧 — every person and payer of a month, by chart number."""
    parts: dict[tuple[UUID, str], list[BilledPart]] = {}
    patients: dict[UUID, Patient] = {}
    for bill in _bills(month):
        for part in decode_parts(bill.parts):
            if part.kind in KINDS:
                patients[bill.patient_id] = bill.patient
                parts.setdefault((bill.patient_id, part.payer), []).append(part)
    records = {
        str(row.record_id): row
        for row in InsuranceRecord.objects.current().filter(patient_id__in=patients, kind__in=KINDS)
    }
    found = [
        AccidentClaim(patients[patient], records[payer], tuple(own))
        for (patient, payer), own in parts.items()
        if payer in records
    ]
    return sorted(found, key=lambda claim: (claim.kind, claim.patient.number, claim.insurer))


def access_accident(month: date, insurance_id: UUID) -> dict[str, Any]:
    """労災・自賠責の明細書の画面 — the visits of the month, and the diseases to choose from."""
    claim = find_accident(month, insurance_id)
    record("claims.read", claim.insurance, claim.patient.id, {"month": f"{month:%Y-%m}"})
    return {"month": month, "claim": claim, "before": shift(month, -1), "after": shift(month, 1)}


def find_accident(month: date, insurance_id: UUID) -> AccidentClaim:
    """労災・自賠責の参照 — by the record of the insurance; without a visit in the month it is empty."""
    row = (
        InsuranceRecord.objects.current()
        .filter(record_id=insurance_id, kind__in=KINDS)
        .select_related("patient")
        .first()
    )
    if row is None:
        raise Http404("insurance")
    parts = [
        part
        for bill in _bills(month).filter(patient_id=row.patient_id)
        for part in decode_parts(bill.parts)
        if part.payer == str(row.record_id)
    ]
    return AccidentClaim(row.patient, row, tuple(parts))


def diseases_of(claim: AccidentClaim, month: date) -> list[DiagnosisRecord]:
    """選べる傷病名 — those with a day in the month; which of them the accident caused is said by hand."""
    return diagnoses_between(claim.patient, month, _last(month))


def _bills(month: date) -> Any:
    bills = Bill.objects.current().filter(day__gte=month, day__lte=_last(month)).exclude(parts=[])
    return bills.select_related("patient").order_by("day", "visit__arrived_at")


def _last(month: date) -> date:
    return date.fromordinal(shift(month, 1).toordinal() - 1)


def total_of(claims: Iterable[AccidentClaim]) -> int:
    """会計の合計 — of a list."""
    return sum(claim.total_yen for claim in claims)
