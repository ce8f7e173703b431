# SPDX-License-Identifier: Apache-2.0
"""監査記録の画面 — who did what, newest first; looking at it is noted too."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.reading import Question, events_matching
from tasuki_server.audit.trail import record


@requires(Permission.AUDIT_VIEW)
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """監査記録 — by day, actor, act and patient."""
    question = Question.asked(request.GET)
    events, older = events_matching(question)
    record("audit.read", detail=question.as_detail())
    context = {"question": question, "events": events, "older": older}
    return render(request, "audit/list.html", context)
