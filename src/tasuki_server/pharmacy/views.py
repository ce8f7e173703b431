# SPDX-License-Identifier: Apache-2.0
"""薬局の画面 — receive, read, check, dispense, take back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.pharmacy import access, steps
from tasuki_server.pharmacy.asking import Unanswered
from tasuki_server.pharmacy.forms import read_dispensing, read_key, read_reception, with_typed
from tasuki_server.pharmacy.models import StepKind
from tasuki_server.pharmacy.steps import Refused

_STEPS = {"release": StepKind.RELEASED, "collect": StepKind.COLLECTED, "return": StepKind.RETURNED}


@requires(Permission.PHARMACY_VIEW)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """受付一覧 — and the form that receives."""
    access.pharmacy_of(request)
    return render(request, "pharmacy/board.html", access.access_board())


@requires(Permission.PHARMACY_RECEIVE)
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """処方箋の受付 — what was typed stays on the page when it did not work, under the same key."""
    institution, staff = access.pharmacy_of(request)
    reception = read_reception(request.POST)
    wrong = list(reception.wrong)
    if not wrong:
        try:
            row = steps.receive(institution, staff, reception)
        except (Refused, Unanswered) as problem:
            wrong.append(problem.text)
        else:
            messages.success(request, "処方箋を受け付けました。")
            return redirect("pharmacy:prescription", received_id=row.id)
    shown = access.access_board() | {"typed": request.POST, "wrong": wrong, "key": reception.key}
    return render(request, "pharmacy/board.html", shown, status=422)


@requires(Permission.PHARMACY_VIEW)
@require_GET
def prescription(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """処方箋 — one, with its alerts and the form of its dispensing."""
    access.pharmacy_of(request)
    return render(request, "pharmacy/prescription.html", access.access_received(received_id))


@requires(Permission.PHARMACY_RECEIVE)
@require_POST
def check(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """重複投薬等チェック — again, with the consent by word."""
    institution, staff = access.pharmacy_of(request)
    row = access.find_received(received_id)
    steps.check_again(
        institution, staff, row, read_key(request.POST), has_consent=bool(request.POST.get("consent"))
    )
    return redirect("pharmacy:prescription", received_id=row.id)


@requires(Permission.PHARMACY_DISPENSE)
@require_POST
def dispense(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """調剤結果の登録・変更 — what was typed stays when it did not work."""
    institution, staff = access.pharmacy_of(request)
    shown = access.access_received(received_id)
    row, result = shown["row"], shown["standing"].result
    form = read_dispensing(request.POST, shown["view"], timezone.localdate())
    wrong = list(form.wrong)
    if not wrong:
        try:
            steps.dispense(institution, staff, row, form, result.dispensing if result else None)
        except (Refused, Unanswered) as problem:
            wrong.append(problem.text)
        except BadInput as bad:
            wrong += [sentence(each) for each in bad.findings]
        else:
            messages.success(request, "調剤結果を登録しました。")
            return redirect("pharmacy:prescription", received_id=row.id)
    shown |= {
        "view": with_typed(shown["view"], request.POST),
        "dispensed_on": request.POST.get("dispensed_on", ""),
        "message": request.POST.get("message", ""),
        "wrong": wrong,
        "keys": shown["keys"] | {"dispense": form.key},
    }
    return render(request, "pharmacy/prescription.html", shown, status=422)


@requires(Permission.PHARMACY_RECEIVE)
@require_POST
def step(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """受付取消・回収・回収の取消"""
    institution, staff = access.pharmacy_of(request)
    row = access.find_received(received_id)
    kind = _STEPS.get(request.POST.get("act", ""))
    if kind is not None:
        reason = request.POST.get("reason", "").strip()[:200]
        try:
            steps.take_step(institution, staff, row, kind, reason, read_key(request.POST))
        except (Refused, Unanswered) as problem:
            messages.error(request, problem.text)
        else:
            messages.success(request, f"{kind.label}をしました。")
    return redirect("pharmacy:prescription", received_id=row.id)


@requires(Permission.PHARMACY_DISPENSE)
@require_POST
def cancel(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """調剤結果の取消 — needs its reason."""
    institution, staff = access.pharmacy_of(request)
    shown = access.access_received(received_id)
    result, reason = shown["standing"].result, request.POST.get("reason", "").strip()[:200]
    if result is None:
        messages.warning(request, "取り消す調剤結果がありません。")
    elif not reason:
        messages.error(request, "取消の理由を入力してください。")
    else:
        try:
            steps.cancel_result(
                institution, staff, shown["row"], result.dispensing, reason, read_key(request.POST)
            )
        except (Refused, Unanswered) as problem:
            messages.error(request, problem.text)
        else:
            messages.success(request, "調剤結果を取り消しました。")
    return redirect("pharmacy:prescription", received_id=received_id)
