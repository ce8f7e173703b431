# SPDX-License-Identifier: Apache-2.0
"""請求月の収集 — the confirmed bills of a month as the values that receipts are built from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

import msgspec
from django.db.models import Exists, OuterRef

from tasuki.calculation.copayment import MonthResult, close_month
from tasuki.chart.coverage import Coverage
from tasuki.claims.build import BilledVisit, MonthInput, PatientMonth
from tasuki.claims.item_values import Month
from tasuki_server.billing.draft import replay_bills
from tasuki_server.billing.models import Bill
from tasuki_server.chart.values import diagnoses_between, institution_value, visit_value
from tasuki_server.claims.claim_name import claim_name
from tasuki_server.institutions.models import Institution
from tasuki_server.reception.models import Visit, VisitState


@dataclass(frozen=True, slots=True)
class GatheredMonth:
    """集めた請求月 — the input of the receipts, and the bills it came from."""

    month: date
    input: MonthInput
    bills: tuple[Bill, ...]


def gather_month(month: date) -> GatheredMonth:
    """請求月の収集 — every patient with a bill under insurance or a programme, in the order of chart numbers.

    Coverage and statement are those of the bill; diseases are those with a day in the month; the month's
    copayment is replayed from the bills in the order of the visits. The claim bears the month after.
    """
    bills = tuple(claimed_bills(month))
    patients = []
    for _, group in groupby(bills, key=lambda bill: bill.patient_id):
        patients.append(_patient_month(list(group), Month(month.year, month.month)))
    facility = institution_value(Institution.objects.get())
    claim_month = Month(month.year, month.month).plus(1)
    return GatheredMonth(month, MonthInput(facility, claim_month, tuple(patients)), bills)


def claimed_bills(month: date) -> list[Bill]:
    """請求する会計 — the current bills of a month that a payer is asked for, by patient, then by visit."""
    rows = Bill.objects.current().filter(day__year=month.year, day__month=month.month, charge__isnull=False)
    found = rows.select_related("visit", "visit__patient", "patient")
    return sorted(found, key=lambda bill: (bill.patient.number, bill.visit.arrived_at, bill.visit.serial))


def unbilled_visits(month: date) -> list[Visit]:
    """未会計の受診 — visits of the month without a confirmed bill; their care is not claimed."""
    billed = Bill.objects.filter(record_id=OuterRef("pk"))
    rows = Visit.objects.filter(day__year=month.year, day__month=month.month).filter(~Exists(billed))
    return list(
        rows.exclude(state=VisitState.CANCELLED).select_related("patient").order_by("day", "serial")[:200]
    )


def month_result(bills: Iterable[Bill]) -> MonthResult:
    """月次の負担結果 — of one patient's bills; raises ``ValueError`` when none is under a payer."""
    ledger, _ = replay_bills(bills)
    if ledger is None:
        raise ValueError("no bill of the month is under a payer")
    return close_month(ledger)


def _patient_month(bills: Sequence[Bill], month: Month) -> PatientMonth:
    patient = bills[0].patient
    first, last = month.day(1), month.day(month.last_day)
    return PatientMonth(
        person=patient.person(),
        name=claim_name(patient.name, patient.kana, patient.claim_name),
        month=month,
        visits=_billed_visits(bills),
        diagnoses=tuple(each.diagnosis() for each in diagnoses_between(patient, first, last)),
        copayment=month_result(bills),
        kana=patient.kana,
        chart_number=str(patient.number),
    )


def _billed_visits(bills: Iterable[Bill]) -> tuple[BilledVisit, ...]:
    return tuple(
        BilledVisit(
            replace(visit_value(bill.visit), coverage=msgspec.convert(bill.coverage, Coverage)),
            bill.calculated(),
        )
        for bill in bills
    )
