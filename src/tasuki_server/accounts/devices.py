# SPDX-License-Identifier: Apache-2.0
"""端末 — a random mark each browser keeps, so that a session cookie alone is worth nothing elsewhere."""

from __future__ import annotations

import hashlib
import re
import secrets
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from tasuki_server.accounts.models import KnownDevice

KEPT_SECONDS = 400 * 24 * 3600
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


def cookie_name() -> str:
    """端末クッキーの名前 — bound to the host where there is HTTPS."""
    return "__Host-tasuki-device" if settings.SESSION_COOKIE_SECURE else "tasuki-device"


def device_of(request: HttpRequest) -> str:
    """端末の要約 — SHA-256 of the mark; empty when the browser shows none."""
    mark = request.COOKIES.get(cookie_name(), "")
    return _digest(mark) if _FORM.fullmatch(mark) else ""


def mark_device(request: HttpRequest) -> str:
    """端末の印 — the digest of the browser's mark; a new mark is set on the answer when it has none."""
    found = device_of(request)
    if found:
        return found
    mark: str = getattr(request, "new_device_mark", "") or secrets.token_urlsafe(32)
    request.new_device_mark = mark  # type: ignore[attr-defined]
    return _digest(mark)


def keep_mark(request: HttpRequest, response: HttpResponseBase) -> None:
    """端末クッキーの設定 — when this request made a new mark."""
    mark = getattr(request, "new_device_mark", "")
    if mark:
        response.set_cookie(
            cookie_name(), mark, max_age=KEPT_SECONDS, path="/",
            secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
        )  # fmt: skip


def remember_device(user_id: UUID, digest: str, browser: str) -> bool:
    """既知の端末 — notes that the user signed in wholly on it; answers whether it was the first time."""
    row, is_new = KnownDevice.objects.get_or_create(
        user_id=user_id, digest=digest, defaults={"browser": browser}
    )
    if not is_new:
        KnownDevice.objects.filter(pk=row.pk).update(last_seen_at=timezone.now())
    return is_new


def is_known_device(user_id: UUID, digest: str) -> bool:
    """既知の端末か — whether the user signed in on it before."""
    return bool(digest) and KnownDevice.objects.filter(user_id=user_id, digest=digest).exists()


def _digest(mark: str) -> str:
    return hashlib.sha256(mark.encode()).hexdigest()
