# SPDX-License-Identifier: Apache-2.0
"""静止点 — one instant that the log and the tables agree on: a named mark in the log, and a snapshot of all rows at it.

For some milliseconds no table takes a write; in them the mark is put into the log and the snapshot is opened. The tables
are then counted in the snapshot while everyone works on. What is restored up to the mark must give the same sums.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg import sql

from tasuki_server.cli.words import Stop
from tasuki_server.recovery.manifest import TableSum

if TYPE_CHECKING:
    from collections.abc import Iterator

# Shorter than PostgreSQL's own search for deadlocks (one second): a writer never loses its work to this.
_LOCK_MILLISECONDS = 200
_TRIES = 150
_PAUSE_SECONDS = 0.1


class Mark(NamedTuple):
    """静止点 — the name in the log, and the connection whose snapshot is of that instant."""

    name: str
    at: datetime
    connection: psycopg.Connection[Any]


@contextmanager
def quiet_moment(admin: str, name: str) -> Iterator[Mark]:
    """静止点 — ``admin`` is a superuser's connection string. Raises :class:`Stop` when writers never pause for it."""
    with psycopg.connect(admin) as reading, psycopg.connect(admin, autocommit=True) as holding:
        reading.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reading.read_only = True
        at = _mark(holding, reading, name)
        yield Mark(name, at, reading)


def _mark(holding: psycopg.Connection[Any], reading: psycopg.Connection[Any], name: str) -> datetime:
    tables = sql.SQL(", ").join(_named(each) for each in tables_of(holding))
    lock = sql.SQL("LOCK TABLE {} IN SHARE MODE").format(tables)
    for _ in range(_TRIES):
        try:
            with holding.transaction():
                holding.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_LOCK_MILLISECONDS}ms"])
                holding.execute(lock)
                row = reading.execute("SELECT pg_current_snapshot()").fetchone()
                row = holding.execute(
                    "SELECT pg_create_restore_point(%s), clock_timestamp()", [name]
                ).fetchone()
                assert row is not None
                return row[1]  # type: ignore[no-any-return]
        except psycopg.errors.LockNotAvailable:
            reading.rollback()
            time.sleep(_PAUSE_SECONDS)
    raise Stop(
        "書込みが途切れず、控えの静止点を取れませんでした。しばらくして、もう一度実行してください。",
        "Writers never paused for the mark of the backup; try again later.",
    )


def tables_of(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """表の一覧 — every ordinary table of the installation, in one order."""
    found = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        " ORDER BY 1, 2"
    )
    return [(str(schema), str(table)) for schema, table in found.fetchall()]


def table_sums(connection: psycopg.Connection[Any]) -> tuple[TableSum, ...]:
    """表の照合値 — two 64-bit hashes a row, added up; as a superuser, past every policy."""
    return tuple(_sum(connection, each) for each in tables_of(connection))


def _sum(connection: psycopg.Connection[Any], table: tuple[str, str]) -> TableSum:
    statement = sql.SQL(
        "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0),"
        " coalesce(sum(hashtextextended(t::text, 1)::numeric), 0) FROM {} t"
    ).format(_named(table))
    row = connection.execute(statement).fetchone()
    assert row is not None
    return TableSum(".".join(table), int(row[0]), f"{row[1]}:{row[2]}")


def _named(table: tuple[str, str]) -> sql.Composable:
    return sql.Identifier(*table)
