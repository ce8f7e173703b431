# SPDX-License-Identifier: Apache-2.0
"""インシデントの画面 — the list, one with its papers, and the printed report."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.reception.clock import now, today
from tasuki_server.watch import incidents
from tasuki_server.watch.incident_items import LEAK_ITEMS, MINISTRY_ITEMS
from tasuki_server.watch.incident_models import Incident, IncidentKind
from tasuki_server.watch.parsing import day_of, moment_of, one_of, words_of

_DECISIONS = {"yes": True, "no": False, "": None}


@requires(Permission.MISUSE_WATCH)
@require_http_methods(["GET", "POST"])
def list_all(request: HttpRequest) -> HttpResponse:
    """インシデントの一覧 — drafts first; a new one by hand."""
    if request.method == "POST":
        title = words_of(request, "title", 100)
        if not title:
            messages.error(request, "件名を書いてください。")
            return redirect("watch:incidents")
        kind = one_of(request, "kind", IncidentKind.values)
        row = incidents.open_incident(title, kind, moment_of(request, "began_at"), today())
        return redirect("watch:incident", row.pk)
    rows = Incident.objects.select_related("opened_by").order_by("closed_at", "-opened_at")[:200]
    record("incident.read", detail={"count": len(rows)})
    context = {"rows": rows, "kinds": IncidentKind.choices, "now": now()}
    return render(request, "watch/incidents.html", context)


@requires(Permission.MISUSE_WATCH)
@require_GET
def one(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """インシデントの内容 — what to decide, what to write, by when, and the timeline."""
    row = incidents.access_incident(incident_id)
    record("incident.read", row)
    context = incidents.papers_of(row) | {"kinds": IncidentKind.choices, "now": now()}
    return render(request, "watch/incident.html", context)


@requires(Permission.MISUSE_WATCH)
@require_GET
def paper(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """報告書 — to print, with every item of the forms, empty ones too."""
    row = incidents.access_incident(incident_id)
    record("incident.print", row)
    context = incidents.papers_of(row) | {"institution": institution_of(request), "now": now()}
    return render(request, "watch/paper.html", context)


@requires(Permission.MISUSE_WATCH)
@require_POST
def write(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """記入 — an item of a report, or a line of the timeline."""
    row = incidents.access_incident(incident_id)
    items = {each.key for each in (*LEAK_ITEMS, *MINISTRY_ITEMS)} | {""}
    item, words = one_of(request, "item", items), words_of(request, "words", 2000)
    if not words:
        messages.error(request, "内容を書いてください。")
    elif item:
        incidents.write_item(row, item, words)
        messages.success(request, "記入しました。")
    else:
        incidents.write_line(row, words, moment_of(request, "happened_at"))
        messages.success(request, "時系列に加えました。")
    return redirect("watch:incident", incident_id)


@requires(Permission.MISUSE_WATCH)
@require_POST
def decide(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """判断 — kind, day of knowing, and whether the leak must be reported."""
    row = incidents.access_incident(incident_id)
    title = words_of(request, "title", 100) or row.title
    kind = one_of(request, "kind", IncidentKind.values)
    must = _DECISIONS[one_of(request, "must_report", _DECISIONS)]
    incidents.decide(row, title=title, kind=kind, known_on=day_of(request, "known_on"), must_report=must)
    messages.success(request, "判断を記録しました。")
    return redirect("watch:incident", incident_id)


@requires(Permission.MISUSE_WATCH)
@require_POST
def close(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """インシデントの終了 — its papers stay to be read."""
    row = incidents.access_incident(incident_id)
    if row.closed_at is None:
        incidents.close_incident(row)
        messages.success(request, "インシデントを終えました。")
    return redirect("watch:incident", incident_id)
