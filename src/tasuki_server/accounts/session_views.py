# SPDX-License-Identifier: Apache-2.0
"""サインイン中の端末の画面 — one's own sessions: where one is signed in, and an end to what one does not know."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki_server.accounts.app_permits import end_access_elsewhere, end_access_in
from tasuki_server.accounts.models import SignInSession, User, Why
from tasuki_server.accounts.sessions import open_sessions
from tasuki_server.accounts.sign_in_notes import note
from tasuki_server.institutions.models import Staff

ENDED_SHOWN = 10


@require_GET
def own_sessions(request: HttpRequest) -> HttpResponse:
    """サインイン中の端末 — this one, the others, and how the last ones ended."""
    user = _user(request)
    ended = SignInSession.objects.filter(user=user).exclude(ended_at=None).order_by("-ended_at")
    context = {
        "sessions": open_sessions([user.pk]),
        "here": _here(request),
        "ended": ended[:ENDED_SHOWN],
    }
    return render(request, "accounts/sessions.html", context)


@require_GET
def standing(request: HttpRequest) -> HttpResponse:
    """サインインの確認 — whose session stands, and the token of its forms: asked by a page before it sends what was typed.

    After a new sign-in in another tab the token of the page is old; with this one the text is sent under the new session,
    by the page only when the person is the same. Other sites cannot read the answer.
    """
    staff: Staff | None = getattr(request, "staff", None)
    names = {
        "Tasuki-Who": str(staff.pk) if staff is not None else "",
        "Tasuki-Form-Token": get_token(request),
    }
    return HttpResponse(status=204, headers=names)


@require_POST
def end_own_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """端末の終了 — one of one's own; another's does not exist."""
    user = _user(request)
    row = SignInSession.objects.filter(pk=session_id, user=user, ended_at=None).first()
    if row is None:
        raise Http404
    note(user, "session.end", **end_access_in(row, Why.SELF))
    return redirect("own_sessions")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """ほかの端末の終了 — all of one's own but this."""
    user = _user(request)
    here: SignInSession | None = getattr(request, "sign_in_session", None)
    note(user, "session.end", **end_access_elsewhere(user, Why.SELF, here))
    return redirect("own_sessions")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _here(request: HttpRequest) -> UUID | None:
    row: SignInSession | None = getattr(request, "sign_in_session", None)
    return row.pk if row is not None else None
