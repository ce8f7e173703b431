# SPDX-License-Identifier: Apache-2.0
"""保存の文と列 — what writes new resources, everything that finds them and the record of use, as parts of one statement."""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tasuki_server.exchange.hook_keeping import HOOKS_OF
from tasuki_server.exchange.indexing import NUMBERS, column_sql, index_columns, insert_sql, joined, numbers

if TYPE_CHECKING:
    from tasuki_server.exchange.storing import Change

_RESOURCE_ARRAYS = ("bigint", "text", "text", "text", "bytea", "text")
_ACCESS_ARRAYS = ("text", "text", "text", "int", "text", "smallint", "text")


def insert_sql_of(where: str = "") -> tuple[list[str], str, int]:
    """保存のSQL — an insert for new resources, for each table that finds resources and for the record of use, all of them
    under a condition; who asked to hear of it; and the first number that is free for more arguments."""
    first = 3
    parting = first + len(_RESOURCE_ARRAYS)
    arrays = ", ".join(column_sql(first + n, kind, parting) for n, kind in enumerate(_RESOURCE_ARRAYS))
    parts = [
        "INSERT INTO exchange_resource"
        " (key, type, id, method, body, patient, version, updated, writer_id, is_deleted)"
        " SELECT key, type, id, method, body, nullif(patient, ''), 1, $1::timestamptz, $2::uuid, false"
        f" FROM unnest({arrays}) AS a(key, type, id, method, body, patient){where}"
    ]
    indexes, first = insert_sql(first + len(_RESOURCE_ARRAYS), where)
    parts += indexes
    arrays = ", ".join(column_sql(first + n, kind, parting) for n, kind in enumerate(_ACCESS_ARRAYS))
    parts.append(
        "INSERT INTO exchange_access"
        " (interaction, type, id, version, patient, status, at, caller_id, writer_id, query)"
        " SELECT interaction, type, id, version, nullif(patient, ''), status, $1, $2, coalesce(nullif(writer, '')::uuid, $2), ''"
        f" FROM unnest({arrays}) AS a(interaction, type, id, version, patient, status, writer){where}"
    )
    # Who wants to hear of it is asked in the same statement: most writes concern nobody.
    last = first + len(_ACCESS_ARRAYS)
    return parts, HOOKS_OF.replace("$1", f"${last}"), last + 1


def columns_of(changes: Sequence[Change], new: Sequence[Change], at: datetime, caller: UUID) -> list[Any]:
    """保存の引数 — of settled changes and of those among them that make a resource, in the order of :func:`insert_sql_of`."""
    acted = [each for each in changes if not each.is_nothing]
    accesses = [
        (
            each.interaction,
            each.type,
            each.id,
            each.version,
            each.patient or "",
            each.status,
            str(each.writer or ""),
        )
        for each in changes
    ]
    resources = [(each.key, each.type, each.id, each.method, each.body, each.patient or "") for each in new]
    parting, *columns = index_columns((each.key, each.rows) for each in acted if each.rows is not None)
    return [
        at,
        caller,
        *_given(resources, _RESOURCE_ARRAYS, parting),
        parting,
        *columns,
        *_given(accesses, _ACCESS_ARRAYS, parting),
        sorted({each.type for each in acted if each.body is not None}),
    ]


def _given(rows: Sequence[tuple[Any, ...]], kinds: Sequence[str], parting: str) -> list[Any]:
    """The columns of rows as the statement takes them; identifiers and types hold nothing that parts."""
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    return [
        joined(column, parting) if kind == "text" else numbers(column) if kind in NUMBERS else column
        for column, kind in zip(columns, kinds, strict=True)
    ]
