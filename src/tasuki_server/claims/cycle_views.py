# SPDX-License-Identifier: Apache-2.0
"""送信・返戻・照合・分析の画面 — what a closed month goes through until the money is there."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.claims import cycle_access, return_access
from tasuki_server.claims.carriers import BY_HAND, Found, carrier_name
from tasuki_server.claims.long_work import start_work
from tasuki_server.claims.models import PAYER_LABELS, ResultKind, StepKind, Submission
from tasuki_server.claims.results import accept_submission, take_result
from tasuki_server.claims.sending import (
    hand_over,
    make_reclaim_submission,
    make_submission,
    state_of,
)

KINDS_BY_NAME = (
    (".HEN", ResultKind.RETURNS),
    (".SAH", ResultKind.RETURNS),
    ("zogn", ResultKind.POINTS),
    ("fmei", ResultKind.PAYMENT),
    ("uketuke", ResultKind.ACCEPTANCE),
    (".UKE", ResultKind.DISPENSING),
)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def sending(request: HttpRequest) -> HttpResponse:
    """送信 — of a claim month, this one by default."""
    month = cycle_access.read_claim_month(request.GET.get("month", ""))
    return render(request, "claims/sending.html", cycle_access.access_sending(month))


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """請求ファイルを作って送る — one payer, or every payer that has something ready."""
    month = cycle_access.read_claim_month(request.POST.get("month", ""))
    carrier = BY_HAND if request.POST.get("by") == BY_HAND else carrier_name()
    payers = [request.POST["payer"]] if request.POST.get("payer") in PAYER_LABELS else _ready_payers(month)
    try:
        made = [make_submission(month, payer, carrier) for payer in payers]
        if not made:
            make_submission(month, next(iter(PAYER_LABELS)), carrier)
    except BadInput as refused:
        return _refused(request, month, refused)
    return _begun(request, month, made, carrier)


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def reclaim(request: HttpRequest) -> HttpResponse:
    """再請求 — the chosen returns, a file for each payer."""
    month = cycle_access.read_claim_month(request.POST.get("month", ""))
    carrier = BY_HAND if request.POST.get("by") == BY_HAND else carrier_name()
    wanted = set(request.POST.getlist("returned"))
    ready = cycle_access.access_sending(month)["ready"]
    chosen = [each for each in ready if str(each.returned.id) in wanted]
    try:
        made = [
            make_reclaim_submission(month, payer, carrier, mine)
            for payer, mine in sorted(cycle_access.reclaim_payers(chosen).items())
        ]
        if not made:
            make_reclaim_submission(month, next(iter(PAYER_LABELS)), carrier, [])
    except BadInput as refused:
        return _refused(request, month, refused)
    return _begun(request, month, made, carrier)


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def send_again(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """再送 — the same file; what had arrived is not taken twice."""
    found = cycle_access.find_submission(submission_id)
    start_work("send", {"submissions": [str(found.id)]})
    return _to_sending(found.claim_month)


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def fetch(request: HttpRequest) -> HttpResponse:
    """結果の受取り — outside of the request."""
    month = cycle_access.read_claim_month(request.POST.get("month", ""))
    start_work("fetch", {"month": f"{month:%Y-%m}"})
    return _to_sending(month)


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def accepted(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """受付済みにする — what a person saw at the terminal, for a file that was carried by hand."""
    found = cycle_access.find_submission(submission_id)
    if found.carrier == BY_HAND and state_of(found) in (StepKind.MADE, StepKind.EXPORTED):
        accept_submission(found)
        record("claims.send", found, detail={"state": "accepted"})
    return _to_sending(found.claim_month)


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """結果ファイルの取込み — from the terminal; its name says what it is."""
    month = cycle_access.read_claim_month(request.POST.get("month", ""))
    file, payer = request.FILES.get("file"), request.POST.get("payer", "")
    name = str(file.name) if file is not None else ""
    kind = next((each for part, each in KINDS_BY_NAME if part.lower() in name.lower()), None)
    if file is None or kind is None or payer not in PAYER_LABELS:
        context = cycle_access.access_sending(month)
        faults = [
            "結果ファイルと請求先を選んでください（返戻は .HEN・.SAH、増減点は zogn、振込は fmei、調剤レセプトは .UKE）。"
        ]
        return render(request, "claims/sending.html", {**context, "faults": faults}, status=422)
    try:
        taken = take_result(Found(kind, payer, f"{month:%Y-%m}", name, "", file.read()))
    except BadInput as refused:
        return _refused(request, month, refused)
    messages.success(request, "取り込みました。" if taken else "同じファイルを既に取り込んでいます。")
    return _to_sending(month)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def submission(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """送信の詳細 — steps, receipts, 受付結果."""
    return render(request, "claims/submission.html", cycle_access.access_submission(submission_id))


@requires(Permission.CLAIMS_EXPORT)
@require_GET
def submission_file(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """請求ファイルの出力 — the very bytes that are or will be sent."""
    found = cycle_access.find_submission(submission_id)
    hand_over(found)
    detail = {"sha256": found.sha256, "payer": found.payer}
    whose = found.claims.values_list("patient_id", flat=True)
    record("claims.export", found, detail=detail, patients=whose)
    return _bytes(bytes(found.data), found.name)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def result_file(request: HttpRequest, result_file_id: UUID) -> HttpResponse:
    """審査結果の保存 — the bytes as they came."""
    found = cycle_access.find_result(result_file_id)
    record("claims.read", found, detail={"sha256": found.sha256}, patients=cycle_access.patients_in(found))
    return _bytes(bytes(found.data), found.name)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def returns(request: HttpRequest) -> HttpResponse:
    """返戻 — the open ones, or all."""
    get = request.GET.get
    return render(
        request,
        "claims/returns.html",
        return_access.access_returns(get("show", ""), get("q", "")[:60], get("payer", "")),
    )


@requires(Permission.CLAIMS_VIEW)
@require_GET
def returned(request: HttpRequest, returned_id: UUID) -> HttpResponse:
    """返戻の詳細 — why, where to mend it, and the way back."""
    return render(request, "claims/returned.html", return_access.access_return(returned_id))


@requires(Permission.CLAIMS_VIEW)
@require_GET
def reconcile(request: HttpRequest) -> HttpResponse:
    """収納照合 — asked, returned, cut, paid."""
    return render(request, "claims/reconcile.html", cycle_access.access_reconcile())


@requires(Permission.CLAIMS_VIEW)
@require_GET
def analysis(request: HttpRequest) -> HttpResponse:
    """増減点・返戻の分析 — twelve months."""
    until = cycle_access.read_claim_month(request.GET.get("until", ""))
    return render(request, "claims/analysis.html", cycle_access.access_analysis(until))


@requires(Permission.CLAIMS_VIEW)
@require_GET
def work(request: HttpRequest, work_id: UUID) -> HttpResponse:
    """長い仕事の進み具合 — a piece of a page that asks again until it is over, then the page renews itself."""
    found = cycle_access.find_work(work_id)
    answer = render(request, "claims/_work.html", {"work": found})
    if found.state not in ("waiting", "running"):
        answer["HX-Refresh"] = "true"
    return answer


def _ready_payers(month: date) -> list[str]:
    rows = cycle_access.access_sending(month)["plans"]
    return [each["plan"].payer for each in rows if each["may_send"] or each["plan"].undecided]


def _begun(request: HttpRequest, month: date, made: list[Submission], carrier: str) -> HttpResponse:
    if carrier == BY_HAND:
        messages.success(
            request,
            f"請求ファイルを{len(made)}件 作成しました。保存して、オンライン請求端末から送ってください。",
        )
    else:
        start_work("send", {"submissions": [str(each.id) for each in made]})
    return _to_sending(month)


def _bytes(data: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


def _to_sending(month: date) -> HttpResponse:
    return redirect(f"{reverse('claims:sending')}?month={month:%Y-%m}")


def _refused(request: HttpRequest, month: date, refused: BadInput) -> HttpResponse:
    context = {
        **cycle_access.access_sending(month),
        "faults": [sentence(each) for each in refused.findings],
    }
    return render(request, "claims/sending.html", context, status=422)
