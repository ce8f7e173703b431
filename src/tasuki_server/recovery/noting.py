# SPDX-License-Identifier: Apache-2.0
"""控えの記録の記入 — one row for each institution a backup holds, each with its event."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.utils import timezone

from tasuki_server.audit.bringing import all_institutions
from tasuki_server.audit.trail import record
from tasuki_server.institutions.opening import system_actor
from tasuki_server.institutions.work import as_institution
from tasuki_server.recovery.models import BackupRun, BackupState, RestoreRun

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki_server.institutions.models import Staff
    from tasuki_server.recovery.manifest import Manifest
    from tasuki_server.recovery.restoring import Restored

_OPEN = (BackupState.ASKED, BackupState.RUNNING)


def ask_backup(staff: Staff) -> BackupRun | None:
    """控えの開始の依頼 — inside a transaction of the institution; None while one is asked for or running."""
    if BackupRun.objects.filter(state__in=_OPEN).exists():
        return None
    run = BackupRun.objects.create(asked_by=staff)
    record("backup.ask", run)
    return run


def asked_run() -> UUID | None:
    """依頼された控え — the oldest request of any institution."""
    found: list[tuple[datetime, UUID]] = []
    for institution in all_institutions():
        with as_institution(institution.id, system_actor(institution.id)):
            found += BackupRun.objects.filter(state=BackupState.ASKED).values_list("asked_at", "run_id")
    return min(found)[1] if found else None


def last_backup_at() -> datetime | None:
    """最後の控え — when the last one that ended well began."""
    times = []
    for institution in all_institutions():
        with as_institution(institution.id, system_actor(institution.id)):
            times += BackupRun.objects.filter(state=BackupState.DONE).values_list("began_at", flat=True)[
                :1000
            ]
    return max((each for each in times if each is not None), default=None)


class BackupNotes:
    """控えの記入 — of one run: begun, on its way, ended."""

    def __init__(self, run_id: UUID | None = None) -> None:
        self.run_id = run_id or uuid4()

    def begin(self) -> None:
        """開始 — runs that an earlier process left open are told as failed."""
        for institution in all_institutions():
            with as_institution(institution.id, system_actor(institution.id)):
                BackupRun.objects.filter(state=BackupState.RUNNING).exclude(run_id=self.run_id).update(
                    state=BackupState.FAILED, ended_at=timezone.now(), why="途中で止まりました。"
                )
                BackupRun.objects.update_or_create(
                    run_id=self.run_id,
                    defaults={"state": BackupState.RUNNING, "began_at": timezone.now(), "phase": "files"},
                )

    def tell(self, phase: str, percent: int) -> None:
        """進み具合 — what the page shows."""
        self._update(phase=phase, percent=percent)

    def end(self, manifest: Manifest) -> None:
        """完了 — with what was kept."""
        self._update(
            "backup.make",
            {"base": manifest.base},
            state=BackupState.DONE,
            ended_at=manifest.ended_at,
            base=manifest.base,
            mark_at=manifest.mark_at,
            kept_bytes=sum(size for _, size, _ in manifest.objects),
            table_count=len(manifest.tables),
            phase="done",
            percent=100,
        )

    def sent(self) -> None:
        """送付済み — the third copy has it."""
        self._update(is_sent=True)

    def fail(self, why: str) -> None:
        """失敗 — and why."""
        self._update(
            "backup.fail", {}, state=BackupState.FAILED, ended_at=timezone.now(), why=why.strip()[:400]
        )

    def _update(self, action: str = "", detail: dict[str, object] | None = None, **values: Any) -> None:
        for institution in all_institutions():
            with as_institution(institution.id, system_actor(institution.id)):
                run = BackupRun.objects.filter(run_id=self.run_id).first()
                if run is None:
                    continue
                for name, value in values.items():
                    setattr(run, name, value)
                run.save(update_fields=list(values))
                if action:
                    record(action, run, detail=detail)


def note_rehearsal(restored: Restored, until: datetime | None, rpo_seconds: float | None) -> None:
    """復元の訓練の記入 — in every institution of this installation."""
    for institution in all_institutions():
        with as_institution(institution.id, system_actor(institution.id)):
            row = RestoreRun.objects.create(
                base=restored.manifest.base,
                until=until,
                rto_seconds=Decimal(f"{restored.total_seconds:.2f}"),
                rpo_seconds=None if rpo_seconds is None else Decimal(f"{rpo_seconds:.2f}"),
                plain_bytes=restored.manifest.plain_bytes,
                chart_count=restored.opened,
                faults=list(restored.faults),
            )
            record("restore.rehearse", row, detail={"base": row.base, "faults": len(row.faults)})
