# SPDX-License-Identifier: Apache-2.0
"""オーダの参照 — earlier orders to copy, and the institution's sets, as this user may see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.http import Http404

from tasuki.chart.orders import Dispensing, Order
from tasuki_server.orders.catalogue import day_book
from tasuki_server.orders.codec import decode_orders
from tasuki_server.orders.models import OrderSet, PlacedOrder
from tasuki_server.orders.table import order_ending, order_lines
from tasuki_server.patients.models import Patient
from tasuki_server.reception.models import Visit


def access_originals(patient: Patient, record_ids: Iterable[str]) -> list[tuple[Order, date]]:
    """転記元のオーダ — signed orders of this patient, in the order they were entered; unknown ids are left out."""
    wanted = {_uuid(each) for each in record_ids} - {None}
    rows = PlacedOrder.objects.current().filter(patient=patient, record_id__in=wanted).select_related("visit")  # type: ignore[attr-defined]
    return [(row.order(), row.visit.day) for row in rows.order_by("visit__arrived_at", "position")]


def access_sets(day: date) -> list[OrderSet]:
    """使えるセット — those valid on a day, by short code."""
    rows = OrderSet.objects.current().order_by("quick_code")  # type: ignore[attr-defined]
    return [row for row in rows if day in row.validity]


def access_all_sets() -> list[OrderSet]:
    """すべてのセット — past and coming ones too."""
    return list(OrderSet.objects.current().select_related("made_by").order_by("quick_code", "since"))  # type: ignore[attr-defined]


def access_set(record_id: UUID | str) -> OrderSet:
    """セットの参照 — the newest version of one set."""
    wanted = _uuid(str(record_id))
    found = OrderSet.objects.current().filter(record_id=wanted).first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404("order set")
    return found


def set_orders(row: OrderSet) -> list[tuple[Order, None]]:
    """セットのオーダ — as values to copy."""
    return [(order, None) for order in decode_orders(row.orders)]


def last_dispensing(visit: Visit) -> Dispensing | None:
    """前回の院内・院外 — of the last drug given before this visit."""
    rows = PlacedOrder.objects.current().filter(patient=visit.patient, visit__arrived_at__lt=visit.arrived_at)  # type: ignore[attr-defined]
    rows = rows.filter(kind__in=("internal", "as_needed", "external"))
    newest = rows.order_by("-visit__arrived_at", "-position").first()
    return newest.order().dispensing if newest is not None else None


def earlier_drugs(visit: Visit) -> list[tuple[Order, date]]:
    """以前の投薬 — signed 内服, 屯服 and 外用 of earlier visits, the newest 200."""
    rows = PlacedOrder.objects.current().filter(patient=visit.patient, visit__arrived_at__lt=visit.arrived_at)  # type: ignore[attr-defined]
    rows = rows.filter(kind__in=("internal", "as_needed", "external"))
    rows = rows.select_related("visit").order_by("-visit__arrived_at")[:200]
    return [(row.order(), row.visit.day) for row in rows]


def earlier_acts(visit: Visit) -> list[tuple[Order, date]]:
    """以前の行為 — signed acts of earlier visits with a 起算日, the newest 50."""
    rows = PlacedOrder.objects.current().filter(patient=visit.patient, visit__arrived_at__lt=visit.arrived_at)  # type: ignore[attr-defined]
    rows = rows.filter(value__has_key="began_on").select_related("visit").order_by("-visit__arrived_at")[:50]
    return [(row.order(), row.visit.day) for row in rows]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def readable(orders: Iterable[Order], day: date) -> list[str]:
    """オーダの文 — one line an order."""
    book = day_book(day)
    return [f"{'、'.join(order_lines(order, book))} {order_ending(order)}".strip() for order in orders]
