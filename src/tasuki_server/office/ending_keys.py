# SPDX-License-Identifier: Apache-2.0
"""期限の近い鍵 — told on the office's first page and on the first page of whoever can put a new one in its place."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_institution_id
from tasuki_server.operations.key_endings import (
    TOLD_DAYS,
    URGENT_DAYS,
    Ending,
    endings_here,
    endings_of_institutions,
    endings_of_senders,
)
from tasuki_server.shell.waiting import Waiting


class Wall(NamedTuple):
    """壁の状態 — one line: what is looked at, how it stands, and the page where something can be done."""

    name: str
    tone: str
    mark: str
    words: str
    url: str = ""


def wall_of_keys(at: datetime) -> Wall:
    """接続・送信の鍵 — as a line of the walls."""
    name, url = "接続・送信の鍵の期限", reverse("api:list")
    found = endings_here(current_institution_id(), at)
    if not found:
        return Wall(name, "good", "正常", f"{TOLD_DAYS}日以内に期限の来る鍵はありません。", url)
    words = "、".join(each.words(at) for each in found[:5])
    more = f"、ほか{len(found) - 5}件" if len(found) > 5 else ""
    what = "期限の前に新しい鍵を登録してください（古い鍵は、そのあとで停止します）。"
    tone = "bad" if any(each.is_urgent(at) for each in found) else "warn"
    return Wall(name, tone, found[0].mark(at), f"{words}{more}。{what}", url)


def waiting_keys(_staff: Staff) -> list[Waiting]:
    """期限の近い鍵の件数 — for the first page of the security officer."""
    at = timezone.now()
    return [
        _counted(
            "接続・送信の鍵の期限", endings_here(current_institution_id(), at), reverse("office:walls"), at
        )
    ]


def waiting_sender_keys(staff: Staff) -> list[Waiting]:
    """送信元の鍵の件数 — for the first page of who sits at the desk of claims, and of nobody else."""
    from tasuki_server.receiving.models import Operator

    if not Operator.objects.filter(user_id=staff.user_id).exists():
        return []
    at = timezone.now()
    return [_counted("送信元の鍵の期限", endings_of_senders(at), reverse("receiving:clients"), at)]


def waiting_institution_keys(staff: Staff) -> list[Waiting]:
    """接続機関の鍵の件数 — for the first page of who sits at the desk of the platform, and of nobody else."""
    from tasuki_server.platform.models import PlatformOperator

    if not PlatformOperator.objects.filter(user_id=staff.user_id).exists():
        return []
    at = timezone.now()
    return [_counted("接続機関の鍵の期限", endings_of_institutions(at), reverse("platform:institutions"), at)]


def _counted(label: str, found: list[Ending], url: str, at: datetime) -> Waiting:
    urgent = sum(each.is_urgent(at) for each in found)
    oldest = min((timezone.localtime(each.ends_at).date() for each in found), default=None)
    return Waiting(label, len(found), url, urgent, f"{URGENT_DAYS}日以内・期限切れ", oldest)
