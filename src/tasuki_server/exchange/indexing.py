# SPDX-License-Identifier: Apache-2.0
"""検索の表への書込み — what a resource is found by, as columns of one statement for all tables."""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from tasuki.sharing.search import IndexRows
from tasuki_server.exchange.outcome import refuse

# 番号 within a resource is a smallint.
MOST_ROWS = 32_000


class IndexTable(NamedTuple):
    """検索の表 — its name, and its columns beside the key, in the order of the extracted rows."""

    name: str
    columns: tuple[tuple[str, str], ...]


_TEXT = "text"
NUMBERS = frozenset(("bigint", "int", "smallint", "numeric"))
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
    IndexTable(
        "exchange_pair",
        (
            ("concept_system", _TEXT),
            ("concept", _TEXT),
            ("low", "numeric"),
            ("high", "numeric"),
            ("system", _TEXT),
            ("code", _TEXT),
            ("unit", _TEXT),
        ),
    ),
)
FRONT = (("key", "bigint"), ("nth", "smallint"), ("param", "smallint"), ("item", "smallint"))
# 一つの数: item in the low 15 bits, then the parameter, then the key, of which there may be 2^33.
_PARAM, _KEY, _LOW = 15, 30, 0x7FFF
NAMES = tuple(table.name for table in TABLES)
# 文字と数の列: where they stand among the columns of all tables.
_KINDS = tuple(kind for table in TABLES for kind in ("bigint", *(each for _, each in table.columns)))
_TEXT_PLACES = tuple(place for place, kind in enumerate(_KINDS) if kind == _TEXT)
_NUMBER_PLACES = tuple(place for place, kind in enumerate(_KINDS) if kind in NUMBERS)


def insert_sql(first: int, where: str = "") -> tuple[list[str], int]:
    """書込みの文 — one for each table over arrays from that parameter on, under a condition, and the parameter after the last.

    Key, parameter and item come as one number and the rows are counted here: every value of an array costs, and
    rows of one resource stand together, so a count within the most rows of one is its own. A column of texts is one
    text, cut here at what parts them, which is the first parameter.
    """
    made = []
    parting, first = first, first + 1
    for table in TABLES:
        columns = (("packed", "bigint"), *table.columns)
        arrays = ", ".join(column_sql(first + n, kind, parting) for n, (_, kind) in enumerate(columns))
        names = ", ".join(name for name, _ in table.columns)
        made.append(
            f"INSERT INTO {table.name} (key, nth, param, item, {names})"
            f" SELECT packed >> {_KEY}, (place % {MOST_ROWS})::smallint, ((packed >> {_PARAM}) & {_LOW})::smallint,"
            f" (packed & {_LOW})::smallint, {names}"
            f" FROM unnest({arrays}) WITH ORDINALITY AS a(packed, {names}, place){where}"
        )
        first += len(columns)
    return made, first


def column_sql(place: int, kind: str, parting: int) -> str:
    """列の引数 — an array; of texts one text, cut at what parts them, which is the parameter ``parting``; of numbers one too."""
    if kind in NUMBERS:
        return f"${place}::text::{kind}[]"
    if kind != _TEXT:
        return f"${place}::{kind}[]"
    return f"(string_to_array(${place}::text, ${parting}::text))[2:]"


def joined(column: Sequence[str], parting: str) -> str:
    """文字の列 — as one text: every value of an array costs. ``parting`` stands before each, so that no value and one empty value are two things.

    >>> joined((), "|"), joined(("",), "|"), joined(("a", "b"), "|")
    ('', '|', '|a|b')
    """
    if not column:
        return ""
    made = parting + parting.join(column)
    if made.count(parting) != len(column):
        # Never rows that slipped: what a check at the door should have stopped ends here.
        raise ValueError("a text holds what parts the texts")
    return made


def numbers(column: Sequence[Any]) -> str:
    """数の列 — as PostgreSQL writes an array, for the same reason.

    >>> from decimal import Decimal
    >>> numbers((1, None, Decimal("2.50")))
    '{1,NULL,2.50}'
    """
    return "{" + ",".join(["NULL" if each is None else str(each) for each in column]) + "}"


def index_columns(found: Iterable[tuple[int, IndexRows]]) -> list[Any]:
    """書込みの列 — of what was extracted, by the key of its resource, in the order of :func:`insert_sql`."""
    gathered: list[tuple[list[int], list[tuple[Any, ...]]]] = [([], []) for _ in TABLES]
    for key, rows in found:
        high = key << _KEY
        for (packed, kept), each in zip(gathered, rows, strict=True):
            if each:
                if len(each) > MOST_ROWS:
                    raise refuse("large", count=len(each), most=MOST_ROWS)
                packed += [high | row[0] << _PARAM | row[1] for row in each]
                kept += each
    made: list[Any] = []
    for (packed, kept), table in zip(gathered, TABLES, strict=True):
        columns = list(zip(*kept, strict=True))[2:] if kept else [()] * len(table.columns)
        made += [packed, *columns]
    texts = [made[place] for place in _TEXT_PLACES]
    parting = parting_of(texts)
    for place, column in zip(_TEXT_PLACES, texts, strict=True):
        made[place] = joined(column, parting)
    for place in _NUMBER_PLACES:
        made[place] = numbers(made[place])
    return [parting, *made]


def parting_of(columns: Sequence[Sequence[str]]) -> str:
    """区切り — what stands in none of the values: a control character, which no text of FHIR should have, or one that is longer."""
    whole = "".join(map("".join, columns))
    parting = "\x1f"
    while parting in whole:
        parting = f"\x1f{uuid4().hex}\x1e"
    return parting


def table_rows(key: int, rows: IndexRows, gathered: list[list[tuple[Any, ...]]]) -> None:
    """検索の行 — of one resource, added to those of each table."""
    for kept, each in zip(gathered, rows, strict=True):
        if len(each) > MOST_ROWS:
            raise refuse("large", count=len(each), most=MOST_ROWS)
        kept.extend((key, nth, *row) for nth, row in enumerate(each))
