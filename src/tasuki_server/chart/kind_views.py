# SPDX-License-Identifier: Apache-2.0
"""初再診の画面 — the doctor decides 初診・再診 against the history, with the reason."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.decide_kind import decide_kind, kind_decisions
from tasuki_server.reception.models import KIND_LABELS, VisitState


@requires(Permission.CHART_SIGN)
@require_POST
def kind(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """初再診の決定 — kept with its reason; the expected bill follows."""
    found = access_visit(visit_id)
    refusal = ""
    try:
        if found.state == VisitState.CANCELLED:
            raise ValueError("取り消された受診では決められません。")
        decide_kind(found, request.POST.get("kind", ""), request.POST.get("reason", ""))
    except ValueError as error:
        refusal = str(error)
    context = {
        "visit": access_visit(visit_id),
        "kinds": KIND_LABELS.items(),
        "kind_decisions": kind_decisions(found),
        "refusal": refusal,
        "is_open": bool(refusal),
    }
    answer = render(request, "chart/_kind.html", context, status=422 if refusal else 200)
    answer["HX-Trigger"] = "bill-changed"
    return answer
