# SPDX-License-Identifier: Apache-2.0
"""二要素認証の関所 — a password alone opens nothing, and a session nothing elsewhere than where it was proved.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 14.（認証・認可、二要素認証）
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from tasuki_server.accounts.devices import keep_mark
from tasuki_server.accounts.enrolment import may_enrol
from tasuki_server.accounts.models import Why
from tasuki_server.accounts.pages import ENROLMENT_PAGES, NEW_PASSWORD_PAGES, PUBLIC_PAGES
from tasuki_server.accounts.recovery import is_replacing
from tasuki_server.accounts.sessions import (
    NOTED,
    ROW,
    begin_session,
    end_session,
    is_past_its_age,
    is_signed_out_since,
    moved_to,
    session_of,
    strayed,
    touch_session,
)
from tasuki_server.accounts.sign_in_notes import note

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
        request.sign_in_session = None  # type: ignore[attr-defined]
        request.moved_to = ""  # type: ignore[attr-defined]
        response = self._answer(request, _page_name(request))
        keep_mark(request, response)
        return response

    def _answer(self, request: HttpRequest, page: str | None) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if page in PUBLIC_PAGES or page is None:
                return self.get_response(request)
            return self._to(request, "account_login")
        if not request.user.is_active or not _stands(request):
            leave(request)
            return self._to(request, "account_login")
        proved = proved_types(request)
        if proved - {Authenticator.Type.RECOVERY_CODES}:
            return self._inside(request, page)
        if page in PUBLIC_PAGES:
            return self.get_response(request)
        if proved:
            # A recovery code opens one thing: the page where a lost device is replaced.
            if page == "second_factor_replace" or (page in ENROLMENT_PAGES and is_replacing(request)):
                return self.get_response(request)
            return self._to(request, "second_factor_replace")
        if has_second_factor(request.user.pk):
            # Signed in, yet no factor of this user was proved in this session: nothing that we know leads here.
            leave(request)
            return self._to(request, "account_login")
        if page == "second_factor_enrol" or (page in ENROLMENT_PAGES and may_enrol(request)):
            return self.get_response(request)
        return self._to(request, "second_factor_enrol")

    def _inside(self, request: HttpRequest, page: str | None) -> HttpResponseBase:
        request.has_second_factor = True  # type: ignore[attr-defined]
        if ROW not in request.session:
            begin_session(request, request.user)  # type: ignore[arg-type]
        if request.user.must_change_password and page not in NEW_PASSWORD_PAGES:  # type: ignore[union-attr]
            return self._to(request, "account_change_password")
        if page is None and request.moved_to:  # type: ignore[attr-defined]
            return self._to(request, "step_up")
        return self.get_response(request)

    def _to(self, request: HttpRequest, name: str) -> HttpResponseBase:
        target = reverse(name)
        if name == "account_login" and request.method == "GET" and not request.headers.get("HX-Request"):
            target += "?" + urlencode({"next": request.get_full_path()})
        if request.headers.get("HX-Request"):
            # htmx would swap the sign-in page into a corner of the old one; this header moves the whole page.
            return HttpResponse(status=204, headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)


def leave(request: HttpRequest) -> None:
    """退室 — the session is emptied; how it ended stands in its row."""
    request.session.flush()
    request.user = AnonymousUser()


def proved_types(request: HttpRequest) -> set[str]:
    """証明済みの要素 — kinds of the factors this session proved which this user still has."""
    proved = [
        each.get("id")
        for each in get_authentication_records(request, request.user)
        if each.get("method") == "mfa"
    ]
    if not proved:
        return set()
    return set(
        Authenticator.objects.filter(user_id=request.user.pk, pk__in=proved).values_list("type", flat=True)
    )


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


def _stands(request: HttpRequest) -> bool:
    """Whether the session may still be used, from where this request comes; what ends it is noted."""
    if _is_idle(request):
        row = session_of(request)
        if row is not None:
            end_session(row, Why.IDLE)
        return False
    if ROW not in request.session:
        return not is_signed_out_since(request)
    row = session_of(request)
    if row is None:
        return False
    if is_past_its_age(row):
        end_session(row, Why.AGE)
        return False
    why = strayed(request, row)
    network = moved_to(request, row)
    if why is None and network and settings.TASUKI_NETWORK_CHANGE == "end":
        why = Why.NETWORK
    if why is not None:
        end_session(row, why)
        note(request.user, "session.refused", session=row.public_id, why=why.value)  # type: ignore[arg-type]
        return False
    request.moved_to = network  # type: ignore[attr-defined]
    if network and request.session.get(NOTED) != network:
        request.session[NOTED] = network
        note(request.user, "session.moved", session=row.public_id, network=network)  # type: ignore[arg-type]
    if _was_touched(request):
        touch_session(request, row)
    request.sign_in_session = row  # type: ignore[attr-defined]
    return True


def _is_idle(request: HttpRequest) -> bool:
    now = int(time.time())
    seen = request.session.get(LAST_SEEN)
    if seen is not None and now - seen > settings.TASUKI_IDLE_MINUTES * 60:
        return True
    is_polling = request.headers.get("HX-Request") and request.headers.get("X-Tasuki-Poll")
    if seen is None or (now - seen > SEEN_STEP_SECONDS and not is_polling):
        request.session[LAST_SEEN] = now
        request.session_was_touched = True  # type: ignore[attr-defined]
    return False


def _was_touched(request: HttpRequest) -> bool:
    return bool(getattr(request, "session_was_touched", False))
