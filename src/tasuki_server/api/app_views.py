# SPDX-License-Identifier: Apache-2.0
"""連携アプリの画面 — an institution's apps and what its people allowed them: registering, stopping, ending one permit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import without_step_up
from tasuki_server.api import app_access
from tasuki_server.audit.trail import record
from tasuki_server.exchange.app_registering import NotRegistered, end_permit, register_app, revoke_app
from tasuki_server.exchange.scopes import BadScope

USUAL_SCOPES = "launch/patient\npatient/*.rs"


@requires(Permission.API_MANAGE)
@require_GET
def apps(request: HttpRequest) -> HttpResponse:
    """連携アプリの一覧 — with the newest permits."""
    if not app_access.is_exchange_here():
        return render(request, "api/apps_elsewhere.html", status=409)
    return render(request, "api/apps.html", app_access.access_apps(timezone.now()))


@requires(Permission.API_MANAGE)
@require_http_methods(["GET", "POST"])
def new_app(request: HttpRequest) -> HttpResponse:
    """連携アプリの登録 — what was typed stays when something is wrong."""
    if not app_access.is_exchange_here():
        return render(request, "api/apps_elsewhere.html", status=409)
    typed = {name: request.POST.get(name, "")[:20_000] for name in ("name", "uris", "scopes")}
    context: dict[str, Any] = {**typed, "refusal": ""}
    if request.method == "GET":
        return render(request, "api/app_new.html", context | {"scopes": USUAL_SCOPES})
    try:
        app = register_app(
            app_access.connected_here(),
            typed["name"],
            typed["uris"].split(),
            typed["scopes"].split(),
            timezone.now(),
        )
    except (NotRegistered, BadScope) as wrong:
        return render(request, "api/app_new.html", context | {"refusal": str(wrong)}, status=400)
    record("app.make", detail={"app": str(app.pk), "scopes": app.scopes, "uris": app.redirect_uris})
    messages.success(request, f"{app.name} を登録しました。client_id は {app.pk} です。")
    return redirect("api:apps")


@without_step_up
@requires(Permission.API_MANAGE)
@require_POST
def stop_app(request: HttpRequest, launch_app_id: UUID) -> HttpResponse:
    """連携アプリの停止 — with everything that was allowed to it, at once; stopping needs no second proof."""
    app = app_access.access_app(launch_app_id)
    done = revoke_app(app, timezone.now())
    record("app.revoke", detail={"app": str(app.pk)})
    if done:
        messages.success(request, f"{app.name} を停止しました。渡したトークンは、もう使えません。")
    else:
        messages.warning(request, "ほかの人が先に停止しています。")
    return redirect("api:apps")


@without_step_up
@requires(Permission.API_MANAGE)
@require_POST
def stop_permit(request: HttpRequest, app_permit_id: UUID) -> HttpResponse:
    """許可の終了 — of one patient's data to one app."""
    permit = app_access.access_permit(app_permit_id)
    done = end_permit(permit, timezone.now())
    record("app.end", detail={"app": str(permit.app_id), "permit": str(permit.pk)})
    if done:
        messages.success(request, f"{permit.app.name} への許可を終えました。")
    else:
        messages.warning(request, "この許可は、もう終わっています。")
    return redirect("api:apps")
