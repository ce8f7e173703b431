# SPDX-License-Identifier: Apache-2.0
"""レセプトの参照 — what the pages of a month and of a receipt show, for who may see it; the rest is 404."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse

from tasuki.claims.view import receipt_view
from tasuki_server.audit.trail import record
from tasuki_server.claims.changed import bills_to_recalculate, hints_of
from tasuki_server.claims.check_entry import check_entries
from tasuki_server.claims.closing import closing_of
from tasuki_server.claims.cycle_access import going_work
from tasuki_server.claims.decisions import standing_in
from tasuki_server.claims.gather import claimed_bills, unbilled_visits
from tasuki_server.claims.long_work import newest_work
from tasuki_server.claims.looking_back import MOST_MONTHS
from tasuki_server.claims.making import is_outdated, newest_build
from tasuki_server.claims.models import BuiltClaim, ClaimBuild, ClaimFile, FindingDecision
from tasuki_server.claims.month_list import SEVERITIES, SORTS, list_query, listed, rules_of
from tasuki_server.claims.months import month_named, shift
from tasuki_server.claims.note_models import note_counts
from tasuki_server.documents.parties import issuer_of
from tasuki_server.institutions.models import Institution
from tasuki_server.masters_source import current_book
from tasuki_server.patients.models import Patient
from tasuki_server.reception.clock import today


def read_month(text: str) -> date:
    """診療月の読取り — the month before this one when nothing is said (:func:`.months.month_named`)."""
    return month_named(text, shift(today(), -1))


def access_month(month: date, wanted: Mapping[str, str]) -> dict[str, Any]:
    """請求月の画面 — the newest making, by patient or by rule; ``wanted`` narrows, sorts and searches it."""
    build = newest_build(month)
    closing = closing_of(month)
    claims = claims_of(build)
    standing = standing_in(month)
    counts = {key: sum(bool(each.found(key)) for each in claims) for key, _, _ in SEVERITIES}
    is_closed = closing is not None and closing.is_closed
    record("claims.read", build or "claims.month", detail={"month": f"{month:%Y-%m}"})
    is_by_rule = wanted.get("view") == "rule"
    notes = note_counts(month)
    rows = [
        {**each, "note_count": notes.get(each["claim"].patient_id, 0)}
        for each in listed(claims, wanted, standing)
    ]
    return {
        "month": month,
        "before": shift(month, -1),
        "after": shift(month, 1) if shift(month, 1) <= today() else None,
        "claim_month": shift(month, 1),
        "build": build,
        "closing": closing,
        "is_closed": is_closed,
        "is_outdated": build is not None and is_outdated(build),
        "hints": hints_of(build) if build is not None and not is_closed else [],
        "stale_bills": bills_to_recalculate(build) if build is not None and not is_closed else 0,
        "backs": range(MOST_MONTHS + 1),
        "back": (build.months_back if build is not None else 0) or MOST_MONTHS,
        "files": list(build.files.defer("data").order_by("payer")) if build is not None else [],
        "rows": rows,
        "rules": rules_of(claims, standing, wanted) if is_by_rule else [],
        "muted": list(standing.muted.values()),
        "is_by_rule": is_by_rule,
        "wanted": {key: wanted.get(key, "") for key in ("show", "view", "q", "sort", "payer")},
        "list_query": list_query(wanted),
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


def access_check(code: str, month: date) -> dict[str, Any]:
    """点検項目の画面 — its sentences and source, and the receipts of the newest making that it found; 404 for no check."""
    entry = check_entries().get(code)
    if entry is None:
        raise Http404("check")
    record("claims.read", "claims.check", detail={"code": code, "month": f"{month:%Y-%m}"})
    rules = rules_of(claims_of(newest_build(month)), standing_in(month), {})
    return {
        "entry": entry,
        "month": month,
        "claim_month": shift(month, 1),
        "rules": [each for each in rules if each["code"] == code],
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
        "issuer": asdict(issuer_of(Institution.objects.get())),
    }


def claims_of(build: ClaimBuild | None) -> list[BuiltClaim]:
    """作成のレセプト — of a making, those left out first, then in the order of the files."""
    if build is None:
        return []
    rows = build.claims.select_related("patient").defer("records")
    return sorted(rows, key=lambda each: (not each.is_left_out, each.payer, each.number, each.patient.number))


def _orphans(build: ClaimBuild | None) -> list[dict[str, Any]]:
    """Findings that concern no receipt, with the patient they are about where there is one."""
    if build is None:
        return []
    patients = Patient.objects.in_bulk([each["patient"] for each in build.findings if each["patient"]])
    return [
        {**each, "whose": patients.get(UUID(each["patient"])) if each["patient"] else None}
        for each in build.findings
    ]


def patients_in(file: ClaimFile) -> Iterable[UUID]:
    """請求ファイルの患者 — whose receipts stand in it, for the trail."""
    claims = file.build.claims.filter(payer=file.payer, is_left_out=False)
    return claims.values_list("patient_id", flat=True)
