# SPDX-License-Identifier: Apache-2.0
"""控えの状況 — what the administrator reads: the last backups, the last rehearsal, what is due, and what is not set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from tasuki_server.institutions.models import Staff
from tasuki_server.recovery.models import BackupRun, BackupState, RestoreRun
from tasuki_server.settings_table import number, text
from tasuki_server.shell.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

NEWEST = 10
# 3-2-1: what each setting gives, and what is missing without it.
PARTS = (
    ("TASUKI_BACKUPS", "控えの置き場所（別のディスク）"),
    ("TASUKI_BACKUP_KEY", "控えを封じる公開鍵"),
    ("TASUKI_RECEIVER", "記録の同期受信（二つ目のディスク）"),
    ("TASUKI_THIRD_COPY", "三つ目の控え（別の機械、追加のみ）"),
    ("TASUKI_WITNESS", "監査記録の証人（別の機械）"),
)


@dataclass(frozen=True, slots=True)
class Status:
    """控えの状況 — inside a transaction of the institution."""

    backups: Sequence[BackupRun]
    rehearsals: Sequence[RestoreRun]
    parts: Sequence[tuple[str, str, bool]]
    open_run: BackupRun | None
    last_done: BackupRun | None
    next_backup_at: datetime | None
    next_rehearsal_at: datetime | None
    is_backup_late: bool
    is_rehearsal_late: bool

    @property
    def is_set_up(self) -> bool:
        """控えを取れるか — a place and a key are set."""
        return all(
            is_there for name, _, is_there in self.parts if name in ("TASUKI_BACKUPS", "TASUKI_BACKUP_KEY")
        )


def read_status(at: datetime) -> Status:
    """控えの状況の読込み — late is what should have been done twice over (backup), or is past its day (rehearsal)."""
    hours = timedelta(hours=number("TASUKI_BACKUP_HOURS"))
    days = timedelta(days=number("TASUKI_RESTORE_DAYS"))
    last = BackupRun.objects.filter(state=BackupState.DONE).order_by("-began_at").first()
    proved = next((each for each in RestoreRun.objects.order_by("-at")[:100] if each.is_proved), None)
    next_backup = last.began_at + hours if last is not None and last.began_at is not None else None
    next_rehearsal = proved.at + days if proved is not None else None
    return Status(
        backups=list(BackupRun.objects.select_related("asked_by").order_by("-asked_at")[:NEWEST]),
        rehearsals=list(RestoreRun.objects.order_by("-at")[:NEWEST]),
        parts=[(name, label, bool(text(name))) for name, label in PARTS],
        open_run=open_run(),
        last_done=last,
        next_backup_at=next_backup,
        next_rehearsal_at=next_rehearsal,
        is_backup_late=next_backup is None or at > next_backup + hours,
        is_rehearsal_late=next_rehearsal is None or at > next_rehearsal,
    )


def waiting_recovery(_staff: Staff) -> list[Waiting]:
    """控えと復元の訓練の遅れ — for the first page of who keeps the backups; nothing where none are set up."""
    found = read_status(timezone.now())
    if not found.is_set_up:
        return []
    page = reverse("recovery:status")
    late = (("遅れている控え", found.is_backup_late), ("遅れている復元の訓練", found.is_rehearsal_late))
    return [Waiting(label, int(is_late), page, int(is_late)) for label, is_late in late]


def open_run() -> BackupRun | None:
    """進行中の控え — asked for, or running."""
    found: BackupRun | None = (
        BackupRun.objects.filter(state__in=(BackupState.ASKED, BackupState.RUNNING))
        .order_by("asked_at")
        .first()
    )
    return found
