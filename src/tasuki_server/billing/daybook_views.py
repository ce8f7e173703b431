# SPDX-License-Identifier: Apache-2.0
"""日計の画面."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tasuki.forms import render as set_form
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import with_step_up
from tasuki_server.audit.trail import record
from tasuki_server.billing.access import read_day
from tasuki_server.billing.daybook import daybook_of
from tasuki_server.billing.daybook_report import daybook_report
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.reception.clock import today


@requires(Permission.DAYBOOK_VIEW)
@require_GET
def daybook(request: HttpRequest) -> HttpResponse:
    """日計表 — of a day, with the days beside it."""
    day = read_day(request.GET.get("day", ""), today())
    record("daybook.read", detail={"day": day.isoformat()})
    one = timedelta(days=1)
    context = {"book": daybook_of(day), "day": day, "before": day - one, "after": day + one, "today": today()}
    return render(request, "billing/daybook.html", context)


@with_step_up
@requires(Permission.DAYBOOK_VIEW)
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """日計表のPDF — in the browser's own viewer, from where it is printed."""
    day = read_day(request.GET.get("day", ""), today())
    record("daybook.print", detail={"day": day.isoformat()})
    data = set_form("daily_report", daybook_report(day, staff_of(request).name))
    headers = {
        "Content-Disposition": f'inline; filename="daybook-{day}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type="application/pdf", headers=headers)
