# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有の画面 — the list, one unit, the 6情報 of a visit with their flags, and the setting."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.reception.access import access_visit
from tasuki_server.sharing import access
from tasuki_server.sharing.flagged import access_flagged
from tasuki_server.sharing.flags import Wanted, set_flags
from tasuki_server.sharing.models import Subject
from tasuki_server.sharing.planning import plan
from tasuki_server.sharing.setting import is_used, set_used

STALE = "ほかの人が先に印を変えました。いまの印を確かめてから、もう一度決めてください。"


@requires(Permission.CHART_VIEW)
@require_GET
def show_list(request: HttpRequest) -> HttpResponse:
    """情報共有の一覧 — with filter, sort and search."""
    return render(request, "sharing/list.html", access.access_list(request.GET.dict()))


@requires(Permission.CHART_VIEW)
@require_GET
def unit(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """送信単位 — with every step of its way."""
    return render(request, "sharing/unit.html", access.access_unit_page(unit_id))


@requires(Permission.CHART_VIEW)
@require_GET
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """6情報 — of a visit, checked as they would be sent now."""
    return render(request, "sharing/visit.html", access.access_visit_page(visit_id, staff_of(request)))


@requires(Permission.CHART_VIEW)
@require_GET
def panel(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """カルテの情報共有の欄 — looks again by itself while something is sent."""
    return render(request, "sharing/_panel.html", access.access_panel(visit_id, staff_of(request)))


@requires(Permission.CHART_SIGN)
@require_POST
def again(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """もう一度送る — after what was wrong has been mended, or when the chart has changed since."""
    plan(access_visit(visit_id), is_again=True)
    return redirect("sharing:visit", visit_id)


@requires(Permission.CHART_SIGN)
@require_POST
def flags(request: HttpRequest, visit_id: UUID, kind: str, record_id: UUID) -> HttpResponse:
    """印の変更 — with its reason; what was shared already is sent again with it."""
    seen = access_visit(visit_id)
    stamp = request.POST.get("version", "")
    if kind not in Subject.values or not stamp.isdecimal() or len(stamp) > 9:
        return HttpResponseBadRequest()
    access_flagged(seen, Subject(kind), record_id)
    wanted = Wanted(*(request.POST.get(name) == "on" for name in Wanted._fields))
    try:
        set_flags(
            seen.patient,
            Subject(kind),
            record_id,
            wanted,
            request.POST.get("words", ""),
            read_version=int(stamp),
        )
    except BadInput as bad:
        return _refused(request, visit_id, [sentence(each) for each in bad.findings])
    except StaleVersion:
        return _refused(request, visit_id, [STALE])
    plan(seen)
    return _answer(request, visit_id)


@requires(Permission.INSTITUTION_MANAGE)
@require_GET
def setup(request: HttpRequest) -> HttpResponse:
    """情報共有の設定."""
    return render(request, "sharing/setup.html", {"is_used": is_used()})


@requires(Permission.INSTITUTION_MANAGE)
@require_POST
def use(request: HttpRequest) -> HttpResponse:
    """利用の開始・停止."""
    set_used(is_on=request.POST.get("is_on") == "1")
    return redirect("sharing:setup")


def _answer(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    if request.headers.get("HX-Target") == "sharing-panel":
        return render(request, "sharing/_panel.html", access.access_panel(visit_id, staff_of(request)))
    return redirect("sharing:visit", visit_id)


def _refused(request: HttpRequest, visit_id: UUID, faults: list[str]) -> HttpResponse:
    context = access.access_visit_page(visit_id, staff_of(request))
    if request.headers.get("HX-Target") == "sharing-panel":
        # A part is swapped for an answer that is fine only; the refusal stands in it.
        return render(request, "sharing/_panel.html", {**context, "refusals": faults})
    return render(request, "sharing/visit.html", {**context, "refusals": faults}, status=422)
