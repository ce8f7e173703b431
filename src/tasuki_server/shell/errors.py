# SPDX-License-Identifier: Apache-2.0
"""エラー画面 — 400, 403, 404, 409 and 500 in Japanese, saying what to do next."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki_server.institutions.rows import StaleVersion, VersionedRow
from tasuki_server.operations.request_log import current_request_id
from tasuki_server.privacy.asking import Refusal
from tasuki_server.privacy.refusals import refusal_page


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400 — the request cannot be read."""
    findings = [sentence(each) for each in exception.findings] if isinstance(exception, BadInput) else []
    return _page(
        request,
        400,
        "送られた内容を読み取れませんでした",
        "入力を確かめて、もう一度お試しください。",
        findings=findings,
    )


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 — not allowed; where a reason would open the page, it can be given here."""
    if isinstance(exception, Refusal):
        return refusal_page(request, exception)
    return _page(
        request, 403, "この操作をする権限がありません", "必要なときは、管理者に役割の変更を依頼してください。"
    )


def refused_because(request: HttpRequest, reason: str) -> HttpResponse:
    """403 — not allowed, with the reason to show."""
    return _page(request, 403, "この操作はできません", reason)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 — a form that is not ours, or too old."""
    return _page(
        request, 403, "画面の有効期限が切れています", "前の画面に戻り、開き直してからもう一度お試しください。"
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 — nothing here, or nothing of this institution."""
    return _page(
        request,
        404,
        "見つかりません",
        "削除や取消をされたか、アドレスが違います。メニューから探してください。",
    )


def our_fault(request: HttpRequest) -> HttpResponse:
    """500 — our fault; nothing of what was sent has been saved."""
    return _page(
        request,
        500,
        "襷の側で問題が起きました",
        "入力した内容は保存されていません。もう一度お試しください。続くときは管理者に下の時刻と番号を伝えてください。",
    )


def stale_version(request: HttpRequest, clash: StaleVersion) -> HttpResponse:
    """409 — someone saved first: both texts side by side, nothing lost."""
    theirs = clash.theirs
    return render(
        request,
        "errors/409.html",
        {
            "differences": _differences(clash.mine, theirs),
            "their_name": theirs.made_by.name if theirs.made_by_id else "",
            "their_version": theirs.version,
            "their_time": theirs.made_at,
            "return_to": request.META.get("HTTP_REFERER", "/"),
        },
        status=409,
    )


def _differences(mine: VersionedRow, theirs: VersionedRow) -> list[dict[str, Any]]:
    found = []
    for field in mine._meta.concrete_fields:
        # What the program writes beside the text is no difference of the text.
        if not field.editable or field.name == "reason" or isinstance(field, models.ForeignKey):
            continue
        ours, other = getattr(mine, field.attname), getattr(theirs, field.attname)
        if ours != other:
            found.append({"label": field.verbose_name, "mine": ours, "theirs": other})
    return found


def _page(request: HttpRequest, status: int, title: str, advice: str, **more: Any) -> HttpResponse:
    context = {
        "status": status,
        "title": title,
        "advice": advice,
        "now": timezone.now(),
        # By which the log can be asked; it says nothing of anybody.
        "request_number": current_request_id(),
        **more,
    }
    return render(request, "errors/error.html", context, status=status)
