# SPDX-License-Identifier: Apache-2.0
"""利用者の画面 — the door to setting up the first second factor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tasuki_server.accounts.enrolment import accept_code, may_enrol
from tasuki_server.accounts.models import User
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
