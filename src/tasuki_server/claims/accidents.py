# SPDX-License-Identifier: Apache-2.0
"""自賠責の請求 — a month's visits borne by motor insurers, and the statement of one of them.

Diseases are chosen for the statement by hand: the chart holds others, which are no business of a motor insurer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki.calculation.payers import PayerTerms
from tasuki.calculation.payers.terms import TermsUnknown
from tasuki.chart.coverage import InsuranceKind
from tasuki.claims.accident import accident_month
from tasuki.forms.traffic_statement import AccidentOutcome
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki_server.audit.trail import record
from tasuki_server.billing.models import Bill
from tasuki_server.billing.parts import BilledPart, decode_parts
from tasuki_server.billing.payers import payer_settings
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.chart.values import diagnoses_between
from tasuki_server.claims.cycle_access import shift
from tasuki_server.claims.invoices import issuer_of
from tasuki_server.institutions.models import Institution
from tasuki_server.masters_source import current_book
from tasuki_server.patients.coverage_values import insurance_value
from tasuki_server.patients.models import InsuranceRecord, Patient

TRAFFIC = InsuranceKind.TRAFFIC_ACCIDENT.value


@dataclass(frozen=True, slots=True)
class AccidentClaim:
    """自賠責の1件 — one person's month under one motor insurer."""

    patient: Patient
    insurance: InsuranceRecord
    parts: tuple[BilledPart, ...]

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
    """自賠責の一覧 — every person and insurer of a month, by chart number."""
    parts: dict[tuple[UUID, str], list[BilledPart]] = {}
    patients: dict[UUID, Patient] = {}
    for bill in _bills(month):
        for part in decode_parts(bill.parts):
            if part.kind == TRAFFIC:
                patients[bill.patient_id] = bill.patient
                parts.setdefault((bill.patient_id, part.payer), []).append(part)
    records = {
        str(row.record_id): row
        for row in InsuranceRecord.objects.current().filter(patient_id__in=patients, kind=TRAFFIC)
    }
    found = [
        AccidentClaim(patients[patient], records[payer], tuple(own))
        for (patient, payer), own in parts.items()
        if payer in records
    ]
    return sorted(found, key=lambda claim: (claim.patient.number, claim.insurer))


def access_accident(month: date, insurance_id: UUID) -> dict[str, Any]:
    """自賠責の明細書の画面 — the visits of the month, and the diseases to choose from."""
    claim = find_accident(month, insurance_id)
    record("claims.read", claim.insurance, claim.patient.id, {"month": f"{month:%Y-%m}"})
    return {"month": month, "claim": claim, "before": shift(month, -1), "after": shift(month, 1)}


def find_accident(month: date, insurance_id: UUID) -> AccidentClaim:
    """自賠責の参照 — by the record of the insurance; without a visit in the month it is empty."""
    row = (
        InsuranceRecord.objects.current()
        .filter(record_id=insurance_id, kind=TRAFFIC)
        .select_related("patient")
        .first()
    )
    if row is None:
        raise Http404("insurance")
    parts = [
        part
        for bill in _bills(month).filter(patient_id=row.patient_id)
        for part in decode_parts(bill.parts)
        if part.kind == TRAFFIC and part.payer == str(row.record_id)
    ]
    return AccidentClaim(row.patient, row, tuple(parts))


def diseases_of(claim: AccidentClaim, month: date) -> list[DiagnosisRecord]:
    """選べる傷病名 — those with a day in the month; which of them the accident caused is said by hand."""
    return diagnoses_between(claim.patient, month, _last(month))


def statement_of(claim: AccidentClaim, month: date, said: dict[str, Any]) -> dict[str, Any]:
    """自賠責明細書の内容 — the mapping of the form ``traffic_statement``; ``said`` is what was entered for it.

    Raises :class:`BadInput` when the contract is missing or was another one in part of the month.
    """
    terms = _terms(claim)
    chosen = [row for row in diseases_of(claim, month) if str(row.record_id) in said["diseases"]]
    statements = [part.statement for part in claim.parts]
    return {
        "month": month.isoformat(),
        "issuer": issuer_of(Institution.objects.get()),
        "patient": {
            "id": str(claim.patient.number),
            "name": claim.patient.name,
            "kana": claim.patient.kana,
            "born": claim.patient.born.isoformat(),
            "sex": str(claim.patient.sex),
        },
        "diseases": [
            {"name": row.name, "since": row.since.isoformat(), "is_main": row.is_main} for row in chosen
        ],
        **accident_month(statements, current_book()),
        "unit_price_yen": str(terms.unit_price_yen),
        "technique_percent": terms.technique_percent,
        "injured_on": _text(said["injured_on"]),
        "first_visit_on": _text(said["first_visit_on"]),
        "outcome": said["outcome"] or None,
        "certificate": _fee(said["certificate_count"], said["certificate_yen"]),
        "statement": _fee(said["statement_count"], said["statement_yen"]),
        "insurer_name": said["insurer_name"] or claim.insurer,
        "doctor_name": said["doctor_name"],
        "claimed_on": _text(said["claimed_on"]),
        "tax_yen": sum(part.tax_yen for part in claim.parts),
    }


OUTCOMES = (
    ("", "記入しない"),
    (AccidentOutcome.CURED.value, "治ゆ"),
    (AccidentOutcome.CONTINUED.value, "継続"),
    (AccidentOutcome.MOVED.value, "転医"),
    (AccidentOutcome.STOPPED.value, "中止"),
    (AccidentOutcome.DIED.value, "死亡"),
)


def _terms(claim: AccidentClaim) -> PayerTerms:
    """契約条件 — the one of every visit; a month priced by two cannot stand on one sheet."""
    insurance = insurance_value(claim.insurance)
    settings = payer_settings()
    try:
        found = {settings.terms_of(insurance, day) for day in claim.days}
    except TermsUnknown as unknown:
        raise _refused("この相手先の1点の金額が契約にありません。契約を登録してください。") from unknown
    if len(found) != 1:
        raise _refused(
            "この月に受診がありません。"
            if not found
            else "月の途中で契約が変わっています。1枚の明細書にできません。"
        )
    return found.pop()


def _refused(reason: str) -> BadInput:
    where = Where(record="traffic_statement")
    return BadInput([Finding("FORM004", Severity.BLOCK, where, "form.not_allowed", {"reason": reason})])


def _bills(month: date) -> Any:
    bills = Bill.objects.current().filter(day__gte=month, day__lte=_last(month)).exclude(parts=[])
    return bills.select_related("patient").order_by("day", "visit__arrived_at")


def _last(month: date) -> date:
    return date.fromordinal(shift(month, 1).toordinal() - 1)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _fee(count: int | None, yen: int | None) -> dict[str, int] | None:
    return {"count": count or 1, "yen": yen} if yen else None


def total_of(claims: Iterable[AccidentClaim]) -> int:
    """会計の合計 — of a list."""
    return sum(claim.total_yen for claim in claims)
