# SPDX-License-Identifier: Apache-2.0
"""検査結果の画面 — all results of the patient, another report line by line, and taking one back with its reason."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.reception.access import access_visit
from tasuki_server.sharing import access
from tasuki_server.sharing.planning import plan
from tasuki_server.sharing.results import Entered, keep_report, read_lines, read_moment, withdraw_result


@requires(Permission.CHART_WRITE)
@require_http_methods(["GET", "POST"])
def results(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """検査結果 — shown, and a report entered."""
    faults: list[str] = []
    if request.method == "POST":
        visit = access_visit(visit_id)
        try:
            moment = read_moment(request.POST.get("day", ""), request.POST.get("time", ""), visit)
            lines = read_lines({name: request.POST.getlist(name) for name in Entered._fields})
        except BadInput as bad:
            faults = [sentence(each) for each in bad.findings]
        else:
            keep_report(visit, lines, moment)
            # A result that comes after the signature is shared as soon as it is known.
            plan(visit)
            return redirect("sharing:results", visit_id)
    context = access.access_results(visit_id)
    typed = _typed(request) if faults else [{} for _ in context["blank_rows"]]
    shown = {**context, "faults": faults, "typed": typed}
    if faults:
        shown["day_text"], shown["time_text"] = request.POST.get("day", ""), request.POST.get("time", "")
    return render(request, "sharing/results.html", shown, status=422 if faults else 200)


@requires(Permission.CHART_WRITE)
@require_POST
def withdraw(request: HttpRequest, visit_id: UUID, record_id: UUID) -> HttpResponse:
    """検査結果の取消 — with the reason."""
    visit = access_visit(visit_id)
    row = access.access_result(visit, record_id)
    reason, stamp = request.POST.get("reason", "").strip(), request.POST.get("version", "")
    fault = "" if reason else "取り消す理由を入れてください。"
    if not fault:
        try:
            withdraw_result(
                row, read_version=int(stamp) if stamp.isdecimal() and len(stamp) < 9 else 0, reason=reason
            )
        except StaleVersion:
            fault = "ほかの人が先に変えました。いまの内容を確かめてください。"
    if not fault:
        plan(visit)
        return redirect("sharing:results", visit_id)
    context = access.access_results(visit_id)
    shown = {**context, "faults": [fault], "typed": [{} for _ in context["blank_rows"]]}
    return render(request, "sharing/results.html", shown, status=422)


def _typed(request: HttpRequest) -> list[dict[str, str]]:
    columns = {name: request.POST.getlist(name) for name in Entered._fields}
    count = max((len(column) for column in columns.values()), default=0)
    return [
        {name: column[place] if place < len(column) else "" for name, column in columns.items()}
        for place in range(count)
    ]
