# SPDX-License-Identifier: Apache-2.0
"""並べ替えと続き — the order of a search, and the cursor that takes up after the last resource of a page.

A cursor holds the values that the last resource was ordered by, so a page neither repeats nor drops what was there
when resources come or go between two pages.
"""

# ruff: noqa: S608 - tables and numbers of our own; what was asked goes in as arguments

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from tasuki.sharing.search.query import BadSearch, Query, Sort
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.searching_values import TABLES, of_parameter

# The value a resource is ordered by where it has many: the least going up, the greatest going down.
_COLUMNS = {
    "token": ("code", "code", "text"), "reference": ("target_id", "target_id", "text"),
    "date": ("low", "high", "timestamptz"), "string": ("folded", "folded", "text"),
    "quantity": ("low", "high", "numeric"), "number": ("low", "high", "numeric"), "uri": ("value", "value", "text"),
}  # fmt: skip


class Term(NamedTuple):
    """並べ替えの項 — its SQL, the type of its value, and whether it may be absent (which comes last)."""

    sql: str
    kind: str
    is_descending: bool
    is_optional: bool


def order_terms(query: Query) -> list[Term]:
    """並べ替えの項 — as asked, and the key of the row at the end."""
    made = [_term(each) for each in query.sort]
    # The direction of the first lets one B-tree serve both.
    return [*made, Term("r.key", "bigint", bool(made) and made[0].is_descending, False)]


def _term(sort: Sort) -> Term:
    parameter, down = sort.parameter, sort.is_descending
    if parameter.code == "_id":
        return Term('r.id COLLATE "C"', "text", down, False)
    if parameter.code == "_lastUpdated":
        return Term("r.updated", "timestamptz", down, False)
    least, greatest, kind = _COLUMNS[parameter.kind]
    column = f"o.{greatest if down else least}" + (' COLLATE "C"' if kind == "text" else "")
    value = f"{'max' if down else 'min'}({column})"
    table = TABLES[parameter.kind]
    return Term(
        f"(SELECT {value} FROM {table} o WHERE o.key = r.key AND {of_parameter('o', parameter)})",
        kind, down, True,
    )  # fmt: skip


def order_by(terms: list[Term]) -> str:
    """並べ替えのSQL — absent values last, both ways."""
    return ", ".join(
        f"{each.sql}{' DESC' if each.is_descending else ''}{' NULLS LAST' if each.is_optional else ''}"
        for each in terms
    )


def after(terms: list[Term], values: list[Any], writing: Writing) -> str:
    """続きのSQL — true for what comes after the resource that has these values."""
    ways, same = [], []
    for term, value in zip(terms, values, strict=True):
        if value is None:
            same.append(f"{term.sql} IS NULL")
            continue
        place = writing.argument(value, term.kind)
        later = f"{term.sql} {'<' if term.is_descending else '>'} {place}"
        if term.is_optional:
            later = f"({later} OR {term.sql} IS NULL)"
        ways.append(" AND ".join([*same, later]))
        same.append(f"{term.sql} = {place}")
    first = terms[0]
    made = f"({' OR '.join(ways)})"
    if len(terms) > 1 and not first.is_optional:
        # It follows from the rest; the B-tree can be asked it.
        place = writing.argument(values[0], first.kind)
        made = f"{first.sql} {'<=' if first.is_descending else '>='} {place} AND {made}"
    return made


def write_cursor(query: Query, values: list[Any]) -> str:
    """続きの印 — of the last resource of a page."""
    told = [None if each is None else each if type(each) is int else _told(each) for each in values]
    return base64.urlsafe_b64encode(msgspec.json.encode([_mark(query), *told])).decode().rstrip("=")


def read_cursor(query: Query, terms: list[Term]) -> list[Any]:
    """続きの印の読取り — raises :class:`BadSearch` for one of another search."""
    try:
        mark, *told = msgspec.json.decode(
            base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4))
        )
        if mark != _mark(query) or len(told) != len(terms):
            raise ValueError
        return [_read(each, term) for each, term in zip(told, terms, strict=True)]
    except (ValueError, TypeError, InvalidOperation) as wrong:
        raise BadSearch(
            "_cursor", "続きの印が、この検索のものではありません。最初から検索してください。"
        ) from wrong


def _told(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read(value: Any, term: Term) -> Any:
    if value is None and term.is_optional:
        return None
    if term.kind == "bigint":
        if type(value) is not int or not 0 <= value < 2**63:
            raise ValueError
        return value
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError
    if term.kind == "timestamptz":
        made = datetime.fromisoformat(value)
        if made.tzinfo is None:
            raise ValueError
        return made
    if term.kind == "numeric":
        number = Decimal(value)
        if not number.is_finite():
            raise ValueError
        return number
    return value


def _mark(query: Query) -> str:
    asked = [query.type, *(f"{each.parameter.code}{each.is_descending}" for each in query.sort)]
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()[:12]
