# SPDX-License-Identifier: Apache-2.0
"""検索の表への書込み — what a resource is found by, as columns of one statement for all tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tasuki.sharing.search import extract


class IndexTable(NamedTuple):
    """検索の表 — its name, the list of the extracted rows it takes, and its columns beside key, param and nth."""

    name: str
    rows: str
    columns: tuple[tuple[str, str], ...]


TABLES = (
    IndexTable("exchange_token", "tokens", (("system", "text"), ("code", "text"), ("words", "text"))),
    IndexTable(
        "exchange_reference",
        "references",
        (("target_type", "text"), ("target_id", "text"), ("uri", "text"), ("system", "text"), ("value", "text")),
    ),
    IndexTable("exchange_date", "dates", (("low", "timestamptz"), ("high", "timestamptz"))),
    IndexTable("exchange_string", "strings", (("folded", "text"), ("exact", "text"))),
    IndexTable(
        "exchange_quantity",
        "quantities",
        (("low", "numeric"), ("high", "numeric"), ("system", "text"), ("code", "text")),
    ),
    IndexTable("exchange_uri", "uris", (("value", "text"),)),
)
NAMES = tuple(table.name for table in TABLES)


def insert_sql(first: int) -> tuple[list[str], int]:
    """書込みの文 — one for each table over arrays from that parameter on, and the parameter after the last."""
    made = []
    for table in TABLES:
        columns = (("key", "bigint"), ("param", "smallint"), ("nth", "smallint"), *table.columns)
        arrays = ", ".join(f"${first + n}::{kind}[]" for n, (_, kind) in enumerate(columns))
        names = ", ".join(name for name, _ in columns)
        made.append(f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})")
        first += len(columns)
    return made, first


def index_columns(resources: Iterable[tuple[int, dict[str, Any]]]) -> list[Sequence[Any]]:
    """書込みの列 — of resources with their keys, in the order of :func:`insert_sql`."""
    gathered: list[list[tuple[Any, ...]]] = [[] for _ in TABLES]
    for key, resource in resources:
        found = extract(resource)
        for rows, table in zip(gathered, TABLES, strict=True):
            rows.extend((key, row[0], nth, *row[1:]) for nth, row in enumerate(getattr(found, table.rows)))
    made: list[Sequence[Any]] = []
    for rows, table in zip(gathered, TABLES, strict=True):
        made.extend(zip(*rows, strict=True) if rows else [()] * (3 + len(table.columns)))
    return made
