# SPDX-License-Identifier: Apache-2.0
"""FHIR検索 — a query run on the index: one page, its total when asked, the cursor to the next, and what is included."""

# ruff: noqa: S608 - tables and numbers of our own; what was asked goes in as arguments

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from tasuki.sharing.search.implied import numbers_of
from tasuki.sharing.search.parameters import parameters_of
from tasuki.sharing.search.query import Include, Query, ValueTest, is_pair
from tasuki.sharing.search.within import ANY
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.searching_order import (
    after,
    order_by,
    order_terms,
    read_cursor,
    write_cursor,
)
from tasuki_server.exchange.searching_values import of_parameter
from tasuki_server.exchange.sight import Looker

# An answer stays an answer: whoever wants more asks for it.
MOST_INCLUDED = 1000
MOST_ROUNDS = 10
# _total=estimate: counted no further.
MOST_ESTIMATED = 10_000
_COLUMNS = "{0}.key, {0}.type, {0}.id, {0}.version, {0}.updated, {0}.body, {0}.patient, {0}.writer_id"


class Found(NamedTuple):
    """見つかったリソース — as it is stored."""

    key: int
    type: str
    id: str
    version: int
    updated: datetime
    body: bytes
    patient: str | None
    writer_id: Any


class Page(NamedTuple):
    """検索結果の1頁 — ``next_cursor`` is "" on the last page; ``is_cut`` says that more would be included."""

    found: list[Found]
    included: list[Found]
    total: int | None
    next_cursor: str
    is_cut: bool


class Statement(NamedTuple):
    """検索文 — SQL and its arguments."""

    sql: str
    arguments: list[Any]


async def run(
    connection: asyncpg.Connection[Any], query: Query, *, caller: Looker, beside: Sequence[Query] = ()
) -> Page:
    """FHIR検索の実行 — what a patient denies to ``caller`` is not found, counted, passed through or included;
    None, nobody's request, sees all. ``beside`` are the same search of other types; its order is then by what all have.

    Raises :class:`~tasuki.sharing.search.BadSearch` for a cursor that belongs to another search.

    Cite: FHIR R4 Search 3.1.1
    """
    if query.is_count_only:
        return Page([], [], await _counted(connection, (query, *beside), caller), "", False)
    statement = page_statement(query, caller, beside)
    page = page_of(query, await connection.fetch(statement.sql, *statement.arguments))
    total = page.total
    if total is None and query.total == "accurate":
        total = await _counted(connection, (query, *beside), caller)
    elif total is None and query.total == "estimate":
        total = await _estimated(connection, (query, *beside), caller)
    included, is_cut = await _included(connection, query, page.found, caller)
    return page._replace(total=total, included=included, is_cut=is_cut)


def page_of(query: Query, rows: Sequence[Any]) -> Page:
    """検索結果の1頁 — of the rows that its statement found; the total where the page is all there is."""
    found = [Found(*row[:8]) for row in rows[: query.count]]
    cursor = ""
    if len(rows) > query.count:
        cursor = write_cursor(query, [*rows[query.count - 1][8:], found[-1].key])
    total = len(found) if not query.cursor and not cursor and query.total != "none" else None
    return Page(found, [], total, cursor, False)


def page_statement(query: Query, caller: Looker, beside: Sequence[Query] = ()) -> Statement:
    """1頁の検索文 — with its arguments; see :func:`page_sql`."""
    writing = Writing(caller)
    return Statement(page_sql(query, writing, beside), writing.arguments)


def page_sql(query: Query, writing: Writing, beside: Sequence[Query] = ()) -> str:
    """1頁の検索のSQL — one resource more than the page holds, to know whether another follows."""
    terms = order_terms(query)
    place = read_cursor(query, terms) if query.cursor else None
    first = None if beside or query.sort else _first_pair(query)
    source = "exchange_resource r"
    if first is not None:
        # The keys in their order: whoever wants twenty of five thousand looks at twenty resources.
        keys = writing.keys(first, place[-1] if place else 0)
        source = f"({keys}) d JOIN exchange_resource r ON r.key = d.key"
        query = replace(query, conditions=tuple(each for each in query.conditions if each is not first))
    asked = _asked((query, *beside), writing)
    if place is not None:
        asked.append(after(terms, place, writing))
    values = "".join(f", {each.sql}" for each in terms[:-1])
    return (
        f"SELECT {_COLUMNS.format('r')}{values} FROM {source} WHERE {' AND '.join(asked)}"
        f" ORDER BY {order_by(terms)} LIMIT {query.count + 1}"
    )


def _first_pair(query: Query) -> ValueTest | None:
    """The first condition that asks code and quantity together, of one value."""
    for each in query.conditions:
        if isinstance(each, ValueTest) and len(each.values) == 1 and is_pair(each.parameter):
            if len(numbers_of(each.parameter)) > 1:
                # The keys of two parameters stand in two orders.
                continue
            return each
    return None


def _asked(queries: Sequence[Query], writing: Writing) -> list[str]:
    ways = [_of_type(each, writing) for each in queries]
    if len(ways) == 1:
        return ways[0]
    return ["(" + " OR ".join(f"({' AND '.join(way)})" for way in ways) + ")"]


def _of_type(query: Query, writing: Writing) -> list[str]:
    # Of every type (``*``) only what stands in the row of the resource itself is asked.
    of_type = [] if query.type == ANY else [f"r.type = '{query.type}'"]
    return [
        *of_type,
        writing.seen("r", of="" if query.type == ANY else query.type),
        *(writing.condition(query.type, each, "r") for each in query.conditions),
    ]


async def _counted(connection: asyncpg.Connection[Any], queries: Sequence[Query], caller: Looker) -> int:
    writing = Writing(caller)
    sql = f"SELECT count(*) FROM exchange_resource r WHERE {' AND '.join(_asked(queries, writing))}"
    return int(await connection.fetchval(sql, *writing.arguments))


async def _estimated(connection: asyncpg.Connection[Any], queries: Sequence[Query], caller: Looker) -> int:
    """Counted up to a bound, which may be less than there are: what the planner expects tells of what others keep."""
    writing = Writing(caller)
    asked = " AND ".join(_asked(queries, writing))
    sql = (
        f"SELECT count(*) FROM (SELECT FROM exchange_resource r WHERE {asked} LIMIT {MOST_ESTIMATED}) counted"
    )
    return int(await connection.fetchval(sql, *writing.arguments))


async def _included(
    connection: asyncpg.Connection[Any], query: Query, found: list[Found], caller: Looker
) -> tuple[list[Found], bool]:
    """What the matches point at, and what points at them; iterated ones again from what they brought."""
    have = {each.key for each in found}
    included: list[Found] = []
    new, wanted = found, query.includes
    for _ in range(MOST_ROUNDS):
        if not new or not wanted:
            break
        brought: list[Found] = []
        for each in wanted:
            for one in await _brought(connection, each, new, caller):
                if one.key not in have:
                    have.add(one.key)
                    brought.append(one)
        included.extend(brought)
        if len(included) > MOST_INCLUDED:
            return included[:MOST_INCLUDED], True
        new, wanted = brought, tuple(each for each in wanted if each.is_iterated)
    return included, bool(new and wanted)


async def _brought(
    connection: asyncpg.Connection[Any], include: Include, of: list[Found], caller: Looker
) -> list[Found]:
    writing = Writing(caller)
    if include.parameter is not None:
        asked = [of_parameter("x", include.parameter)]
    else:
        numbers = [each.number for each in parameters_of(include.source) if each.kind == "reference"]
        asked = [f"x.param = ANY({writing.argument(numbers, 'smallint[]')})"]
    if include.is_reverse:
        wanted = [each for each in of if include.target in ("", each.type)]
        if not wanted:
            return []
        types = writing.argument([each.type for each in wanted], "text[]")
        ids = writing.argument([each.id for each in wanted], "text[]")
        # Both lists are as long as the page: (type, id) pairs, unnested side by side.
        join = f"unnest({types}, {ids}) AS p(type, id) ON x.target_type = p.type AND x.target_id = p.id"
        source = f"exchange_reference x JOIN {join} JOIN exchange_resource t ON t.key = x.key"
        asked.append(f"t.type = '{include.source}'")
        letters = "s"
    else:
        # What is pointed at is read; what points here is searched for.
        letters = "r"
        keys = [each.key for each in of if each.type == include.source]
        if not keys:
            return []
        asked.append(f"x.key = ANY({writing.argument(keys, 'bigint[]')})")
        if include.target:
            asked.append(f"x.target_type = '{include.target}'")
        source = (
            "exchange_reference x JOIN exchange_resource t ON t.type = x.target_type AND t.id = x.target_id"
        )
    asked.append(writing.seen("t", letters))
    keys_sql = f"SELECT DISTINCT t.key FROM {source} WHERE {' AND '.join(asked)}"
    sql = (
        f"SELECT {_COLUMNS.format('r')} FROM exchange_resource r WHERE r.key IN ({keys_sql})"
        f" ORDER BY r.key LIMIT {MOST_INCLUDED + 1}"
    )
    return [Found(*row) for row in await connection.fetch(sql, *writing.arguments)]
