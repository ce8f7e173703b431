# SPDX-License-Identifier: Apache-2.0
"""入力の読取り — what the forms of this room send; what cannot be read is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest
from django.utils import timezone

from tasuki_server.reception.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest


def words_of(request: HttpRequest, name: str, longest: int) -> str:
    """文字 — without space around; too long is refused, never cut."""
    text = request.POST.get(name, "").strip()
    if len(text) > longest or "\0" in text:
        raise BadRequest(name)
    return text


def one_of(request: HttpRequest, name: str, allowed: object) -> str:
    """選択肢 — one of a set of choices."""
    given = request.POST.get(name, "")
    if given not in set(allowed):  # type: ignore[call-overload]
        raise BadRequest(name)
    return given


def moment_of(request: HttpRequest, name: str) -> datetime:
    """日時 — of a field of the browser's; empty is now, the future is refused."""
    text = request.POST.get(name, "")
    if not text:
        return now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(name) from error
    found = timezone.make_aware(found) if timezone.is_naive(found) else found
    if not found.year >= 2000 or found > now() + timedelta(minutes=5):
        raise BadRequest(name)
    return found


def day_of(request: HttpRequest, name: str) -> date:
    """日付 — of a field of the browser's."""
    try:
        day = date.fromisoformat(request.POST.get(name, ""))
    except ValueError as error:
        raise BadRequest(name) from error
    if not 2000 <= day.year <= 2199:
        raise BadRequest(name)
    return day
