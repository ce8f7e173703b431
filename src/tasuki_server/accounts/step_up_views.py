# SPDX-License-Identifier: Apache-2.0
"""再確認の画面 — the second factor again, then on to what the person wanted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tasuki_server.accounts.step_up import MARK, accept, ask, next_of, proving_form, question


@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """本人の再確認 — a page of its own, and the dialog's answer."""
    is_inside = bool(request.headers.get("HX-Request"))
    if request.method == "POST":
        form = proving_form(request)
        if accept(request, form):
            if is_inside:
                return HttpResponse(status=204, headers={MARK: "proved"})
            return redirect(next_of(request))
        if is_inside:
            return ask(request, form)
        context = question(request, form) | {"next": next_of(request)}
        return render(request, "accounts/step_up.html", context, status=400)
    return render(request, "accounts/step_up.html", question(request) | {"next": next_of(request)})
