# SPDX-License-Identifier: Apache-2.0
"""資格変更の画面 — the work list of bills to compute anew, one step a bill."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.billing import access
from tasuki_server.billing.changes import NotUsable, changed_bills, recalculate_bill, switch_insurance
from tasuki_server.billing.desk_input import read_count
from tasuki_server.billing.refusals import REFUSED, refusal_of
from tasuki_server.billing.settle import balance_yen


@requires(Permission.BILLING_VIEW)
@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """再計算が要る会計 — with the difference of each."""
    return _page(request, [])


@requires(Permission.BILLING_SETTLE)
@require_POST
def recalculate(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """再計算 — one bill; the amount is the one that was read."""
    row = access.access_visit(visit_id)
    try:
        bill = recalculate_bill(
            row,
            read_version=read_count(request.POST.get("read_version", ""), "会計の版"),
            seen_yen=read_count(request.POST.get("seen_yen", ""), "負担金"),
        )
    except REFUSED as refused:
        return _page(request, *refusal_of(refused))
    owed = balance_yen(row.patient, row)
    told = (
        f"{-owed:,}円を返金してください。"
        if owed < 0
        else f"{owed:,}円を受け取ってください。"
        if owed
        else ""
    )
    messages.success(request, f"{bill.day:%Y-%m-%d}の会計を再計算しました（{bill.due_yen:,}円）。{told}")
    return redirect("billing:visit", visit_id) if owed else redirect("billing:changes")


@requires(Permission.BILLING_SETTLE)
@require_POST
def switch(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """受付の保険の変更 — to a card that is valid on the day of the visit."""
    row = access.access_visit(visit_id)
    try:
        switch_insurance(row, request.POST.get("insurance", ""))
    except NotUsable as bad:
        return _page(request, [str(bad)], 422)
    return redirect("billing:changes")


def _page(request: HttpRequest, faults: list[str], status: int = 200) -> HttpResponse:
    lines = changed_bills()
    context = {
        "faults": faults,
        "lines": lines,
        "back_yen": -sum(
            line.difference_yen for line in lines if line.difference_yen < 0 and not line.faults
        ),
        "more_yen": sum(line.difference_yen for line in lines if line.difference_yen > 0 and not line.faults),
    }
    return render(request, "billing/changes.html", context, status=status)
