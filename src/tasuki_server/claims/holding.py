# SPDX-License-Identifier: Apache-2.0
"""月遅れ・取下げ — receipts kept back with a reason, let go again, or asked back from the payer."""

from __future__ import annotations

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.claims.carriers import NotCarried
from tasuki_server.claims.models import (
    BuiltClaim,
    HeldClaim,
    SentClaim,
    StepKind,
    WithdrawalRequest,
)
from tasuki_server.claims.sending import house_carrier, sent_alive, state_of
from tasuki_server.institutions.work import current_work

register(
    {
        "claims.hold.no_reason": "理由を書いてください。",
        "claims.hold.sent": "このレセプトは送信済みです。取下げを依頼してください。",
        "claims.hold.already": "このレセプトは既に月遅れになっています。",
        "claims.withdraw.state": "取り下げられる状態ではありません（{state}）。",
        "claims.withdraw.not_carried": "取下げを依頼できませんでした（{what}）。",
    }
)
_CODES = {
    "claims.hold.no_reason": "CLM-0016",
    "claims.hold.sent": "CLM-0017",
    "claims.hold.already": "CLM-0018",
    "claims.withdraw.state": "CLM-0019",
    "claims.withdraw.not_carried": "CLM-0020",
}


def hold_claim(claim: BuiltClaim, why: str) -> HeldClaim:
    """月遅れの指定 — the receipt stays out of the files until it is let go."""
    if not why.strip():
        raise _refusal("claims.hold.no_reason")
    if (claim.patient_id, claim.key) in sent_alive(claim.build.month):
        raise _refusal("claims.hold.sent")
    if held_of(claim) is not None:
        raise _refusal("claims.hold.already")
    row = HeldClaim(
        month=claim.build.month, patient_id=claim.patient_id, key=claim.key, why=why.strip()[:200]
    )
    row.save()
    record("claims.hold", row, claim.patient_id, {"month": f"{claim.build.month:%Y-%m}"})
    return row


def release_claim(claim: BuiltClaim, reason: str) -> HeldClaim | None:
    """月遅れの解除 — the receipt goes with the next file."""
    if not reason.strip():
        raise _refusal("claims.hold.no_reason")
    row = held_of(claim)
    if row is None:
        return None
    ended: HeldClaim = row.withdraw(read_version=row.version, reason=reason.strip()[:200])
    record("claims.release", ended, claim.patient_id)
    return ended


def held_of(claim: BuiltClaim) -> HeldClaim | None:
    """月遅れか — the standing hold on a receipt."""
    rows = HeldClaim.objects.current().filter(
        month=claim.build.month, patient_id=claim.patient_id, key=claim.key
    )
    return rows.select_related("made_by").first()


def request_withdrawal(sent: SentClaim, why: str) -> WithdrawalRequest:
    """取下げ依頼 — of a receipt that was taken; it comes back as a 返戻 and can then be claimed again.

    Raises ``BadInput`` without a reason, when the file is not with the payer, or when the wire is broken.
    """
    if not why.strip():
        raise _refusal("claims.hold.no_reason")
    state = state_of(sent.submission)
    if state not in (StepKind.ACCEPTED, StepKind.EXAMINED, StepKind.PAID) or sent.returns.exists():
        raise _refusal("claims.withdraw.state", state=StepKind(state).label)
    existing = sent.withdrawals.first()
    if existing is not None:
        return existing
    work = current_work()
    assert work.actor.staff_id is not None
    row = WithdrawalRequest.objects.create(
        sent=sent, why=why.strip()[:200], made_by_id=work.actor.staff_id, made_at=work.at
    )
    carrier = house_carrier(sent.submission.carrier)
    if carrier is not None:
        try:
            carrier.withdraw(sent.submission_id, sent.number, row.why)
        except NotCarried as failed:
            raise _refusal("claims.withdraw.not_carried", what=str(failed)) from failed
    record("claims.withdraw", row, sent.patient_id)
    emit("claims.withdrawal", {"sent": str(sent.id)})
    return row


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])
