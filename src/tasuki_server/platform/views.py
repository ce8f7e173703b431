# SPDX-License-Identifier: Apache-2.0
"""全国医療情報プラットフォーム（試行環境）の画面 — services and their faults, institutions and their tokens, what was asked."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import asked_first, with_step_up
from tasuki_server.api.service_clients import REASONS, NotRegistered
from tasuki_server.audit.trail import record
from tasuki_server.platform import access
from tasuki_server.platform.clients import AlreadyConnected, restore_institution, revoke_institution
from tasuki_server.platform.faults import NO_FAULTS
from tasuki_server.platform.forms import FaultsForm, InstitutionForm
from tasuki_server.platform.models import FeeTable
from tasuki_server.platform.services import SERVICES


@requires(Permission.PLATFORM_OPERATE)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """運用 — services, today's questions, and where to go from here."""
    access.operator_of(request)
    return render(request, "platform/desk.html", access.access_desk())


@requires(Permission.PLATFORM_OPERATE)
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """利用の記録 — of every institution, the newest first."""
    access.operator_of(request)
    return render(request, "platform/events.html", access.access_events())


@requires(Permission.PLATFORM_OPERATE)
@require_http_methods(["GET", "POST"])
def faults(request: HttpRequest) -> HttpResponse:
    """障害の設定 — of one service, told by ``service``; off again by one key."""
    operator = access.operator_of(request)
    service = request.POST.get("service") or request.GET.get("service") or "eligibility"
    if service not in SERVICES:
        raise Http404("service")
    current = access.faults_of(service)
    form = FaultsForm(request.POST or None, initial={name: getattr(current, name) for name in FaultsForm.base_fields if hasattr(current, name)})  # fmt: skip
    is_off = request.POST.get("act") == "off"
    if request.method == "POST" and (is_off or form.is_valid()):
        chosen = NO_FAULTS if is_off else form.value()
        access.set_faults(service, chosen, operator.name)
        record("platform.fault", detail={"service": service, "is_on": chosen != NO_FAULTS})
        messages.success(request, "障害を止めました。" if chosen == NO_FAULTS else "障害の設定を変えました。")
        return redirect("platform:desk")
    label = access.SERVICE_LABELS.get(service, service)
    return render(
        request, "platform/faults.html", {**access.access_faults(), "form": form, "service": service, "label": label}
    )  # fmt: skip


@requires(Permission.PLATFORM_OPERATE)
@require_GET
def institutions(request: HttpRequest) -> HttpResponse:
    """接続機関 — who may ask, and stopping one."""
    access.operator_of(request)
    return render(request, "platform/institutions.html", access.access_institutions())


@requires(Permission.PLATFORM_OPERATE)
@with_step_up
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """接続機関の登録 — by a public key, or by a token that is shown this once."""
    access.operator_of(request)
    form, live = InstitutionForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row, token, key = access.register(
                given["prefecture"], FeeTable(given["fee_table"]), given["code"], given["name"], given["key"]
            )
        except NotRegistered as wrong:
            form.add_error("key", REASONS[wrong.why])
        except AlreadyConnected as already:
            live = already.row
            form.add_error("code", already.words[0])
        else:
            record("platform.client", detail={"client": str(row.id), "act": "register", "key": key})
            return render(request, "platform/registered.html", {"row": row, "token": token, "key": key})
    return render(request, "platform/register.html", {"form": form, "live": live})


@requires(Permission.PLATFORM_OPERATE)
@require_POST
def switch_institution(request: HttpRequest, institution_id: UUID) -> HttpResponse:
    """接続機関の停止・再開 — its keys and its token are refused within a second."""
    access.operator_of(request)
    found = access.find_institution(institution_id)
    is_stopping = request.POST.get("act") != "restore"
    # Stopping asks nothing first; what opens a door again does.
    if not is_stopping and (asked := asked_first(request)) is not None:
        return asked
    try:
        done = revoke_institution(found, timezone.now()) if is_stopping else restore_institution(found)
    except AlreadyConnected as already:
        messages.error(request, already.words[0])
        return redirect("platform:institution", already.row.pk)
    record("platform.client", detail={"client": str(found.id), "act": "revoke" if is_stopping else "restore"})
    if not done:
        messages.warning(request, "ほかの人が先に変えています。今の状態を確かめてください。")
    elif is_stopping:
        messages.success(request, f"{found.name} の接続を止めました（鍵もトークンも使えません）。")
    else:
        messages.success(request, f"{found.name} の接続を使えるようにしました。")
    return redirect("platform:institutions")
