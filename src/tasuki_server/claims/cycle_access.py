# SPDX-License-Identifier: Apache-2.0
"""請求後の参照 — what the pages of sending, returns, reconciliation and analysis show."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from tasuki.claims.result_files import read_acceptance
from tasuki_server.audit.trail import record
from tasuki_server.claims.analysis import analyse
from tasuki_server.claims.carriers import BY_HAND, LABELS, carrier_name
from tasuki_server.claims.closing import closing_of
from tasuki_server.claims.life import life_of
from tasuki_server.claims.long_work import newest_work, resume_silent
from tasuki_server.claims.models import (
    BuiltClaim,
    LongWork,
    PayerEntry,
    PointChange,
    ResultFile,
    ResultKind,
    ReturnedClaim,
    SentClaim,
    StepKind,
    Submission,
    WithdrawalRequest,
)
from tasuki_server.claims.months import month_named, shift
from tasuki_server.claims.reclaim import Reclaim, prepare_reclaim
from tasuki_server.claims.reconcile import accounts, explain
from tasuki_server.claims.sending import open_returns, plan_sending, sent_alive, state_of
from tasuki_server.claims.withdrawing import WITHDRAWABLE, Standing, told_of
from tasuki_server.patients.access import banner_of
from tasuki_server.reception.clock import today


def read_claim_month(text: str) -> date:
    """請求月の読取り — this month when nothing is said (:func:`.months.month_named`)."""
    return month_named(text, today().replace(day=1))


def access_sending(claim_month: date) -> dict[str, Any]:
    """送信の画面 — what would go, what went and how it stands, and the returns that can be claimed again."""
    record("claims.read", "claims.sending", detail={"month": f"{claim_month:%Y-%m}"})
    service_month = shift(claim_month, -1)
    closing = closing_of(service_month)
    returns = [prepare_reclaim(each, claim_month) for each in open_returns()]
    rows = Submission.objects.filter(claim_month=claim_month).defer("data").select_related("made_by")
    plans = [_plan_row(each) for each in plan_sending(claim_month)]
    limit = shift(today().replace(day=1), 1)
    return {
        "claim_month": claim_month,
        "before": shift(claim_month, -1),
        "after": shift(claim_month, 1) if shift(claim_month, 1) <= limit else None,
        "service_month": service_month,
        "is_closed": closing is not None and closing.is_closed,
        "plans": plans,
        "may_send": any(
            each["plan"].going and not each["is_ended"] and not each["is_waiting"] for each in plans
        ),
        "submissions": [
            {"row": each, "state": state_of(each), "steps": list(each.steps.order_by("number"))}
            for each in rows.order_by("payer", "kind", "number")
        ],
        "ready": [each for each in returns if isinstance(each, Reclaim)],
        "not_yet": [each for each in returns if not isinstance(each, Reclaim)],
        "results": list(
            ResultFile.objects.filter(claim_month=claim_month).defer("data").order_by("received_at", "kind")
        ),
        "carrier": LABELS[carrier_name()],
        "by_hand": LABELS[BY_HAND],
        "works": [each for each in (newest_work("send"), newest_work("fetch")) if each is not None],
        "going": going_work("send", "fetch"),
        "withdrawals": _open_withdrawals(
            WithdrawalRequest.objects.filter(sent__submission__claim_month=claim_month)
        ),
    }


def _plan_row(plan: Any) -> dict[str, Any]:
    states = {state_of(each) for each in plan.earlier}
    is_ended = bool(states & {StepKind.EXAMINED, StepKind.PAID})
    is_waiting = bool(states & {StepKind.MADE, StepKind.FAILED, StepKind.SENT})
    return {
        "plan": plan,
        "is_ended": is_ended,
        "is_waiting": is_waiting,
        "may_send": bool(plan.going) and not plan.undecided and not is_ended and not is_waiting,
    }


def access_submission(submission_id: UUID) -> dict[str, Any]:
    """送信の詳細 — its steps, its receipts, and what 受付・事務点検 said."""
    found = find_submission(submission_id)
    record("claims.read", found)
    reports = ResultFile.objects.filter(
        kind=ResultKind.ACCEPTANCE, payer=found.payer, claim_month=found.claim_month
    )
    entry = found.entries.filter(kind="claimed").select_related("file").first()
    file = entry.file if entry is not None else reports.order_by("-received_at").first()
    return {
        "submission": found,
        "state": state_of(found),
        "steps": list(found.steps.order_by("number")),
        "claims": [
            {
                "sent": each,
                "is_back": bool(each.returns.all()),
                "points": sum(one.points for one in each.changes.all()),
            }
            for each in found.claims.select_related("patient")
            .prefetch_related("returns", "changes")
            .order_by("number")
        ],
        "report": read_acceptance(bytes(file.data)) if file is not None else None,
    }


def find_submission(submission_id: UUID) -> Submission:
    """送信の参照 — by id."""
    found = Submission.objects.select_related("made_by").filter(pk=submission_id).first()
    if found is None:
        raise Http404("submission")
    return found


def find_sent(sent_id: UUID) -> SentClaim:
    """送信したレセプトの参照 — by id."""
    found = SentClaim.objects.select_related("submission", "patient", "claim").filter(pk=sent_id).first()
    if found is None:
        raise Http404("sent")
    return found


def access_life(claim: BuiltClaim) -> dict[str, Any]:
    """経過の画面 — of one receipt."""
    record("claims.read", claim, claim.patient_id)
    sent = sent_alive(claim.build.month).get((claim.patient_id, claim.key))
    may_withdraw = False
    if sent is not None and not sent.returns.exists() and not sent.withdrawals.exists():
        may_withdraw = state_of(sent.submission) in WITHDRAWABLE
    return {
        **banner_of(claim.patient),
        "claim": claim,
        "month": claim.build.month,
        "moments": life_of(claim),
        "withdrawals": _open_withdrawals(
            WithdrawalRequest.objects.filter(
                sent__patient_id=claim.patient_id, sent__month=claim.build.month, sent__key=claim.key
            )
        ),
        "sent": sent,
        "may_withdraw": may_withdraw,
    }


def _open_withdrawals(rows: QuerySet[WithdrawalRequest]) -> list[dict[str, Any]]:
    """Those that are still asked for or did not arrive; work whose process died is taken up again."""
    found = []
    for row in rows.select_related("sent__submission", "sent__patient", "made_by").order_by("made_at", "id"):
        told = told_of(row)
        if told.standing in (Standing.ASKING, Standing.NOT_ARRIVED) and told.work is not None:
            resume_silent(told.work)
            found.append({"row": row, "work": told.work, "may_repeat": told.standing is Standing.NOT_ARRIVED})
    return found


def access_reconcile() -> dict[str, Any]:
    """収納照合の画面 — every claim month and payer, with what explains each difference."""
    record("claims.read", "claims.reconcile")
    found = accounts()
    return {
        "accounts": [{"row": each, "lines": explain(each) if each.has_payment else []} for each in found],
        "unpaid_yen": sum(each.expected_yen for each in found if not each.has_payment),
        "differing": sum(each.state == "differs" for each in found),
        "totals": {
            "claimed": sum(each.claimed_yen for each in found),
            "returned": sum(each.returned_yen for each in found),
            "assessed": sum(each.assessed_yen for each in found),
            "expected": sum(each.expected_yen for each in found),
            "paid": sum(each.paid_yen for each in found if each.has_payment),
            "difference": sum(each.difference_yen for each in found),
        },
    }


def access_analysis(until: date) -> dict[str, Any]:
    """分析の画面 — twelve claim months up to one."""
    record("claims.read", "claims.analysis", detail={"until": f"{until:%Y-%m}"})
    return {"until": until, **analyse(until)}


def find_result(file_id: UUID) -> ResultFile:
    """審査結果の参照 — by id."""
    found = ResultFile.objects.filter(pk=file_id).first()
    if found is None:
        raise Http404("result")
    return found


def find_work(work_id: UUID) -> LongWork:
    """長い仕事の参照 — by id; work whose process died is taken up again."""
    found = LongWork.objects.filter(pk=work_id).first()
    if found is None:
        raise Http404("work")
    resume_silent(found)
    return found


def going_work(*kinds: str, month: str = "") -> LongWork | None:
    """進行中の仕事 — of these kinds, None when everything is over."""
    rows = LongWork.objects.filter(kind__in=kinds, state__in=("waiting", "running"))
    if month:
        rows = rows.filter(facts__month=month)
    found = rows.order_by("-made_at").first()
    if found is not None:
        resume_silent(found)
    return found


def reclaim_payers(chosen: list[Reclaim]) -> dict[str, list[Reclaim]]:
    """再請求の宛先 — the chosen receipts by payer."""
    found: dict[str, list[Reclaim]] = {}
    for each in chosen:
        found.setdefault(each.claim.payer, []).append(each)
    return found


def patients_in(file: ResultFile) -> set[UUID]:
    """審査結果の患者 — whose receipts a file of the payers tells of and were found here, for the trail."""
    told = PayerEntry.objects.filter(file=file, sent__isnull=False).values_list("sent__patient_id", flat=True)
    returned = ReturnedClaim.objects.filter(file=file).values_list("patient_id", flat=True)
    changed = PointChange.objects.filter(file=file).values_list("patient_id", flat=True)
    return {each for each in (*told, *returned, *changed) if each is not None}
