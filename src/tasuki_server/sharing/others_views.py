# SPDX-License-Identifier: Apache-2.0
"""他院の情報の画面 — the part beside the chart, the full page, taking over, and the review of emergencies."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.privacy.emergency import BadReason
from tasuki_server.privacy.reviewing import NotReviewable
from tasuki_server.reception.access import access_visit
from tasuki_server.sharing import others_access as access
from tasuki_server.sharing import reconcile
from tasuki_server.sharing.models import Decision
from tasuki_server.sharing.viewing import ask_others, review_view

STALE = "ほかの人が先に決めました。いまの決定を確かめてください。"


@requires(Permission.MEDICAL_INFORMATION_VIEW)
@require_GET
def panel(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """他院の情報の欄 — how it stands; no content, so that nothing is seen by opening the chart alone."""
    context = access.standing_of(access_visit(visit_id))
    if "page" in request.GET:
        # The full page waits: it is drawn again when there is something new to draw.
        return HttpResponse(status=204, headers={} if context["is_view_waiting"] else {"HX-Refresh": "true"})
    return render(request, "sharing/_others_panel.html", context)


@requires(Permission.MEDICAL_INFORMATION_VIEW)
@require_GET
def others(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """他院の情報 — beside ours."""
    return render(request, "sharing/others.html", access.access_others(visit_id, request.GET.dict()))


@requires(Permission.MEDICAL_INFORMATION_VIEW)
@require_POST
def ask(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """取寄せの依頼 — under the consent, or in an emergency with its reason."""
    visit = access_visit(visit_id)
    is_emergency = request.POST.get("way") == "emergency"
    try:
        ask_others(visit, staff_of(request), words=request.POST.get("words", "") if is_emergency else None)
    except BadReason as lacking:
        context = {**access.access_others(visit_id, {}), "fault": str(lacking)}
        return render(request, "sharing/others.html", context, status=422)
    if request.headers.get("HX-Request"):
        return render(request, "sharing/_others_panel.html", access.standing_of(visit))
    return redirect("sharing:others", visit_id)


@requires(Permission.CHART_SIGN)
@require_POST
def decide(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """突合せの決定 — of one item."""
    visit, wanted = access_visit(visit_id), request.POST.get("decision", "")
    if wanted not in Decision.values:
        return HttpResponseBadRequest()
    item, ours = access.access_item(visit, request.POST.get("source", ""))
    try:
        row = reconcile.decide(visit, staff_of(request), item, Decision(wanted), ours)
    except BadInput as bad:
        return _refused(request, visit_id, [sentence(each) for each in bad.findings])
    messages.success(request, f"{item.title}: {row.get_decision_display()}。")
    return redirect(_back(request, visit_id))


@requires(Permission.CHART_SIGN)
@require_POST
def undo(request: HttpRequest, visit_id: UUID, record_id: UUID) -> HttpResponse:
    """突合せを元に戻す — with the record that came of it."""
    visit, stamp = access_visit(visit_id), request.POST.get("version", "")
    row = access.access_decision(visit, record_id)
    if not stamp.isdecimal() or len(stamp) > 9:
        return HttpResponseBadRequest()
    try:
        reconcile.undo(visit, staff_of(request), row, read_version=int(stamp))
    except BadInput as bad:
        return _refused(request, visit_id, [sentence(each) for each in bad.findings])
    except StaleVersion:
        return _refused(request, visit_id, [STALE])
    messages.success(request, f"{row.title}: 元に戻しました。")
    return redirect(_back(request, visit_id))


@requires(Permission.EMERGENCY_REVIEW)
@require_GET
def emergencies(request: HttpRequest) -> HttpResponse:
    """救急時閲覧の一覧 — what waits for a review."""
    return render(request, "sharing/emergencies.html", access.access_emergencies(staff_of(request)))


@requires(Permission.EMERGENCY_REVIEW)
@require_http_methods(["GET", "POST"])
def emergency(request: HttpRequest, others_view_id: UUID) -> HttpResponse:
    """救急時閲覧の確認 — by somebody else, in words."""
    row, staff, fault = access.access_view(others_view_id), staff_of(request), ""
    if request.method == "POST":
        try:
            review_view(row, staff, request.POST.get("ok", ""), request.POST.get("words", ""))
        except NotReviewable as refused:
            fault = str(refused)
        else:
            return redirect("sharing:emergencies")
    context = {"row": row, "fault": fault, "is_own": row.asked_by_id == staff.id}
    return render(request, "sharing/emergency.html", context, status=422 if fault else 200)


def _back(request: HttpRequest, visit_id: UUID) -> str:
    """The page with the filters it had; only our own words of an address are given back."""
    names = ("part", "only", "q", "from")
    kept = request.GET.copy()
    for name in list(kept):
        if name not in names:
            del kept[name]
    asked = kept.urlencode()
    return reverse("sharing:others", args=[visit_id]) + (f"?{asked}" if asked else "")


def _refused(request: HttpRequest, visit_id: UUID, faults: list[str]) -> HttpResponse:
    context = {**access.access_others(visit_id, request.GET.dict()), "faults": faults}
    return render(request, "sharing/others.html", context, status=422)
