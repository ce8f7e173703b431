# SPDX-License-Identifier: Apache-2.0
"""指摘の判断 — which findings someone accepted or muted, why and until when; what blocks can be neither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import record
from tasuki_server.claims.models import BuiltClaim, FindingDecision

register(
    {
        "claims.decide.no_reason": "判断の理由を書いてください。",
        "claims.decide.blocks": "提出不可の指摘は、承認も停止もできません。直してください。",
        "claims.decide.gone": "この指摘は今のレセプトにありません。画面を開き直してください。",
        "claims.decide.period": "適用期間が正しくありません。終了は開始以後の月にしてください。",
    }
)
_CODES = {
    "claims.decide.no_reason": "CLM-0006",
    "claims.decide.blocks": "CLM-0007",
    "claims.decide.gone": "CLM-0008",
    "claims.decide.period": "CLM-0009",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """判断の状況 — the decisions that hold in one month of service."""

    accepted: dict[tuple[str, UUID, str], FindingDecision]
    muted: dict[str, FindingDecision]

    def of(self, patient_id: UUID, finding: dict[str, Any]) -> FindingDecision | None:
        """判断 — on one finding of a patient's receipt; None while nobody decided."""
        if finding["severity"] == "block":
            return None
        muted = self.muted.get(finding["code"])
        return muted or self.accepted.get((finding["code"], patient_id, finding_mark(finding)))

    def open_confirms(self, claim: BuiltClaim) -> list[dict[str, Any]]:
        """未判断の要確認 — what must be fixed or accepted before the receipt is sent."""
        return [each for each in claim.found("confirm") if self.of(claim.patient_id, each) is None]


def finding_mark(finding: dict[str, Any]) -> str:
    """指摘の印 — of record, item and sentence: another number in the sentence is another finding."""
    text = "\0".join((finding["record"], finding["item"], finding["message"]))
    return sha256(text.encode()).hexdigest()


def standing_in(month: date) -> Standing:
    """判断の状況 — of a month of service."""
    rows = FindingDecision.objects.current().filter(since__lte=month, until__gte=month)
    accepted: dict[tuple[str, UUID, str], FindingDecision] = {}
    muted: dict[str, FindingDecision] = {}
    for each in rows.select_related("made_by"):
        if each.patient_id is None:
            muted[each.code] = each
        else:
            accepted[(each.code, each.patient_id, each.mark)] = each
    return Standing(accepted, muted)


def accept_finding(claim: BuiltClaim, code: str, mark: str, why: str, until: date) -> FindingDecision:
    """指摘の承認 — for this patient, this item and this sentence, until the month named.

    Raises ``BadInput`` without a reason, for what blocks, or when the receipt no longer has the finding.
    """
    month = claim.build.month
    found = [each for each in claim.findings if each["code"] == code and finding_mark(each) == mark]
    if not found:
        raise refusal("claims.decide.gone")
    if found[0]["severity"] == "block":
        raise refusal("claims.decide.blocks")
    _check(why, month, until)
    row = FindingDecision(
        code=code, patient_id=claim.patient_id, mark=mark, message=found[0]["message"][:400],
        why=why.strip()[:200], since=month, until=until,
    )  # fmt: skip
    row.save()
    record("claims.accept", row, claim.patient_id, {"code": code, "until": f"{until:%Y-%m}"})
    return row


def mute_rule(code: str, severities: Iterable[str], why: str, since: date, until: date) -> FindingDecision:
    """点検項目の停止 — for the whole institution between two months; what blocks cannot be muted."""
    if "block" in set(severities):
        raise refusal("claims.decide.blocks")
    _check(why, since, until)
    row = FindingDecision(code=code, why=why.strip()[:200], since=since, until=until)
    row.save()
    record("claims.mute", row, detail={"code": code, "since": f"{since:%Y-%m}", "until": f"{until:%Y-%m}"})
    return row


def end_decision(row: FindingDecision, read_version: int, reason: str) -> FindingDecision:
    """判断の取消 — the finding asks again."""
    if not reason.strip():
        raise refusal("claims.decide.no_reason")
    ended: FindingDecision = row.withdraw(read_version=read_version, reason=reason.strip()[:200])
    record("claims.undecide", ended, ended.patient_id, {"code": ended.code})
    return ended


def refusal(key: str, **facts: object) -> BadInput:
    """判断の拒否 — as the page shows it."""
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])


def _check(why: str, since: date, until: date) -> None:
    if not why.strip():
        raise refusal("claims.decide.no_reason")
    if until < since:
        raise refusal("claims.decide.period")
