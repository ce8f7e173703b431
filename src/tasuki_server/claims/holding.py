# SPDX-License-Identifier: Apache-2.0
"""月遅れ — receipts kept back with a reason, and let go again."""

from __future__ import annotations

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import record
from tasuki_server.claims.models import BuiltClaim, HeldClaim
from tasuki_server.claims.sending import sent_alive

register(
    {
        "claims.hold.no_reason": "理由を書いてください。",
        "claims.hold.sent": "このレセプトは送信済みです。取下げを依頼してください。",
        "claims.hold.already": "このレセプトは既に月遅れになっています。",
    }
)
_CODES = {
    "claims.hold.no_reason": "CLM-0016",
    "claims.hold.sent": "CLM-0017",
    "claims.hold.already": "CLM-0018",
}


def hold_claim(claim: BuiltClaim, why: str) -> HeldClaim:
    """月遅れの指定 — the receipt stays out of the files until it is let go."""
    if not why.strip():
        raise no_reason()
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
        raise no_reason()
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


def no_reason() -> BadInput:
    """理由なし — what is kept back or asked back says why."""
    return _refusal("claims.hold.no_reason")


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])
