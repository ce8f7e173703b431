# SPDX-License-Identifier: Apache-2.0
"""接続プログラムの画面（試行環境） — programs of institutions that connect to the exchange by a key: what each may do, and stopping one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import with_step_up
from tasuki_server.audit.trail import record
from tasuki_server.exchange.clients import NotRegistered, register_client, revoke_client
from tasuki_server.exchange.scopes import BadScope
from tasuki_server.platform import access, program_access
from tasuki_server.platform.program_forms import ProgramForm


@requires(Permission.PLATFORM_OPERATE)
@require_GET
def programs(request: HttpRequest) -> HttpResponse:
    """接続プログラム — of every institution, those in use first."""
    access.operator_of(request)
    return render(request, "platform/programs.html", program_access.access_programs())


@requires(Permission.PLATFORM_OPERATE)
@with_step_up
@require_http_methods(["GET", "POST"])
def register_program(request: HttpRequest) -> HttpResponse:
    """接続プログラムの登録 — a public key and scopes; there is no secret to be shown."""
    access.operator_of(request)
    form = ProgramForm(request.POST or None)
    form.offer(program_access.institutions())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        institution = access.find_institution(UUID(given["institution"]))
        try:
            client = register_client(
                institution, given["name"], given["scopes"].split(), given["key"], timezone.now(),
                is_bearer=given["is_bearer"],
            )  # fmt: skip
        except BadScope as wrong:
            form.add_error("scopes", str(wrong))
        except NotRegistered as wrong:
            form.add_error("key", str(wrong))
        else:
            record(
                "platform.client",
                detail={"program": str(client.id), "act": "register", "scopes": client.scopes},
            )
            messages.success(request, f"{client.name} を登録しました。client_id は {client.id} です。")
            return redirect("platform:programs")
    return render(request, "platform/program_new.html", {"form": form})


@requires(Permission.PLATFORM_OPERATE)
@require_POST
def stop_program(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """接続プログラムの停止 — its tokens are refused at the next request; it stays stopped."""
    access.operator_of(request)
    client = program_access.find_program(client_id)
    done = revoke_client(client, timezone.now())
    record("platform.client", detail={"program": str(client.id), "act": "revoke"})
    if done:
        messages.success(request, f"{client.name} を停止しました。")
    else:
        messages.warning(request, "ほかの人が先に停止しています。")
    return redirect("platform:programs")
