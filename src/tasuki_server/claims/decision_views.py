# SPDX-License-Identifier: Apache-2.0
"""指摘の判断の画面 — accept, mute, take back; hold a receipt, let it go, ask it back; its life."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.claims import access, cycle_access
from tasuki_server.claims.claim_page import access_claim
from tasuki_server.claims.decisions import accept_finding, end_decision, mute_rule
from tasuki_server.claims.holding import hold_claim, release_claim
from tasuki_server.claims.models import BuiltClaim
from tasuki_server.claims.month_list import list_query
from tasuki_server.claims.withdrawing import Standing, request_withdrawal, told_of
from tasuki_server.institutions.middleware import staff_of


@requires(Permission.CLAIMS_BUILD)
@require_POST
def accept(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """指摘の承認 — with its reason, until a month."""
    found = access.find_claim(claim_id)
    post = request.POST
    try:
        until = access.read_month(post.get("until") or f"{found.build.month:%Y-%m}")
        accept_finding(found, post.get("code", ""), post.get("mark", ""), post.get("why", ""), until)
    except BadInput as refused:
        return _refused_claim(request, found, refused)
    messages.success(request, "指摘を承認しました。")
    return redirect(_claim_address(request, found))


@requires(Permission.CLAIMS_BUILD)
@require_POST
def mute(request: HttpRequest) -> HttpResponse:
    """点検項目の停止 — for the institution between two months."""
    month = access.read_month(request.POST.get("month", ""))
    code = request.POST.get("code", "")
    severities = access.severities_of(month, code)
    try:
        since = access.read_month(request.POST.get("since") or f"{month:%Y-%m}")
        until = access.read_month(request.POST.get("until") or f"{month:%Y-%m}")
        mute_rule(code, severities, request.POST.get("why", ""), since, until)
    except BadInput as refused:
        context = access.access_month(month, {"view": "rule"})
        return render(request, "claims/month.html", {**context, "faults": _sentences(refused)}, status=422)
    messages.success(request, f"点検項目 {code} を止めました。")
    return redirect(f"{reverse('claims:month')}?month={month:%Y-%m}&view=rule")


@requires(Permission.CLAIMS_BUILD)
@require_POST
def end(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """判断の取消 — of an acceptance or a mute."""
    found = access.find_decision(decision_id)
    end_decision(found, found.version, request.POST.get("reason", ""))
    messages.success(request, "判断を取り消しました。")
    return redirect(_back(request, found.since))


@requires(Permission.CLAIMS_BUILD)
@require_POST
def hold(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """月遅れ — with its reason."""
    found = access.find_claim(claim_id)
    try:
        hold_claim(found, request.POST.get("why", ""))
    except BadInput as refused:
        return _refused_claim(request, found, refused)
    messages.success(request, "月遅れにしました。請求ファイルに入りません。")
    return redirect(_claim_address(request, found))


@requires(Permission.CLAIMS_BUILD)
@require_POST
def release(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """月遅れの解除 — the receipt goes with the next file."""
    found = access.find_claim(claim_id)
    try:
        release_claim(found, request.POST.get("why", ""))
    except BadInput as refused:
        return _refused_claim(request, found, refused)
    messages.success(request, "月遅れを解きました。次の請求ファイルに入ります。")
    return redirect(_claim_address(request, found))


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def withdraw(request: HttpRequest, sent_id: UUID) -> HttpResponse:
    """取下げ依頼 — of a receipt that was sent."""
    sent = cycle_access.find_sent(sent_id)
    try:
        row = request_withdrawal(sent, request.POST.get("why", ""))
    except BadInput as refused:
        context = cycle_access.access_life(access.find_claim(sent.claim_id))
        return render(request, "claims/life.html", {**context, "faults": _sentences(refused)}, status=422)
    if told_of(row).standing is Standing.RECORDED:
        messages.success(request, "取下げの依頼を記録しました。返戻として戻ってきます。")
    return redirect("claims:life", claim_id=sent.claim_id)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def life(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """レセプトの経過 — every state with its day."""
    return render(request, "claims/life.html", cycle_access.access_life(access.find_claim(claim_id)))


def _refused_claim(request: HttpRequest, found: BuiltClaim, refused: BadInput) -> HttpResponse:
    context = access_claim(found.id, staff_of(request), _list_of(request))
    return render(request, "claims/claim.html", {**context, "faults": _sentences(refused)}, status=422)


def _list_of(request: HttpRequest) -> dict[str, str]:
    """The list that the receipt was opened from, as its form carries it."""
    found: dict[str, str] = QueryDict(request.POST.get("list", "")[:400]).dict()
    return found


def _claim_address(request: HttpRequest, found: BuiltClaim) -> str:
    query = list_query(_list_of(request))
    address = reverse("claims:claim", args=[found.id])
    return f"{address}?{query}" if query else address


def _sentences(refused: BadInput) -> list[str]:
    return [sentence(each) for each in refused.findings]


def _back(request: HttpRequest, month: date) -> str:
    return (
        access.claim_address(request.POST.get("claim", ""))
        or f"{reverse('claims:month')}?month={month:%Y-%m}&view=rule"
    )
