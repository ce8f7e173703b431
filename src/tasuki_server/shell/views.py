# SPDX-License-Identifier: Apache-2.0
"""共通の画面 — the first page, and the sign of life."""

from __future__ import annotations

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.shell.waiting import waiting_for


@requires(Permission.USE_SYSTEM)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """ホーム — the rooms this member of staff may enter."""
    return render(request, "home.html", {"waiting": waiting_for(staff_of(request))})


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """生存確認 — answers when the database does."""
    with connections["signin"].cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")
