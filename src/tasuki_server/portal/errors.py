# SPDX-License-Identifier: Apache-2.0
"""本人の画面のエラー — what happened and what to do, in the person's language; nothing of what was asked for is shown."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from tasuki_server.operations.request_log import current_request_id
from tasuki_server.portal.models import Language
from tasuki_server.portal.standing import Standing


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400 — the request cannot be read."""
    return error_page(request, 400)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 — not for this person, or not for a proxy."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 — nothing here, or nothing of this person."""
    return error_page(request, 404)


def our_fault(request: HttpRequest) -> HttpResponse:
    """500 — our fault; nothing was saved."""
    return error_page(request, 500)


def form_too_old(request: HttpRequest) -> HttpResponse:
    """403 — a form that is not ours, or too old."""
    return error_page(request, 403, "form")


def error_page(request: HttpRequest, status: int, kind: str = "") -> HttpResponse:
    """エラー画面 — by status; ``kind`` names other words for it."""
    from tasuki_server.portal.pages import page

    if not hasattr(request, "portal"):
        request.portal = Standing(Language.JAPANESE.value)  # type: ignore[attr-defined]
    return page(request, "error", status, kind=kind or str(status), number=current_request_id())
