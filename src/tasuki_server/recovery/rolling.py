# SPDX-License-Identifier: Apache-2.0
"""記録の反映 — a restored cluster is rolled to its mark, and on to the wanted second or place of the log."""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tasuki_server.cli.words import Stop
from tasuki_server.database.embedded import SUPERUSER, Embedded, give_to_server
from tasuki_server.database.session import DATABASE

if TYPE_CHECKING:
    from tasuki_server.database.embedded import Place


def recover(cluster: Path, replay: Path, wanted: str, *, action: str) -> None:
    """復元の設定 — how far the next start rolls; the settings of the house that was, about copies of its log, do not come along."""
    fetch = f"cp {shlex.quote(str(replay))}/%f %p"
    lines = [
        "restore_command = '" + fetch.replace("'", "''") + "'",
        "recovery_target_timeline = 'current'",
        f"recovery_target_action = '{action}'",
        "synchronous_standby_names = ''",
        "archive_mode = off",
        wanted,
    ]
    own = cluster / "postgresql.auto.conf"
    kept = own.with_suffix(".conf.kept")
    if not kept.exists():
        shutil.copyfile(own, kept)
    own.write_text(kept.read_text() + "\n".join(lines) + "\n")
    (cluster / "recovery.signal").touch()
    give_to_server(cluster / "recovery.signal", own, kept)


def goals(until: datetime | None, before: str) -> list[str]:
    """戻す目標 — how far to roll: just before a place of the log, or to a second, or, where the log ends before that, to its end."""
    if before:
        return [f"recovery_target_lsn = '{before}'\nrecovery_target_inclusive = off"]
    return [f"recovery_target_time = '{until.isoformat()}'", ""] if until else [""]


def rolled_on(target: Path, cluster: Path, replay: Path, wanted_goals: list[str]) -> datetime | None:
    """反映 — to the wanted second; where the log ends before it, everything there is lies before it too."""
    for wanted in wanted_goals:
        recover(cluster, replay, wanted, action="promote")
        try:
            with (
                running(target) as place,
                psycopg.connect(place.conninfo(SUPERUSER, DATABASE)) as connection,
            ):
                return _promoted(connection)
        except Stop:
            if not wanted:
                raise
    raise AssertionError("the last try returns or raises")


def forget_recovery(cluster: Path) -> None:
    """復元の設定の取消 — the house goes on as itself, without the copies of the one that was."""
    kept = cluster / "postgresql.auto.conf.kept"
    dropped = ("synchronous_standby_names", "archive_mode", "archive_command", "restore_command", "recovery_")
    lines = [line for line in kept.read_text().splitlines() if not line.startswith(dropped)]
    (cluster / "postgresql.auto.conf").write_text("\n".join(lines) + "\n")
    kept.unlink()


@contextmanager
def running(target: Path) -> Iterator[Place]:
    """復元先の稼働 — as long as the block lasts."""
    server = Embedded(target)
    try:
        yield server.start()
    finally:
        server.stop()


def wait_for_mark(connection: psycopg.Connection) -> None:
    """静止点の待合せ — raises :class:`Stop`."""
    connection.autocommit = True
    for _ in range(6000):
        row = connection.execute(
            "SELECT pg_is_in_recovery() AND pg_get_wal_replay_pause_state() = 'paused'"
        ).fetchone()
        if row is not None and row[0]:
            return
        time.sleep(0.1)
    raise Stop("静止点に届きませんでした。", "The mark was not reached.")


def _promoted(connection: psycopg.Connection) -> datetime | None:
    connection.autocommit = True
    for _ in range(6000):
        row = connection.execute("SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()").fetchone()
        if row is not None and not row[0]:
            return row[1]  # type: ignore[no-any-return]
        time.sleep(0.05)
    raise Stop(
        "復元したデータベースが使える状態になりませんでした。", "The restored database was not promoted."
    )
