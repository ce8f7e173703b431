# SPDX-License-Identifier: Apache-2.0
"""接続の画面 — the institution's clients, and its tokens of this machine: a new one is shown once."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import without_step_up
from tasuki_server.api.access import access_token, access_tokens
from tasuki_server.api.callers import bearer_serves_here
from tasuki_server.api.client_access import access_clients
from tasuki_server.api.models import SCOPES
from tasuki_server.api.tokens import LONGEST_DAYS, make_token, revoke_token

DAYS = (30, 90, 180, 365, LONGEST_DAYS)


@requires(Permission.API_MANAGE)
@require_GET
def tokens(request: HttpRequest) -> HttpResponse:
    """接続の一覧 — clients first; tokens of this machine where there are any, or may be."""
    now = timezone.now()
    rows = access_tokens(now)
    context = {"clients": access_clients(now), "tokens": rows, "bearer_serves": bearer_serves_here()}
    return render(request, "api/list.html", context)


@requires(Permission.API_MANAGE)
@require_http_methods(["GET", "POST"])
def new_token(request: HttpRequest) -> HttpResponse:
    """接続トークンの発行 — whoever sits down at an open screen cannot make one: the gate asks the factor again."""
    if not bearer_serves_here():
        return render(request, "api/bearer_closed.html", status=403)
    context = {"scopes": SCOPES, "days": DAYS, "is_wrong": False}
    if request.method == "GET":
        return render(request, "api/new.html", context)
    days = request.POST.get("days", "")
    try:
        row, plain = make_token(
            request.POST.get("name", "")[:60],
            request.POST.getlist("scopes"),
            int(days) if days.isdecimal() and len(days) < 6 else 0,
        )
    except ValueError:
        return render(request, "api/new.html", context | {"is_wrong": True}, status=400)
    return render(request, "api/made.html", {"token": row, "plain": plain})


@without_step_up
@requires(Permission.API_MANAGE)
@require_POST
def revoke(request: HttpRequest, api_token_id: UUID) -> HttpResponse:
    """接続トークンの停止 — at once; stopping needs no second proof."""
    revoke_token(access_token(api_token_id))
    return redirect("api:list")
