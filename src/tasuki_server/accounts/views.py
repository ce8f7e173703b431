# SPDX-License-Identifier: Apache-2.0
"""利用者の画面 — the doors to setting up the first second factor, and one in place of a lost one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tasuki_server.accounts.enrolment import accept_code, may_enrol
from tasuki_server.accounts.models import User
from tasuki_server.accounts.recovery import begin_replacing
from tasuki_server.accounts.sign_in_notes import note


@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """二要素認証の登録 — asks for the enrolment code, then offers an authenticator app or a passkey."""
    if getattr(request, "has_second_factor", False):
        return redirect("mfa_index")
    assert isinstance(request.user, User)
    is_wrong = False
    if request.method == "POST":
        if accept_code(request, request.POST.get("code", "")):
            note(request.user, "enrolment.open")
            return redirect("second_factor_enrol")
        is_wrong = True
        note(request.user, "sign_in.failed", step="enrolment")
    context = {"is_open": may_enrol(request), "is_wrong": is_wrong}
    return render(request, "accounts/enrol.html", context, status=400 if is_wrong else 200)


@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest) -> HttpResponse:
    """登録し直し — after a recovery code: a new app in place of the lost one, or a passkey beside it."""
    if getattr(request, "has_second_factor", False):
        return redirect("mfa_index")
    if request.method == "POST":
        with_app = request.POST.get("with") == "app"
        begin_replacing(request, drops_app=with_app)
        return redirect("mfa_activate_totp" if with_app else "mfa_add_webauthn")
    return render(request, "accounts/replace.html")
