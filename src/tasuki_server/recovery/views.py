# SPDX-License-Identifier: Apache-2.0
"""控えと復元の画面 — the administrator sees how things stand and begins a backup with one key."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.institutions.work import current_work
from tasuki_server.recovery.noting import ask_backup
from tasuki_server.recovery.status import open_run, read_status


@requires(Permission.BACKUP_MANAGE)
@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """控えの状況 — backups, rehearsals, what is due."""
    found = read_status(current_work().at)
    record("backup.read", detail={"backups": len(found.backups), "rehearsals": len(found.rehearsals)})
    return render(request, "recovery/status.html", {"status": found})


@requires(Permission.BACKUP_MANAGE)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """控えの進み具合 — htmx asks while one runs; when it ended the page is drawn anew."""
    run = open_run()
    record("backup.read", detail={"part": "progress"})
    answer = render(request, "recovery/_progress.html", {"run": run})
    if run is None:
        answer["HX-Refresh"] = "true"
    return answer


@requires(Permission.BACKUP_MANAGE)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """控えを始める — asked of the server that runs the database; one at a time."""
    if not read_status(current_work().at).is_set_up:
        messages.error(request, "控えの置き場所と公開鍵が設定されていないため、控えを取れません。")
    elif ask_backup(staff_of(request)) is None:
        messages.error(request, "控えは、いま作成中です。終わってから、もう一度始めてください。")
    else:
        messages.success(request, "控えの作成を始めます。")
    return redirect("recovery:status")
