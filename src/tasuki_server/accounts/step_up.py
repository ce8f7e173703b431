# SPDX-License-Identifier: Apache-2.0
"""再確認 — before an export, a change of rights or a key is used, the second factor is asked again.

A page is sent on to the question and comes back. What was posted is carried through the question as fields of its
form, so that nothing typed is lost; inside a page (htmx) the question is a dialog above it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tasuki.security.permissions import Permission
from tasuki_server.accounts.code_forms import OneTimeCodeAgainForm
from tasuki_server.accounts.pages import PROVED_AGAIN_PAGES, STEP_UP_PAGES
from tasuki_server.accounts.sessions import settle_network

View = TypeVar("View", bound=Callable[..., Any])
# Fields of the question itself; the rest of a form is what the person wanted.
CODE, CREDENTIAL = "step_up_code", "step_up_credential"
_OWN_FIELDS = frozenset({CODE, CREDENTIAL, "csrfmiddlewaretoken"})
MARK = "Tasuki-Step-Up"


def with_step_up(view: View) -> View:
    """再確認を要する画面 — one act among others of its permission that needs it."""
    view.with_step_up = True  # type: ignore[attr-defined]
    return view


def without_step_up(view: View) -> View:
    """再確認の省略 — for an act that only makes things safer, such as stopping a token."""
    view.without_step_up = True  # type: ignore[attr-defined]
    return view


def seconds_proved(request: HttpRequest) -> int:
    """再確認の残り — for how many seconds the last proof of a second factor still counts; 0 when it does not."""
    times = [
        each.get("at", 0)
        for each in get_authentication_records(request, request.user)
        if each.get("method") == "mfa" and each.get("type") != Authenticator.Type.RECOVERY_CODES
    ]
    age = time.time() - max(times, default=0)
    return max(0, int(settings.TASUKI_STEP_UP_MINUTES * 60 - age)) if age >= 0 else 0


def proved_recently(request: HttpRequest) -> bool:
    """再確認済みか — the second factor was proved a few minutes ago, from the network the request comes from."""
    return not has_moved(request) and seconds_proved(request) > 0


def has_moved(request: HttpRequest) -> bool:
    """移動の有無 — the request comes from a network this session was not yet proved from."""
    return bool(getattr(request, "moved_to", ""))


def asked_again(
    request: HttpRequest, name: str, needed: Sequence[Permission], view: Callable[..., Any]
) -> HttpResponse | None:
    """再確認の関所 — the question, when this page needs it; None when the page may go on."""
    if name in STEP_UP_PAGES or not getattr(request, "has_second_factor", False):
        return None
    if not has_moved(request) and not _is_sensitive(name, needed, view):
        return None
    return asked_first(request)


def asked_first(request: HttpRequest) -> HttpResponse | None:
    """再確認の問い — for one act of a page whose others need none; None when the act may be done."""
    if proved_recently(request):
        return None
    if request.method == "POST" and (CODE in request.POST or CREDENTIAL in request.POST):
        form = proving_form(request)
        if accept(request, form):
            return None
        return ask(request, form)
    return ask(request)


def _is_sensitive(name: str, needed: Sequence[Permission], view: Callable[..., Any]) -> bool:
    if name in PROVED_AGAIN_PAGES or getattr(view, "with_step_up", False):
        return True
    if getattr(view, "without_step_up", False):
        return False
    return any(each.about.needs_step_up for each in needed)


def proving_form(request: HttpRequest) -> Form:
    """再確認の入力 — a code of the app, or the answer of a passkey."""
    if request.POST.get(CREDENTIAL):
        return ReauthenticateWebAuthnForm(user=request.user, data={"credential": request.POST[CREDENTIAL]})  # type: ignore[no-any-return]
    return OneTimeCodeAgainForm(user=request.user, data={"code": request.POST.get(CODE, "")})


def accept(request: HttpRequest, form: Form) -> bool:
    """再確認の判定 — proved: kept with the session, and noted."""
    from allauth.mfa.base.internal.flows import post_authentication

    from tasuki_server.accounts.sign_in_notes import note

    if not form.is_valid():
        return False
    authenticator = getattr(form, "authenticator", None) or form.cleaned_data["credential"]
    post_authentication(request, authenticator, reauthenticated=True)
    settle_network(request)
    note(request.user, "step_up.prove", factor=authenticator.type)  # type: ignore[arg-type]
    return True


def ask(request: HttpRequest, form: Form | None = None) -> HttpResponse:
    """再確認の画面 — a dialog for htmx, the page with what was posted, or a detour for what was only opened."""
    if request.headers.get("HX-Request"):
        answer = render(request, "accounts/_step_up_dialog.html", question(request, form), status=401)
        answer.headers["HX-Retarget"] = "#step-up-place"
        answer.headers["HX-Reswap"] = "innerHTML"
    elif request.method == "POST":
        answer = render(
            request, "accounts/step_up.html", question(request, form) | _carried(request), status=401
        )
    else:
        return HttpResponseRedirect(f"{reverse('step_up')}?{urlencode({'next': request.get_full_path()})}")
    answer.headers[MARK] = "asked"
    answer.headers["WWW-Authenticate"] = 'Tasuki realm="step-up"'
    return answer


def question(request: HttpRequest, form: Form | None = None) -> dict[str, Any]:
    """再確認の内容 — which factors this person has, what was wrong, and why it is asked."""
    kinds = set(Authenticator.objects.filter(user_id=request.user.pk).values_list("type", flat=True))
    has_key = Authenticator.Type.WEBAUTHN in kinds
    # From a place that is not proved yet nothing of the person is shown, not even the frame with their name.
    frame = {"staff": None, "institution": None, "menu": ()} if has_moved(request) else {}
    return {
        **frame,
        "has_app": Authenticator.Type.TOTP in kinds,
        "has_key": has_key,
        "js_data": {"request_options": webauthn.begin_authentication(request.user)} if has_key else None,
        "errors": [str(text) for texts in form.errors.values() for text in texts] if form else [],
        "has_moved": has_moved(request),
        "minutes": settings.TASUKI_STEP_UP_MINUTES,
    }


def _carried(request: HttpRequest) -> dict[str, Any]:
    """What was posted goes through the question; a browser cannot be told to send a file again."""
    fields = [
        (name, value) for name, values in request.POST.lists() if name not in _OWN_FIELDS for value in values
    ]
    return {
        "action": request.get_full_path(),
        "fields": fields,
        "has_files": bool(request.FILES),
        "back": came_from(request),
    }


def came_from(request: HttpRequest) -> str:
    """元の画面 — the page of ours that the request was sent from."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return "/"
    parts = urlsplit(referer)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def next_of(request: HttpRequest) -> str:
    """行き先 — where the person wanted to go; only on this host."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    return target if url_has_allowed_host_and_scheme(target, None) else "/"
