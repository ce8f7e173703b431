# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の画面 — the list, one prescription, and the part of the chart."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.eprescribing import access, acts
from tasuki_server.eprescribing.models import IssueType
from tasuki_server.eprescribing.planning import plan
from tasuki_server.eprescribing.setting import choose as note_choice
from tasuki_server.reception.access import access_visit

LONGEST_COMMENT = 400


@requires(Permission.CHART_VIEW)
@require_GET
def show_list(request: HttpRequest) -> HttpResponse:
    """電子処方箋の一覧 — with filter, sort and search."""
    return render(request, "eprescribing/list.html", access.access_list(request.GET.dict()))


@requires(Permission.CHART_VIEW)
@require_GET
def registration(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """処方箋の登録 — one prescription with every step of its way."""
    return render(request, "eprescribing/registration.html", access.access_registration_page(registration_id))


@requires(Permission.CHART_VIEW)
@require_GET
def panel(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """カルテの電子処方箋の欄 — looks again by itself while something is sent."""
    return render(request, "eprescribing/_panel.html", access.access_panel(visit_id))


@requires(Permission.CHART_SIGN)
@require_POST
def choose(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """電子・紙の選択 — what is registered already is changed to it."""
    visit = access_visit(visit_id)
    wanted = request.POST.get("issue_type", "")
    if wanted in IssueType.values:
        comment = request.POST.get("comment", "").replace("\r\n", "\n").strip()[:LONGEST_COMMENT]
        note_choice(visit, IssueType(wanted), comment)
        plan(visit)
    return _panel(request, visit_id)


@requires(Permission.CHART_SIGN)
@require_POST
def again(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """もう一度登録する — after what was wrong has been mended."""
    plan(access_visit(visit_id))
    return _panel(request, visit_id)


@requires(Permission.CHART_SIGN)
@require_POST
def cancel(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """処方箋取消 — with its reason."""
    row = access.access_registration(registration_id)
    try:
        acts.cancel(row, request.POST.get("reason", ""))
    except BadInput as refused:
        return _panel(request, row.visit_id, refused)
    return _panel(request, row.visit_id)


@requires(Permission.CHART_SIGN)
@require_POST
def undo(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """取消・変更のUNDO."""
    row = access.access_registration(registration_id)
    try:
        acts.undo(row)
    except BadInput as refused:
        return _panel(request, row.visit_id, refused)
    return _panel(request, row.visit_id)


@requires(Permission.CHART_WRITE)
@require_POST
def seen(request: HttpRequest, result_id: UUID) -> HttpResponse:
    """調剤結果の確認."""
    result = access.access_result(result_id)
    acts.mark_seen(result)
    return _panel(request, result.registration.visit_id)


def _panel(request: HttpRequest, visit_id: UUID, refused: BadInput | None = None) -> HttpResponse:
    """The part of the chart again; without htmx the chart."""
    if not request.headers.get("HX-Request"):
        return redirect("chart:visit", visit_id)
    context = access.access_panel(visit_id)
    faults = [sentence(each) for each in refused.findings] if refused is not None else []
    # A part is swapped for an answer that is fine only; the refusal stands in it.
    return render(request, "eprescribing/_panel.html", {**context, "refusals": faults})
