# SPDX-License-Identifier: Apache-2.0
"""控えの番 — while everything runs: a backup every so many hours or when the administrator asks, and the log shipped in between."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.words import Alarm, Stop
from tasuki_server.settings_table import number, text

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki_server.recovery.offline_key import PublicHalf
    from tasuki_server.recovery.repository import Repository

LOOK_SECONDS = 2.0
SHIP_SECONDS = 300.0
# After one that failed.
AGAIN_SECONDS = 3600.0


class BackupKeeper:
    """控えの番 — backups run in a process of their own: a long one keeps nobody waiting."""

    def __init__(self, repository: Repository | None, public: PublicHalf | None, hours: int) -> None:
        self.repository = repository
        self.public = public
        self.hours = hours
        self._child: subprocess.Popen[bytes] | None = None
        self._shipping: threading.Thread | None = None
        self._next_look = 0.0
        self._next_ship = 0.0
        self._not_before = 0.0
        self._contained: datetime | None = None
        self._alarm = Alarm()

    @classmethod
    def for_installation(cls) -> BackupKeeper:
        """この設置の番 — it does nothing where no repository is set. Raises :class:`Stop`."""
        from tasuki_server.recovery.offline_key import PublicHalf
        from tasuki_server.recovery.repository import Repository

        folder = text("TASUKI_BACKUPS")
        if not folder:
            return cls(None, None, number("TASUKI_BACKUP_HOURS"))
        if not text("TASUKI_BACKUP_KEY"):
            raise Stop(
                "TASUKI_BACKUPS には TASUKI_BACKUP_KEY（公開鍵）も要ります。./tasuki backup keys で作れます。",
                "TASUKI_BACKUPS also needs TASUKI_BACKUP_KEY; ./tasuki backup keys makes one.",
            )
        repository = Repository(Path(folder).expanduser().resolve())
        return cls(repository, PublicHalf.from_text(text("TASUKI_BACKUP_KEY")), number("TASUKI_BACKUP_HOURS"))

    def keep(self, now: float) -> None:
        """見回り — every two seconds, by the clock of the wall."""
        if self.repository is None or now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        self._ship_when_contained()
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return
            self._child = None
            if code != 0:
                self._not_before = now + AGAIN_SECONDS
        from tasuki_server.database.session import leave
        from tasuki_server.recovery.noting import asked_run, last_backup_at

        asked, last = asked_run(), last_backup_at()
        leave()
        is_due = last is None or now - last.timestamp() >= self.hours * 3600
        if asked is not None or (is_due and now >= self._not_before):
            self._begin(str(asked) if asked is not None else "")
        elif now >= self._next_ship:
            self._next_ship = now + SHIP_SECONDS
            self._ship()

    def _ship_when_contained(self) -> None:
        """閲覧専用モード: what may be the last good log leaves the house before an attacker thinks of it."""
        from tasuki_server.database.session import leave
        from tasuki_server.recovery.sending_on import contained_since

        contained = contained_since()
        leave()
        if contained is not None and contained != self._contained and self._ship():
            self._contained = contained

    def stop(self) -> None:
        """停止 — a backup that runs is given up; it has no manifest and counts as none."""
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            child.terminate()
            child.wait(timeout=20)

    def _begin(self, run_id: str) -> None:
        command = [sys.executable, "-m", "tasuki_server.cli", "backup", "create"]
        command += ["--run", run_id] if run_id else []
        self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def _ship(self) -> bool:
        """Whether it was begun; the one before may still be on its way."""
        if self._shipping is not None and self._shipping.is_alive():
            return False
        self._shipping = threading.Thread(target=self._shipped, name="log-shipping", daemon=True)
        self._shipping.start()
        return True

    def _shipped(self) -> None:
        """A new segment is begun, so that the third copy is never further behind than this turn."""
        import psycopg

        from tasuki_server.cli.backup_keeping import distant_copy
        from tasuki_server.recovery.sending_on import send_on

        told = ""
        try:
            send_on(self.repository, self.public, text("TASUKI_RECEIVER"), distant_copy())
        except (psycopg.Error, Stop, OSError) as fault:
            told = str(fault)
        self._alarm.tell(
            told, f"警報: 控えの送り出しができません（{told}）。", f"ALARM: backups are not sent on ({told})."
        )
