# SPDX-License-Identifier: Apache-2.0
"""作り物の行 — a row for any table from its columns, so that a drill needs no list of tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    import psycopg


class Column(NamedTuple):
    """列 — its type as PostgreSQL names it, its length (0: any), and the table it refers to, if any."""

    name: str
    kind: str
    length: int
    is_empty_allowed: bool
    references: str


class NoRow(LookupError):
    """作れない行 — a type nobody taught this module, or a check that no simple value passes."""


_COLUMNS = """
    SELECT a.attname, t.typname, CASE WHEN a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END, NOT a.attnotnull,
      coalesce((SELECT c.confrelid::regclass::text FROM pg_constraint c
        WHERE c.conrelid = a.attrelid AND c.contype = 'f' AND c.conkey = ARRAY[a.attnum] LIMIT 1), '')
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY a.attnum
"""


def columns_of(owner: psycopg.Connection, table: str) -> tuple[Column, ...]:
    """列の一覧 — of a table, from the catalogue."""
    return tuple(Column(*row) for row in owner.execute(_COLUMNS, [table]))


def made_row(
    owner: psycopg.Connection, table: str, columns: tuple[Column, ...], institution_id: UUID
) -> dict[str, Any]:
    """作り物の行 — one that is there already, or a new one. Raises :class:`NoRow`.

    Foreign keys must be off in the session; checks are not, so a few values are tried.
    """
    names = sql.SQL(", ").join(sql.Identifier(each.name) for each in columns)
    have = sql.SQL("SELECT {} FROM {} WHERE institution_id = %s LIMIT 1").format(names, sql.Identifier(table))
    row = owner.execute(have, [institution_id]).fetchone()
    if row is not None:
        return dict(zip([each.name for each in columns], row, strict=True))
    import psycopg

    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table), names, sql.SQL(", ").join([sql.Placeholder()] * len(columns))
    )
    for number in (1, 0, 2):
        values = {each.name: value_of(table, each, number) for each in columns}
        values["institution_id"] = institution_id
        try:
            with owner.transaction():
                owner.execute(
                    statement,
                    [Jsonb(value) if isinstance(value, dict) else value for value in values.values()],
                )
        except psycopg.errors.CheckViolation:
            continue
        return values
    raise NoRow(table)


def value_of(table: str, column: Column, number: int) -> Any:
    """列の値 — nothing where nothing may stand; else something small of the type. Raises :class:`NoRow`."""
    if column.is_empty_allowed:
        return None
    if column.kind in ("varchar", "text", "bpchar"):
        text = f"{number}{uuid4().hex}"
        return text[: column.length] if column.length else text
    makers: dict[str, Any] = {
        "uuid": uuid4,
        "int2": lambda: number,
        "int4": lambda: number,
        "int8": lambda: number,
        "bool": lambda: number == 0,
        "jsonb": dict,
        "numeric": lambda: Decimal(number),
        "date": lambda: date(2026, 6, 1 + number % 28),
        "timestamptz": lambda: datetime(2026, 6, 1 + number % 28, tzinfo=UTC),
        "time": lambda: time(number % 24),
        "bytea": lambda: b"x",
        "float8": lambda: float(number),
    }
    if column.kind not in makers:
        raise NoRow(f"{table}.{column.name}: {column.kind}")
    return makers[column.kind]()
