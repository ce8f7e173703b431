# SPDX-License-Identifier: Apache-2.0
"""オーダ欄の答え — the table, or what stands beside it, after an act on the draft."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render

from tasuki_server.audit.trail import record
from tasuki_server.chart import draft as drafts
from tasuki_server.chart.models import Draft
from tasuki_server.chart.page import order_context
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.reception.models import Visit


def held(request: HttpRequest, visit: Visit) -> Draft:
    """自分の下書き — of the visit, made if this is the first stroke."""
    return drafts.hold_draft(visit, staff_of(request))


def status_answer(
    request: HttpRequest,
    visit: Visit,
    draft: Draft,
    *,
    refusal: str = "",
    oob: bool = True,
    template: str = "orders/_status.html",
    **more: Any,
) -> HttpResponse:
    """オーダの状態の答え — what is unfinished and warned about; the fields of the table stay as they are."""
    record("draft.save", draft, visit.patient_id)
    context = {**order_context(visit, draft), "visit": visit, "refusal": refusal, "oob": oob, **more}
    answer = render(request, template, context)
    answer["HX-Trigger"] = "bill-changed"
    return answer


def table_answer(
    request: HttpRequest, visit: Visit, draft: Draft, *, notice: str = "", focus: str = "", **more: Any
) -> HttpResponse:
    """オーダ表の答え — drawn anew."""
    if not request.headers.get("HX-Request"):
        return HttpResponseBadRequest()
    if not draft._state.adding:
        record("draft.save", draft, visit.patient_id)
    context = {**order_context(visit, draft), "visit": visit, "draft": draft, "editable": True}
    focus = focus or request.POST.get("focus", "")
    told = {"notice": notice, "focus": focus, "opened": request.POST.get("opened", "")}
    answer = render(request, "orders/_table.html", {**context, **told, **more})
    answer["HX-Trigger"] = "bill-changed"
    answer["HX-Trigger-After-Settle"] = "basket-kept" if notice else "basket-changed"
    return answer
