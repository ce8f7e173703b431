# SPDX-License-Identifier: Apache-2.0
"""検索の表への書込み — what a resource is found by, as columns of one statement for all tables."""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tasuki.sharing.search import IndexRows
from tasuki_server.exchange.outcome import refuse

# 番号 within a resource is a smallint.
MOST_ROWS = 32_000


class IndexTable(NamedTuple):
    """検索の表 — its name, and its columns beside the key, in the order of the extracted rows."""

    name: str
    columns: tuple[tuple[str, str], ...]


_TEXT = "text"
TABLES = (
    IndexTable("exchange_token", (("system", _TEXT), ("code", _TEXT), ("words", _TEXT))),
    IndexTable(
        "exchange_reference",
        (("target_type", _TEXT), ("target_id", _TEXT), ("uri", _TEXT), ("system", _TEXT), ("value", _TEXT)),
    ),
    IndexTable("exchange_date", (("low", "timestamptz"), ("high", "timestamptz"))),
    IndexTable("exchange_string", (("folded", _TEXT), ("exact", _TEXT))),
    IndexTable(
        "exchange_quantity",
        (("low", "numeric"), ("high", "numeric"), ("system", _TEXT), ("code", _TEXT), ("unit", _TEXT)),
    ),
    IndexTable("exchange_uri", (("value", _TEXT),)),
)
FRONT = (("key", "bigint"), ("nth", "smallint"), ("param", "smallint"), ("item", "smallint"))
NAMES = tuple(table.name for table in TABLES)


def insert_sql(first: int) -> tuple[list[str], int]:
    """書込みの文 — one for each table over arrays from that parameter on, and the parameter after the last."""
    made = []
    for table in TABLES:
        columns = (*FRONT, *table.columns)
        arrays = ", ".join(f"${first + n}::{kind}[]" for n, (_, kind) in enumerate(columns))
        names = ", ".join(name for name, _ in columns)
        made.append(f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})")
        first += len(columns)
    return made, first


def index_columns(found: Iterable[tuple[int, IndexRows]]) -> list[Sequence[Any]]:
    """書込みの列 — of what was extracted, by the key of its resource, in the order of :func:`insert_sql`."""
    gathered: list[list[tuple[Any, ...]]] = [[] for _ in TABLES]
    for key, rows in found:
        table_rows(key, rows, gathered)
    made: list[Sequence[Any]] = []
    for kept, table in zip(gathered, TABLES, strict=True):
        made.extend(zip(*kept, strict=True) if kept else [()] * (len(FRONT) + len(table.columns)))
    return made


def table_rows(key: int, rows: IndexRows, gathered: list[list[tuple[Any, ...]]]) -> None:
    """検索の行 — of one resource, added to those of each table."""
    for kept, each in zip(gathered, rows, strict=True):
        if len(each) > MOST_ROWS:
            raise refuse("large", count=len(each), most=MOST_ROWS)
        kept.extend((key, nth, *row) for nth, row in enumerate(each))
