# SPDX-License-Identifier: Apache-2.0
"""レセプトの参照 — what the pages of a month and of a receipt show, for who may see it; the rest is 404."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse

from tasuki.claims.view import receipt_view
from tasuki.security.permissions import Permission
from tasuki_server.audit.trail import record
from tasuki_server.billing.models import Bill
from tasuki_server.claims.closing import closing_of
from tasuki_server.claims.cycle_access import going_work, shift
from tasuki_server.claims.decisions import Standing, finding_mark, standing_in
from tasuki_server.claims.gather import claimed_bills, unbilled_visits
from tasuki_server.claims.holding import held_of
from tasuki_server.claims.invoices import issuer_of
from tasuki_server.claims.long_work import newest_work
from tasuki_server.claims.making import is_outdated, newest_build
from tasuki_server.claims.models import BuiltClaim, ClaimBuild, ClaimFile, FindingDecision
from tasuki_server.claims.month_list import SEVERITIES, SORTS, listed, rules_of
from tasuki_server.claims.sending import sent_alive
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.masters_source import current_book
from tasuki_server.patients.access import banner_of
from tasuki_server.patients.models import Patient
from tasuki_server.reception.clock import today

_CARDS = frozenset({"HO", "KO", "SN", "JD", "MF"})


def read_month(text: str) -> date:
    """診療月の読取り — YYYY-MM; the month before this one when nothing is said, 404 when it is no month."""
    if not text:
        return (today().replace(day=1) - timedelta(days=1)).replace(day=1)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as wrong:
        raise Http404("month") from wrong


def access_month(month: date, wanted: Mapping[str, str]) -> dict[str, Any]:
    """請求月の画面 — the newest making, by patient or by rule; ``wanted`` narrows, sorts and searches it."""
    build = newest_build(month)
    closing = closing_of(month)
    claims = _claims_of(build)
    standing = standing_in(month)
    counts = {key: sum(bool(each.found(key)) for each in claims) for key, _, _ in SEVERITIES}
    record("claims.read", build or "claims.month", detail={"month": f"{month:%Y-%m}"})
    is_by_rule = wanted.get("view") == "rule"
    rows = listed(claims, wanted, standing)
    return {
        "month": month,
        "before": shift(month, -1),
        "after": shift(month, 1) if shift(month, 1) <= today() else None,
        "claim_month": shift(month, 1),
        "build": build,
        "closing": closing,
        "is_closed": closing is not None and closing.is_closed,
        "is_outdated": build is not None and is_outdated(build),
        "files": list(build.files.defer("data").order_by("payer")) if build is not None else [],
        "rows": rows,
        "rules": rules_of(claims, standing, wanted) if is_by_rule else [],
        "muted": list(standing.muted.values()),
        "is_by_rule": is_by_rule,
        "wanted": {key: wanted.get(key, "") for key in ("show", "view", "q", "sort", "payer")},
        "shown": wanted.get("show", ""),
        "sorts": SORTS,
        "tabs": [(key, label, sign, counts[key]) for key, label, sign in SEVERITIES],
        "undecided": sum(len(standing.open_confirms(each)) for each in claims if not each.is_left_out),
        "left_out": sum(each.is_left_out for each in claims),
        "orphans": _orphans(build),
        "bill_count": len(claimed_bills(month)) if build is None else 0,
        "unbilled": unbilled_visits(month),
        "going": going_work("build", month=f"{month:%Y-%m}"),
        "last_work": newest_work("build", month=f"{month:%Y-%m}"),
    }


def access_claim(claim_id: UUID, staff: Staff) -> dict[str, Any]:
    """レセプトの画面 — the findings of one receipt, each with where to put it right."""
    claim = find_claim(claim_id)
    month = claim.build.month
    record("claims.read", claim, claim.patient_id)
    bills = Bill.objects.current().filter(
        patient_id=claim.patient_id, day__year=month.year, day__month=month.month
    )
    visits = [bill.visit for bill in bills.select_related("visit").order_by("visit__arrived_at")]
    last = visits[-1].id if visits else None
    standing = standing_in(month)
    newest = newest_build(month)
    same = newest.claims.filter(patient_id=claim.patient_id, key=claim.key).first() if newest else None
    return {
        **banner_of(claim.patient),
        "claim": claim,
        "month": month,
        "visits": visits,
        "is_newest": newest is not None and newest.id == claim.build_id,
        "held": held_of(claim),
        "sent": sent_alive(month).get((claim.patient_id, claim.key)),
        "newer": same if same is not None and same.id != claim.id else None,
        "groups": [
            (
                label,
                sign,
                key,
                [_finding_row(each, claim, last, staff, standing) for each in claim.found(key)],
            )
            for key, label, sign in SEVERITIES
        ],
        "neighbours": _neighbours(claim),
    }


def find_claim(claim_id: UUID) -> BuiltClaim:
    """レセプトの参照 — by id."""
    found = BuiltClaim.objects.select_related("build", "patient").filter(pk=claim_id).first()
    if found is None:
        raise Http404("claim")
    return found


def find_decision(decision_id: UUID) -> FindingDecision:
    """判断の参照 — by id."""
    found = FindingDecision.objects.filter(pk=decision_id).first()
    if found is None:
        raise Http404("decision")
    return found


def severities_of(month: date, code: str) -> set[str]:
    """点検項目の重さ — as the newest making of a month has it; 404 when nothing of the code was found."""
    build = newest_build(month)
    claims = build.claims.defer("records") if build is not None else []
    found = {each["severity"] for claim in claims for each in claim.findings if each["code"] == code}
    if not found:
        raise Http404("code")
    return found


def claim_address(claim_id: str) -> str:
    """戻り先のレセプト — its address, empty when there is none of the id."""
    try:
        found = BuiltClaim.objects.filter(pk=UUID(claim_id)).first()
    except ValueError:
        return ""
    return reverse("claims:claim", args=[found.id]) if found is not None else ""


def find_file(file_id: UUID) -> ClaimFile:
    """請求ファイルの参照 — by id."""
    found = ClaimFile.objects.select_related("build").filter(pk=file_id).first()
    if found is None:
        raise Http404("file")
    return found


def sheet_of(claim: BuiltClaim) -> dict[str, Any]:
    """明細書の印字内容 — the receipt as the official form takes it, with this institution as its issuer."""
    return {
        **receipt_view(claim.receipt(), None, current_book()),
        "issuer": issuer_of(Institution.objects.get()),
    }


def _claims_of(build: ClaimBuild | None) -> list[BuiltClaim]:
    if build is None:
        return []
    rows = build.claims.select_related("patient").defer("records")
    return sorted(rows, key=lambda each: (not each.is_left_out, each.payer, each.number, each.patient.number))


def _finding_row(
    finding: dict[str, Any], claim: BuiltClaim, visit_id: UUID | None, staff: Staff, standing: Standing
) -> dict[str, Any]:
    return {
        "found": finding,
        "way": _way(finding, claim.patient, visit_id, staff),
        "decision": standing.of(claim.patient_id, finding),
        "mark": finding_mark(finding),
    }


def _orphans(build: ClaimBuild | None) -> list[dict[str, Any]]:
    """Findings that concern no receipt, with the patient they are about where there is one."""
    if build is None:
        return []
    patients = Patient.objects.in_bulk([each["patient"] for each in build.findings if each["patient"]])
    return [
        {**each, "whose": patients.get(UUID(each["patient"])) if each["patient"] else None}
        for each in build.findings
    ]


def _way(finding: dict[str, Any], patient: Patient, visit_id: UUID | None, staff: Staff) -> tuple[str, str]:
    """Where a finding is put right: diseases in the chart, cards at the patient, lines in the bill."""
    if finding["record"] == "RE":
        return (
            (reverse("patients:revise", args=[patient.number]), "患者の基本情報を開く")
            if staff.may(Permission.PATIENT_EDIT)
            else ("", "")
        )
    if finding["record"] in _CARDS:
        return (
            (reverse("patients:coverage", args=[patient.number]), "保険・公費を開く")
            if staff.may(Permission.PATIENT_VIEW)
            else ("", "")
        )
    if visit_id is None:
        return "", ""
    if finding["record"] == "SY":
        return reverse("chart:visit", args=[visit_id]), "カルテの病名を開く"
    return reverse("billing:visit", args=[visit_id]), "会計を開く"


def _neighbours(claim: BuiltClaim) -> dict[str, Any]:
    ids = [each.id for each in _claims_of(claim.build)]
    at = ids.index(claim.id)
    return {
        "before": ids[at - 1] if at else None,
        "after": ids[at + 1] if at + 1 < len(ids) else None,
        "place": at + 1,
        "count": len(ids),
    }
