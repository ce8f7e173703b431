# SPDX-License-Identifier: Apache-2.0
"""改定影響の画面 — a month under another revision, by item and by patient, with tables to take away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tasuki.calculation.impact import Impact, measure_impact
from tasuki.calculation.impact_report import TABLES, impact_csv, reasons_of_change
from tasuki.masters.book import OutOfBook
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.chart.values import institution_value
from tasuki_server.impact.gather import GatheredVisits, gather_visits
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.masters_source import current_book

SHOWN = 60
# Beyond this many visits a page would keep its reader waiting; the command line tells how far it is.
MOST = 6000


@dataclass(frozen=True, slots=True)
class Asked:
    """指定 — a month, and the revision to price it under; "" before one is chosen."""

    month: date
    revision: str


@requires(Permission.DAYBOOK_VIEW)
@require_GET
def impact(request: HttpRequest) -> HttpResponse:
    """改定影響 — asks for month and revision, and shows what changes."""
    asked = _asked(request)
    revisions = current_book().revisions
    context: dict[str, object] = {
        "month": asked.month,
        "revision": asked.revision,
        "revisions": [each for each in reversed(revisions) if asked.month not in each.validity],
        "tables": list(TABLES.items()),
    }
    if asked.revision:
        gathered = gather_visits(asked.month)
        context |= {"gathered": gathered, "is_too_long": gathered.count > MOST}
        if gathered.count <= MOST:
            try:
                result = _measured(request, asked, gathered)
            except OutOfBook:
                return render(request, "impact/impact.html", context | {"is_outside": True})
            context |= {
                "impact": result,
                "items": result.items[:SHOWN],
                "more_items": max(0, len(result.items) - SHOWN),
                "people": [
                    (each, gathered.names[each.patient]) for each in result.patients[:SHOWN] if each.points
                ],
                "changed_people": sum(1 for each in result.patients if each.points),
                "reasons": reasons_of_change(result)[:SHOWN],
            }
    return render(request, "impact/impact.html", context)


@requires(Permission.DAYBOOK_VIEW)
@require_GET
def table(request: HttpRequest, table: str) -> HttpResponse:
    """改定影響の表 — CSV of items, patients or lines; patients by number only."""
    asked = _asked(request)
    if table not in TABLES or not asked.revision:
        raise Http404
    gathered = gather_visits(asked.month)
    if gathered.count > MOST:
        raise BadRequest("too many visits for a page")
    try:
        result = _measured(request, asked, gathered)
    except OutOfBook as outside:
        raise Http404 from outside
    name = f"impact-{asked.month:%Y-%m}-{asked.revision}-{table}.csv"
    return HttpResponse(
        impact_csv(result, table),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _measured(request: HttpRequest, asked: Asked, gathered: GatheredVisits) -> Impact:
    detail = {"month": f"{asked.month:%Y-%m}", "revision": asked.revision, "visits": gathered.count}
    record("impact.read", detail=detail)
    facility = institution_value(institution_of(request))
    return measure_impact(gathered.people, facility, current_book(), asked.revision)


def _asked(request: HttpRequest) -> Asked:
    text = request.GET.get("month", "")
    try:
        month = date.fromisoformat(f"{text}-01") if text else timezone.localdate().replace(day=1)
    except ValueError as error:
        raise BadRequest("no month") from error
    if not 1900 <= month.year <= 2199:
        raise BadRequest("no month")
    revision = request.GET.get("to", "")
    if revision and revision not in {each.name for each in current_book().revisions}:
        raise BadRequest("no such revision")
    return Asked(month, revision)
