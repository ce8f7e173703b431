# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の設定の画面 — whether the institution registers, how a doctor signs, and what waits for their signature."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import with_step_up
from tasuki_server.eprescribing import access, signer_setup
from tasuki_server.eprescribing.models import SignerKind
from tasuki_server.eprescribing.practice_remote import decide as decide_request
from tasuki_server.eprescribing.practice_remote import waiting_requests
from tasuki_server.eprescribing.setting import is_used, set_used
from tasuki_server.eprescribing.signing import NoSigner, signer_setting
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.reception.clock import today


@requires(Permission.INSTITUTION_MANAGE)
@require_GET
def setup(request: HttpRequest) -> HttpResponse:
    """電子処方箋の設定 — of the institution."""
    return render(request, "eprescribing/setup.html", {"is_used": is_used(), "doctors": access.doctors()})


@requires(Permission.INSTITUTION_MANAGE)
@require_POST
def use(request: HttpRequest) -> HttpResponse:
    """利用の開始・終了."""
    set_used(is_on=request.POST.get("is_on") == "yes")
    return redirect("eprescribing:setup")


@requires(Permission.CHART_SIGN)
@require_http_methods(["GET", "POST"])
def signer(request: HttpRequest) -> HttpResponse:
    """署名の用意 — one's own; and what waits for one's signature."""
    doctor = staff_of(request)
    faults: list[str] = []
    if request.method == "POST":
        try:
            _keep(request)
            messages.success(request, "署名の用意を保存しました。")
            return redirect("eprescribing:signer")
        except BadInput as bad:
            faults = [sentence(each) for each in bad.findings]
        except NoSigner as missing:
            faults = [str(missing)]
    setting = signer_setting(doctor)
    context = {
        "setting": setting,
        "is_ended": setting is not None and setting.until is not None and setting.until.date() < today(),
        "requests": waiting_requests(doctor),
        "faults": faults,
        "kinds": SignerKind.choices,
    }
    return render(request, "eprescribing/signer.html", context, status=422 if faults else 200)


@requires(Permission.CHART_SIGN)
@with_step_up
@require_POST
def decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """署名の承認・却下 — of one's own request; who signs is asked for the second factor once more."""
    row = access.access_signing_request(request_id, staff_of(request))
    decide_request(row, is_approved=request.POST.get("answer") == "yes")
    return redirect("eprescribing:signer")


def _keep(request: HttpRequest) -> None:
    doctor = staff_of(request)
    kind = request.POST.get("kind", "")
    if kind == SignerKind.REMOTE:
        signer_setup.keep_remote(doctor)
    elif kind == SignerKind.NONE:
        signer_setup.keep_none(doctor)
    else:
        given = request.FILES.get("file")
        data = given.read(signer_setup.LARGEST + 1) if given is not None else b""
        signer_setup.keep_key(doctor, data, request.POST.get("password", "")[:200])
