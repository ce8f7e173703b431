# SPDX-License-Identifier: Apache-2.0
"""会計の画面 — a bill that fills itself, its confirmation, and the money."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.billing import access
from tasuki_server.billing.decide import add_flag
from tasuki_server.billing.desk_input import (
    BadAmount,
    read_count,
    read_method,
    read_own_items,
    read_priced_items,
    read_reason,
    read_yen,
)
from tasuki_server.billing.payer_desk import read_payers
from tasuki_server.billing.payers import BadPayers, choose_payers, price_items
from tasuki_server.billing.refusals import REFUSED, refusal_of
from tasuki_server.billing.settle import (
    Seen,
    balance_yen,
    give_back,
    lock_patient,
    settle_bill,
    take_payment,
)
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.reception.clock import today
from tasuki_server.reception.decide_kind import decide_kind
from tasuki_server.reception.models import VisitState
from tasuki_server.reception.receive import move_visit


@requires(Permission.BILLING_VIEW)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """会計一覧 — who waits at the desk today."""
    return render(request, "billing/list.html", access.access_waiting())


@requires(Permission.BILLING_VIEW)
@require_GET
def unpaid(request: HttpRequest) -> HttpResponse:
    """未収一覧 — who owes, or is to be given back."""
    return render(request, "billing/unpaid.html", access.access_unpaid())


@requires(Permission.BILLING_VIEW)
@require_GET
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """会計 — of one visit; ``?open=1`` shows what it would be now instead of what was confirmed."""
    context = access.access_bill_page(visit_id, is_open="open" in request.GET)
    return render(request, "billing/visit.html", context, status=422 if "outside" in context else 200)


@requires(Permission.BILLING_SETTLE)
@require_POST
def settle(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """会計の確定 — and, when an amount came with it, the payment in the same transaction."""
    row = access.access_visit(visit_id)
    if request.POST.get("read_version", "0") != "0" and not request.POST.get("reason", "").strip():
        return refused_page(request, visit_id, ["訂正の理由を書いてください。"])
    try:
        items = read_own_items(request.POST)
        if items is not None:
            items = (*items, *read_priced_items(request.POST, price_items(row.day)))
        method = read_method(request.POST)
        received = (
            read_yen(request.POST.get("received", ""), "受取額") if request.POST.get("received") else None
        )
        bill = settle_bill(
            row,
            read_version=read_count(request.POST.get("read_version") or "0", "会計の版"),
            reason=read_reason(request.POST.get("reason", "")),
            own_items=items,
            seen=_seen(request),
        )
    except StaleVersion as clash:
        return render(
            request, "billing/stale.html", {"visit": row, "patient": row.patient, "clash": clash}, status=409
        )
    except REFUSED as refused:
        return refused_page(request, visit_id, *refusal_of(refused))
    if received:
        owed = max(0, balance_yen(row.patient, row))
        if owed:
            take_payment(row, min(received, owed), method, day=today())
        if received > owed:
            messages.success(request, f"お釣りは {received - owed:,}円です。")
    if row.state == VisitState.TO_PAY and balance_yen(row.patient, row) <= 0:
        move_visit(row.id, VisitState.DONE)
    messages.success(request, f"会計を確定しました（{bill.total_points:,}点、{bill.due_yen:,}円）。")
    return redirect("billing:visit", visit_id)


@requires(Permission.PAYMENT_TAKE)
@require_POST
def pay(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """入金 — a payment, in part or in full."""
    row = access.access_visit(visit_id)
    try:
        received = read_yen(request.POST.get("received", ""), "受取額")
        method = read_method(request.POST)
    except BadAmount as bad:
        return refused_page(request, visit_id, [str(bad)])
    # Before the balance is read: two who take the same money wait for one another.
    lock_patient(row.patient)
    owed = balance_yen(row.patient, row)
    if owed <= 0:
        return refused_page(request, visit_id, ["この受診に未収はありません。"])
    take_payment(row, min(received, owed), method, day=today())
    if received > owed:
        messages.success(request, f"お釣りは {received - owed:,}円です。")
    messages.success(request, f"{min(received, owed):,}円を入金しました。")
    if row.state == VisitState.TO_PAY and received >= owed:
        move_visit(row.id, VisitState.DONE)
    return redirect("billing:visit", visit_id)


@requires(Permission.PAYMENT_REFUND)
@require_POST
def refund(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """返金 — with its reason, up to what the patient is to be given back."""
    row = access.access_visit(visit_id)
    try:
        reason = read_reason(request.POST.get("reason", ""))
        yen = read_yen(request.POST.get("yen", ""), "返金額")
        method = read_method(request.POST)
    except BadAmount as bad:
        return refused_page(request, visit_id, [str(bad)])
    if not reason:
        return refused_page(request, visit_id, ["返金の理由を書いてください。"])
    lock_patient(row.patient)
    if yen > -balance_yen(row.patient, row):
        return refused_page(
            request,
            visit_id,
            ["返金できるのは、もらいすぎている額までです。会計を直してから返金してください。"],
        )
    give_back(row, yen, method, day=today(), reason=reason)
    messages.success(request, f"{yen:,}円を返金しました。")
    return redirect("billing:visit", visit_id)


@requires(Permission.BILLING_SETTLE)
@require_POST
def kind(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """初再診の変更 — a decision of the institution, with its reason."""
    row = access.access_visit(visit_id)
    try:
        decide_kind(row, request.POST.get("kind", ""), read_reason(request.POST.get("reason", "")))
    except ValueError as bad:
        return refused_page(request, visit_id, [str(bad)])
    return redirect(f"/billing/visit/{visit_id}?open=1")


@requires(Permission.BILLING_SETTLE)
@require_POST
def flag(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """申告事実の追加 — accepts what could be billed by stating the fact it waits for."""
    row = access.access_visit(visit_id)
    try:
        add_flag(row, request.POST.get("flag", ""))
    except ValueError as bad:
        return refused_page(request, visit_id, [str(bad)])
    return redirect(f"/billing/visit/{visit_id}?open=1")


@requires(Permission.BILLING_SETTLE)
@require_POST
def payers(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """支払者の選択 — payers beside the one of reception, and what each of them bears."""
    row = access.access_visit(visit_id)
    try:
        choose_payers(row, *read_payers(request.POST))
    except BadPayers as bad:
        return refused_page(request, visit_id, [str(bad)])
    return redirect(f"/billing/visit/{visit_id}?open=1")


def _seen(request: HttpRequest) -> Seen | None:
    if "seen_points" not in request.POST:
        return None
    points, yen = (request.POST.get(name, "") for name in ("seen_points", "seen_yen"))
    return Seen(read_count(points, "点数"), read_count(yen, "一部負担金"))


def refused_page(request: HttpRequest, visit_id: UUID, faults: list[str], status: int = 422) -> HttpResponse:
    """会計の画面と指摘 — what was refused and why, over the bill as it stands."""
    context = access.access_bill_page(visit_id, is_open=True)
    return render(request, "billing/visit.html", {**context, "faults": faults}, status=status)
