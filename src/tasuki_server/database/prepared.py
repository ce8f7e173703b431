# SPDX-License-Identifier: Apache-2.0
"""準備された文 — statements that every page and every call of a machine sends, read and planned once a connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from django.db import connections
from psycopg import Cursor


def execute_prepared(
    statement: LiteralString, given: Sequence[object] = (), using: str = "default"
) -> Cursor[Any]:
    """準備された文の実行 — in the open transaction of a role, the application's unless another is named; values go as parameters, never as text.

    Raises what Django raises for a statement of its own.
    """
    wrapper = connections[using]
    wrapper.ensure_connection()
    cursor: Cursor[Any] = Cursor(wrapper.connection)
    with wrapper.wrap_database_errors:
        return cursor.execute(statement, given or None, prepare=True)
