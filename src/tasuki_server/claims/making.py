# SPDX-License-Identifier: Apache-2.0
"""レセプトの作成 — gathers a month, builds and checks its receipts, and keeps receipts, files and differences."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tasuki.claims.build import BuiltMonth, BuiltReceipt, PatientMonth, build_month
from tasuki.kernel.finding import Finding, Where
from tasuki.kernel.messages import sentence
from tasuki_server.audit.trail import emit, record
from tasuki_server.billing.models import Bill
from tasuki_server.billing.settle import ClosedMonth
from tasuki_server.claims.closing import is_closed, month_lock
from tasuki_server.claims.compare import compare_claims
from tasuki_server.claims.gather import GatheredMonth, gather_month
from tasuki_server.claims.kind_text import kind_text
from tasuki_server.claims.models import BuiltClaim, ClaimBuild, ClaimFile
from tasuki_server.institutions.work import current_work
from tasuki_server.masters_source import current_book

if TYPE_CHECKING:
    from tasuki.calculation.copayment import ReceiptMonth


def make_claims(month: date) -> ClaimBuild:
    """レセプトの作成 — of a month of service; raises ``ClosedMonth`` when it is closed.

    Raises ``BadInput`` when the institution itself cannot be written into a file.
    """
    month = month.replace(day=1)
    month_lock(month, is_shared=False)
    if is_closed(month):
        raise ClosedMonth(month)
    gathered = gather_month(month)
    book = current_book()
    built = build_month(gathered.input, book)
    return _keep(gathered, built, "、".join(revision.source for revision in book.revisions)[:400])


def newest_build(month: date) -> ClaimBuild | None:
    """最新の作成 — of a month of service."""
    rows = ClaimBuild.objects.filter(month=month.replace(day=1)).select_related("made_by")
    return rows.order_by("-number").first()


def is_outdated(build: ClaimBuild) -> bool:
    """作成後の変更 — whether a bill of the month was written after the receipts were made."""
    rows = Bill.objects.filter(day__year=build.month.year, day__month=build.month.month)
    return rows.filter(made_at__gt=build.made_at).exists()


def _keep(gathered: GatheredMonth, built: BuiltMonth, book: str) -> ClaimBuild:
    months = {patient.person.id: patient for patient in gathered.input.patients}
    claims = [_claim(each, months[each.patient_id]) for each in built.receipts]
    before = newest_build(gathered.month)
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    build = ClaimBuild.objects.create(
        month=gathered.month,
        number=before.number + 1 if before else 1,
        receipt_count=len(claims),
        total_points=sum(claim.points for claim in claims),
        patient_yen=sum(claim.patient_yen for claim in claims),
        findings=[_finding(each, _patient_id(each, months)) for each in built.findings],
        differences=[asdict(each) for each in compare_claims(gathered.month, claims)],
        book=book,
        made_by_id=staff_id,
    )
    for claim in claims:
        claim.build = build
    BuiltClaim.objects.bulk_create(claims)
    for file in built.files:
        ClaimFile.objects.create(
            build=build,
            payer=file.payer,
            name=file.name.rpartition("/")[2],
            data=file.data,
            sha256=hashlib.sha256(file.data).hexdigest(),
            receipt_count=file.receipt_count,
            payer_count=file.totals.receipt_count,
            total_points=file.totals.total_points,
        )
    detail = {"month": f"{gathered.month:%Y-%m}", "build": build.number, "receipts": len(claims)}
    record("claims.build", build, detail=detail)
    emit("claims.built", {"month": f"{gathered.month:%Y-%m}", "build": str(build.id)})
    return build


def _claim(built: BuiltReceipt, patient: PatientMonth) -> BuiltClaim:
    month: ReceiptMonth = next(each for each in patient.copayment.receipts if each.receipt == built.key)
    return BuiltClaim(
        patient_id=UUID(built.patient_id),
        key=built.key,
        payer=built.payer,
        number=built.number,
        kind=kind_text(built.receipt.header.receipt_type),
        day_count=month.day_count,
        points=month.points,
        patient_yen=month.collected_yen,
        records=[list(each.values) for each in built.receipt.records],
        findings=_sorted(_finding(each) for each in built.findings),
        is_left_out=built.is_left_out,
    )


_WEIGHT = {"block": 0, "confirm": 1, "advice": 2}


def _sorted(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(findings, key=lambda each: _WEIGHT[each["severity"]])


def _finding(finding: Finding, patient_id: str = "") -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "record": finding.where.record,
        "item": finding.where.field,
        "message": sentence(replace(finding, where=Where())),
        "patient": patient_id,
    }


def _patient_id(finding: Finding, months: Mapping[str, PatientMonth]) -> str:
    return finding.where.file if finding.where.file in months else ""
