# SPDX-License-Identifier: Apache-2.0
"""写しの受診 — each visit with its signed note, earlier versions, orders by name, and what is written but not signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from tasuki.calculation.sentences import label
from tasuki.chart.orders import Order
from tasuki.kernel.finding import BadInput
from tasuki.masters.book import Book, DayBook, OutOfBook
from tasuki_server.chart.draft import basket_of
from tasuki_server.chart.fact_form import fact_lines
from tasuki_server.chart.models import SOAP, Draft, Note
from tasuki_server.chart.page import SOAP_LABELS
from tasuki_server.orders.catalogue import current_book
from tasuki_server.orders.models import PlacedOrder
from tasuki_server.orders.table import order_ending, order_lines
from tasuki_server.reception.models import Visit


def visits_of(patients: Collection[UUID]) -> Mapping[UUID, list[dict[str, Any]]]:
    """患者ごとの受診 — the newest first."""
    notes: defaultdict[UUID, list[Note]] = defaultdict(list)
    for note in Note.objects.filter(patient_id__in=patients).select_related("made_by").order_by("-version"):
        notes[note.visit_id].append(note)
    orders: defaultdict[UUID, list[PlacedOrder]] = defaultdict(list)
    for row in PlacedOrder.objects.current().filter(patient_id__in=patients).order_by("position"):  # type: ignore[attr-defined]
        orders[row.visit_id].append(row)
    drafts: defaultdict[UUID, list[Draft]] = defaultdict(list)
    for draft in Draft.objects.filter(patient_id__in=patients).select_related("staff").order_by("started_at"):
        drafts[draft.visit_id].append(draft)
    names = _Names(current_book())
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    visits = Visit.objects.filter(patient_id__in=patients).select_related("doctor").order_by("-arrived_at")
    for visit in visits:
        signed = notes[visit.id]
        found[visit.patient_id].append(
            {
                "day": visit.day.isoformat(),
                "arrived": f"{timezone.localtime(visit.arrived_at):%H:%M}",
                "state": visit.get_state_display(),
                "doctor": visit.doctor.name if visit.doctor else "",
                "memo": visit.memo,
                "flags": "、".join(label(each) for each in visit.flags),
                "note": _note(signed[0]) if signed else None,
                "earlier": [_note(each) for each in signed[1:]],
                "orders": [names.of(row.order(), visit) for row in orders[visit.id]],
                "drafts": [_draft(each, visit, names) for each in drafts[visit.id]],
            }
        )
    return found


def _note(note: Note) -> dict[str, Any]:
    return {
        "texts": _texts(note.texts()),
        "facts": [*fact_lines(note), *(label(each) for each in note.flags)],
        "by": note.made_by.name,
        "at": f"{timezone.localtime(note.made_at):%Y-%m-%d %H:%M}",
        "version": note.version,
        "reason": note.reason,
        "withdrawn": note.withdrawn,
    }


def _draft(draft: Draft, visit: Visit, names: _Names) -> dict[str, Any]:
    try:
        orders = [names.of(line.order, visit) for line in basket_of(draft).lines]
    except BadInput:
        orders = [{"lines": ["（読み取れない書きかけのオーダがあります）"], "ending": ""}]
    return {
        "texts": _texts(draft.texts()),
        "by": draft.staff.name,
        "at": f"{timezone.localtime(draft.saved_at):%Y-%m-%d %H:%M}",
        "orders": orders,
    }


def _texts(texts: Mapping[str, str]) -> list[list[str]]:
    return [[SOAP_LABELS[name], texts[name]] for name in SOAP if texts[name]]


class _Names:
    """Orders by name: from the master of their day, or the newest for a day outside every revision."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._days: dict[Any, DayBook] = {}

    def of(self, order: Order, visit: Visit) -> dict[str, Any]:
        return {"lines": list(order_lines(order, self._at(visit.day))), "ending": order_ending(order)}

    def _at(self, day: Any) -> DayBook:
        if day not in self._days:
            try:
                self._days[day] = self._book.at(day)
            except OutOfBook:
                self._days[day] = self._book.at(timezone.localdate())
        return self._days[day]


def allergies_in(sections: Iterable[Mapping[str, Any]]) -> list[str]:
    """アレルギーの一行ずつ — for the head of the page, from the section of them."""
    return [
        " ".join(filter(None, row))
        for each in sections
        if each["title"] == "アレルギー"
        for row in each["rows"]
    ]
