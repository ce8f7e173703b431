# SPDX-License-Identifier: Apache-2.0
"""受診の収集 — a month's confirmed visits as values, read in a handful of questions however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Count
from django.utils import timezone

from tasuki.calculation.impact import PatientVisits
from tasuki.chart import visit as library
from tasuki.chart.coverage import Coverage
from tasuki.chart.orders import Order
from tasuki_server.billing.models import Bill, BilledLine, VisitPayers
from tasuki_server.chart.facts import VisitFacts, decode_facts
from tasuki_server.chart.models import DiagnosisRecord, Note
from tasuki_server.orders.models import PlacedOrder


@dataclass(frozen=True, slots=True)
class GatheredVisits:
    """集めた受診 — by patient number; ``names`` for the screen; ``left_out`` visits that others than health insurance pay."""

    people: tuple[PatientVisits, ...]
    names: dict[str, str]
    left_out: int

    @property
    def count(self) -> int:
        """受診件数."""
        return sum(len(person.visits) for person in self.people)


def billed_patients(month: date) -> list[tuple[int, int]]:
    """会計のある患者 — number and count of visits of everyone with a confirmed bill in the month, by number."""
    rows = Bill.objects.current().filter(day__year=month.year, day__month=month.month)
    counted = rows.values("patient__number").annotate(visits=Count("id")).order_by("patient__number")
    return [(row["patient__number"], row["visits"]) for row in counted]


def gather_visits(month: date, numbers: Sequence[int] | None = None) -> GatheredVisits:
    """受診の収集 — visits with a confirmed bill, as they were signed, under the coverage of the bill.

    ``numbers`` gathers those of some patients only.
    """
    rows = Bill.objects.current().filter(day__year=month.year, day__month=month.month)
    if numbers is not None:
        rows = rows.filter(patient__number__in=numbers)
    bills = list(rows.select_related("visit", "patient").order_by("patient__number", "visit__arrived_at"))
    others = {
        each.visit_id for each in VisitPayers.objects.filter(visit__in=[bill.visit_id for bill in bills])
    }
    kept = [bill for bill in bills if bill.visit_id not in others and not bill.parts]
    orders = _orders(bill.visit_id for bill in kept)
    notes = _notes(bill.visit_id for bill in kept)
    diagnoses = _diagnoses({bill.patient_id for bill in kept}, month)
    past = _past({bill.patient_id for bill in kept}, month)
    grouped: dict[int, list[Bill]] = defaultdict(list)
    for bill in kept:
        grouped[bill.patient.number].append(bill)
    people = tuple(
        PatientVisits(
            str(number),
            tuple(
                _visit(bill, orders[bill.visit_id], notes.get(bill.visit_id), diagnoses[bill.patient_id])
                for bill in found
            ),
            tuple(past[found[0].patient_id]),
        )
        for number, found in grouped.items()
    )
    names = {str(bill.patient.number): bill.patient.name for bill in kept}
    return GatheredVisits(people, names, len(bills) - len(kept))


def _visit(
    bill: Bill, orders: list[Order], note: Note | None, diagnoses: list[DiagnosisRecord]
) -> library.Visit:
    visit = bill.visit
    facts = decode_facts(note.facts) if note is not None else VisitFacts()
    return library.Visit(
        id=str(visit.id),
        person=bill.patient.person(),
        at=timezone.localtime(visit.arrived_at),
        coverage=msgspec.convert(bill.coverage, Coverage),
        department=visit.department,
        kind=library.VisitKind(visit.kind),
        kind_reason=visit.kind_reason,
        diagnoses=tuple(
            each.diagnosis()
            for each in diagnoses
            if each.since <= visit.day and (each.ended_on is None or each.ended_on >= visit.day)
        ),
        orders=tuple(orders),
        flags=frozenset(visit.flags) | frozenset(note.flags if note is not None else ()),
        home=facts.home,
        self_care=facts.self_care,
        minutes=facts.minutes,
    )


def _orders(visits: Iterable[UUID]) -> dict[UUID, list[Order]]:
    found: dict[UUID, list[Order]] = defaultdict(list)
    for each in PlacedOrder.objects.current().filter(visit__in=list(visits)).order_by("visit", "position"):
        found[each.visit_id].append(each.order())
    return found


def _notes(visits: Iterable[UUID]) -> dict[UUID, Note]:
    rows = Note.objects.filter(record_id__in=list(visits)).order_by("record_id", "version")
    return {each.record_id: each for each in rows.only("record_id", "version", "flags", "facts")}


def _diagnoses(patients: set[Any], month: date) -> dict[Any, list[DiagnosisRecord]]:
    found: dict[Any, list[DiagnosisRecord]] = defaultdict(list)
    rows = DiagnosisRecord.objects.current().filter(patient__in=patients)
    for each in rows.order_by("-is_main", "since", "made_at"):
        found[each.patient_id].append(each)
    return found


def _past(patients: set[Any], month: date) -> dict[Any, list[library.PastLine]]:
    found: dict[Any, list[library.PastLine]] = defaultdict(list)
    rows = BilledLine.objects.filter(patient__in=patients, is_current=True, day__lt=month)
    for each in rows.order_by("at", "id"):
        found[each.patient_id].append(each.past())
    return found
