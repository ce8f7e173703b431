# SPDX-License-Identifier: Apache-2.0
"""改定影響の画面 — a month under another revision, by item and by patient, with tables to take away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tasuki.calculation.impact import Impact, measure_impact
from tasuki.calculation.impact_report import TABLES, impact_csv, reasons_of_change
from tasuki.masters.book import OutOfBook
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.chart.values import institution_value
from tasuki_server.impact.gather import GatheredVisits, billed_patients, gather_visits
from tasuki_server.impact.models import ImpactRun
from tasuki_server.impact.steps import OtherTables, begin_run, names_of, result_of, take_step
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.masters_source import current_book

SHOWN = 60
RUNS_SHOWN = 5
# Beyond this many visits a page would keep its reader waiting: they are weighed in steps that show how far they are.
AT_ONCE = 300


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
        people = billed_patients(asked.month)
        count = sum(visits for _, visits in people)
        context |= {"count": count, "is_long": count > AT_ONCE}
        if count <= AT_ONCE:
            gathered = gather_visits(asked.month)
            try:
                result = _measured(request, asked, gathered)
            except OutOfBook:
                return render(request, "impact/impact.html", context | {"is_outside": True})
            context |= {"left_out": gathered.left_out, **_shown(result, gathered.names)}
    context["runs"] = ImpactRun.objects.select_related("made_by").order_by("-made_at")[:RUNS_SHOWN]
    return render(request, "impact/impact.html", context)


@requires(Permission.DAYBOOK_VIEW)
@require_GET
def table(request: HttpRequest, table: str) -> HttpResponse:
    """改定影響の表 — CSV of items, patients or lines; patients by number only."""
    asked = _asked(request)
    if table not in TABLES or not asked.revision:
        raise Http404
    if sum(visits for _, visits in billed_patients(asked.month)) > AT_ONCE:
        raise BadRequest("too many visits for a page")
    gathered = gather_visits(asked.month)
    try:
        result = _measured(request, asked, gathered)
    except OutOfBook as outside:
        raise Http404 from outside
    return _csv(result, table, f"impact-{asked.month:%Y-%m}-{asked.revision}-{table}.csv")


@requires(Permission.DAYBOOK_VIEW)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """改定影響の計算の開始 — of a month with many visits, in steps."""
    asked = _asked(request, request.POST)
    if not asked.revision:
        raise BadRequest("no revision")
    return redirect("impact:run", begin_run(asked.month, asked.revision).id)


@requires(Permission.DAYBOOK_VIEW)
@require_GET
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """改定影響の計算の経過 — how far it is, or what it found; left and opened again, it goes on where it was."""
    found = _run(run_id)
    template = "impact/_progress.html" if request.headers.get("HX-Request") else "impact/run.html"
    return render(request, template, _run_context(request, found))


@requires(Permission.DAYBOOK_VIEW)
@require_POST
def step(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """一段階の計算 — the next step; the page asks again until all are done."""
    _run(run_id)
    faults = []
    try:
        found = take_step(run_id)
    except OtherTables:
        found = _run(run_id)
        faults = ["計算の途中でマスターが取り込まれました。初めから計算し直してください。"]
    except OutOfBook:
        found = _run(run_id)
        faults = [f"{found.month:%Y年%m月}の点数表が取り込まれていません。マスターを取り込んでください。"]
    if not request.headers.get("HX-Request"):
        if faults:
            messages.error(request, faults[0])
        return redirect("impact:run", run_id)
    if found.is_done:
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("impact:run", args=[run_id])
        return answer
    return render(request, "impact/_progress.html", {"run": found, "faults": faults})


@requires(Permission.DAYBOOK_VIEW)
@require_GET
def run_table(request: HttpRequest, run_id: UUID, table: str) -> HttpResponse:
    """改定影響の表 — of a run whose steps are all done."""
    found = _run(run_id)
    if table not in TABLES or not found.is_done:
        raise Http404
    result = result_of(found)
    if result is None:
        raise Http404
    record("impact.read", found, detail={"table": table})
    return _csv(result, table, f"impact-{found.month:%Y-%m}-{found.revision}-{table}.csv")


def _run(run_id: UUID) -> ImpactRun:
    found = ImpactRun.objects.filter(pk=run_id).first()
    if found is None:
        raise Http404("impact run")
    return found


def _run_context(request: HttpRequest, found: ImpactRun) -> dict[str, object]:
    context: dict[str, object] = {"run": found, "month": found.month, "revision": found.revision}
    if not found.is_done:
        return context
    record("impact.read", found, detail={"month": f"{found.month:%Y-%m}", "revision": found.revision})
    context |= {"left_out": found.left_out, "tables": list(TABLES.items()), "count": found.visit_count}
    result = result_of(found)
    return context if result is None else context | _shown(result, names_of(found))


def _shown(result: Impact, names: dict[str, str]) -> dict[str, object]:
    return {
        "impact": result,
        "items": result.items[:SHOWN],
        "more_items": max(0, len(result.items) - SHOWN),
        "people": [(each, names.get(each.patient, "")) for each in result.patients[:SHOWN] if each.points],
        "changed_people": sum(1 for each in result.patients if each.points),
        "reasons": reasons_of_change(result)[:SHOWN],
    }


def _csv(result: Impact, table: str, name: str) -> HttpResponse:
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


def _asked(request: HttpRequest, form: QueryDict | None = None) -> Asked:
    given = request.GET if form is None else form
    text = given.get("month", "")
    try:
        month = date.fromisoformat(f"{text}-01") if text else timezone.localdate().replace(day=1)
    except ValueError as error:
        raise BadRequest("no month") from error
    if not 1900 <= month.year <= 2199:
        raise BadRequest("no month")
    revision = given.get("to", "")
    if revision and revision not in {each.name for each in current_book().revisions}:
        raise BadRequest("no such revision")
    return Asked(month, revision)
