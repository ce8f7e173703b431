# SPDX-License-Identifier: Apache-2.0
"""重複投薬等チェックの画面 — a part of the chart: asking, the findings, and the consent that decides what is told."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.chart.draft import find_draft
from tasuki_server.chart.page import order_context
from tasuki_server.eprescribing import checking
from tasuki_server.eprescribing.consent import consent_of, keep_consent
from tasuki_server.eprescribing.line import NotAnswered
from tasuki_server.eprescribing.models import ConsentKind
from tasuki_server.eprescribing.setting import is_used
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.models import Visit


@requires(Permission.CHART_WRITE)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """重複投薬等チェック — POST asks now, GET shows the newest answer."""
    visit = access_visit(visit_id)
    record("eprescription.read", visit, visit.patient_id, {"part": "check"})
    fault = ""
    if request.method == "POST":
        try:
            checking.check(visit, staff_of(request))
        except (checking.NothingToCheck, NotAnswered) as away:
            fault = str(away)
        except BadInput as bad:
            fault = " ".join(sentence(each) for each in bad.findings)
    return _part(request, visit, fault, is_new=request.method == "POST")


@requires(Permission.CHART_WRITE)
@require_POST
def consent(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """過去の薬剤を見る同意 — noted, or taken back; what was told under another consent is asked anew."""
    visit = access_visit(visit_id)
    kind = request.POST.get("kind", "")
    if kind in (ConsentKind.ORAL, ConsentKind.NONE) and kind != consent_of(visit):
        keep_consent(visit, ConsentKind(kind))
    return _part(request, visit, "", is_new=True)


def _part(request: HttpRequest, visit: Visit, fault: str, *, is_new: bool) -> HttpResponse:
    """What a new answer says of drugs elsewhere also stands above the orders, and may stop the signature there."""
    if not request.headers.get("HX-Request"):
        return redirect("chart:visit", visit.id)
    context = {
        "visit": visit,
        "is_used": is_used(),
        "check": checking.check_view(visit, staff_of(request)),
        "consent": consent_of(visit),
        "fault": fault,
    }
    if "frame" in request.GET:
        return render(request, "eprescribing/_check_frame.html", context)
    draft = find_draft(visit.patient, staff_of(request)) if is_new else None
    if draft is None or draft.visit_id != visit.id:
        return render(request, "eprescribing/_check.html", context)
    beside = {**order_context(visit, draft), "oob": True}
    answer = render(request, "eprescribing/_checked.html", {**beside, **context})
    if not fault:
        # An older answer still on its way must not be the last word.
        answer["HX-Trigger"] = "drugs-checked"
    return answer
