# SPDX-License-Identifier: Apache-2.0
"""取下げ — a receipt asked back from the payer: kept here first, then carried, until it is known what became of it.

The request is committed before the service is asked: whatever breaks on the way, the service holds no withdrawal
that is not on record here. Carrying it is a long work; the service takes the same request twice as one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.claims.carriers import BY_HAND, NotCarried, NotWithdrawable
from tasuki_server.claims.closing import month_lock
from tasuki_server.claims.holding import no_reason
from tasuki_server.claims.long_work import LIVING, Job, start_work
from tasuki_server.claims.models import LongWork, SentClaim, StepKind, WithdrawalRequest
from tasuki_server.claims.sending import house_carrier, state_of
from tasuki_server.institutions.work import as_institution, current_work

WITHDRAWABLE = (StepKind.ACCEPTED, StepKind.EXAMINED, StepKind.PAID)
_STATE = "claims.withdraw.state"
register({_STATE: "取り下げられる状態ではありません（{state}）。"})


class Standing(StrEnum):
    """取下げ依頼の状態 — what became of a request; ``RECORDED`` is one that a person carries to the terminal."""

    RECORDED = "recorded"
    ASKING = "asking"
    ARRIVED = "arrived"
    NOT_ARRIVED = "not_arrived"
    REFUSED = "refused"


class Told(NamedTuple):
    """取下げ依頼の経過 — how a request stands, why, and the work that tells it."""

    standing: Standing
    message: str = ""
    work: LongWork | None = None


def request_withdrawal(sent: SentClaim, why: str) -> WithdrawalRequest:
    """取下げ依頼 — of a receipt that was taken; it comes back as a 返戻 and can then be claimed again.

    What is on record and did not arrive is asked again, whatever has become of the receipt: only the service knows
    whether it has it. Raises ``BadInput`` without a reason or when the file is not with the payer.
    """
    if not why.strip():
        raise no_reason()
    month_lock(sent.submission.claim_month, is_shared=False)
    existing = sent.withdrawals.first()
    if existing is not None and told_of(existing).standing is Standing.NOT_ARRIVED:
        record("claims.withdraw", existing, sent.patient_id, {"state": "again"})
        _start(existing)
        return existing
    state = state_of(sent.submission)
    if state not in WITHDRAWABLE or sent.returns.exists():
        facts = {"state": StepKind(state).label}
        raise BadInput([Finding("CLM-0019", Severity.BLOCK, Where(), _STATE, facts)])
    if existing is not None:
        return existing
    work = current_work()
    assert work.actor.staff_id is not None
    row = WithdrawalRequest.objects.create(
        sent=sent, why=why.strip()[:200], made_by_id=work.actor.staff_id, made_at=work.at
    )
    record("claims.withdraw", row, sent.patient_id)
    emit("claims.withdrawal", {"sent": str(sent.id)})
    if sent.submission.carrier != BY_HAND:
        _start(row)
    return row


def carry_withdrawal(job: Job) -> None:
    """取下げ依頼の送信 — outside of a transaction; what the service will never take is told and waits no more."""
    with as_institution(job.institution_id, job.actor):
        row = WithdrawalRequest.objects.select_related("sent__submission").get(
            pk=UUID(job.facts["withdrawal"])
        )
        sent = row.sent
        carrier = house_carrier(sent.submission.carrier)
    assert carrier is not None
    try:
        carrier.withdraw(sent.submission_id, sent.number, row.why)
        state, message = (
            "done",
            "取下げの依頼が届きました。返戻として戻ります（差し替えたものは戻りません）。",
        )
    except NotWithdrawable as refused:
        state, message = "refused", f"取下げは受け付けられませんでした（{refused}）。"
    except NotCarried as failed:
        state, message = "failed", f"取下げの依頼が届いたか分かりません。{failed}"
    with as_institution(job.institution_id, job.actor):
        record("claims.withdraw", row, sent.patient_id, {"state": state})
        job.finish(state, message)


def told_of(request: WithdrawalRequest) -> Told:
    """取下げ依頼の経過 — read from all its works and not from the newest, so that no clock decides it.

    Without a work it was carried by hand, or kept before requests were carried by one: then it had arrived.
    """
    works = list(LongWork.objects.filter(kind="withdraw", facts=_facts(request)).order_by("made_at", "id"))
    for standing, states in (
        (Standing.ARRIVED, ("done",)),
        (Standing.REFUSED, ("refused",)),
        (Standing.ASKING, LIVING),
        (Standing.NOT_ARRIVED, ("failed",)),
    ):
        found = [each for each in works if each.state in states]
        if found:
            return Told(standing, found[-1].message, found[-1])
    is_by_hand = request.sent.submission.carrier == BY_HAND
    return Told(Standing.RECORDED if is_by_hand else Standing.ARRIVED)


def _start(row: WithdrawalRequest) -> None:
    start_work("withdraw", _facts(row))


def _facts(row: WithdrawalRequest) -> dict[str, str]:
    return {"withdrawal": str(row.id)}
