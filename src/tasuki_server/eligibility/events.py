# SPDX-License-Identifier: Apache-2.0
"""利用の記録の書込み — one row for each person asked about, in the transaction that answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from tasuki_server.institutions.ids import new_id

_WRITE = """
    INSERT INTO platform_serviceevent (id, at, caller_id, operation, person_id, outcome, detail)
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::jsonb[])
"""


class Event(NamedTuple):
    """利用の記録 — who asked what, about whom, and how it ended; ``detail`` is JSON."""

    at: datetime
    caller: UUID
    operation: str
    person: UUID | None
    outcome: str
    detail: str = "{}"


async def write_events(connection: asyncpg.Connection, events: Sequence[Event]) -> None:
    """利用の記録の書込み — of one request or of a bulk of them."""
    if events:
        at, callers, operations, persons, outcomes, details = zip(*events, strict=True)
        ids = [new_id() for _ in events]
        await connection.execute(_WRITE, ids, at, callers, operations, persons, outcomes, details)
