# SPDX-License-Identifier: Apache-2.0
"""審査支払機関（試行環境）の画面 — files, their receipts, decisions by hand or by a scenario, the examination."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import asked_first
from tasuki_server.audit.trail import record
from tasuki_server.receiving import access
from tasuki_server.receiving.clients import restore_client, revoke_client
from tasuki_server.receiving.decide import clear_decisions, decide_cut, decide_return, keep_deadline
from tasuki_server.receiving.examine import examine_month
from tasuki_server.receiving.models import PAYERS
from tasuki_server.receiving.scenario import SCENARIOS


@requires(Permission.RECEIVING_OPERATE)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """受付 — what came, from whom, and what waits for its examination."""
    access.operator_of(request)
    return render(request, "receiving/desk.html", access.access_desk())


@requires(Permission.RECEIVING_OPERATE)
@require_GET
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """受付の詳細 — receipts, errors, decisions."""
    access.operator_of(request)
    return render(request, "receiving/delivery.html", access.access_delivery(delivery_id))


@requires(Permission.RECEIVING_OPERATE)
@require_POST
def examine(request: HttpRequest) -> HttpResponse:
    """審査の実行 — of a claim month of one payer."""
    operator = access.operator_of(request)
    month = access.read_desk_month(request.POST.get("month", ""))
    payer, scenario = request.POST.get("payer", ""), request.POST.get("scenario", "")
    if payer in PAYERS and (not scenario or scenario in SCENARIOS):
        count = examine_month(payer, month, scenario=scenario, by=operator.name)
        record("receiving.examine", detail={"payer": payer, "month": f"{month:%Y-%m}", "files": count})
        messages.success(
            request, f"{PAYERS[payer]} {month:%Y年%-m月}請求の審査をしました（{count}ファイル）。"
        )
    return redirect("receiving:desk")


@requires(Permission.RECEIVING_OPERATE)
@require_POST
def decide(request: HttpRequest, receipt_id: UUID) -> HttpResponse:
    """審査の判断 — a return, a cut, or everything taken back."""
    operator = access.operator_of(request)
    found = access.find_receipt(receipt_id)
    post = request.POST
    act = post.get("act")
    if act == "clear":
        done: object = clear_decisions(found)
    elif act == "cut":
        done = decide_cut(found, operator, post.get("reason", ""), access.cut_of(found, post.get("unit", "")))
    else:
        done = decide_return(found, operator, post.get("code", ""), post.get("text", ""))
    record("receiving.decide", detail={"receipt": str(found.id), "act": str(act)})
    if not done:
        messages.warning(request, "何も変わっていません。内容と事由を確かめてください。")
    return redirect("receiving:delivery", delivery_id=found.delivery_id)


@requires(Permission.RECEIVING_OPERATE)
@require_POST
def deadline(request: HttpRequest) -> HttpResponse:
    """締切の設定 — kept or not."""
    operator = access.operator_of(request)
    keep_deadline(operator, is_kept=bool(request.POST.get("is_kept")))
    record("receiving.decide", detail={"deadline": bool(request.POST.get("is_kept"))})
    return redirect("receiving:desk")


@requires(Permission.RECEIVING_OPERATE)
@require_GET
def clients(request: HttpRequest) -> HttpResponse:
    """送信元 — who may send by token, and stopping one."""
    access.operator_of(request)
    return render(request, "receiving/clients.html", access.access_clients())


@requires(Permission.RECEIVING_OPERATE)
@require_POST
def switch_client(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """送信元の停止・再開 — its keys and its token are refused at once."""
    access.operator_of(request)
    found = access.find_client_row(client_id)
    is_stopping = request.POST.get("act") != "restore"
    # Stopping asks nothing first; what opens a door again does.
    if not is_stopping and (asked := asked_first(request)) is not None:
        return asked
    done = revoke_client(found, timezone.now()) if is_stopping else restore_client(found)
    record(
        "receiving.client", detail={"client": str(found.id), "act": "revoke" if is_stopping else "restore"}
    )
    if not done:
        messages.warning(request, "ほかの人が先に変えています。今の状態を確かめてください。")
    elif is_stopping:
        messages.success(request, f"{found.name} の接続を止めました（鍵もトークンも使えません）。")
    else:
        messages.success(request, f"{found.name} の接続を使えるようにしました。")
    return redirect("receiving:clients")
