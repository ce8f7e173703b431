# SPDX-License-Identifier: Apache-2.0
"""記録の同期受信 — a second disk has every act before it is answered: no acknowledged act is lost with the first disk.

`pg_receivewal --synchronous` writes the log below ``folder``; while it is named in ``synchronous_standby_names`` a commit
waits until the receiver has it on its disk. A replication slot keeps what the receiver has not had yet.
"""

from __future__ import annotations

import secrets
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import make_conninfo

from tasuki_server.cli.words import Stop
from tasuki_server.database.embedded import database_program, ends_with_parent
from tasuki_server.recovery.source import environment, run_program

if TYPE_CHECKING:
    from collections.abc import Iterator

RECEIVER = "tasuki_receiver"
SEGMENT_NAME = 24


class Receiver:
    """同期受信 — one folder on another disk, and the program that fills it."""

    def __init__(self, folder: Path, admin: str) -> None:
        self.folder = folder
        self.admin = admin
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def branch(self) -> str:
        """枝 — a name of this folder's log: after a restore a new folder begins, and logs of two houses are never mixed."""
        return branch_of(self.folder)

    def start(self) -> None:
        """開始 — from where it left off; raises :class:`Stop` when the folder cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            said = (self.folder / "receiver.log").open("ab")
        except OSError as error:
            raise Stop(
                f"同期受信の置き場所 {self.folder} に書けません（{error.strerror}）。",
                f"Cannot write into the receiver's folder {self.folder} ({error.strerror}).",
            ) from error
        wal = self.folder / "wal"
        wal.mkdir(exist_ok=True)
        if not (self.folder / "branch").exists():
            (self.folder / "branch").write_text(secrets.token_hex(8))
        run_program(
            "pg_receivewal",
            ["--dbname", self.admin, "--slot", RECEIVER, "--create-slot", "--if-not-exists"],
            timeout=60,
        )
        with said:
            self._child = subprocess.Popen(
                [
                    *(str(database_program("pg_receivewal")), "--synchronous", "--no-loop"),
                    *("--dbname", make_conninfo(self.admin, application_name=RECEIVER)),
                    *("--slot", RECEIVER, "--directory", str(wal), "--status-interval", "1"),
                ],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
                preexec_fn=ends_with_parent(signal.SIGTERM),
                cwd="/",
            )

    def is_running(self) -> bool:
        """稼働中か — the program; whether it receives, the database tells."""
        return self._child is not None and self._child.poll() is None

    def stop(self, with_signal: signal.Signals = signal.SIGINT) -> None:
        """停止 — what was received stays."""
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            child.send_signal(with_signal)
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def branch_of(folder: Path) -> str:
    """枝 — of a receiver's folder; empty where none received yet."""
    path = folder / "branch"
    return path.read_text().strip() if path.exists() else ""


def is_streaming(connection: psycopg.Connection[Any]) -> bool:
    """受信中か — as the database sees it."""
    row = connection.execute(
        "SELECT 1 FROM pg_stat_replication WHERE application_name = %s AND state = 'streaming'", [RECEIVER]
    ).fetchone()
    return row is not None


def wait_until_streaming(connection: psycopg.Connection[Any], seconds: float) -> bool:
    """受信の待合せ — whether it came in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_streaming(connection):
            return True
        time.sleep(0.05)
    return False


def require(connection: psycopg.Connection[Any], *, is_required: bool) -> None:
    """同期の要否 — whether a commit waits for the receiver; the connection is a superuser's, in autocommit."""
    names = RECEIVER if is_required else ""
    connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")  # type: ignore[call-overload]
    connection.execute("SELECT pg_reload_conf()")


def is_required(connection: psycopg.Connection[Any]) -> bool:
    """同期か — whether commits wait now."""
    row = connection.execute("SHOW synchronous_standby_names").fetchone()
    return row is not None and row[0] == RECEIVER


def whole_segments(folder: Path) -> Iterator[Path]:
    """受信済みの記録 — full segments, the oldest first."""
    for path in sorted((folder / "wal").iterdir()) if (folder / "wal").is_dir() else ():
        if len(path.name) == SEGMENT_NAME and path.is_file():
            yield path


def wait_until_received(folder: Path, segment: str, seconds: float) -> bool:
    """区切りの待合せ — whether a segment came whole in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (folder / "wal" / segment).exists():
            return True
        time.sleep(0.05)
    return False


def forget(admin: str) -> bool:
    """同期受信の取りやめ — the log is kept no longer for a receiver that is not set up; whether there was one."""
    with psycopg.connect(admin, autocommit=True) as connection:
        row = connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active",
            [RECEIVER],
        ).fetchone()
    return row is not None
