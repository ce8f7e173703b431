# SPDX-License-Identifier: Apache-2.0
"""サービスの接続 — to the database by the role of the platform, opened before they are needed."""

from __future__ import annotations

from typing import Any

import asyncpg
from psycopg.conninfo import conninfo_to_dict


class PlainConnection(asyncpg.Connection):
    """接続 — given back as it is: no service leaves anything in a session, and cleaning up would double the round trips."""

    def get_reset_query(self) -> str:
        """後始末の文 — none; a transaction that was left open is rolled back all the same."""
        return ""


async def open_pool(conninfo: str, connections: int) -> asyncpg.Pool:
    """接続の用意 — from a connection string as the rest of the server has it."""
    parts = conninfo_to_dict(conninfo)
    known = {"host": "host", "port": "port", "user": "user", "password": "password", "dbname": "database"}
    given: dict[str, Any] = {name: parts[key] for key, name in known.items() if parts.get(key) is not None}
    # Opened before it is needed: a morning's first rush must not wait for handshakes.
    # A statement over many that ask together looks costly to the planner and takes a millisecond: compiling it takes more.
    return await asyncpg.create_pool(
        **given,
        min_size=min(2, connections),
        max_size=connections,
        connection_class=PlainConnection,
        server_settings={"jit": "off"},
    )
