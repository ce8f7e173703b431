# SPDX-License-Identifier: Apache-2.0
"""レセプトの参照 — what the pages of a month and of a receipt show, for who may see it; the rest is 404."""

from __future__ import annotations

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
from tasuki_server.claims.gather import claimed_bills, unbilled_visits
from tasuki_server.claims.making import is_outdated, newest_build
from tasuki_server.claims.models import BuiltClaim, ClaimBuild, ClaimFile
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.masters_source import current_book
from tasuki_server.patients.access import banner_of
from tasuki_server.patients.models import Patient
from tasuki_server.reception.clock import today

SEVERITIES = (("block", "提出不可", "✕"), ("confirm", "要確認", "？"), ("advice", "参考", "ｉ"))
_CARDS = frozenset({"HO", "KO", "SN", "JD", "MF"})


def read_month(text: str) -> date:
    """診療月の読取り — YYYY-MM; the month before this one when nothing is said, 404 when it is no month."""
    if not text:
        return (today().replace(day=1) - timedelta(days=1)).replace(day=1)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as wrong:
        raise Http404("month") from wrong


def access_month(month: date, shown: str) -> dict[str, Any]:
    """請求月の画面 — the newest making with its receipts; ``shown`` narrows them to one severity."""
    build = newest_build(month)
    closing = closing_of(month)
    claims = _claims_of(build)
    counts = {key: sum(bool(each.found(key)) for each in claims) for key, _, _ in SEVERITIES}
    record("claims.read", build or "claims.month", detail={"month": f"{month:%Y-%m}"})
    return {
        "month": month,
        "before": _shift(month, -1),
        "after": _shift(month, 1) if _shift(month, 1) <= today() else None,
        "claim_month": _shift(month, 1),
        "build": build,
        "closing": closing,
        "is_closed": closing is not None and closing.is_closed,
        "is_outdated": build is not None and is_outdated(build),
        "files": list(build.files.defer("data").order_by("payer")) if build is not None else [],
        "rows": [_row(each) for each in claims if not shown or each.found(shown)],
        "shown": shown,
        "tabs": [(key, label, sign, counts[key]) for key, label, sign in SEVERITIES],
        "left_out": sum(each.is_left_out for each in claims),
        "orphans": _orphans(build),
        "bill_count": len(claimed_bills(month)) if build is None else 0,
        "unbilled": unbilled_visits(month),
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
    newest = newest_build(month)
    same = newest.claims.filter(patient_id=claim.patient_id, key=claim.key).first() if newest else None
    return {
        **banner_of(claim.patient),
        "claim": claim,
        "month": month,
        "visits": visits,
        "newer": same if same is not None and same.id != claim.id else None,
        "groups": [
            (label, sign, key, [(each, _way(each, claim.patient, last, staff)) for each in claim.found(key)])
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


def find_file(file_id: UUID) -> ClaimFile:
    """請求ファイルの参照 — by id."""
    found = ClaimFile.objects.select_related("build").filter(pk=file_id).first()
    if found is None:
        raise Http404("file")
    return found


def sheet_of(claim: BuiltClaim) -> dict[str, Any]:
    """明細書の印字内容 — the receipt as the official form takes it, with this institution as its issuer."""
    institution = Institution.objects.get()
    return {
        **receipt_view(claim.receipt(), None, current_book()),
        "issuer": {
            "name": institution.name,
            "address": institution.address,
            "telephone": institution.telephone,
            "prefecture": institution.prefecture,
            "code": institution.code,
        },
    }


def _claims_of(build: ClaimBuild | None) -> list[BuiltClaim]:
    if build is None:
        return []
    rows = build.claims.select_related("patient").defer("records")
    return sorted(rows, key=lambda each: (not each.is_left_out, each.payer, each.number, each.patient.number))


def _row(claim: BuiltClaim) -> dict[str, Any]:
    marks = [(key, sign, label, len(claim.found(key))) for key, label, sign in SEVERITIES if claim.found(key)]
    return {"claim": claim, "marks": marks}


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


def _shift(month: date, count: int) -> date:
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1)
