# SPDX-License-Identifier: Apache-2.0
"""同時の検索 — searches of one shape that wait together are one statement, which also records each: no page leaves without its record.

Only what finds little, whoever asks: the resources of a patient, or of an identifier. PostgreSQL keeps one plan for a shape
without knowing what is asked, which would be wrong for a search whose cost hangs on it.
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from tasuki.sharing.search.query import Query, ReferenceValue, TokenValue, ValueTest, is_pair
from tasuki_server.exchange.searching import Page, page_of, page_sql
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.sight import Sight
from tasuki_server.operations.line import own_share

# 同時に: searches of a statement; resources of a page that is still found together with others.
MOST_TOGETHER, MOST_EACH = 16, 100
# Statements at once, where the cores are what they wait for; and when one of them takes so long that it does not.
STATEMENTS, MOST_STATEMENTS, LONG_SECONDS = 2, 6, 0.01
_OF_A_PATIENT = frozenset(("patient", "subject"))
# Of the statement itself; the values of the searches come after these.
_FIXED = ("int", "timestamptz", "text")
_FIRST = 4


class Noted(NamedTuple):
    """記録すること — of one search: when, by which interaction, of which type, and what was asked as an address writes it."""

    at: datetime
    interaction: str
    type: str
    query: str


class _Shape(NamedTuple):
    sql: str
    caller: UUID
    interaction: str
    type: str


class _Waiting(NamedTuple):
    values: Sequence[Any]
    noted: Noted
    rows: asyncio.Future[list[Any]]


class _NotTogether(Exception):
    """A value that is a list of values has no column of its own."""


class _Columns(Writing):
    """検索文の作成 — with the values of each search in a row ``z`` of what is asked together."""

    def __init__(self, sight: Sight) -> None:
        self.kinds: list[str] = []
        super().__init__(sight)

    def argument(self, value: Any, kind: str) -> str:
        """引数 — the column of a value; the institution is that of all."""
        if kind == "uuid":
            return "$1::uuid"
        if kind.endswith("[]"):
            raise _NotTogether
        key = (kind, repr(value))
        if key not in self._places:
            self.arguments.append(value)
            self.kinds.append(kind)
            self._places[key] = f"z.v{len(self.kinds)}"
        return self._places[key]


class Searches:
    """同時の検索 — of one pool of connections, in the loop that serves."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._waiting: dict[_Shape, list[_Waiting]] = {}
        self._running = self._long = 0
        # Of all processes together: the fewer statements, the more go together in each.
        self._statements = own_share(STATEMENTS)
        self._tasks: set[asyncio.Task[None]] = set()

    async def page(self, query: Query, sight: Sight, noted: Noted) -> Page | None:
        """一頁の検索 — returns when the record of it is durable; None for a search that must go by itself.

        Raises :class:`~tasuki.sharing.search.BadSearch` for a cursor that belongs to another search.
        """
        if not is_narrow(query):
            return None
        writing = _Columns(sight)
        try:
            sql = _statement(page_sql(query, writing), writing.kinds, query.count)
        except _NotTogether:
            return None
        loop = asyncio.get_running_loop()
        rows: asyncio.Future[list[Any]] = loop.create_future()
        shape = _Shape(sql, sight.caller, noted.interaction, noted.type)
        self._waiting.setdefault(shape, []).append(_Waiting(writing.arguments, noted, rows))
        self._begin_soon(loop)
        return page_of(query, await rows)

    def _begin_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        if (
            self._waiting
            and self._running - self._long < self._statements
            and self._running < MOST_STATEMENTS
        ):
            self._running += 1
            # After the requests that have arrived by now have joined.
            loop.call_soon(self._begin)

    def _begin(self) -> None:
        task = asyncio.ensure_future(self._run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                shape = next(iter(self._waiting))
                waiting = self._waiting.pop(shape)
                if len(waiting) > MOST_TOGETHER:
                    # To the end of the line: other shapes wait too.
                    self._waiting[shape] = waiting[MOST_TOGETHER:]
                is_long = False

                def become_long() -> None:
                    nonlocal is_long
                    is_long = True
                    self._long += 1
                    self._begin_soon(loop)

                timer = loop.call_later(LONG_SECONDS, become_long)
                try:
                    await self._answer(shape, waiting[:MOST_TOGETHER])
                finally:
                    timer.cancel()
                    self._long -= is_long
        finally:
            self._running -= 1

    async def _answer(self, shape: _Shape, waiting: list[_Waiting]) -> None:
        try:
            found = await self._fetch(shape, waiting)
        except Exception as fault:  # noqa: BLE001 - whoever waits is told, and nobody waits for ever
            if len(waiting) > 1:
                # One that cannot be asked must not take the others with it.
                for each in waiting:
                    await self._answer(shape, [each])
            elif not waiting[0].rows.done():
                waiting[0].rows.set_exception(fault)
            return
        for each, rows in zip(waiting, found, strict=True):
            if not each.rows.done():
                each.rows.set_result(rows)

    async def _fetch(self, shape: _Shape, waiting: list[_Waiting]) -> list[list[Any]]:
        columns = list(zip(*(each.values for each in waiting), strict=True))
        ats, queries = [each.noted.at for each in waiting], [each.noted.query for each in waiting]
        rows = await self._pool.fetch(
            shape.sql, shape.caller, shape.interaction, shape.type, range(len(waiting)), ats, queries, *columns
        )  # fmt: skip
        found: list[list[Any]] = [[] for _ in waiting]
        for row in rows:
            found[row[0]].append(row[1:-1])
        return found


def is_narrow(query: Query) -> bool:
    """少しだけを求める検索か — of a patient or an identifier, by a page of usual size, without what needs more statements."""
    return (
        not query.is_count_only
        and not query.includes
        and query.total in ("", "none")
        and query.count <= MOST_EACH
        and all(isinstance(each, ValueTest) and not is_pair(each.parameter) for each in query.conditions)
        and any(_names_one(each) for each in query.conditions if isinstance(each, ValueTest))
    )


def _names_one(test: ValueTest) -> bool:
    if test.modifier:
        return False
    code = test.parameter.code
    if code in _OF_A_PATIENT:
        return all(
            isinstance(each, ReferenceValue) and each.id and each.type in ("", "Patient")
            for each in test.values
        )
    return code == "identifier" and all(isinstance(each, TokenValue) and each.code for each in test.values)


def _statement(sql: str, kinds: Sequence[str], count: int) -> str:
    """The arrays stand behind a subquery: how long they are is no reason to plan the statement anew each time."""
    names = ("nth", "at", "query", *(f"v{n}" for n in range(1, len(kinds) + 1)))
    arrays = ", ".join(
        f"${n}::{kind}[] AS {name}"
        for n, (kind, name) in enumerate(zip((*_FIXED, *kinds), names, strict=True), _FIRST)
    )
    every = ", ".join(f"g.{each}" for each in names)
    return f"""
        WITH z AS (
          SELECT u.* FROM (SELECT {arrays} OFFSET 0) g, unnest({every}) AS u({", ".join(names)})
        ), found AS (
          SELECT z.nth, p.* FROM z CROSS JOIN LATERAL (SELECT y.*, row_number() OVER () AS place FROM ({sql}) y) p
        ), noted AS (
          INSERT INTO exchange_access (at, caller_id, interaction, type, id, patient, writer_id, status, query)
          SELECT z.at, $1::uuid, $2::text, $3::text, '', f.patient, f.writer_id, 200, z.query
          FROM z LEFT JOIN (SELECT DISTINCT nth, patient, writer_id FROM found WHERE place <= {count}) f ON f.nth = z.nth
        )
        SELECT * FROM found ORDER BY nth, place
    """
