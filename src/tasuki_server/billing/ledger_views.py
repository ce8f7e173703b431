# SPDX-License-Identifier: Apache-2.0
"""上限額管理票の画面 — lines of other institutions, added and taken back from the bill of a visit."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.billing import access
from tasuki_server.billing.cap_ledger import BadLine, add_line, has_line, withdraw_line
from tasuki_server.billing.desk_input import BadAmount, read_count, read_yen
from tasuki_server.billing.views import refused_page
from tasuki_server.institutions.rows import StaleVersion


@requires(Permission.BILLING_SETTLE)
@require_POST
def add(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """管理票の行の追加 — what another institution wrote."""
    row = access.access_visit(visit_id)
    try:
        programme = str(UUID(request.POST.get("programme", "")))
        day = date.fromisoformat(request.POST.get("day", "").strip())
    except ValueError:
        return refused_page(request, visit_id, ["管理票の日付を YYYY-MM-DD で入れてください。"])
    try:
        yen = read_yen(request.POST.get("yen", ""), "徴収額")
        add_line(row, programme, day=day, place=request.POST.get("place", ""), yen=yen)
    except (BadAmount, BadLine) as bad:
        return refused_page(request, visit_id, [str(bad)])
    return redirect(f"/billing/visit/{visit_id}?open=1")


@requires(Permission.BILLING_SETTLE)
@require_POST
def withdraw(request: HttpRequest, visit_id: UUID, record_id: UUID) -> HttpResponse:
    """管理票の行の取消 — of a line typed wrongly."""
    row = access.access_visit(visit_id)
    if not has_line(row, record_id):
        raise Http404("cap ledger line")
    try:
        withdraw_line(row, record_id, read_version=read_count(request.POST.get("read_version", ""), "版"))
    except (BadAmount, BadLine) as bad:
        return refused_page(request, visit_id, [str(bad)])
    except StaleVersion:
        return refused_page(request, visit_id, ["ほかの人が管理票を直しました。"], status=409)
    return redirect(f"/billing/visit/{visit_id}?open=1")
