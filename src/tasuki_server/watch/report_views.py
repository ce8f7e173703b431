# SPDX-License-Identifier: Apache-2.0
"""報告と訓練の画面 — anyone tells of a mistake in three fields; training results are kept beside."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.reception.clock import now
from tasuki_server.watch import training
from tasuki_server.watch.incident_models import MistakeKind
from tasuki_server.watch.incidents import report_mistake
from tasuki_server.watch.parsing import moment_of, one_of, words_of

LARGEST = 1_000_000


@requires(Permission.USE_SYSTEM)
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """間違えた・怪しい — thanks whoever tells; nobody is blamed for telling."""
    if request.method == "POST":
        kind = one_of(request, "kind", MistakeKind.values)
        told = report_mistake(kind, words_of(request, "words", 400), moment_of(request, "happened_at"))
        return render(request, "watch/thanks.html", {"report": told, "kind": kind})
    return render(request, "watch/report.html", {"kinds": MistakeKind.choices, "now": now()})


@requires(Permission.MISUSE_WATCH)
@require_http_methods(["GET", "POST"])
def trainings(request: HttpRequest) -> HttpResponse:
    """標的型メール訓練 — the results of each training, and reading them from a CSV."""
    faults: list[training.BadRow] = []
    if request.method == "POST":
        given = request.FILES.get("file")
        if given is None or given.size > LARGEST:
            faults = [training.BadRow(0, "1MBまでのCSVファイルを選んでください。")]
        else:
            rows, faults = training.read_csv(given.read())
            if not faults and rows:
                kept = training.keep_rows(rows)
                messages.success(request, f"{kept} 件を記録しました（{len(rows) - kept} 件は記録済み）。")
                return redirect("watch:training")
            if not faults:
                faults = [training.BadRow(0, "行がありません。")]
    else:
        record("watch.read", detail={"part": "training"})
    context = {"trainings": training.summaries(), "faults": faults, "columns": training.COLUMNS}
    return render(request, "watch/training.html", context, status=422 if faults else 200)
