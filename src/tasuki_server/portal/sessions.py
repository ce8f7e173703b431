# SPDX-License-Identifier: Apache-2.0
"""本人の画面のセッション — a cookie of its own, whose digest has a row; no session of staff is one, and the reverse.

Bound to the kind of browser; the network is kept to be shown and not judged, for a telephone changes it all day.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import rotate_token
from django.utils import timezone

from tasuki_server.accounts.networks import address_of, browser_of, network_of
from tasuki_server.portal.models import Account, Passkey, Session
from tasuki_server.portal.statements import keep, open_session
from tasuki_server.settings_table import number

# The clock of a session is written at most once in this many seconds.
SEEN_STEP_SECONDS = 60
USER, IDLE, BROWSER, PASSKEY, PERSON = "user", "idle", "browser", "passkey", "recovered"


def cookie_name() -> str:
    """クッキーの名前 — bound to the host where there is HTTPS."""
    return "__Host-tasuki-portal" if settings.SESSION_COOKIE_SECURE else "tasuki-portal"


def begin_session(request: HttpRequest, account: Account, passkey: Passkey | None) -> Session:
    """セッションの開始 — with a secret that the browser alone keeps; the form token is changed with it."""
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    row = Session(
        account=account,
        passkey=passkey,
        digest=_digest(secret),
        browser=_browser(request),
        network=network_of(address_of(request)),
        begun_at=now,
        seen_at=now,
        proved_at=now,
        until_at=now + timedelta(hours=number("TASUKI_PORTAL_SESSION_HOURS")),
    )
    keep(row)
    request.new_portal_secret = secret  # type: ignore[attr-defined]
    rotate_token(request)
    return row


def session_of(request: HttpRequest) -> Session | None:
    """この要求のセッション — None when there is none that may be used; one that strayed or slept is ended."""
    secret = request.COOKIES.get(cookie_name(), "")
    if not secret or len(secret) > 100:
        return None
    row = open_session(_digest(secret))
    if row is None:
        return None
    now = timezone.now()
    if row.browser != _browser(request):
        return _ended(row, BROWSER)
    if now >= row.until_at or now - row.seen_at > timedelta(minutes=number("TASUKI_PORTAL_IDLE_MINUTES")):
        return _ended(row, IDLE)
    if (now - row.seen_at).total_seconds() > SEEN_STEP_SECONDS:
        Session.objects.filter(pk=row.pk).update(seen_at=now)
    return row


def is_proved_lately(row: Session) -> bool:
    """本人確認は最近か — within the minutes that changes of staff's accounts are asked the same by."""
    return timezone.now() - row.proved_at <= timedelta(minutes=settings.TASUKI_STEP_UP_MINUTES)


def prove_again(row: Session) -> None:
    """本人の再確認 — the passkey was shown again in this session."""
    Session.objects.filter(pk=row.pk).update(proved_at=timezone.now())


def end_session(row_id: UUID, account: Account, why: str = USER) -> bool:
    """セッションの終了 — of one's own; at its next request it is no more."""
    found = Session.objects.filter(pk=row_id, account=account, ended_at=None)
    return bool(found.update(ended_at=timezone.now(), ended_why=why))


def end_sessions(account: Account, why: str, *, but: UUID | None = None, **of: Any) -> int:
    """全セッションの終了 — of an account, or those that one passkey opened."""
    rows = Session.objects.filter(account=account, ended_at=None, **of).exclude(pk=but)
    return rows.update(ended_at=timezone.now(), ended_why=why)


def open_sessions(account: Account) -> QuerySet[Session]:
    """使用中のセッション — that can still be used, the last used first."""
    now = timezone.now()
    idle = now - timedelta(minutes=number("TASUKI_PORTAL_IDLE_MINUTES"))
    rows = Session.objects.filter(account=account, ended_at=None, until_at__gt=now, seen_at__gt=idle)
    return rows.select_related("passkey").defer("digest").order_by("-seen_at")


def keep_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """クッキーの設定 — when this request began a session, or ended it."""
    secret = getattr(request, "new_portal_secret", None)
    if secret:
        response.set_cookie(
            cookie_name(), secret, path="/", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )  # fmt: skip
    elif getattr(request, "portal_left", False):
        response.delete_cookie(cookie_name(), path="/", samesite="Lax")


def _ended(row: Session, why: str) -> None:
    Session.objects.filter(pk=row.pk, ended_at=None).update(ended_at=timezone.now(), ended_why=why)


def _browser(request: HttpRequest) -> str:
    return browser_of(request.headers.get("User-Agent", ""))[:60]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
