# SPDX-License-Identifier: Apache-2.0
"""多数の受診の算定値 — the same values as ``chart.values`` gives one by one, read in a few queries for a whole month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from tasuki.chart import visit as library
from tasuki.chart.coverage import Coverage
from tasuki.chart.orders import Order
from tasuki_server.chart.facts import VisitFacts, decode_facts
from tasuki_server.chart.models import DiagnosisRecord, Note
from tasuki_server.orders.models import PlacedOrder
from tasuki_server.reception.models import Visit

Diseases = Mapping[UUID, list[DiagnosisRecord]]


def diagnoses_of_many(patient_ids: Iterable[UUID], first: date, last: date) -> Diseases:
    """多数の患者の病名 — as ``diagnoses_between`` gives them, by patient."""
    rows = DiagnosisRecord.objects.current().filter(patient__in=set(patient_ids), since__lte=last)
    rows = rows.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=first))
    found: dict[UUID, list[DiagnosisRecord]] = defaultdict(list)
    for each in rows.order_by("-is_main", "since", "made_at", "id"):
        found[each.patient_id].append(each)
    return found


def visit_values(
    visits: Mapping[UUID, Visit], coverages: Mapping[UUID, Coverage], diseases: Diseases
) -> dict[UUID, library.Visit]:
    """多数の受診の算定値 — as signed, each under the coverage given for it; ``diseases`` must reach over their days."""
    orders = _orders(visits)
    said = {
        each.record_id: each
        for each in Note.objects.filter(record_id__in=set(visits))
        .order_by("record_id", "-version")
        .distinct("record_id")
        .only("record_id", "flags", "facts")
    }
    return {
        key: _value(
            visit, said.get(key), orders.get(key, ()), coverages[key], diseases.get(visit.patient_id, [])
        )
        for key, visit in visits.items()
    }


def _orders(visits: Mapping[UUID, Visit]) -> dict[UUID, tuple[Order, ...]]:
    found: dict[UUID, list[Order]] = defaultdict(list)
    for each in PlacedOrder.objects.current().filter(visit__in=set(visits)).order_by("position"):
        found[each.visit_id].append(each.order())
    return {key: tuple(orders) for key, orders in found.items()}


def _value(
    visit: Visit,
    said: Note | None,
    orders: tuple[Order, ...],
    coverage: Coverage,
    diseases: list[DiagnosisRecord],
) -> library.Visit:
    facts = decode_facts(said.facts) if said is not None else VisitFacts()
    own = (
        each
        for each in diseases
        if each.since <= visit.day and (each.ended_on is None or each.ended_on >= visit.day)
    )
    return library.Visit(
        id=str(visit.id),
        person=visit.patient.person(),
        at=timezone.localtime(visit.arrived_at),
        coverage=coverage,
        department=visit.department,
        kind=library.VisitKind(visit.kind),
        kind_reason=visit.kind_reason,
        diagnoses=tuple(each.diagnosis() for each in own),
        orders=orders,
        flags=frozenset(visit.flags) | frozenset(said.flags if said is not None else ()),
        home=facts.home,
        self_care=facts.self_care,
        minutes=facts.minutes,
    )
