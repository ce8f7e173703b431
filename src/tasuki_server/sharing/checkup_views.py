# SPDX-License-Identifier: Apache-2.0
"""健診結果の画面 — a file is checked, or checked and registered; every result of it in a line."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.sharing.checkup_sending import LABELS, MOST_RESULTS, TooMany, take_file
from tasuki_server.sharing.setting import is_used

LARGEST = 32 * 1024 * 1024


@requires(Permission.CHECKUP_SEND)
@require_http_methods(["GET", "POST"])
def checkups(request: HttpRequest) -> HttpResponse:
    """健診結果の登録 — of a 特定健診XML or its ZIP."""
    context: dict[str, Any] = {"is_used": is_used(), "doctor": request.POST.get("doctor", "").strip()[:40]}
    if request.method == "POST":
        context |= _taken(request, context["doctor"], is_used=context["is_used"])
    status = 422 if context.get("faults") else 200
    return render(request, "sharing/checkups.html", context, status=status)


def _taken(request: HttpRequest, doctor: str, *, is_used: bool) -> dict[str, Any]:
    given = request.FILES.get("file")
    is_sent = request.POST.get("do") == "send"
    if given is None or given.size is None or not 0 < given.size <= LARGEST:
        return {"faults": ["特定健診XMLか、送付用のZIP（32MBまで）を選んでください。"]}
    if is_sent and not is_used:
        return {
            "faults": [
                "この医療機関は電子カルテ情報共有サービスを使う設定になっていません。点検だけができます。"
            ]
        }
    name = (given.name or "")[:100]
    try:
        made = take_file(institution_of(request), given.read(), name, doctor, is_sent=is_sent)
    except TooMany:
        return {"faults": [f"一度に扱えるのは{MOST_RESULTS}件までです。ZIPを分けてください。"]}
    except BadInput as wrong:
        return {"faults": [sentence(each) for each in wrong.findings]}
    counts = [(label, made.count(state)) for state, label in LABELS.items() if made.count(state)]
    return {"file": made, "file_name": name, "counts": counts, "is_sent": is_sent}
