# SPDX-License-Identifier: Apache-2.0
"""診療の数字の画面 — what is ticked and written beside the orders for the calculation and the check of drugs."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from tasuki.calculation.flags import Flag
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.chart import draft as drafts
from tasuki_server.chart.fact_form import UnreadableFact, keep_posted_facts, read_facts, take_last_facts
from tasuki_server.chart.facts import encode_facts
from tasuki_server.chart.flag_places import IN_THE_ROOM
from tasuki_server.orders.answers import held, status_answer, table_answer
from tasuki_server.reception.access import access_visit


@requires(Permission.ORDER_ENTER)
@require_POST
def flags(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """申告事実 — what the doctor ticks for the calculation."""
    visit = access_visit(visit_id)
    known = {flag.value for flag in IN_THE_ROOM}
    chosen = [Flag(each).value for each in request.POST.getlist("flag") if each in known]
    return status_answer(request, visit, drafts.save_flags(held(request, visit), chosen))


@requires(Permission.ORDER_ENTER)
@require_POST
def facts(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """診療の数字 — minutes, the visit to a home, self-care, the body; a field that cannot be read changes nothing."""
    visit = access_visit(visit_id)
    draft = held(request, visit)
    try:
        if keep_posted_facts(draft, request.POST):
            drafts.save_facts(draft)
    except UnreadableFact as error:
        return status_answer(request, visit, draft, refusal=str(error))
    shown = json.dumps(encode_facts(read_facts(request.POST, visit.day)), ensure_ascii=False)
    return status_answer(
        request, visit, draft, template="chart/_facts_kept.html", facts_base=shown, oob_base=True
    )


@requires(Permission.ORDER_ENTER)
@require_POST
def same_facts(request: HttpRequest, visit_id: UUID, part: str) -> HttpResponse:
    """前回と同じ — what was kept at the last visit and does not change from visit to visit."""
    visit = access_visit(visit_id)
    draft = held(request, visit)
    if part not in ("home", "self_care", "body") or not take_last_facts(draft, visit, part):
        return table_answer(request, visit, draft, notice="前回の記録はありません。")
    return table_answer(request, visit, drafts.save_facts(draft))
