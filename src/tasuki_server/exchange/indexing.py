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
# 一つの数: item in the low 15 bits, then the parameter, then the key, of which there may be 2^33.
_PARAM, _KEY, _LOW = 15, 30, 0x7FFF
NAMES = tuple(table.name for table in TABLES)


def insert_sql(first: int) -> tuple[list[str], int]:
    """書込みの文 — one for each table over arrays from that parameter on, and the parameter after the last.

    Key, parameter and item come as one number and the rows are counted here: every value of an array costs, and
    rows of one resource stand together, so a count within the most rows of one is its own.
    """
    made = []
    for table in TABLES:
        columns = (("packed", "bigint"), *table.columns)
        arrays = ", ".join(f"${first + n}::{kind}[]" for n, (_, kind) in enumerate(columns))
        names = ", ".join(name for name, _ in table.columns)
        made.append(
            f"INSERT INTO {table.name} (key, nth, param, item, {names})"
            f" SELECT packed >> {_KEY}, (place % {MOST_ROWS})::smallint, ((packed >> {_PARAM}) & {_LOW})::smallint,"
            f" (packed & {_LOW})::smallint, {names}"
            f" FROM unnest({arrays}) WITH ORDINALITY AS a(packed, {names}, place)"
        )
        first += len(columns)
    return made, first


def index_columns(found: Iterable[tuple[int, IndexRows]]) -> list[Sequence[Any]]:
    """書込みの列 — of what was extracted, by the key of its resource, in the order of :func:`insert_sql`."""
    gathered: list[list[tuple[Any, ...]]] = [[] for _ in TABLES]
    for key, rows in found:
        high = key << _KEY
        for kept, each in zip(gathered, rows, strict=True):
            if len(each) > MOST_ROWS:
                raise refuse("large", count=len(each), most=MOST_ROWS)
            kept.extend([(high | row[0] << _PARAM | row[1], *row[2:]) for row in each])
    made: list[Sequence[Any]] = []
    for kept, table in zip(gathered, TABLES, strict=True):
        made.extend(zip(*kept, strict=True) if kept else [()] * (1 + len(table.columns)))
    return made


def table_rows(key: int, rows: IndexRows, gathered: list[list[tuple[Any, ...]]]) -> None:
    """検索の行 — of one resource, added to those of each table."""
    for kept, each in zip(gathered, rows, strict=True):
        if len(each) > MOST_ROWS:
            raise refuse("large", count=len(each), most=MOST_ROWS)
        kept.extend((key, nth, *row) for nth, row in enumerate(each))
