# SPDX-License-Identifier: Apache-2.0
"""送信 — what a claim month would send to each payer, the file made of it, and its way there.

Making a file and sending it are two acts: the file is kept first, so that a broken wire never makes two of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from tasuki.claims.build import claim_file, with_number
from tasuki.claims.item_values import Month
from tasuki.claims.receipt import Receipt
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.chart.values import institution_value
from tasuki_server.claims.carriers import BY_HAND, Carrier, NotCarried, Parcel, Sender, carrier_for
from tasuki_server.claims.closing import closing_of, month_lock
from tasuki_server.claims.decisions import Standing, standing_in
from tasuki_server.claims.making import newest_build
from tasuki_server.claims.models import (
    PAYER_LABELS,
    BuiltClaim,
    HeldClaim,
    MonthClosing,
    ReturnedClaim,
    SendKind,
    SentClaim,
    StepKind,
    Submission,
    SubmissionStep,
)
from tasuki_server.claims.months import shift
from tasuki_server.claims.reclaim import Reclaim
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import Actor, as_institution, current_work

register(
    {
        "claims.send.nothing": "送るレセプトがありません。",
        "claims.send.undecided": "要確認の指摘が {count}件 残っています。直すか、理由を書いて承認するか、月遅れにしてください。",
        "claims.send.examined": "この請求月の審査は終わっています。翌月の請求で送ってください。",
        "claims.send.waiting": "前の送信の結果を待っています。結果を受け取ってから送ってください。",
        "claims.send.not_closed": "{month} 診療分を締めてから送ってください。",
        "claims.send.old": "{month} 診療分は以前の版で作成されています。締めを解いて作成し直してください。",
    }
)
_CODES = {
    "claims.send.nothing": "CLM-0010",
    "claims.send.undecided": "CLM-0011",
    "claims.send.examined": "CLM-0012",
    "claims.send.waiting": "CLM-0013",
    "claims.send.not_closed": "CLM-0014",
    "claims.send.old": "CLM-0015",
}
_ENDED = frozenset({StepKind.REFUSED, StepKind.REPLACED})
_FINAL = frozenset({StepKind.EXAMINED, StepKind.PAID})


@dataclass(slots=True)
class Plan:
    """送信の予定 — of one payer in one claim month; ``undecided`` counts findings that still ask."""

    payer: str
    ready: list[BuiltClaim] = field(default_factory=list)
    late: list[BuiltClaim] = field(default_factory=list)
    held: list[tuple[BuiltClaim, HeldClaim]] = field(default_factory=list)
    left_out: list[BuiltClaim] = field(default_factory=list)
    changed: list[BuiltClaim] = field(default_factory=list)
    undecided: list[tuple[BuiltClaim, int]] = field(default_factory=list)
    earlier: list[Submission] = field(default_factory=list)

    @property
    def label(self) -> str:
        """請求先の表記 — for screens."""
        return PAYER_LABELS[self.payer]

    @property
    def going(self) -> list[BuiltClaim]:
        """送るレセプト — those of the month, then the late ones."""
        return [*self.ready, *self.late]

    @property
    def points(self) -> int:
        """点数 — of what goes."""
        return sum(each.points for each in self.going)

    @property
    def owed_yen(self) -> int:
        """請求額 — of what goes."""
        return sum(each.owed_yen for each in self.going)

    @property
    def is_replacing(self) -> bool:
        """差替えか — whether a file of this month was already taken and would be replaced."""
        return any(state_of(each) is not StepKind.MADE for each in self.earlier)


def plan_sending(claim_month: date) -> list[Plan]:
    """送信の予定 — every receipt of closed months before the claim month that was not claimed yet."""
    plans = {payer: Plan(payer) for payer in PAYER_LABELS}
    for payer, plan in plans.items():
        rows = Submission.objects.filter(claim_month=claim_month, payer=payer, kind=SendKind.CLAIM)
        plan.earlier = [each for each in rows.defer("data") if state_of(each) not in _ENDED]
    open_again = {each.id for plan in plans.values() for each in plan.earlier if state_of(each) not in _FINAL}
    held = {
        (each.patient_id, each.month, each.key): each
        for each in HeldClaim.objects.current().select_related("made_by")
    }
    for month in closed_months(claim_month):
        build = newest_build(month)
        if build is None:
            continue
        standing = standing_in(month)
        alive = sent_alive(month, but=open_again)
        is_late = month < shift(claim_month, -1)
        for claim in build.claims.select_related("patient", "build").order_by("payer", "number"):
            _place(plans[claim.payer], claim, held, alive, standing, is_late=is_late)
    return list(plans.values())


def _place(
    plan: Plan,
    claim: BuiltClaim,
    held: dict[tuple[UUID, date, str], HeldClaim],
    alive: dict[tuple[UUID, str], SentClaim],
    standing: Standing,
    *,
    is_late: bool,
) -> None:
    sent = alive.get((claim.patient_id, claim.key))
    if sent is not None:
        if sent.points != claim.points and not sent.returns.exists():
            plan.changed.append(claim)
        return
    kept = held.get((claim.patient_id, claim.build.month, claim.key))
    if claim.is_left_out:
        plan.left_out.append(claim)
    elif kept is not None:
        plan.held.append((claim, kept))
    else:
        (plan.late if is_late else plan.ready).append(claim)
        asking = standing.open_confirms(claim)
        if asking:
            plan.undecided.append((claim, len(asking)))


def closed_months(claim_month: date) -> list[date]:
    """締め済みの診療月 — before a claim month, oldest first."""
    months = MonthClosing.objects.filter(month__lt=claim_month).values_list("month", flat=True).distinct()
    return [month for month in sorted(set(months)) if (newest := closing_of(month)) and newest.is_closed]


def sent_alive(
    month: date, but: set[UUID] | None = None, patient_id: UUID | None = None
) -> dict[tuple[UUID, str], SentClaim]:
    """送信済みのレセプト — of a month of service, by patient and key, where the file was not refused or replaced."""
    rows = SentClaim.objects.filter(month=month).exclude(submission_id__in=but or set())
    if patient_id is not None:
        rows = rows.filter(patient_id=patient_id)
    found: dict[tuple[UUID, str], SentClaim] = {}
    for each in rows.select_related("submission").defer("submission__data").order_by("submission__made_at"):
        if state_of(each.submission) not in _ENDED:
            found[(each.patient_id, each.key)] = each
    return found


def make_submission(claim_month: date, payer: str, carrier: str) -> Submission:
    """請求ファイルの作成 — of everything that is ready; raises ``BadInput`` while something asks or is not closed."""
    month_lock(claim_month, is_shared=False)
    plan = next(each for each in plan_sending(claim_month) if each.payer == payer)
    last = shift(claim_month, -1)
    newest = closing_of(last)
    if newest is None or not newest.is_closed:
        raise _refusal("claims.send.not_closed", month=f"{last:%Y-%m}")
    if any(state_of(each) in _FINAL for each in plan.earlier):
        raise _refusal("claims.send.examined")
    if any(state_of(each) in (StepKind.MADE, StepKind.FAILED, StepKind.SENT) for each in plan.earlier):
        raise _refusal("claims.send.waiting")
    if plan.undecided:
        raise _refusal("claims.send.undecided", count=sum(count for _, count in plan.undecided))
    if not plan.going:
        raise _refusal("claims.send.nothing")
    old = next((each.build.month for each in plan.going if not each.digest), None)
    if old is not None:
        raise _refusal("claims.send.old", month=f"{old:%Y-%m}")
    receipts = [with_number(each.receipt(), at) for at, each in enumerate(plan.going, 1)]
    submission = _keep(claim_month, payer, SendKind.CLAIM, carrier, receipts, plan.owed_yen)
    SentClaim.objects.bulk_create(
        SentClaim(
            submission=submission, claim=each, patient_id=each.patient_id, month=each.build.month, key=each.key,
            number=at, points=each.points, owed_yen=each.owed_yen, is_late=each.build.month < last,
        )
        for at, each in enumerate(plan.going, 1)
    )  # fmt: skip
    _note(submission, plan.going)
    return submission


def make_reclaim_submission(
    claim_month: date, payer: str, carrier: str, chosen: Sequence[Reclaim]
) -> Submission:
    """再請求ファイルの作成 — returned receipts with their history, in a file of their own."""
    month_lock(claim_month, is_shared=False)
    if not chosen:
        raise _refusal("claims.send.nothing")
    receipts = [with_number(each.receipt, at) for at, each in enumerate(chosen, 1)]
    owed = sum(each.claim.owed_yen for each in chosen)
    submission = _keep(claim_month, payer, SendKind.RECLAIM, carrier, receipts, owed)
    SentClaim.objects.bulk_create(
        SentClaim(
            submission=submission, claim=each.claim, patient_id=each.claim.patient_id,
            month=each.claim.build.month, key=each.claim.key, number=at, points=each.claim.points,
            owed_yen=each.claim.owed_yen, is_late=False, reclaims=each.returned,
        )
        for at, each in enumerate(chosen, 1)
    )  # fmt: skip
    _note(submission, [each.claim for each in chosen])
    return submission


def _note(submission: Submission, claims: Iterable[BuiltClaim]) -> None:
    """The file hands out everyone who stands in it, so the event names them."""
    detail = {"payer": submission.payer, "kind": submission.kind, "sha256": submission.sha256}
    record("claims.submit", submission, detail=detail, patients={each.patient_id for each in claims})


def _keep(
    claim_month: date, payer: str, kind: str, carrier: str, receipts: Sequence[Receipt], owed_yen: int
) -> Submission:
    month = Month(claim_month.year, claim_month.month)
    file = claim_file(institution_value(Institution.objects.get()), month, payer, receipts)
    rows = Submission.objects.filter(claim_month=claim_month, payer=payer, kind=kind)
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    submission = Submission.objects.create(
        claim_month=claim_month, payer=payer, kind=kind, number=rows.count() + 1, carrier=carrier,
        name=file.name.rpartition("/")[2], data=file.data, sha256=hashlib.sha256(file.data).hexdigest(),
        receipt_count=file.receipt_count, total_points=file.totals.total_points, owed_yen=owed_yen,
        made_by_id=staff_id, made_at=current_work().at,
    )  # fmt: skip
    add_step(submission, StepKind.MADE)
    emit("claims.submitted", {"submission": str(submission.id)})
    return submission


def deliver(institution_id: UUID, actor: Actor, submission_id: UUID) -> bool:
    """送信 — outside of a transaction; what was sent before is not sent again. Gives whether it is there.

    A failure leaves a step that says so, and the very same file goes at the next try.
    """
    with as_institution(institution_id, actor):
        submission = Submission.objects.get(pk=submission_id)
        if state_of(submission) not in (StepKind.MADE, StepKind.FAILED):
            return True
        carrier = house_carrier(submission.carrier)
    if carrier is None:
        return True
    parcel = Parcel(
        submission.id,
        submission.payer,
        submission.kind,
        f"{submission.claim_month:%Y-%m}",
        bytes(submission.data),
    )
    try:
        carrier.deliver(parcel)
        kind, note = StepKind.SENT, ""
    except NotCarried as failed:
        kind, note = StepKind.FAILED, str(failed)
    with as_institution(institution_id, actor):
        month_lock(submission.claim_month, is_shared=False)
        if state_of(submission) in (StepKind.MADE, StepKind.FAILED):
            add_step(submission, kind, note)
            record("claims.send", submission, detail={"state": kind})
    return kind is StepKind.SENT


def house_carrier(name: str) -> Carrier | None:
    """この医療機関の送信の仲立ち — inside a transaction of the institution."""
    own = Institution.objects.get()
    return carrier_for(name, Sender(own.id, own.prefecture, own.code, own.name))


def hand_over(submission: Submission) -> None:
    """ファイル出力 — noted when a person takes the file to the terminal."""
    if submission.carrier == BY_HAND and state_of(submission) is StepKind.MADE:
        add_step(submission, StepKind.EXPORTED)


def add_step(submission: Submission, kind: StepKind, note: str = "") -> SubmissionStep:
    """送信の経過の記入 — the next step of a file."""
    count = SubmissionStep.objects.filter(submission=submission).count()
    return SubmissionStep.objects.create(
        submission=submission, number=count + 1, kind=kind, note=note[:200], at=current_work().at
    )


def state_of(submission: Submission) -> StepKind:
    """送信の状態 — its newest step."""
    newest = SubmissionStep.objects.filter(submission=submission).order_by("-number").first()
    return StepKind(newest.kind) if newest is not None else StepKind.MADE


def is_past_replacing(sent: SentClaim) -> bool:
    """差替えの可否 — whether a sent receipt can no longer be put right by sending the month's file anew.

    A first claim is replaced until it is examined; what was claimed again is not. What came back is free.
    """
    if sent.returns.exists():
        return False
    submission = sent.submission
    return submission.kind == SendKind.RECLAIM or state_of(submission) in _FINAL


def open_returns() -> list[ReturnedClaim]:
    """再請求していない返戻 — those no living file has claimed again, the oldest first."""
    rows = ReturnedClaim.objects.filter(bound=None)
    rows = rows.select_related("file", "sent__submission", "patient").defer("file__data")
    return [each for each in rows.order_by("file__received_at", "id") if reclaimed_by(each) is None]


def reclaimed_by(returned: ReturnedClaim) -> SentClaim | None:
    """再請求 — the receipt that answers a return, in a file that was not refused."""
    for each in returned.reclaimed.select_related("submission").order_by("-submission__made_at"):
        if state_of(each.submission) not in _ENDED:
            return each
    return None


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])
