# SPDX-License-Identifier: Apache-2.0
"""一括出力の実行 — file by file, each with the progress in one transaction: broken off anywhere it goes on from there.

A file is a list of versions and no copy of what they say. A step holds the keys of one file, never a body.
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import asyncpg
import msgspec

from tasuki_server.exchange.conditions import parsed
from tasuki_server.exchange.exported import sight_now
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.sight import Sight
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.engine import BASE

if TYPE_CHECKING:
    from tasuki_server.exchange.asked import Room

log = logging.getLogger("tasuki.exchange")
_OURS = f"{BASE}fhir"
NDJSON = "application/fhir+ndjson"
# 一つのファイル: so many lines, or so many bytes, whichever comes first.
MOST_LINES, MOST_BYTES = 5_000, 8 * 1024 * 1024
# A runner that has shown no progress for so long is gone; it is begun anew so often.
SILENT_SECONDS, MOST_TRIES = 20.0, 5
_TAKE = """
    UPDATE exchange_export SET guard = $2, beat_at = now(), tries = tries + 1 WHERE id = (
      SELECT id FROM exchange_export WHERE id = $1 AND status = 'running'
        AND (guard IS NULL OR beat_at < now() - make_interval(secs => $3)) FOR UPDATE SKIP LOCKED
    ) RETURNING tries
"""
_WHOSE = "SELECT caller_id, client_id, scopes::text AS scopes FROM exchange_export WHERE id = $1"
_HELD = "SELECT place, cursor, since, in_compartment, request, types::text AS types, filters::text AS filters, patients::text AS patients FROM exchange_export WHERE id = $1 AND guard = $2 AND status = 'running' FOR UPDATE"
_STEP = "UPDATE exchange_export SET place = $2, cursor = $3, status = $4, beat_at = now(), tries = 0 WHERE id = $1"
_KEEP = """
    INSERT INTO exchange_exportfile (id, job_id, nth, type, is_of_deleted, keys, versions)
    SELECT $1::uuid, $2::uuid, coalesce(max(nth), 0) + 1, $3::text, $3 = '', $4::bigint[], $5::int[]
    FROM exchange_exportfile WHERE job_id = $2
"""


async def keep_running(room: Room, job: UUID) -> None:
    """一括出力の続行 — to its end, unless somebody else has it; what breaks off is told and left for the next look."""
    guard = uuid4()
    # One at a time in a process: the others' connections are for who waits.
    async with room.export_turn:
        tries = await room.pool.fetchval(_TAKE, job, guard, SILENT_SECONDS)
        if tries is not None:
            await _run(room, job, guard, tries)


async def _run(room: Room, job: UUID, guard: UUID, tries: int) -> None:
    try:
        if tries > MOST_TRIES:
            await room.pool.execute(
                "UPDATE exchange_export SET status = 'failed' WHERE id = $1 AND guard = $2", job, guard
            )
            return
        while await _stepped(room, job, guard):
            pass
    except Exception as fault:
        log.error("export %s", type(fault).__name__, exc_info=log.isEnabledFor(logging.DEBUG))


async def _stepped(room: Room, job: UUID, guard: UUID) -> bool:
    """One file and the progress, or nothing; False at the end, or when the job is somebody else's or gone."""
    whose = await room.pool.fetchrow(_WHOSE, job)
    if whose is None:
        return False
    # Before a connection is held: this may take one of its own.
    sight = await sight_now(room, whose)
    async with room.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(_HELD, job, guard)
        if row is None:
            return False
        types = msgspec.json.decode(row["types"])
        place, cursor = row["place"], row["cursor"]
        # 削除の一覧: after all types, and only for who asks what has changed since.
        if place > len(types) or (place == len(types) and row["since"] is None):
            await connection.execute(_STEP, job, place, 0, "done")
            return False
        of_type = types[place] if place < len(types) else ""
        if of_type:
            found = await _found(sight, connection, row, of_type, cursor)
        else:
            found = await _deleted(sight, connection, row, types, cursor)
        if found:
            keys, versions = [each["key"] for each in found], [each["version"] for each in found]
            await connection.execute(_KEEP, new_id(), job, of_type, keys, versions)
            await connection.execute(_STEP, job, place, keys[-1], "running")
        else:
            await connection.execute(_STEP, job, place + 1, 0, "running")
        return True


async def _found(
    sight: Sight, connection: asyncpg.Connection, row: Any, type_name: str, cursor: int
) -> list[Any]:
    """The next versions of a type, as far as whoever asked may see them now."""
    writing = Writing(sight, [cursor, MOST_LINES, row["since"], MOST_BYTES])
    terms = [
        f"r.type = '{type_name}'", "r.key > $1", "($3::timestamptz IS NULL OR r.updated >= $3)",
        writing.seen("r", "rs", type_name), *_of_whom(row, writing),
    ]  # fmt: skip
    filters = msgspec.json.decode(row["filters"]).get(type_name, [])
    base = row["request"].partition(_OURS)[0] + _OURS
    ways = [
        " AND ".join(writing.condition(type_name, each, "r") for each in query.conditions)
        for query in (parsed(type_name, [(name, value) for name, value in pairs], base) for pairs in filters)
    ]
    if ways:
        terms.append(f"({' OR '.join(f'({way})' for way in ways)})")
    sql = f"""
        SELECT key, version FROM (
          SELECT key, version, row_number() OVER (ORDER BY key) AS nth, sum(size) OVER (ORDER BY key) AS sum FROM (
            SELECT r.key, r.version, octet_length(r.body) AS size FROM exchange_resource r
            WHERE {" AND ".join(terms)} ORDER BY r.key LIMIT $2
          ) each
        ) counted WHERE nth = 1 OR sum <= $4 ORDER BY key
    """
    rows: list[Any] = await connection.fetch(sql, *writing.arguments)
    return rows


async def _deleted(
    sight: Sight, connection: asyncpg.Connection, row: Any, types: list[str], cursor: int
) -> list[Any]:
    """What was deleted since: of filters nothing is known any more, so all of the types; whoever has it should drop it."""
    writing = Writing(sight, [cursor, MOST_LINES, row["since"], types])
    terms = [
        "r.type = ANY($4::text[])", "r.key > $1", "r.is_deleted", "r.updated >= $3::timestamptz",
        writing.visible("r", "rs"), *_of_whom(row, writing),
    ]  # fmt: skip
    sql = f"SELECT r.key, r.version FROM exchange_resource r WHERE {' AND '.join(terms)} ORDER BY r.key LIMIT $2"
    rows: list[Any] = await connection.fetch(sql, *writing.arguments)
    return rows


def _of_whom(row: Any, writing: Writing) -> list[str]:
    people = msgspec.json.decode(row["patients"]) if row["patients"] else None
    if people is not None:
        return [f"r.patient = ANY({writing.argument(people, 'text[]')})"]
    return ["r.patient IS NOT NULL"] if row["in_compartment"] else []
