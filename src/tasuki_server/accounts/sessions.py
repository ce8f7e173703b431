# SPDX-License-Identifier: Apache-2.0
"""サインイン中の端末 — each session has a row that says where it may be used; when the row ends, so does the session.

The session itself holds only the row's identifier. Ending is one UPDATE and takes effect at the next request of any
process, whatever the session store still holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tasuki_server.accounts.devices import mark_device, remember_device
from tasuki_server.accounts.models import SignInSession, User, Why
from tasuki_server.accounts.networks import address_of, browser_of, network_of

ROW = "tasuki_session"
# The last network a session was noted to have moved to, so that a move is noted once.
NOTED = "tasuki_moved_to"


def begin_session(request: HttpRequest, user: User) -> SignInSession:
    """セッションの開始 — bound to the browser's mark, its kind and its network."""
    digest = mark_device(request)
    browser = browser_of(request.headers.get("User-Agent", ""))
    address = address_of(request)
    row = SignInSession.objects.create(
        user=user,
        device=digest,
        browser=browser,
        address=address,
        network=network_of(address),
        factor=_factor_of(request, user),
        is_new_device=remember_device(user.pk, digest, browser),
    )
    request.session[ROW] = str(row.pk)
    request.sign_in_session = row  # type: ignore[attr-defined]
    return row


def session_of(request: HttpRequest) -> SignInSession | None:
    """この要求のセッション — None when it has ended, or is of someone else."""
    kept = request.session.get(ROW)
    if kept is None:
        return None
    return SignInSession.objects.filter(pk=kept, user_id=request.user.pk, ended_at=None).first()


def public_id_of(request: HttpRequest) -> str:
    """セッションの公開番号 — what the trail names a session by; never its key."""
    row: SignInSession | None = getattr(request, "sign_in_session", None)
    return row.public_id if row is not None else ""


def strayed(request: HttpRequest, row: SignInSession) -> Why | None:
    """セッションの逸脱 — why the session may not be used from where this request comes."""
    if mark_device(request) != row.device:
        return Why.DEVICE
    if browser_of(request.headers.get("User-Agent", "")) != row.browser:
        return Why.BROWSER
    return None


def moved_to(request: HttpRequest, row: SignInSession) -> str:
    """ネットワークの変更 — the network this request comes from, when it is not the one the session was proved from."""
    network = network_of(address_of(request))
    return "" if network == row.network else network


def settle_network(request: HttpRequest) -> None:
    """ネットワークの承認 — the person proved the second factor from here."""
    row: SignInSession | None = getattr(request, "sign_in_session", None)
    if row is not None:
        address = address_of(request)
        SignInSession.objects.filter(pk=row.pk).update(address=address, network=network_of(address))
    request.moved_to = ""  # type: ignore[attr-defined]


def touch_session(request: HttpRequest, row: SignInSession) -> None:
    """最終利用 — when the session was last used."""
    SignInSession.objects.filter(pk=row.pk).update(last_seen_at=timezone.now())


def end_session(row: SignInSession, why: Why) -> None:
    """セッションの終了 — at its next request it is no more."""
    SignInSession.objects.filter(pk=row.pk, ended_at=None).update(ended_at=timezone.now(), ended_why=why)


def end_sessions(user_id: UUID, why: Why, *, but: UUID | None = None) -> list[str]:
    """全セッションの終了 — of a user, save one; answers their public ids. Those that opened no page yet end too."""
    rows = SignInSession.objects.filter(user_id=user_id, ended_at=None).exclude(pk=but)
    ended = list(rows.values_list("public_id", flat=True))
    now = timezone.now()
    rows.update(ended_at=now, ended_why=why)
    User.objects.filter(pk=user_id).update(signed_out_at=now)
    return ended


def is_signed_out_since(request: HttpRequest) -> bool:
    """サインイン後に終了されたか — whether all sessions of the user were ended after this one gave its last proof."""
    ended = request.user.signed_out_at  # type: ignore[union-attr]
    proofs = (float(each.get("at", 0)) for each in get_authentication_records(request, request.user))
    return ended is not None and max(proofs, default=0.0) <= ended.timestamp()


def is_past_its_age(row: SignInSession) -> bool:
    """有効時間を過ぎたか — however busy it was: the time from the sign-in on is judged, not from the last use."""
    return row.begun_at + timedelta(seconds=settings.SESSION_COOKIE_AGE) <= timezone.now()


def open_sessions(user_ids: Iterable[UUID]) -> QuerySet[SignInSession]:
    """使用中のセッション — of these users; those that no longer can be used by their age are left out."""
    oldest = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    idle = timezone.now() - timedelta(minutes=settings.TASUKI_IDLE_MINUTES + 2)
    return SignInSession.objects.filter(
        user_id__in=list(user_ids), ended_at=None, begun_at__gt=oldest, last_seen_at__gt=idle
    ).order_by("-last_seen_at")


def _factor_of(request: HttpRequest, user: Any) -> str:
    records = get_authentication_records(request, user)
    return next((str(each.get("type", "")) for each in reversed(records) if each.get("method") == "mfa"), "")
