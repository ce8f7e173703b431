# SPDX-License-Identifier: Apache-2.0
"""救急時医療情報閲覧の画面 — a look with its reason, and the list from which nothing goes without a review."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.confirmation import emergencies
from tasuki_server.confirmation.emergency_notes import showings_of
from tasuki_server.confirmation.information import NoConsent
from tasuki_server.confirmation.line import may_look
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.patients.access import banner_of
from tasuki_server.privacy.emergency import BadReason
from tasuki_server.privacy.reviewing import NotReviewable
from tasuki_server.reception.access import access_visit


@requires(Permission.EMERGENCY_OPEN, Permission.MEDICAL_INFORMATION_VIEW)
@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """救急時医療情報閲覧の依頼 — the reason first; what comes stands where consented information does."""
    visit, fault = access_visit(visit_id), ""
    if request.method == "POST":
        try:
            emergencies.look(visit, staff_of(request), request.POST.get("words", ""))
        except (BadReason, NoConsent) as refused:
            fault = str(refused)
        else:
            return redirect("confirmation:information", visit_id)
    context = {**banner_of(visit.patient), "visit": visit, "fault": fault, "may_look": may_look()}
    context["words"] = request.POST.get("words", "")
    return render(request, "confirmation/look.html", context, status=422 if fault else 200)


@requires(Permission.EMERGENCY_REVIEW)
@require_GET
def looks(request: HttpRequest) -> HttpResponse:
    """救急時医療情報閲覧の一覧 — what waits for a review."""
    return render(request, "confirmation/looks.html", emergencies.access_looks(staff_of(request)))


@requires(Permission.EMERGENCY_REVIEW)
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, emergency_look_id: UUID) -> HttpResponse:
    """救急時医療情報閲覧の確認 — by somebody else, in words."""
    row, staff, fault = emergencies.access_look(emergency_look_id), staff_of(request), ""
    if request.method == "POST":
        try:
            emergencies.review_look(row.id, staff, request.POST.get("ok", ""), request.POST.get("words", ""))
        except NotReviewable as refused:
            fault = str(refused)
        else:
            return redirect("confirmation:looks")
    context = {
        "row": row, "showings": showings_of(row), "fault": fault, "is_own": row.asked_by_id == staff.id
    }  # fmt: skip
    return render(request, "confirmation/look_review.html", context, status=422 if fault else 200)
