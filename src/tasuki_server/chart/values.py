# SPDX-License-Identifier: Apache-2.0
"""算定への値 — from the rows of the server to the values of the library; chart and 会計 both calculate from these."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from tasuki.chart import visit as library
from tasuki.chart.coverage import Coverage
from tasuki.chart.orders import Order
from tasuki.facility.institution import Institution as Facility
from tasuki_server.billing.history import billed_before
from tasuki_server.chart.draft import basket_of
from tasuki_server.chart.facts import VisitFacts, decode_facts
from tasuki_server.chart.models import DiagnosisRecord, Draft, Note
from tasuki_server.institutions.models import Institution
from tasuki_server.orders.models import PlacedOrder
from tasuki_server.patients.coverage_values import insurance_value, programme_value
from tasuki_server.patients.models import InsuranceRecord, Patient, ProgrammeRecord
from tasuki_server.reception.models import Visit


def visit_value(visit: Visit, draft: Draft | None = None) -> library.Visit:
    """受診の算定値 — as signed; with a draft, as if the draft were signed now."""
    said = draft if draft is not None else newest_said(visit)
    facts = decode_facts(said.facts) if said is not None else VisitFacts()
    return library.Visit(
        id=str(visit.id),
        person=visit.patient.person(),
        at=timezone.localtime(visit.arrived_at),
        coverage=coverage_value(visit),
        department=visit.department,
        kind=library.VisitKind(visit.kind),
        kind_reason=visit.kind_reason,
        diagnoses=diagnoses_value(visit.patient, visit.day),
        orders=placed_orders(visit) if draft is None else basket_of(draft).orders,
        flags=frozenset(visit.flags) | frozenset(said.flags if said is not None else ()),
        home=facts.home,
        self_care=facts.self_care,
        minutes=facts.minutes,
    )


def coverage_value(visit: Visit) -> Coverage:
    """保険組合せの算定値 — the newest version of each card chosen at reception; a withdrawn card pays nothing."""
    insurance = None
    if visit.insurance_record is not None:
        newest = InsuranceRecord.objects.filter(record_id=visit.insurance_record).order_by("-version").first()
        if newest is not None and not newest.withdrawn:
            insurance = insurance_value(newest)
    chosen = {
        str(each.record_id): each
        for each in ProgrammeRecord.objects.current().filter(record_id__in=visit.programme_records)
    }
    programmes = (chosen[each] for each in visit.programme_records if each in chosen)
    return Coverage(insurance, tuple(programme_value(each) for each in programmes))


def diagnoses_value(patient: Patient, day: date) -> tuple[library.Diagnosis, ...]:
    """病名の算定値 — every disease whose days include a day, the main ones first, then by start."""
    return tuple(each.diagnosis() for each in diagnoses_between(patient, day, day))


def diagnoses_between(patient: Patient, first: date, last: date) -> list[DiagnosisRecord]:
    """期間の病名 — records with at least one day of a period, the main ones first, then by start."""
    rows = DiagnosisRecord.objects.current().filter(patient=patient, since__lte=last)
    rows = rows.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=first))
    return list(rows.order_by("-is_main", "since", "made_at", "id"))


def placed_orders(visit: Visit) -> tuple[Order, ...]:
    """署名済みオーダの算定値 — in their order of entry."""
    return tuple(
        each.order() for each in PlacedOrder.objects.current().filter(visit=visit).order_by("position")
    )


def newest_said(visit: Visit) -> Note | None:
    """診療録の申告 — ticked facts and numbers of the newest signed version."""
    return Note.objects.filter(record_id=visit.id).order_by("-version").only("flags", "facts").first()


def history_value(patient: Patient, before: datetime, but: Visit | None = None) -> library.History:
    """算定履歴の値 — what this institution billed for the person before an instant."""
    return billed_before(patient, before, but)


def institution_value(institution: Institution) -> Facility:
    """医療機関の算定値 — hours, notified standards and the rest."""
    return institution.facts()
