# SPDX-License-Identifier: Apache-2.0
"""緊急閲覧の画面 — begin, end, and the list from which nothing goes without a review."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import with_step_up
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.privacy import access
from tasuki_server.privacy.emergency import (
    BadReason,
    end_emergency,
    open_emergency,
    review_emergency,
)
from tasuki_server.privacy.models import EmergencyReason
from tasuki_server.privacy.reviewing import NotReviewable


@requires(Permission.EMERGENCY_OPEN)
@require_POST
def begin(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """緊急閲覧の開始 — a reason and words, and the page that was asked for opens."""
    staff, patient = staff_of(request), access.access_patient_by_id(patient_id)
    following = _safe(request.POST.get("next", ""))
    rule_id = access.asking_rule(staff, patient)
    if not rule_id:
        messages.info(request, "この患者は、理由なしで開けます。")
        return redirect(following)
    try:
        opened = open_emergency(
            staff, patient, request.POST.get("reason", ""), request.POST.get("words", ""), rule_id
        )
    except BadReason as missing:
        context = {
            "title": "理由を書いてください",
            "status": 422,
            "findings": [str(missing)],
            "patient_id": patient.id,
            "patient_number": patient.number,
            "reasons": EmergencyReason.choices,
            "next": following,
            "words": request.POST.get("words", ""),
            "reason": request.POST.get("reason", ""),
        }
        return render(request, "privacy/refused.html", context, status=422)
    messages.warning(request, f"緊急閲覧を始めました（{opened.minutes_left(opened.opened_at)}分）。")
    return redirect(following)


@requires(Permission.USE_SYSTEM)
@require_POST
def end(request: HttpRequest, emergency_access_id: UUID) -> HttpResponse:
    """緊急閲覧の終了 — by whoever opened it, or by who reviews."""
    found = access.access_own_or_reviewed(emergency_access_id, staff_of(request))
    end_emergency(found, staff_of(request))
    messages.success(request, "緊急閲覧を終えました。")
    return redirect("home")


@requires(Permission.EMERGENCY_REVIEW)
@require_GET
def emergencies(request: HttpRequest) -> HttpResponse:
    """緊急閲覧の一覧 — those that wait first, then those that were reviewed."""
    return render(request, "privacy/emergencies.html", access.access_emergencies(staff_of(request)))


@with_step_up
@requires(Permission.EMERGENCY_REVIEW)
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, emergency_access_id: UUID) -> HttpResponse:
    """緊急閲覧の確認 — what was given as the reason, what was done, and what a reviewer says."""
    found = access.access_emergency(emergency_access_id)
    fault = ""
    if request.method == "POST":
        try:
            review_emergency(
                found, staff_of(request), request.POST.get("verdict", ""), request.POST.get("words", "")
            )
        except NotReviewable as refused:
            fault = str(refused)
        else:
            messages.success(request, "確認を記録しました。")
            return redirect("privacy:emergencies")
    context = access.emergency_page(found, staff_of(request))
    typed = {name: request.POST.get(name, "") for name in ("verdict", "words")}
    status = 422 if fault else 200
    return render(request, "privacy/emergency.html", {**context, "fault": fault, **typed}, status=status)


def _safe(path: str) -> str:
    if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return path
    return reverse("home")
