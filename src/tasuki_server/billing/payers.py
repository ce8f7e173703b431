# SPDX-License-Identifier: Apache-2.0
"""支払者の選択 — payers beside the one of reception, kept on the visit, and the settings they are priced by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db.models import Q

from tasuki.calculation.payers import PayerSettings, PriceItem
from tasuki.chart import visit as library
from tasuki.chart.coverage import Insurance
from tasuki_server.audit.trail import record
from tasuki_server.billing.payer_models import PayerContract, PriceListItem, VisitPayers
from tasuki_server.patients.coverage_values import insurance_value
from tasuki_server.patients.models import InsuranceRecord
from tasuki_server.reception.models import Visit

MOST_OTHERS = 3


class BadPayers(ValueError):
    """支払者の誤り — its text is the Japanese sentence to show."""


def with_payers(value: library.Visit, visit: Visit) -> library.Visit:
    """支払者を加えた受診 — a visit's value with its other payers and the payer of each order."""
    chosen = VisitPayers.objects.filter(visit=visit).first()
    if chosen is None:
        return value
    others = other_insurances(visit, chosen.others)
    keys = {one.key for one in others}
    own = value.coverage.insurance.key if value.coverage.insurance is not None else ""
    orders = tuple(
        replace(order, payer=chosen.orders[order.id]) if order.id in chosen.orders else order
        for order in value.orders
    )
    fee = chosen.fee_payer if chosen.fee_payer in keys or chosen.fee_payer == own else ""
    coverage = replace(value.coverage, others=tuple(others), fee_payer=fee)
    return replace(value, coverage=coverage, orders=orders)


def other_insurances(visit: Visit, wanted: Collection[str]) -> list[Insurance]:
    """ほかの支払者 — the newest versions of the chosen records; a withdrawn one pays nothing."""
    rows = InsuranceRecord.objects.current().filter(patient_id=visit.patient_id, record_id__in=list(wanted))
    return [insurance_value(row) for row in rows.order_by("record_id")]


def usable_payers(visit: Visit) -> list[Insurance]:
    """選べる支払者 — every insurance of the patient on the day but the one of reception."""
    rows = InsuranceRecord.objects.current().filter(patient_id=visit.patient_id, since__lte=visit.day)
    rows = rows.filter(Q(until__isnull=True) | Q(until__gte=visit.day))
    if visit.insurance_record is not None:
        rows = rows.exclude(record_id=visit.insurance_record)
    return [insurance_value(row) for row in rows.order_by("kind", "record_id")]


def choose_payers(
    visit: Visit, others: Sequence[str], fee_payer: str, orders: Mapping[str, str]
) -> VisitPayers:
    """支払者の選択 — raises :class:`BadPayers` for a payer that is not the patient's on the day.

    An order that names no chosen payer stays with the one of reception.
    """
    usable = {one.key for one in usable_payers(visit)}
    own = str(visit.insurance_record) if visit.insurance_record is not None else ""
    unknown = [key for key in others if key not in usable]
    if unknown:
        raise BadPayers("この受診日に使えない支払者です。患者・保険を確かめてください。")
    if len(set(others)) > MOST_OTHERS:
        raise BadPayers(f"ほかの支払者は{MOST_OTHERS}つまでです。")
    kept = sorted(set(others))
    if fee_payer and fee_payer not in kept and fee_payer != own:
        raise BadPayers("診察料の支払者は、この受診の支払者から選んでください。")
    bad = [key for key in orders.values() if key and key not in kept and key != own]
    if bad:
        raise BadPayers("オーダの支払者は、この受診の支払者から選んでください。")
    assigned = {order: key for order, key in orders.items() if key and key != own}
    members = {"others": kept, "fee_payer": fee_payer if fee_payer != own else "", "orders": assigned}
    row, _ = VisitPayers.objects.update_or_create(visit=visit, defaults=members)
    record("bill.payers", visit, visit.patient_id, {"payers": len(kept), "orders": len(assigned)})
    return row


def payer_settings() -> PayerSettings:
    """支払者の設定 — the institution's contracts in force, whatever their days."""
    rows = PayerContract.objects.current().order_by("-since", "contract")
    return PayerSettings(terms=tuple(row.terms() for row in rows))


def price_items(day: date) -> list[PriceItem]:
    """料金表 — the prices of a day, by code."""
    rows = PriceListItem.objects.filter(is_current=True)
    rows = rows.filter(Q(since__isnull=True) | Q(since__lte=day))
    rows = rows.filter(Q(until__isnull=True) | Q(until__gte=day))
    return [row.item() for row in rows.order_by("kind", "code")]


def replace_price_list(items: Sequence[PriceItem]) -> int:
    """料金表の差替え — the list read takes the place of the one before, whose rows stay as no longer current."""
    PriceListItem.objects.filter(is_current=True).update(is_current=False)
    PriceListItem.objects.bulk_create(
        PriceListItem(
            code=item.code,
            name=item.name,
            yen=item.yen,
            tax=item.tax.value,
            kind=item.kind.value,
            patient_yen=item.patient_yen,
            billed_to=item.billed_to,
            since=item.validity.since if item.validity else None,
            until=item.validity.until if item.validity else None,
        )
        for item in items
    )
    return len(items)


def order_payers(visit_id: UUID) -> dict[str, str]:
    """オーダの支払者 — the label of the payer of each order that another than reception's bears."""
    from tasuki.calculation.payers import payer_name

    chosen = VisitPayers.objects.select_related("visit").filter(visit_id=visit_id).first()
    if chosen is None or not chosen.orders:
        return {}
    names = {one.key: payer_name(one.kind) for one in other_insurances(chosen.visit, chosen.others)}
    return {order: names[key] for order, key in chosen.orders.items() if key in names}
