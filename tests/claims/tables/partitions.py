# SPDX-License-Identifier: Apache-2.0
"""Small partitions of made-up acts, and the same SQL run by SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa

from tasuki.claims.tables.master_tables import master_tables
from tasuki.claims.tables.masters import TableRows
from tasuki.claims.tables.partition import ACT_COLUMNS, FOUND_COLUMNS, STEPS, acts_schema, step_text

EPOCH = date(1970, 1, 1)


class Act(NamedTuple):
    patient: int
    receipt: int
    line: int
    code: int
    month_no: int
    day_no: int | None
    count: int
    is_past: int


def act(line: int, code: str, day: date | tuple[int, int], count: int = 1, **keys: int) -> Act:
    """An act on a day, or of a month without a day."""
    month = (day.year, day.month) if isinstance(day, date) else day
    day_no = (day - EPOCH).days if isinstance(day, date) else None
    return Act(
        keys.get("patient", 1), keys.get("receipt", 1), line, int(code), month[0] * 12 + month[1] - 1, day_no, count,
        keys.get("is_past", 0),
    )  # fmt: skip


def table(acts: Iterable[Act]) -> Any:
    return pa.Table.from_pylist([each._asdict() for each in acts], schema=acts_schema())


def by_sqlite(acts: Iterable[Act], rows: TableRows) -> list[tuple[Any, ...]]:
    """The findings as SQLite gives them from the same text, in the order of the library."""
    connection = sqlite3.connect(":memory:")
    for name, given in master_tables(rows).items():
        _fill(connection, name, given.column_names, zip(*given.to_pydict().values(), strict=True))
    _fill(connection, "acts", ACT_COLUMNS, acts)
    for code in ("pairs(code)", "pairs(other)", "limits(code)"):
        connection.execute(f"CREATE INDEX {code.replace('(', '_').replace(')', '')} ON {code}")
    for name in STEPS:
        connection.executescript(step_text(name))
    order = "receipt, line, kind, win, row_no, partner_receipt, partner_line, day_no"
    return connection.execute(f"SELECT {', '.join(FOUND_COLUMNS)} FROM found ORDER BY {order}").fetchall()


def _fill(connection: Any, name: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    names = list(columns)
    connection.execute(f"CREATE TABLE {name} ({', '.join(names)})")
    connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(names))})", rows)
