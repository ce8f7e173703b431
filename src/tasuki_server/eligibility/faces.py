# SPDX-License-Identifier: Apache-2.0
"""リーダーの結果の待ち行列 — numbered without gaps for each institution; asking from a number says what arrived."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from tasuki.eligibility.times import time_text
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.engine import Call, Caller, Reply

MOST_AT_ONCE = 50
_LARGEST_NUMBER = 2**31 - 1

# One after the other for an institution, so that no number is left out and none is given twice.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('eligibility-face ' || $1, 0))"
_NEXT = "SELECT coalesce(max(number), 0) + 1 FROM eligibility_faceresult WHERE caller_id = $1"
_KEEP = """
    INSERT INTO eligibility_faceresult (id, caller_id, number, file, body, made_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_TAKEN = (
    "UPDATE eligibility_faceresult SET body = NULL WHERE caller_id = $1 AND number <= $2 AND body IS NOT NULL"
)
_WAITING = """
    SELECT number, file, made_at, body FROM eligibility_faceresult
    WHERE caller_id = $1 AND number > $2 AND body IS NOT NULL ORDER BY number LIMIT $3
"""


async def next_face(connection: asyncpg.Connection, caller: UUID) -> int:
    """次の番号 — held until the transaction ends."""
    await connection.execute(_LOCK, str(caller))
    number: int = await connection.fetchval(_NEXT, caller)
    return number


async def keep_face(
    connection: asyncpg.Connection, caller: Caller, number: int, at: datetime, body: bytes
) -> None:
    """結果を待たせる — under its number."""
    file = f"OQSsiquc01res_face_{caller.number}{number:06}_{time_text(at)}.xml"
    await connection.execute(_KEEP, new_id(), caller.id, number, file, body, at)


async def waiting_faces(call: Call) -> Reply:
    """待っている結果 — after ``since``, which says that everything up to it arrived: those bodies are let go."""
    text = call.query.get("since", "0")
    if not (text.isascii() and text.isdecimal()) or int(text[:20]) > _LARGEST_NUMBER:
        return Reply(400, "application/json", msgspec.json.encode({"error": "since"}))
    since = int(text)
    async with call.pool.acquire() as connection, connection.transaction():
        await connection.execute(_TAKEN, call.caller.id, since)
        rows = await connection.fetch(_WAITING, call.caller.id, since, MOST_AT_ONCE)
    faces = [
        {"number": number, "file": file, "at": made_at, "message": body.decode()}
        for number, file, made_at, body in rows
    ]
    told = {"last": rows[-1][0] if rows else since, "faces": faces}
    return Reply(200, "application/json", msgspec.json.encode(told))
