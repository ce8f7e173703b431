# SPDX-License-Identifier: Apache-2.0
"""同期受信の番 — while everything runs, the receiver is kept running, and commits wait for it only as long as it is there.

A receiver that stopped would stop the house: after TASUKI_RECEIVER_WAIT seconds the house goes on without it, says so, and
waits for it again when it has caught up.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.words import progress
from tasuki_server.settings_table import number, text

if TYPE_CHECKING:
    import psycopg

    from tasuki_server.recovery.receiver import Receiver

FIRST_SECONDS = 15.0
EVERY_SECONDS = 0.5
AGAIN_SECONDS = 5.0


class ReceiverKeeper:
    """同期受信の番 — a thread with a connection of its own, which never writes: it must not wait for the receiver itself."""

    def __init__(self, receiver: Receiver, wait_seconds: float) -> None:
        self.receiver = receiver
        self.wait_seconds = wait_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="receiver-keeper", daemon=True)
        self._gone_since: float | None = None
        self._started_at = 0.0

    @classmethod
    def for_installation(cls) -> ReceiverKeeper | None:
        """この設置の番 — None where no folder for it is set. Raises :class:`tasuki_server.cli.words.Stop`."""
        from tasuki_server.recovery.receiver import Receiver, forget
        from tasuki_server.recovery.source import admin_conninfo

        folder = text("TASUKI_RECEIVER")
        if not folder:
            if not text("TASUKI_DATABASE_URL"):
                forget(admin_conninfo())
            return None
        receiver = Receiver(Path(folder).expanduser().resolve(), admin_conninfo())
        return cls(receiver, float(number("TASUKI_RECEIVER_WAIT")))

    def start(self) -> None:
        """開始 — before the first page is served: commits wait from here on, or the house says that they do not."""
        import psycopg

        from tasuki_server.recovery.receiver import require, wait_until_streaming

        self._start_receiver()
        with psycopg.connect(self.receiver.admin, autocommit=True) as connection:
            if wait_until_streaming(connection, FIRST_SECONDS):
                require(connection, is_required=True)
            else:
                _tell_gone()
        self._thread.start()

    def stop(self) -> None:
        """停止 — the keeper; the receiver goes after the database's last act."""
        self._stop.set()
        self._thread.join(timeout=10)

    def look(self, connection: psycopg.Connection[Any], now: float) -> None:
        """見回り — once: is it there, are we waiting for it, and should we."""
        from tasuki_server.recovery.receiver import is_required, is_streaming, require

        if is_streaming(connection):
            self._gone_since = None
            if not is_required(connection):
                require(connection, is_required=True)
                progress(
                    "同期受信が戻りました。書込みは、また二つ目のディスクを待ちます。",
                    "The receiver is back: commits wait for the second disk again.",
                )
            return
        self._gone_since = self._gone_since if self._gone_since is not None else now
        if not self.receiver.is_running() and now - self._started_at > AGAIN_SECONDS:
            self._start_receiver()
        if now - self._gone_since >= self.wait_seconds and is_required(connection):
            require(connection, is_required=False)
            _tell_gone()

    def _start_receiver(self) -> None:
        self._started_at = time.monotonic()
        self.receiver.start()

    def _watch(self) -> None:
        import psycopg

        from tasuki_server.cli.words import Stop

        connection: psycopg.Connection[Any] | None = None
        while not self._stop.wait(EVERY_SECONDS):
            try:
                if connection is None or connection.closed:
                    connection = psycopg.connect(self.receiver.admin, autocommit=True)
                self.look(connection, time.monotonic())
            except (psycopg.Error, Stop, OSError):
                # The database or the second disk is away: asked again in a moment; the house tells of it elsewhere.
                if connection is not None:
                    connection.close()
        if connection is not None:
            connection.close()


def _tell_gone() -> None:
    progress(
        "警報: 同期受信が止まっています。書込みは続けますが、いま一つ目のディスクを失うと最後の記録が失われます。"
        "TASUKI_RECEIVER のディスクを確かめてください。",
        "ALARM: the receiver has stopped. The house goes on, but the last acts would be lost with the first disk; "
        "look at the disk of TASUKI_RECEIVER.",
    )
