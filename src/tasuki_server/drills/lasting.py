# SPDX-License-Identifier: Apache-2.0
"""本番どおりの書込み — a training ground forgets on purpose what it wrote; drills about losing nothing take that back."""

from __future__ import annotations

import psycopg

from tasuki_server.recovery.source import admin_conninfo


def be_lasting() -> None:
    """本番どおりの書込み — every commit is on the disk before it is answered, as in a house that runs."""
    set_commits("on")


def set_commits(synchronous_commit: str) -> None:
    """書込みの待ち方 — ``off`` is the planted fault: an act is answered before it is kept."""
    with psycopg.connect(admin_conninfo(), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = on")  # type: ignore[call-overload]
        connection.execute(f"ALTER SYSTEM SET synchronous_commit = {synchronous_commit}")  # type: ignore[call-overload]
        connection.execute("SELECT pg_reload_conf()")
