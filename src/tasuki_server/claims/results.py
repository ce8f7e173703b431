# SPDX-License-Identifier: Apache-2.0
"""審査結果の取込み — each file once: what was taken, returned, cut and paid, matched to the receipts that were sent."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tasuki.claims.fee_tables import FeeTable, fee_table_of
from tasuki.claims.item_values import Month
from tasuki.claims.payable import payable_yen
from tasuki.claims.reader import read
from tasuki.claims.result_files import (
    ReturnedReceipt,
    read_acceptance,
    read_payment,
    read_points,
    read_returns,
)
from tasuki.claims.writer import CRLF
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.claims.carriers import Found
from tasuki_server.claims.closing import month_lock
from tasuki_server.claims.models import (
    PayerEntry,
    PayerEntryKind,
    PointChange,
    ResultFile,
    ResultKind,
    ReturnedClaim,
    SendKind,
    SentClaim,
    StepKind,
    Submission,
)
from tasuki_server.claims.sending import add_step, house_carrier, state_of
from tasuki_server.institutions.work import Actor, as_institution, current_work
from tasuki_server.patients.models import Patient

_ORDER = [
    ResultKind.ACCEPTANCE, ResultKind.RETURNS, ResultKind.POINTS, ResultKind.PAYMENT, ResultKind.DISPENSING,
]  # fmt: skip
register(
    {
        "claims.result.not_pharmacy": "調剤レセプトのファイルではありません。薬局の請求（点数表 4 調剤）を選んでください。"
    }
)


def fetch_results(institution_id: UUID, actor: Actor, carrier_name: str) -> int:
    """結果の受取り — asks the carrier outside of a transaction; gives how many new files were taken.

    Raises :class:`tasuki_server.claims.carriers.NotCarried` when the wire is broken.
    """
    with as_institution(institution_id, actor):
        carrier = house_carrier(carrier_name)
        known = set(ResultFile.objects.exclude(remote="").values_list("remote", flat=True))
        known |= set(_brought_by_hand().values_list("sha256", flat=True))
    if carrier is None:
        return 0
    waiting = carrier.fetch(known)
    taken = 0
    with as_institution(institution_id, actor):
        for found in sorted(waiting, key=lambda each: _ORDER.index(ResultKind(each.kind))):
            taken += take_result(found) is not None
    return taken


def take_result(found: Found) -> ResultFile | None:
    """結果の取込み — None when the same file was taken before; raises ``BadInput`` for what cannot be read."""
    claim_month = date.fromisoformat(f"{found.claim_month}-01")
    month_lock(claim_month, is_shared=False)
    digest = hashlib.sha256(found.data).hexdigest()
    same = ResultFile.objects.filter(payer=found.payer, sha256=digest)
    if same.filter(remote=found.remote).exists() or (same.exists() and not found.remote):
        return None
    if _brought_by_hand().filter(payer=found.payer, sha256=digest).exists():
        return None
    file = ResultFile.objects.create(
        kind=found.kind, payer=found.payer, claim_month=claim_month, name=found.name[:40],
        data=found.data, sha256=digest, remote=found.remote, received_at=current_work().at,
    )  # fmt: skip
    if file.kind == ResultKind.ACCEPTANCE:
        _accept(file, found.submission)
    elif file.kind == ResultKind.RETURNS:
        for returned in read_returns(found.data, found.name):
            _return(file, returned)
    elif file.kind == ResultKind.POINTS:
        _assess(file)
    elif file.kind == ResultKind.DISPENSING:
        _need_pharmacy(file)
    else:
        _pay(file)
    record("claims.result", file, detail={"kind": file.kind, "payer": file.payer, "sha256": digest})
    emit("claims.result", {"file": str(file.id), "kind": file.kind})
    return file


def _brought_by_hand() -> QuerySet[ResultFile]:
    """Files that a person brought and that may come by the wire too; acceptances of two files can be the same bytes."""
    return ResultFile.objects.filter(remote="").exclude(kind=ResultKind.ACCEPTANCE)


def enter(
    kind: PayerEntryKind,
    yen: int,
    *,
    payer: str,
    claim_month: date,
    count: int = 1,
    day: date | None = None,
    **given: Any,
) -> PayerEntry:
    """台帳への記入 — one movement on what a payer organisation owes."""
    at = current_work().at
    return PayerEntry.objects.create(
        payer=payer, claim_month=claim_month, kind=kind, yen=yen, count=count, day=day or at.date(), at=at, **given
    )  # fmt: skip


def accept_submission(submission: Submission, file: ResultFile | None = None) -> None:
    """受付 — the file is taken: from now on the payer owes what it asks; an older file of the month is replaced."""
    older = Submission.objects.filter(
        claim_month=submission.claim_month, payer=submission.payer, kind=submission.kind
    ).exclude(pk=submission.pk)
    for each in older:
        if state_of(each) is StepKind.ACCEPTED:
            add_step(each, StepKind.REPLACED)
            enter(
                PayerEntryKind.REPLACED, -each.owed_yen, payer=each.payer, claim_month=each.claim_month,
                count=each.receipt_count, submission=each, file=file,
            )  # fmt: skip
    add_step(submission, StepKind.ACCEPTED)
    enter(
        PayerEntryKind.CLAIMED, submission.owed_yen, payer=submission.payer, claim_month=submission.claim_month,
        count=submission.receipt_count, submission=submission, file=file,
    )  # fmt: skip
    _pay_late(submission)


def _pay_late(submission: Submission) -> None:
    """The payment came before the acceptance: after an examination no claim of its month is taken, so it covers this one."""
    rows = ResultFile.objects.filter(
        kind=ResultKind.PAYMENT, payer=submission.payer, claim_month=submission.claim_month
    )
    payment = rows.order_by("received_at").first() if submission.kind == SendKind.CLAIM else None
    if payment is not None:
        _mark_paid(submission, read_payment(bytes(payment.data)).paid_on)


def _mark_paid(submission: Submission, paid_on: date) -> None:
    add_step(submission, StepKind.EXAMINED)
    add_step(submission, StepKind.PAID, f"{paid_on:%Y-%m-%d}")


def _accept(file: ResultFile, submission_id: str) -> None:
    report = read_acceptance(bytes(file.data))
    rows = Submission.objects.filter(payer=file.payer, claim_month=file.claim_month)
    submission = rows.filter(pk=submission_id or None).first() or rows.order_by("-made_at").first()
    if submission is None or state_of(submission) not in (StepKind.MADE, StepKind.FAILED, StepKind.SENT):
        return
    if report.is_accepted:
        accept_submission(submission, file)
    else:
        add_step(submission, StepKind.REFUSED, next((one.message for one in report.lines), ""))


def enter_return(row: ReturnedClaim) -> ReturnedClaim:
    """返戻の記入 — kept with what the payer will not pay for it, which the ledger takes off."""
    sent = row.sent
    if sent is not None:
        # What was cut before it came back is no longer owed.
        row.yen = sent.owed_yen + sum(change.yen or 0 for change in sent.changes.all())
    row.save()
    kind = PayerEntryKind.WITHDRAWN if row.is_withdrawn else PayerEntryKind.RETURNED
    enter(
        kind, -row.yen, payer=row.file.payer, claim_month=row.file.claim_month,
        count=0 if row.corrects_id else 1, sent=sent, file=row.file,
    )  # fmt: skip
    return row


def _return(file: ResultFile, returned: ReturnedReceipt) -> None:
    header = returned.receipt.header
    month = _first(header.service_month)
    sent = _match(file, month, header.chart_number, header.receipt_number)
    row = ReturnedClaim(
        file=file,
        sent=sent,
        patient=sent.patient if sent else Patient.objects.filter(number=_number(header.chart_number)).first(),
        month=month,
        patient_name=header.patient_name[:60],
        search_number=returned.search_number[:30],
        kind=returned.reasons[0].kind,
        reasons=[
            {"kind": one.kind_label, "section": one.section, "code": one.code, "text": one.text, "note": one.note}
            for one in returned.reasons
        ],
        records=[list(each.values) for each in returned.receipt.records],
        history=b"".join(each + CRLF for each in returned.history),
    )  # fmt: skip
    enter_return(row)
    record("claims.return", row, row.patient_id, {"kind": row.kind})


def _assess(file: ResultFile) -> None:
    cut: dict[UUID, int] = {}
    for one in read_points(bytes(file.data)):
        month = _first(one.service_month)
        sent = _match(file, month, one.chart_number, one.number)
        yen = None
        if sent is not None:
            before = cut.get(sent.id, 0)
            cut[sent.id] = before + one.points
            yen = _yen_of(sent, before, before + one.points)
        PointChange.objects.create(
            file=file, sent=sent, patient=sent.patient if sent else None, month=month,
            claim_month=file.claim_month, section=one.section, reasons=one.reasons, points=one.points, yen=yen,
            claimed=one.claimed[:200], corrected=one.corrected[:200], search_number=one.search_number[:30],
        )  # fmt: skip
        enter(
            PayerEntryKind.ASSESSED, yen or 0, payer=file.payer, claim_month=file.claim_month, sent=sent, file=file
        )  # fmt: skip


def _yen_of(sent: SentClaim, before: int, after: int) -> int | None:
    receipt = sent.claim.receipt()
    first, second = payable_yen(receipt, -before), payable_yen(receipt, -after)
    return None if first is None or second is None else second - first


def _pay(file: ResultFile) -> None:
    payment = read_payment(bytes(file.data))
    enter(
        PayerEntryKind.PAID, -payment.total_yen, payer=file.payer, claim_month=file.claim_month,
        day=payment.paid_on, file=file,
    )  # fmt: skip
    for each in Submission.objects.filter(payer=file.payer, claim_month=file.claim_month):
        if state_of(each) is StepKind.ACCEPTED:
            _mark_paid(each, payment.paid_on)


def _match(file: ResultFile, month: date | None, chart_number: str, number: int | None) -> SentClaim | None:
    """The receipt that was sent: by its number in the file, where patient and month agree."""
    rows = SentClaim.objects.filter(
        submission__payer=file.payer, month=month, patient__number=_number(chart_number)
    ).select_related("submission", "patient", "claim")
    alive = [
        each
        for each in rows.order_by("-submission__made_at")
        if state_of(each.submission) is not StepKind.REPLACED
    ]
    same_month = [each for each in alive if each.submission.claim_month == file.claim_month]
    for each in [*same_month, *alive]:
        if each.number == number:
            return each
    return same_month[0] if len(same_month) == 1 else None


def _need_pharmacy(file: ResultFile) -> None:
    """調剤レセプト is kept as it came and read when a month is checked; any other claim file is refused."""
    found = read(bytes(file.data), file.name)
    if fee_table_of(found.before) is not FeeTable.DISPENSING:
        where = Where(file.name)
        raise BadInput([Finding("CLM-0023", Severity.BLOCK, where, "claims.result.not_pharmacy", {})])


def _first(month: Month | None) -> date | None:
    return date(month.year, month.month, 1) if month is not None else None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None
