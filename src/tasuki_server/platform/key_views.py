# SPDX-License-Identifier: Apache-2.0
"""接続機関の鍵の画面 — one institution's connection: its identifier, its keys, another key, and stopping one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import with_step_up
from tasuki_server.api.service_clients import REASONS, NotRegistered
from tasuki_server.audit.trail import record
from tasuki_server.platform import access
from tasuki_server.platform.forms import KeyForm
from tasuki_server.platform.keys_registered import add_key, revoke_key


@requires(Permission.PLATFORM_OPERATE)
@with_step_up
@require_http_methods(["GET", "POST"])
def institution(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """接続機関の鍵 — what it may name itself with; a key is added beside the token it will take the place of."""
    access.operator_of(request)
    found = access.find_institution(institution_id)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key = add_key(found, form.cleaned_data["key"], timezone.now())
        except NotRegistered as wrong:
            form.add_error("key", REASONS[wrong.why])
        else:
            record("platform.client", detail={"client": str(found.id), "act": "key", "key": key.thumbprint})
            messages.success(request, "鍵を登録しました。この接続は、次の要求から鍵で名乗れます。")
            return redirect("platform:institution", found.pk)
    return render(request, "platform/institution.html", {**access.access_institution(found), "form": form})


@requires(Permission.PLATFORM_OPERATE)
@require_POST
def stop_key(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """鍵の停止 — with every token it was shown for, at the next request; stopping asks nothing first."""
    access.operator_of(request)
    found = access.find_institution(institution_id)
    thumbprint = request.POST.get("key", "")[:43]
    if revoke_key(found.id, thumbprint, timezone.now()):
        record("platform.client", detail={"client": str(found.id), "act": "key-stop", "key": thumbprint})
        messages.success(request, "鍵を止めました。")
    else:
        messages.warning(request, "その鍵は、もう使えません。今の状態を確かめてください。")
    return redirect("platform:institution", found.pk)
