# SPDX-License-Identifier: Apache-2.0
"""返戻の結付け・減点の返金の画面 — what a person must decide before the ledgers move."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.claims import cycle_access, return_access
from tasuki_server.claims.binding import bind_return, candidates, is_unbound
from tasuki_server.claims.cut_refunds import decide_refund, gone, open_refunds
from tasuki_server.claims.models import CutRefund, ReturnedClaim
from tasuki_server.privacy.asking import ask_for
from tasuki_server.reception.clock import today


@requires(Permission.CLAIMS_EXPORT)
@require_GET
def bind_page(request: HttpRequest, returned_id: UUID) -> HttpResponse:
    """返戻の結付け — the receipts that may be meant, with a search."""
    found = return_access.find_return(returned_id)
    record("claims.read", found, found.patient_id)
    return render(request, "claims/bind.html", _binding(found, request.GET.get("q", "")[:60]))


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def bind(request: HttpRequest, returned_id: UUID) -> HttpResponse:
    """返戻の結付け — to the receipt chosen, with the reason."""
    found = return_access.find_return(returned_id)
    try:
        sent_id = UUID(request.POST.get("sent", ""))
    except ValueError as wrong:
        raise Http404("sent") from wrong
    sent = cycle_access.find_sent(sent_id)
    ask_for(request, sent.patient_id, Permission.CLAIMS_EXPORT)
    try:
        row = bind_return(found, sent, request.POST.get("why", ""))
    except BadInput as refused:
        context = _binding(found, request.POST.get("q", "")[:60])
        return render(request, "claims/bind.html", {**context, "faults": _sentences(refused)}, status=422)
    messages.success(request, f"返戻を{sent.patient.number} {sent.patient.name}のレセプトに結び付けました。")
    return redirect("claims:returned", returned_id=row.id)


@requires(Permission.CLAIMS_VIEW)
@require_GET
def refunds(request: HttpRequest) -> HttpResponse:
    """減点の返金 — what cuts take off the patients' shares, to be decided, and what was."""
    return render(request, "claims/refunds.html", _refunds())


@requires(Permission.CLAIMS_EXPORT)
@require_POST
def refund(request: HttpRequest, sent_id: UUID) -> HttpResponse:
    """減点の返金の判断 — credited to the account, or not, with the reason."""
    sent = cycle_access.find_sent(sent_id)
    post = request.POST
    text = post.get("yen", "").replace(",", "").strip()
    try:
        proposal = next((each for each in open_refunds() if each.sent.id == sent.id), None)
        if proposal is None or str(proposal.points) != post.get("points"):
            raise gone()
        yen = 0 if post.get("act") == "leave" else int(text) if text.isdecimal() and len(text) < 9 else -1
        if post.get("act") != "leave" and yen == 0:
            yen = -1
        visit = next((each for each in proposal.visits if str(each.id) == post.get("visit")), None)
        row = decide_refund(proposal, visit, yen, post.get("why", ""), today())
    except BadInput as refused:
        context = {**_refunds(), "faults": _sentences(refused)}
        return render(request, "claims/refunds.html", context, status=422)
    if row.entry is None:
        messages.success(request, "返金しないことを記録しました。")
        return redirect("claims:refunds")
    messages.success(request, f"査定減額 {row.yen:,}円を収納台帳に入れました。お金は会計の画面で返金します。")
    return redirect("billing:visit", visit_id=row.entry.visit_id)


def _binding(found: ReturnedClaim, text: str) -> dict[str, Any]:
    if not is_unbound(found):
        raise Http404("return")
    return {"returned": found, "q": text, "rows": candidates(found, text)}


def _refunds() -> dict[str, Any]:
    record("claims.read", "claims.refunds")
    rows = CutRefund.objects.select_related("sent__patient", "made_by", "entry").order_by("-made_at")
    return {"proposals": open_refunds(), "decided": list(rows[:200])}


def _sentences(refused: BadInput) -> list[str]:
    return [sentence(each) for each in refused.findings]
