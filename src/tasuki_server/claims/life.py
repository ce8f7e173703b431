# SPDX-License-Identifier: Apache-2.0
"""レセプトの経過 — everything that happened to one receipt, with its days, from the first making to the money."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from tasuki_server.claims.decisions import standing_in
from tasuki_server.claims.models import (
    BuiltClaim,
    HeldClaim,
    MonthClosing,
    PointChange,
    ReturnedClaim,
    SentClaim,
    StepKind,
)
from tasuki_server.claims.withdrawing import Standing, told_of

_LABELS = {
    StepKind.MADE: "請求ファイルに入れた",
    StepKind.FAILED: "送信できなかった",
    StepKind.SENT: "送信した",
    StepKind.EXPORTED: "ファイルを出力した",
    StepKind.ACCEPTED: "受付された",
    StepKind.REFUSED: "受付されなかった",
    StepKind.EXAMINED: "審査が終わった",
    StepKind.PAID: "振り込まれた",
    StepKind.REPLACED: "差し替えた",
}
_ASKED_BACK = {
    Standing.RECORDED: ("取下げの依頼を記録した", ""),
    Standing.ASKING: ("取下げを依頼中", "？"),
    Standing.ARRIVED: ("取下げを依頼した", ""),
    Standing.NOT_ARRIVED: ("取下げの依頼が届いていない", "？"),
    Standing.REFUSED: ("取下げが受け付けられなかった", "✕"),
}


class Moment(NamedTuple):
    """経過の一点 — when, what, and what there is to say."""

    at: datetime
    label: str
    note: str = ""
    mark: str = ""


def life_of(claim: BuiltClaim) -> list[Moment]:
    """レセプトの経過 — the oldest first."""
    month = claim.build.month
    same = BuiltClaim.objects.filter(patient_id=claim.patient_id, key=claim.key, build__month=month)
    found: list[Moment] = []
    before = None
    for each in same.select_related("build__made_by").order_by("build__number").defer("records"):
        if each.is_reused and before is not None:
            continue
        state = "請求から外した" if each.is_left_out else f"{each.points:,}点"
        label = "作成・点検した" if before is None else "直して作成・点検した"
        found.append(Moment(each.build.made_at, label, f"{each.build.number}回目 {state}"))
        before = each
    for closing in MonthClosing.objects.filter(month=month).select_related("made_by"):
        label = "締めた" if closing.is_closed else "締めを解いた"
        found.append(Moment(closing.made_at, label, closing.reason or closing.made_by.name))
    for held in HeldClaim.objects.filter(month=month, patient_id=claim.patient_id, key=claim.key):
        label = "月遅れを解いた" if held.withdrawn else "月遅れにした"
        found.append(Moment(held.made_at, label, held.reason if held.withdrawn else held.why, "？"))
    for decision in standing_in(month).accepted.values():
        if decision.patient_id == claim.patient_id:
            found.append(Moment(decision.made_at, "指摘を承認した", f"{decision.code} {decision.why}"))
    for sent in _sent(claim):
        found.extend(_of_sent(sent))
    return sorted(found, key=lambda each: each.at)


def _sent(claim: BuiltClaim) -> list[SentClaim]:
    rows = SentClaim.objects.filter(patient_id=claim.patient_id, month=claim.build.month, key=claim.key)
    return list(rows.select_related("submission").defer("submission__data"))


def _of_sent(sent: SentClaim) -> list[Moment]:
    kind = "再請求" if sent.reclaims_id else "月遅れ請求" if sent.is_late else "請求"
    where = f"{sent.submission.claim_month:%Y年%-m月}{kind} {sent.submission.payer_label} {sent.number}番"
    found = []
    came_back = list(ReturnedClaim.objects.filter(sent=sent).select_related("file").defer("file__data"))
    for step in sent.submission.steps.all():
        kind_of = StepKind(step.kind)
        if came_back and kind_of is StepKind.PAID:
            continue
        note = f"{where} {step.note}".strip()
        found.append(Moment(step.at, _LABELS[kind_of], note, "✓" if kind_of is StepKind.PAID else ""))
    for change in PointChange.objects.filter(sent=sent).select_related("file").defer("file__data"):
        note = f"{change.reasons} {change.claimed} {change.points}点"
        found.append(Moment(change.file.received_at, "増減点があった", note, "？"))
    for withdrawal in sent.withdrawals.all():
        told = told_of(withdrawal)
        label, mark = _ASKED_BACK[told.standing]
        note = f"{withdrawal.why} {told.message}".strip()
        found.append(Moment(withdrawal.made_at, label, note, mark))
    for back in came_back:
        reason = back.reasons[0] if back.reasons else {"kind": "", "code": "", "text": ""}
        note = " ".join(part for part in (reason["kind"], reason["code"], reason["text"]) if part)
        found.append(Moment(back.file.received_at, "返戻された", note, "✕"))
    return found
