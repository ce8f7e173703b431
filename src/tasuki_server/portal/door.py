# SPDX-License-Identifier: Apache-2.0
"""本人の画面の入口 — everything below ``/portal/`` turns off here, before sessions and tenants of staff are looked at.

It has its own addresses (``portal.urls``), sessions, permissions and transaction, in which the database gives the rows of
one person (:mod:`.person_work`). Nothing behind it knows an institution, and no page of staff knows a person's session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import get_resolver, resolve, reverse, set_urlconf

from tasuki_server.portal.acts import RULES, Act, Who, act_of, undeclared_pages
from tasuki_server.portal.data import Away, open_line
from tasuki_server.portal.errors import error_page, form_too_old
from tasuki_server.portal.person_work import as_person, before_anyone_is_known
from tasuki_server.portal.sessions import is_proved_lately, keep_cookie, session_of
from tasuki_server.portal.standing import Standing, keep_event, standing_of

BASE = "/portal/"
URLCONF = "tasuki_server.portal.urls"
# Acts that happen before it is known who acts; their pages note what they found out themselves. The standing shows nothing.
UNNOTED = frozenset({Act.LANGUAGE, Act.STANDING, Act.PROVE})


class PortalDoor:
    """本人の画面の入口 — see the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        silent = undeclared_pages(get_resolver(URLCONF))
        if silent:
            raise ImproperlyConfigured("pages of the portal that name no act: " + ", ".join(silent))
        self.get_response = get_response
        self._forms = _Forms(lambda request: HttpResponse())
        # One registration a process is enough; a second one finds the first.
        self._is_connected = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — what is not of the portal passes unread."""
        if not request.path_info.startswith(BASE):
            return self.get_response(request)
        # A host that is not ours is refused here, as the pages of staff refuse it.
        request.get_host()
        request.urlconf = URLCONF  # type: ignore[attr-defined]
        set_urlconf(URLCONF)
        if not self._is_connected:
            open_line()
            self._is_connected = True
        request.portal = standing = standing_of(request, session_of(request))  # type: ignore[attr-defined]
        match = request.resolver_match = resolve(request.path_info, URLCONF)
        self._forms.process_request(request)
        answer = self._forms.process_view(request, match.func, match.args, match.kwargs)
        if answer is None:
            answer = self._answer(request, standing, match.func, match.kwargs)
        answer = self._forms.process_response(request, answer)
        keep_cookie(request, answer)
        if not answer.streaming and not answer.has_header("Content-Length"):
            answer.headers["Content-Length"] = str(len(answer.content))  # type: ignore[attr-defined]
        return answer

    def _answer(
        self, request: HttpRequest, standing: Standing, page: Callable[..., Any], given: dict[str, Any]
    ) -> HttpResponseBase:
        act = act_of(page)
        if act is None:
            raise PermissionDenied
        try:
            moved = _held(request, standing, act)
            if moved is not None:
                return moved
            is_open = RULES[act].who is Who.ANYONE
            with before_anyone_is_known() if is_open else as_person(standing) as database:
                answer: HttpResponseBase = page(request, **given)
                if answer.status_code >= 400:
                    transaction.set_rollback(True, using=database)
                elif standing.account is not None and act not in UNNOTED:
                    keep_event(standing, act)
        except (PermissionDenied, Http404):
            self._note_refusal(standing, act, request.path)
            raise
        except Away:
            self._note_refusal(standing, act, request.path)
            return error_page(request, 503)
        if answer.status_code in (403, 404):
            self._note_refusal(standing, act, request.path)
        return answer

    def _note_refusal(self, standing: Standing, act: Act, path: str) -> None:
        if standing.account is not None:
            keep_event(standing, act, is_refused=True, path=path[:200])


class _Forms(CsrfViewMiddleware):
    """Forms of the portal — refused in the person's own language."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return form_too_old(request)


def _held(request: HttpRequest, standing: Standing, act: Act) -> HttpResponseBase | None:
    """Holds the request to the rule of its act: to sign-in, to a new proof, or refused."""
    rule = RULES[act]
    if rule.who is Who.ANYONE:
        return None
    if standing.session is None:
        return _to(request, "portal:enter")
    if standing.proxy is not None and (
        rule.who is Who.SELF or (rule.who is Who.CONSENTING and not standing.proxy.may_consent)
    ):
        raise PermissionDenied
    if rule.is_proved_again and not is_proved_lately(standing.session):
        return _to(request, "portal:prove")
    return None


def _to(request: HttpRequest, name: str) -> HttpResponseBase:
    target = reverse(name)
    if request.method == "GET":
        target += "?" + urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(target)
