# SPDX-License-Identifier: Apache-2.0
"""条件付きの操作 — what a condition finds, with everyone else who states the same condition waiting behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import asyncpg

from tasuki.sharing.search import BadSearch, Query, parse
from tasuki.sharing.search.query import Chain, Reverse
from tasuki.sharing.search.query import Condition as Searched
from tasuki_server.exchange import searching
from tasuki_server.exchange.access_log import LONGEST_QUERY
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.outcome import Issue, Refused, refuse
from tasuki_server.exchange.sight import Sight

# 答えの形: parameters that say nothing of which resource is meant.
_ANSWER = ("_count", "_sort", "_include", "_revinclude", "_summary", "_elements", "_total", "_cursor")
SEARCH = "search-type"
_LOCK = """
    SELECT pg_advisory_xact_lock(n) FROM (
      SELECT DISTINCT hashtextextended(t, 0) AS n FROM unnest($1::text[]) t ORDER BY 1
    ) sorted
"""


class Condition(NamedTuple):
    """条件 — a type and the pairs that must find at most one resource."""

    type: str
    pairs: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """条件の文字 — as an address writes it."""
        return f"{self.type}?" + "&".join(f"{name}={value}" for name, value in self.pairs)


def condition_of(type_name: str, query: str) -> Condition:
    """条件の読込み — of If-None-Exist or the address of an entry; an empty one would mean everything."""
    return condition_by(type_name, parse_qsl(query.removeprefix("?")))


def condition_by(type_name: str, pairs: Iterable[tuple[str, str]]) -> Condition:
    """条件 — of pairs that were read."""
    kept = tuple((name, value) for name, value in pairs if name.partition(":")[0] not in _ANSWER)
    if not kept:
        raise refuse("no-condition")
    if any("\0" in part for pair in kept for part in pair):
        raise refuse("text", "条件")
    return Condition(type_name, kept)


async def hold(connection: asyncpg.Connection, conditions: Iterable[Condition]) -> None:
    """条件の占有 — until this transaction ends, always in the same order: two of one condition make one resource."""
    texts = [f"{each.type}?{sorted(each.pairs)}" for each in conditions]
    if texts:
        await connection.execute(_LOCK, texts)


async def found_by(connection: asyncpg.Connection, asked: Asked, condition: Condition) -> str | None:
    """条件の結果 — the identifier of the one resource, None for none. Raises when there are several.

    To state a condition is to search: it is recorded as a search is, whatever becomes of the request.
    """
    query = parsed(condition.type, list(condition.pairs), base=asked.base, count=2)
    need_for(asked.sight, query)
    page = await searching.run(connection, query, caller=asked.sight)
    _note(asked, condition, page.found)
    if len(page.found) > 1:
        raise refuse("many", found=condition.text)
    return page.found[0].id if page.found else None


def _note(asked: Asked, condition: Condition, found: Iterable[searching.Found]) -> None:
    query = urlencode(condition.pairs)[:LONGEST_QUERY]
    about = dict.fromkeys((each.patient, each.writer_id) for each in found) or {(None, None): None}
    for patient, writer in about:
        asked.note(condition.type, interaction=SEARCH, patient=patient, writer=writer, query=query)


def need_for(sight: Sight, query: Query) -> None:
    """検索に要る範囲 — of its type, and of every type that a chain or ``_has`` looks through. Raises for what is missing."""
    sight.need(query.type, "s")
    for each in query.conditions:
        _need_through(sight, each)
    for include in query.includes:
        if include.is_reverse:
            sight.need(include.source, "s")


def _need_through(sight: Sight, condition: Searched) -> None:
    if isinstance(condition, Chain):
        # A way that may not be looked through finds nothing; one is enough.
        ways = [way for way in condition.ways if sight.grant.may(way[0], "s")]
        if not ways:
            sight.need(condition.ways[0][0], "s")
        for _, inner in ways:
            _need_through(sight, inner)
    elif isinstance(condition, Reverse):
        sight.need(condition.source, "s")
        _need_through(sight, condition.condition)


def parsed(
    type_name: str,
    pairs: list[tuple[str, str]],
    base: str,
    count: int | None = None,
    *,
    is_lenient: bool = False,
) -> Query:
    """検索の読取り — a search that cannot be read is refused with the parameter and the reason."""
    try:
        return parse(type_name, pairs, is_lenient=is_lenient, base=base, count=count)
    except BadSearch as bad:
        raise Refused(400, [Issue("error", "value", str(bad))]) from bad
