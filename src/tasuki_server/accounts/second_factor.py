# SPDX-License-Identifier: Apache-2.0
"""二要素認証の関所 — a password alone opens nothing.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 14.（認証・認可、二要素認証）
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from tasuki_server.accounts.enrolment import may_enrol
from tasuki_server.accounts.pages import ENROLMENT_PAGES, PUBLIC_PAGES

LAST_SEEN = "tasuki_seen"
# The clock of a session is written at most once in this many seconds, and never by a board that polls.
SEEN_STEP_SECONDS = 60


class SecondFactor:
    """二要素認証の関所 — sets ``request.has_second_factor``; without it only the public and set-up pages answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — see the class."""
        request.has_second_factor = False  # type: ignore[attr-defined]
        page = _page_name(request)
        if not request.user.is_authenticated:
            if page in PUBLIC_PAGES or page is None:
                return self.get_response(request)
            return self._to(request, "account_login")
        if not request.user.is_active or _is_idle(request):
            logout(request)
            return self._to(request, "account_login")
        if has_proved_second_factor(request):
            request.has_second_factor = True  # type: ignore[attr-defined]
            return self.get_response(request)
        if page in PUBLIC_PAGES:
            return self.get_response(request)
        if has_second_factor(request.user.pk):
            # Signed in, yet no factor of this user was proved in this session: nothing that we know leads here.
            logout(request)
            return self._to(request, "account_login")
        if page == "second_factor_enrol" or (page in ENROLMENT_PAGES and may_enrol(request)):
            return self.get_response(request)
        return self._to(request, "second_factor_enrol")

    def _to(self, request: HttpRequest, name: str) -> HttpResponseBase:
        target = reverse(name)
        if name == "account_login" and request.method == "GET" and not request.headers.get("HX-Request"):
            target += "?" + urlencode({"next": request.get_full_path()})
        if request.headers.get("HX-Request"):
            # htmx would swap the sign-in page into a corner of the old one; this header moves the whole page.
            return HttpResponse(status=204, headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)


def has_proved_second_factor(request: HttpRequest) -> bool:
    """二要素認証済みか — this session proved a factor which this user still has."""
    proved = [
        each.get("id")
        for each in get_authentication_records(request, request.user)
        if each.get("method") == "mfa"
    ]
    return bool(proved) and Authenticator.objects.filter(user_id=request.user.pk, pk__in=proved).exists()


def has_second_factor(user_id: object) -> bool:
    """二要素の有無 — an authenticator app or a passkey; recovery codes alone are none."""
    return (
        Authenticator.objects.filter(user_id=user_id).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
    )


def _page_name(request: HttpRequest) -> str | None:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    return match.view_name


def _is_idle(request: HttpRequest) -> bool:
    now = int(time.time())
    seen = request.session.get(LAST_SEEN)
    if seen is not None and now - seen > settings.TASUKI_IDLE_MINUTES * 60:
        return True
    is_polling = request.headers.get("HX-Request") and request.headers.get("X-Tasuki-Poll")
    if seen is None or (now - seen > SEEN_STEP_SECONDS and not is_polling):
        request.session[LAST_SEEN] = now
    return False
