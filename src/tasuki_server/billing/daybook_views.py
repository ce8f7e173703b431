# SPDX-License-Identifier: Apache-2.0
"""日計の画面."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.billing.access import read_day
from tasuki_server.billing.daybook import daybook_of
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
