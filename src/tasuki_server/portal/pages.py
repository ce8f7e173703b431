# SPDX-License-Identifier: Apache-2.0
"""画面の共通 — what every page of the portal shows, where a page leads next, and what was done."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tasuki_server.portal.standing import here, keep_event
from tasuki_server.portal.words import WORDS


def page(request: HttpRequest, template: str, /, status: int = 200, **shown: Any) -> HttpResponse:
    """画面 — ``templates/portal/<template>.html`` in the language of the person."""
    standing = here(request)
    told = request.GET.get("told", "")
    context = {
        "language": standing.language,
        "standing": standing,
        "told": told if f"told.{told}" in WORDS else "",
        "this_page": request.path,
        "csrf_token": get_token(request),
        **shown,
    }
    # Without the request: the frame of staff, with its menu and its permissions, is none of the portal's.
    text = get_template(f"portal/{template}.html").render(context)
    answer = HttpResponse(text, status=status)
    answer.headers["Content-Language"] = standing.language
    return answer


def lead_to(name: str, told: str = "", **given: Any) -> HttpResponse:
    """次の画面 — and what it says was done (``told.*`` of the words)."""
    target = reverse(f"portal:{name}", kwargs=given)
    return HttpResponseRedirect(target + ("?" + urlencode({"told": told}) if told else ""))


def next_page(request: HttpRequest) -> str:
    """戻り先 — of the portal and nowhere else."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    home = reverse("portal:home")
    if not wanted.startswith(home) or not url_has_allowed_host_and_scheme(wanted, None):
        return home
    return wanted


__all__ = ["here", "keep_event", "lead_to", "next_page", "page"]
