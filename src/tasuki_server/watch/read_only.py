# SPDX-License-Identifier: Apache-2.0
"""閲覧専用モード — while it lasts, charts are read and nothing is written, but for what ends it."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connections
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from tasuki_server.institutions.middleware import SAFE_METHODS
from tasuki_server.watch.containing import is_read_only

# サインインと自分の安全、見張りの画面は動く: signing out, proving oneself, containing and telling of mistakes.
OPEN_APPS = frozenset({"watch"})
OPEN_PAGES = ("account_", "mfa_", "step_up", "second_factor_")
LOCKED = 423


class ReadOnlyMode:
    """閲覧専用の関所 — stands behind the institution's transaction, before the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — the page's frame asks only when it is drawn."""
        has_institution = getattr(request, "institution", None) is not None

        def asked() -> bool:
            # What draws a page after the database has refused a value may ask it nothing more.
            connection = connections["default"]
            can_ask = connection.in_atomic_block and not connection.needs_rollback
            return has_institution and can_ask and is_read_only()

        request.is_read_only = SimpleLazyObject(asked)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """画面の前 — refuses what would write."""
        match = request.resolver_match
        if request.method in SAFE_METHODS or getattr(request, "institution", None) is None or match is None:
            return None
        if match.app_name in OPEN_APPS or match.view_name.startswith(OPEN_PAGES):
            return None
        if not is_read_only():
            return None
        return render(request, "watch/read_only.html", status=LOCKED)
