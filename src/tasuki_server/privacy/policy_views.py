# SPDX-License-Identifier: Apache-2.0
"""閲覧の規則の画面 — what holds here, and a change of it with its reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.privacy import access
from tasuki_server.privacy.marks import BadMark, choose_effect


@requires(Permission.ACCESS_POLICY_MANAGE)
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """閲覧の規則 — every row; those that forbid cannot be changed."""
    faults: list[str] = []
    if request.method == "POST":
        effect = request.POST.get("effect", "")
        try:
            choose_effect(
                request.POST.get("rule", "")[:40],
                int(effect) if effect in ("0", "1", "2") else -1,
                staff_of(request),
                request.POST.get("why", ""),
            )
        except BadMark as bad:
            faults = [str(bad)]
        else:
            messages.success(request, "規則を変更しました。これからの閲覧に当てはまります。")
            return redirect("privacy:rules")
    context = {**access.access_rules(), "faults": faults}
    return render(request, "privacy/rules.html", context, status=422 if faults else 200)
