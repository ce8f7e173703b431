# SPDX-License-Identifier: Apache-2.0
"""拒否の画面 — why, and, where a reason opens it, the place to give one: one page, one button."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from tasuki.security.conditions import Effect
from tasuki.security.decision_sentences import decision_sentence
from tasuki.security.permissions import Permission
from tasuki_server.institutions.models import Staff
from tasuki_server.privacy.asking import Refusal
from tasuki_server.privacy.models import EmergencyReason

_ADVICE = "必要なときは、管理者に役割の変更を依頼してください。"


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """拒否の画面 — 403; with the form of break-glass for who may use it."""
    staff: Staff | None = getattr(request, "staff", None)
    may_open = refusal.may_ask and staff is not None and staff.may(Permission.EMERGENCY_OPEN)
    is_by_role = refusal.standing is None
    context = {
        "status": 403,
        "title": "この操作をする権限がありません"
        if is_by_role
        else "この患者の記録は、このままでは開けません",
        "findings": [decision_sentence(refusal.decision)],
        "advice": _advice(refusal, may_open=may_open),
        "now": timezone.now(),
    }
    if not may_open or refusal.standing is None:
        return render(request, "errors/error.html", context, status=403)
    return render(
        request,
        "privacy/refused.html",
        {
            **context,
            "patient_id": refusal.standing.patient_id,
            "patient_number": refusal.standing.number,
            "reasons": EmergencyReason.choices,
            "next": _way_back(request, refusal.standing.number),
        },
        status=403,
    )


def _advice(refusal: Refusal, *, may_open: bool) -> str:
    if refusal.standing is None:
        return _ADVICE
    if may_open:
        return "いま必要なときは、理由を書いて開けます。管理者に知らせが行き、あとで確認されます。"
    if refusal.decision.effect is Effect.FORBID:
        return "ほかの職員に頼んでください。"
    return "読むことができる職員に頼んでください。"


def _way_back(request: HttpRequest, number: int) -> str:
    """The page that was asked for, or, after an act, the patient's."""
    if request.method == "GET":
        return request.get_full_path()
    return reverse("patients:patient", args=[number])
