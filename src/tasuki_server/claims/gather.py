# SPDX-License-Identifier: Apache-2.0
"""請求月の収集 — the confirmed bills of a month as the values that receipts are built from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from uuid import UUID

import msgspec
from django.db.models import Exists, OuterRef

from tasuki.calculation.copayment import MonthResult, close_month
from tasuki.calculation.copayment.settings import CopaymentSettings
from tasuki.chart.coverage import Coverage
from tasuki.chart.visit import Diagnosis
from tasuki.claims.build import BilledVisit, MonthInput, Narrative, PatientMonth
from tasuki.claims.build.narratives import narratives_of
from tasuki.claims.item_values import Month
from tasuki_server.billing.draft import replay_bills
from tasuki_server.billing.local_rules import copayment_settings
from tasuki_server.billing.models import Bill, LocalProgrammeFile
from tasuki_server.chart.many_values import diagnoses_of_many, visit_values
from tasuki_server.chart.values import institution_value
from tasuki_server.claims.claim_name import claim_name
from tasuki_server.claims.note_models import NoteSort, ReceiptNote
from tasuki_server.institutions.models import Institution
from tasuki_server.patients.models import Patient
from tasuki_server.reception.models import Visit, VisitState


@dataclass(frozen=True, slots=True)
class GatheredMonth:
    """集めた請求月 — the input of the receipts, and the bills it came from."""

    month: date
    input: MonthInput
    bills: tuple[Bill, ...]


@dataclass(frozen=True, slots=True)
class GatheredNotes:
    """集めた摘要 — what people entered for a patient's month."""

    marks: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    narratives: tuple[Narrative, ...] = ()


@dataclass(frozen=True, slots=True)
class GatheredPatient:
    """集めた患者 — one person's month without its copayment, which is replayed only when a receipt must be made."""

    patient: Patient
    bills: tuple[Bill, ...]
    visits: tuple[BilledVisit, ...]
    diagnoses: tuple[Diagnosis, ...]
    notes: GatheredNotes
    settings: CopaymentSettings
    digest: str

    def month_input(self, month: Month) -> PatientMonth:
        """患者の請求月 — with the copayment replayed from the bills in the order of the visits."""
        return PatientMonth(
            person=self.patient.person(),
            name=claim_name(self.patient.name, self.patient.kana, self.patient.claim_name),
            month=month,
            visits=self.visits,
            diagnoses=self.diagnoses,
            copayment=month_result(self.bills, self.settings),
            kana=self.patient.kana,
            chart_number=str(self.patient.number),
            marks=self.notes.marks,
            conditions=self.notes.conditions,
            narratives=self.notes.narratives,
        )


def gather_month(month: date) -> GatheredMonth:
    """請求月の収集 — every patient with a bill under insurance or a programme, in the order of chart numbers.

    Coverage and statement are those of the bill; diseases are those with a day in the month; the month's
    copayment is replayed from the bills in the order of the visits. The claim bears the month after.
    """
    found = list(gather_patients(month))
    patients = tuple(each.month_input(Month(month.year, month.month)) for each in found)
    bills = tuple(bill for each in found for bill in each.bills)
    return GatheredMonth(month, replace(empty_input(month), patients=patients), bills)


def empty_input(month: date) -> MonthInput:
    """請求月の入力 — the institution and the month of the claim, nobody in it yet."""
    facility = institution_value(Institution.objects.get())
    return MonthInput(facility, Month(month.year, month.month).plus(1), ())


def gather_patients(month: date, frame: str = "") -> Iterator[GatheredPatient]:
    """患者ごとの収集 — in the order of chart numbers; ``frame`` is what else the receipts hang on, for the digest."""
    own_file = LocalProgrammeFile.objects.current().order_by("-made_at").values_list("id", flat=True).first()
    copayment = copayment_settings()
    settings = str(own_file or "").encode()
    whole = Month(month.year, month.month)
    bills_of_month = claimed_bills(month)
    diseases = diagnoses_of_many(
        (bill.patient_id for bill in bills_of_month), month.replace(day=1), whole.day(whole.last_day)
    )
    values = visit_values(
        {bill.visit_id: bill.visit for bill in bills_of_month},
        {bill.visit_id: msgspec.convert(bill.coverage, Coverage) for bill in bills_of_month},
        diseases,
    )
    notes = entered_notes(month)
    for patient_id, group in groupby(bills_of_month, key=lambda bill: bill.patient_id):
        bills = tuple(group)
        patient = bills[0].patient
        visits = tuple(BilledVisit(values[bill.visit_id], bill.calculated()) for bill in bills)
        diagnoses = tuple(each.diagnosis() for each in diseases.get(patient_id, ()))
        mine = notes.get(patient_id, GatheredNotes())
        digest = _digest(frame.encode(), settings, patient, bills, visits, diagnoses, mine)
        yield GatheredPatient(patient, bills, visits, diagnoses, mine, copayment, digest)


def entered_notes(month: date) -> dict[UUID, GatheredNotes]:
    """入力した摘要 — of a month of service, by patient; a mark that two people entered stands once."""
    rows = sorted(
        ReceiptNote.objects.current().filter(month=month.replace(day=1)),
        key=lambda each: (each.patient_id, each.place, each.code, each.record_id),
    )
    return {
        patient_id: _notes(list(group))
        for patient_id, group in groupby(rows, key=lambda each: each.patient_id)
    }


def _notes(rows: Sequence[ReceiptNote]) -> GatheredNotes:
    codes = {sort: tuple(sorted({each.code for each in rows if each.sort == sort})) for sort in NoteSort}
    written = [(each.code, each.text) for each in rows if each.sort == NoteSort.NARRATIVE]
    return GatheredNotes(codes[NoteSort.MARK], codes[NoteSort.CONDITION], narratives_of(written))


def _digest(
    frame: bytes,
    settings: bytes,
    patient: Patient,
    bills: Sequence[Bill],
    visits: Sequence[BilledVisit],
    diagnoses: Sequence[Diagnosis],
    notes: GatheredNotes,
) -> str:
    """Of everything a receipt is made from: the same digest makes the same receipt. A bill never changes."""
    who = [patient.person(), patient.name, patient.kana, patient.claim_name, patient.number]
    held = [who, [bill.id for bill in bills], [each.visit for each in visits], diagnoses, notes]
    body = msgspec.json.encode(held, order="deterministic")
    return hashlib.sha256(b"\0".join((frame, settings, body))).hexdigest()


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


def month_result(bills: Iterable[Bill], settings: CopaymentSettings | None = None) -> MonthResult:
    """月次の負担結果 — of one patient's bills; raises ``ValueError`` when none is under a payer."""
    ledger, _ = replay_bills(bills, settings)
    if ledger is None:
        raise ValueError("no bill of the month is under a payer")
    return close_month(ledger)
