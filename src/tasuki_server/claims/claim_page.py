# SPDX-License-Identifier: Apache-2.0
"""レセプトの画面 — one receipt line by line, each finding beside its line with where to put it right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse

from tasuki.claims.view import ReceiptBlock, receipt_lines
from tasuki.security.permissions import Permission
from tasuki_server.audit.trail import record
from tasuki_server.billing.models import Bill
from tasuki_server.claims.access import claims_of, find_claim
from tasuki_server.claims.check_entry import source_of
from tasuki_server.claims.decisions import Standing, finding_mark, standing_in
from tasuki_server.claims.holding import held_of
from tasuki_server.claims.making import newest_build
from tasuki_server.claims.models import BuiltClaim, ReceiptNote
from tasuki_server.claims.month_list import SEVERITIES, list_query, listed
from tasuki_server.claims.months import shift
from tasuki_server.claims.sending import sent_alive
from tasuki_server.institutions.models import Staff
from tasuki_server.masters_source import current_book
from tasuki_server.patients.access import banner_of
from tasuki_server.patients.models import Patient
from tasuki_server.reception.models import Visit

# 特記事項 and 患者の状態 of RE.
_NOTED_ITEMS = frozenset({"12", "38"})
_CARDS = frozenset({"HO", "KO", "SN", "JD", "MF"})
_LABELS = {key: (label, sign) for key, label, sign in SEVERITIES}


def access_claim(claim_id: UUID, staff: Staff, wanted: Mapping[str, str]) -> dict[str, Any]:
    """レセプトの画面 — the lines of one receipt with what was found in each; ``wanted`` is the list it belongs to.

    ``as=form`` shows the sheet instead of the lines.
    """
    claim = find_claim(claim_id)
    month = claim.build.month
    record("claims.read", claim, claim.patient_id)
    bills = Bill.objects.current().filter(
        patient_id=claim.patient_id, day__year=month.year, day__month=month.month
    )
    visits = [bill.visit for bill in bills.select_related("visit").order_by("visit__arrived_at")]
    standing = standing_in(month)
    newest = newest_build(month)
    same = newest.claims.filter(patient_id=claim.patient_id, key=claim.key).first() if newest else None
    blocks = receipt_lines(claim.receipt(), current_book())
    days = {line.number: line.days for block in blocks for line in block.lines}
    found = [
        {
            **_finding_row(each, claim, standing),
            "place": place,
            "ways": _ways(
                each, claim.patient, month, _visit_of(days.get(each.get("line", 0), ()), visits), staff
            ),
        }
        for place, each in enumerate(claim.findings, 1)
    ]
    return {
        **banner_of(claim.patient),
        "claim": claim,
        "month": month,
        "visits": visits,
        "is_newest": newest is not None and newest.id == claim.build_id,
        "held": held_of(claim),
        "sent": sent_alive(month).get((claim.patient_id, claim.key)),
        "newer": same if same is not None and same.id != claim.id else None,
        "found": found,
        "counts": [
            (label, sign, sum(row["found"]["severity"] == key for row in found))
            for key, label, sign in SEVERITIES
        ],
        "asking": [row for row in found if row["decision"] is None],
        "until": shift(month, 11),
        "note_count": ReceiptNote.objects.current().filter(month=month, patient_id=claim.patient_id).count(),
        **lines_with_findings(blocks, found),
        "is_form": wanted.get("as") == "form",
        "list_query": list_query(wanted),
        "neighbours": _neighbours(claim, wanted, standing),
    }


def notes_address(patient: Patient, month: date) -> str:
    """摘要のアドレス — of a patient's month."""
    return f"{reverse('claims:notes', args=[patient.number])}?month={month:%Y-%m}"


def lines_with_findings(blocks: tuple[ReceiptBlock, ...], found: list[dict[str, Any]]) -> dict[str, Any]:
    """指摘の置き場所 — the line a finding names, else the first line of its record, else the receipt as a whole."""
    lines = [line for block in blocks for line in block.lines]
    numbers = {line.number for line in lines}
    first: dict[str, int] = {}
    for line in lines:
        first.setdefault(line.record, line.number)
    beside: dict[int, list[dict[str, Any]]] = {}
    for row in found:
        named = row["found"].get("line", 0)
        place = named if named in numbers else first.get(row["found"]["record"], 0)
        beside.setdefault(place, []).append(row)
    return {
        "whole": beside.pop(0, []),
        "blocks": [
            {"block": block, "rows": [(line, beside.get(line.number, [])) for line in block.lines]}
            for block in blocks
        ],
    }


def _finding_row(finding: dict[str, Any], claim: BuiltClaim, standing: Standing) -> dict[str, Any]:
    label, sign = _LABELS[finding["severity"]]
    return {
        "found": finding,
        "label": label,
        "sign": sign,
        "source": source_of(finding["code"]),
        "decision": standing.of(claim.patient_id, finding),
        "mark": finding_mark(finding),
    }


def _visit_of(days: tuple[int, ...], visits: list[Visit]) -> Visit | None:
    """The visit of a line's first day, else the last of the month."""
    own = [each for each in visits if each.day.day in days]
    return own[0] if own else visits[-1] if visits else None


def _ways(
    finding: dict[str, Any], patient: Patient, month: date, visit: Visit | None, staff: Staff
) -> list[tuple[str, str]]:
    """Where a finding is put right: diseases and orders in the chart, cards at the patient, lines in the bill."""
    kind = finding["record"]
    if kind == "SJ" or (kind == "RE" and finding["item"] in _NOTED_ITEMS):
        cards = (reverse("patients:coverage", args=[patient.number]), "保険・公費を開く")
        own = [(notes_address(patient, month), "摘要を開く")]
        return [*own, cards] if kind == "RE" and staff.may(Permission.PATIENT_VIEW) else own
    if kind == "RE" and finding["item"] and staff.may(Permission.PATIENT_EDIT):
        return [(reverse("patients:revise", args=[patient.number]), "患者の基本情報を開く")]
    if kind in _CARDS and staff.may(Permission.PATIENT_VIEW):
        return [(reverse("patients:coverage", args=[patient.number]), "保険・公費を開く")]
    if visit is None or kind in _CARDS or (kind == "RE" and finding["item"]):
        return []
    chart = (
        reverse("chart:visit", args=[visit.id]),
        "カルテの病名を開く" if kind == "SY" else "カルテを開く",
    )
    bill = (reverse("billing:visit", args=[visit.id]), "会計を開く")
    ways = [] if kind == "SY" else [bill]
    return [*ways, chart] if staff.may(Permission.CHART_VIEW) else ways


def _neighbours(claim: BuiltClaim, wanted: Mapping[str, str], standing: Standing) -> dict[str, Any]:
    """The receipts before and after it in the list it was opened from, even when it has left that list meanwhile."""
    claims = claims_of(claim.build)
    whole = {**wanted, "show": "", "q": "", "payer": ""}
    order = [row["claim"].id for row in listed(claims, whole, standing)]
    shown = {row["claim"].id: at for at, row in enumerate(listed(claims, wanted, standing), 1)}
    at = order.index(claim.id)
    return {
        "before": next((each for each in reversed(order[:at]) if each in shown), None),
        "after": next((each for each in order[at + 1 :] if each in shown), None),
        "place": shown.get(claim.id),
        "count": len(shown),
    }
