# SPDX-License-Identifier: Apache-2.0
"""訓練場 — a database of the drill's own with institutions in it, and the connection of an attacker who has every right."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from tasuki_server.database.session import connected
from tasuki_server.settings_table import settings_replaced
from tasuki_server.steady_heap import keep_heap_still

# One key for every ground of a process, because derived keys are kept; never the installation's own.
_SECRET = secrets.token_urlsafe(48)
CLUSTER = "postgresql"


@contextmanager
def training_ground() -> Iterator[Path]:
    """訓練場 — tables made and protected in a folder that is thrown away; Django points at it meanwhile.

    Tables are made once a process, and every ground begins with a copy of them.
    """
    folder = _new_folder()
    try:
        with _here(folder):
            subprocess.run(["cp", "-a", str(_made_tables()), str(folder / CLUSTER)], check=True)
            with connected(with_owner=True):
                yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def ground_with_stops() -> Iterator[tuple[Path, Callable[[], AbstractContextManager[object]]]]:
    """止められる訓練場 — the folder, and what starts its database; outside of that block no server runs."""
    folder = _new_folder()
    try:
        with _here(folder):
            subprocess.run(["cp", "-a", str(_made_tables()), str(folder / CLUSTER)], check=True)
            yield folder, lambda: connected(with_owner=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _made_tables() -> Path:
    """A stopped cluster with every table in it, kept until the process ends."""
    folder = _new_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with _here(folder), connected(with_owner=True):
        from tasuki_server.institutions.migrating import migrate

        migrate()
        _be_quick()
    keep_heap_still()
    return folder / CLUSTER


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tasuki-drill-"))
    # PostgreSQL refuses root and then runs as a user of its own, which must be able to enter.
    folder.chmod(0o755)
    return folder


def _here(folder: Path) -> AbstractContextManager[None]:
    """Everything that asks where the installation is finds this folder."""
    return settings_replaced(
        {"TASUKI_DATA": str(folder), "TASUKI_SECRET_KEY": _SECRET, "TASUKI_DATABASE_URL": ""}
    )


def _be_quick() -> None:
    """What a drill writes need not survive a power cut."""
    with psycopg.connect(os.environ["TASUKI_OWNER_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SET ROLE NONE")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")  # type: ignore[call-overload]
        connection.execute("SELECT pg_reload_conf()")


def a_clinic(number: int) -> UUID:
    """訓練の医療機関 — a made-up one."""
    from tasuki_server.institutions.opening import open_institution

    institution_id = uuid4()
    open_institution(
        institution_id, code=f"{9_000_000 + number}", prefecture="13", name=f"訓練クリニック{number}"
    )
    return institution_id


@contextmanager
def as_superuser() -> Iterator[psycopg.Connection]:
    """管理者の攻撃者 — past every policy and right; each block inside commits when it ends, see ``transaction``."""
    with psycopg.connect(os.environ["TASUKI_OWNER_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SET ROLE NONE")
        yield connection
