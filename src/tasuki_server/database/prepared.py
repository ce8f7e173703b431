# SPDX-License-Identifier: Apache-2.0
"""準備された文 — statements that every page and every call of a machine sends, read and planned once a connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from django.db import connections
from psycopg import Cursor

_ONLY_WHEN_ASKED = 1_000_000_000


def execute_prepared(
    statement: LiteralString, given: Sequence[object] = (), using: str = "default"
) -> Cursor[Any]:
    """準備された文の実行 — in the open transaction of a role, the application's unless another is named; values go as parameters, never as text.

    Django switches preparing off for its connections, also where it is asked for. It is on for this one statement alone:
    while it is on, psycopg keeps the text of every statement it counts, and Django's hold what people are told and tell.
    Raises what Django raises for a statement of its own.
    """
    wrapper = connections[using]
    wrapper.ensure_connection()
    connection = wrapper.connection
    cursor: Cursor[Any] = Cursor(connection)
    connection.prepare_threshold = _ONLY_WHEN_ASKED
    try:
        with wrapper.wrap_database_errors:
            return cursor.execute(statement, given or None, prepare=True)
    finally:
        connection.prepare_threshold = None
