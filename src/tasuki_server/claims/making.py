# SPDX-License-Identifier: Apache-2.0
"""レセプトの作成 — gathers a month, builds and checks what changed, and keeps receipts, files and differences."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from tasuki.claims.build import BuiltFile, BuiltReceipt, MonthInput, check_institution, files_of, receipts_of
from tasuki.claims.checks.rule import Context
from tasuki.claims.checks.run import check_content
from tasuki.kernel.finding import Finding, Where
from tasuki.kernel.messages import sentence
from tasuki_server import __version__
from tasuki_server.audit.trail import emit, record
from tasuki_server.billing.models import Bill
from tasuki_server.billing.settle import ClosedMonth
from tasuki_server.claims.closing import is_closed, month_lock
from tasuki_server.claims.compare import compare_claims
from tasuki_server.claims.gather import GatheredPatient, empty_input, gather_patients
from tasuki_server.claims.kind_text import kind_text
from tasuki_server.claims.looking_back import MOST_MONTHS, LookingBack, look_back, prescribed_outside
from tasuki_server.claims.models import BuiltClaim, ClaimBuild, ClaimFile
from tasuki_server.claims.payer_yen import owed_yen
from tasuki_server.claims.receipt_codes import code_key, receipt_code
from tasuki_server.institutions.work import current_work
from tasuki_server.masters_source import current_book

if TYPE_CHECKING:
    from tasuki.calculation.copayment import ReceiptMonth
    from tasuki.masters.book import Book

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class _Making:
    """作成中の月 — receipts made or taken over so far; ``rows`` by patient and key, not yet numbered."""

    built: list[BuiltReceipt]
    rows: dict[tuple[str, str], BuiltClaim]
    findings: list[dict[str, Any]]
    code_key: bytes
    reused: int = 0


def make_claims(
    month: date,
    progress: Progress | None = None,
    *,
    is_whole: bool = False,
    months_back: int = MOST_MONTHS,
) -> ClaimBuild:
    """レセプトの作成 — of a month of service, checked with the months before it; raises ``ClosedMonth`` when it is closed.

    A patient whose month is made from the very same values as at the newest making, and checked with the same past,
    keeps the receipts of then; only the others are built and checked, unless ``is_whole`` asks for all anew. Raises
    ``BadInput`` when the institution itself cannot be written into a file.
    """
    month = month.replace(day=1)
    month_lock(month, is_shared=False)
    if is_closed(month):
        raise ClosedMonth(month)
    book = current_book()
    frame, mark, source = frame_of(month)
    check_institution(frame)
    patients = list(gather_patients(month, mark))
    back = look_back(month, months_back, frame.institution.code)
    before, told = ({}, {}) if is_whole else _claims_before(month)
    making = _Making([], {}, [], code_key())
    for place, patient in enumerate(patients):
        if progress is not None:
            progress(place, len(patients))
        kept = before.get(patient.patient.id, [])
        digest = back.digest(patient)
        if kept and all(each.digest == digest for each in kept):
            _take_over(making, kept)
            making.findings.extend(told.get(str(patient.patient.id), []))
        else:
            _make(making, frame, patient, book, back)
    if progress is not None:
        progress(len(patients), len(patients))
    return _keep(month, frame, making, source, back.months)


def newest_build(month: date) -> ClaimBuild | None:
    """最新の作成 — of a month of service."""
    rows = ClaimBuild.objects.filter(month=month.replace(day=1)).select_related("made_by")
    return rows.order_by("-number").first()


def is_outdated(build: ClaimBuild) -> bool:
    """作成後の変更 — whether a bill of the month was written after the receipts were made."""
    rows = Bill.objects.filter(day__year=build.month.year, day__month=build.month.month)
    return rows.filter(made_at__gt=build.made_at).exists()


def frame_of(month: date) -> tuple[MonthInput, str, str]:
    """請求月の枠 — what every receipt hangs on beside the patient (institution, masters, program), its mark, the masters."""
    frame = empty_input(month)
    source = "、".join(revision.source for revision in current_book().revisions)[:400]
    institution = msgspec.json.encode(frame.institution, order="deterministic").decode()
    return frame, "\0".join((__version__, source, frame.claim_month.text, institution)), source


def _claims_before(month: date) -> tuple[dict[UUID, list[BuiltClaim]], dict[str, list[dict[str, Any]]]]:
    """The receipts of the newest making by patient, and its findings that concern no receipt."""
    build = newest_build(month)
    found: dict[UUID, list[BuiltClaim]] = {}
    told: dict[str, list[dict[str, Any]]] = {}
    if build is not None:
        for claim in build.claims.all():
            found.setdefault(claim.patient_id, []).append(claim)
        for each in build.findings:
            told.setdefault(each["patient"], []).append(each)
    return found, told


def _take_over(making: _Making, kept: Sequence[BuiltClaim]) -> None:
    for old in kept:
        row = BuiltClaim(
            **{
                field.attname: getattr(old, field.attname)
                for field in BuiltClaim._meta.concrete_fields
                if field.attname not in ("id", "build_id", "institution_id")
            }
        )
        row.is_reused = True
        making.rows[(str(row.patient_id), row.key)] = row
        making.built.append(
            BuiltReceipt(str(row.patient_id), row.key, row.payer, row.receipt(), (), row.is_left_out)
        )
    making.reused += len(kept)


def _make(
    making: _Making, frame: MonthInput, gathered: GatheredPatient, book: Book, back: LookingBack
) -> None:
    findings: list[Finding] = []
    patient = gathered.month_input(frame.claim_month.plus(-1))
    months = {each.receipt: each for each in patient.copayment.receipts}
    past = back.past_of(gathered.patient.id)
    prescribed = prescribed_outside((each.visit.day, each.visit.orders) for each in gathered.visits)
    digest = back.digest(gathered)
    for built in receipts_of(frame, patient, book, findings):
        content = back.content(built.receipt, past, prescribed)
        context = Context(built.payer, frame.claim_month, book, content)
        row = _claim(built, months[built.key], check_content(built.receipt, context))
        row.digest = digest
        row.key = receipt_code(built.key, making.code_key)
        making.rows[(built.patient_id, row.key)] = row
        making.built.append(replace(built, key=row.key))
    whose = {str(gathered.patient.id)}
    making.findings.extend(finding_row(each, _patient_id(each, whose)) for each in findings)


def _keep(month: date, frame: MonthInput, making: _Making, source: str, months_back: int) -> ClaimBuild:
    files, numbered = files_of(frame, making.built)
    claims = []
    for built in numbered:
        row = making.rows[(built.patient_id, built.key)]
        row.number = built.number
        row.records = [list(each.values) for each in built.receipt.records]
        claims.append(row)
    before = newest_build(month)
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    build = ClaimBuild.objects.create(
        month=month,
        number=before.number + 1 if before else 1,
        receipt_count=len(claims),
        total_points=sum(claim.points for claim in claims),
        patient_yen=sum(claim.patient_yen for claim in claims),
        findings=making.findings,
        differences=[asdict(each) for each in compare_claims(month, claims)],
        book=source,
        reused_count=making.reused,
        months_back=months_back,
        made_by_id=staff_id,
    )
    for claim in claims:
        claim.build = build
    BuiltClaim.objects.bulk_create(claims)
    for file in files:
        _keep_file(build, file)
    detail = {"month": f"{month:%Y-%m}", "build": build.number, "receipts": len(claims)}
    whose = [claim.patient_id for claim in claims]
    record("claims.build", build, detail={**detail, "reused": making.reused}, patients=whose)
    emit("claims.built", {"month": f"{month:%Y-%m}", "build": str(build.id)})
    return build


def _keep_file(build: ClaimBuild, file: BuiltFile) -> None:
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


def _claim(built: BuiltReceipt, month: ReceiptMonth, content: Iterable[Finding]) -> BuiltClaim:
    return BuiltClaim(
        patient_id=UUID(built.patient_id),
        key=built.key,
        payer=built.payer,
        number=0,
        kind=kind_text(built.receipt.header.receipt_type),
        day_count=month.day_count,
        points=month.points,
        patient_yen=month.collected_yen,
        records=[],
        findings=sorted_findings(finding_row(each) for each in (*built.findings, *content)),
        is_left_out=built.is_left_out,
        owed_yen=owed_yen(month),
    )


_WEIGHT = {"block": 0, "confirm": 1, "advice": 2}


def sorted_findings(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """指摘の並び — the heaviest first, then in the order of the lines."""
    return sorted(findings, key=lambda each: (_WEIGHT[each["severity"]], each.get("line", 0)))


def finding_row(finding: Finding, patient_id: str = "") -> dict[str, Any]:
    """指摘の行 — as a making keeps it."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "record": finding.where.record,
        "item": finding.where.field,
        "line": finding.where.line,
        "message": sentence(replace(finding, where=Where())),
        "patient": patient_id,
    }


def _patient_id(finding: Finding, whose: Container[str]) -> str:
    return finding.where.file if finding.where.file in whose else ""
