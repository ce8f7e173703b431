# SPDX-License-Identifier: Apache-2.0
"""安全管理室の画面 — the state of the walls, second factors by person, and what is overdue."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.office import reading
from tasuki_server.reception.clock import now, today
from tasuki_server.shell.waiting import every_waiting


@requires(Permission.OFFICE_VIEW)
@require_GET
def walls(request: HttpRequest) -> HttpResponse:
    """壁の状態 — and the evidence of the drills."""
    record("office.read", detail={"part": "walls"})
    context = {"walls": reading.walls(now()), "drills": reading.drill_lines(today()), "now": now()}
    return render(request, "office/walls.html", context | {"evidence_days": reading.EVIDENCE_DAYS})


@requires(Permission.OFFICE_VIEW)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """二要素認証の登録 — person by person."""
    found = reading.people(now())
    record("office.read", detail={"part": "people", "count": len(found)})
    users = [each for each in found if each.mark != "利用停止"]
    enrolled = sum(each.tone != "bad" for each in users)
    context = {"people": found, "users": len(users), "enrolled": enrolled}
    return render(request, "office/people.html", context | {"unused_days": reading.UNUSED_DAYS})


@requires(Permission.OFFICE_VIEW)
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """期限のある確認 — what waits and what is late."""
    record("office.read", detail={"part": "reviews"})
    return render(request, "office/reviews.html", {"reviews": every_waiting(staff_of(request))})
