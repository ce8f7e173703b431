# SPDX-License-Identifier: Apache-2.0
"""一括出力の受渡し — the list of files, and a file: its lines are judged again when they are fetched.

A patient who refuses after a file was written is not in it any more, whatever the list of files said.

Cite: HL7 FHIR Bulk Data Access 2.0.0 (complete status, output files)
"""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from tasuki_server.exchange.acting import is_within
from tasuki_server.exchange.bodies import instant, write_value
from tasuki_server.exchange.outcome import refuse
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.sight import Sight
from tasuki_server.platform.engine import Reply

if TYPE_CHECKING:
    from tasuki_server.exchange.asked import Asked, Room

EXPIRY = timedelta(hours=24)
_JOB = """
    SELECT *, types::text AS types FROM exchange_export
    WHERE id = $1 AND caller_id = $2 AND client_id IS NOT DISTINCT FROM $3 AND expires_at > now()
"""
_FILES = "SELECT nth, type, is_of_deleted, cardinality(keys) AS count FROM exchange_exportfile WHERE job_id = $1 ORDER BY nth"
_LINES = """
    SELECT v.body, r.patient, r.writer_id, r.version = v.version AS is_newest
    FROM exchange_exportfile f, unnest(f.keys, f.versions) WITH ORDINALITY AS a(key, version, place)
    JOIN exchange_resource r ON r.key = a.key
    JOIN LATERAL (
      SELECT r.version, r.body WHERE r.version = a.version OR NOT {as_it_was}
      UNION ALL SELECT o.version, o.body FROM exchange_version o
      WHERE o.key = a.key AND o.version = a.version AND {as_it_was}
    ) v ON true
    WHERE f.job_id = $1 AND f.nth = $2 AND f.type = r.type AND v.body IS NOT NULL AND {seen} ORDER BY a.place
"""

_GONE = """
    SELECT r.type, r.id, r.patient, r.writer_id
    FROM exchange_exportfile f, unnest(f.keys, f.versions) WITH ORDINALITY AS a(key, version, place)
    JOIN exchange_resource r ON r.key = a.key AND r.version = a.version
    WHERE f.job_id = $1 AND f.nth = $2 AND r.is_deleted AND {seen} ORDER BY a.place
"""


async def job_of(asked: Asked) -> Any:
    """一括出力 — of whoever began it, program and all; 404 for everyone else and when its time is over."""
    try:
        number = UUID(asked.id)
    except ValueError:
        raise refuse("unknown", "この一括出力") from None
    row = await asked.room.pool.fetchrow(_JOB, number, asked.caller, asked.call.caller.client)
    if row is None:
        raise refuse("unknown", "この一括出力")
    return row


async def sight_now(room: Room, job: Any) -> Sight:
    """いま見える範囲 — of whoever began a job: taking a scope away counts for the next file."""
    scopes = tuple(msgspec.json.decode(job["scopes"])) if job["scopes"] else None
    return Sight(job["caller_id"], await room.grants.of(job["caller_id"], job["client_id"], scopes))


async def manifest(asked: Asked, job: Any) -> Reply:
    """ファイルの一覧 — with when they go; a count is of when the file was written."""
    files = await asked.room.pool.fetch(_FILES, job["id"])
    where = f"{asked.base}/$export/{job['id']}"
    lists = [
        {"type": each["type"] or "Bundle", "url": f"{where}/{each['nth']}", "count": each["count"]}
        for each in files
    ]
    told = {
        "transactionTime": instant(job["transaction_time"]),
        "request": job["request"],
        "requiresAccessToken": True,
        "output": [one for one, each in zip(lists, files, strict=True) if not each["is_of_deleted"]],
        # One Bundle a line, of one deletion.
        "deleted": [one for one, each in zip(lists, files, strict=True) if each["is_of_deleted"]],
        "error": [],
    }
    ends = format_datetime(job["expires_at"], usegmt=True)
    return Reply(200, "application/json", write_value(told), (("expires", ends),))


async def export_file(asked: Asked) -> Reply:
    """ファイル — one line a resource, of those that may be seen now; each patient in it is recorded."""
    job = await job_of(asked)
    number = int(asked.version) if asked.version.isdecimal() and len(asked.version) < 7 else 0
    is_of_deleted = await asked.room.pool.fetchval(
        "SELECT is_of_deleted FROM exchange_exportfile WHERE job_id = $1 AND nth = $2", job["id"], number
    )
    if is_of_deleted is None:
        raise refuse("unknown", "この一括出力のファイル")
    if is_of_deleted:
        return await _deletions(asked, job, number)
    writing = Writing(asked.sight, [job["id"], number])
    sql = _LINES.format(seen=writing.seen("r", "rs"), as_it_was=writing.as_it_was("r", "a.version"))
    rows = await asked.room.pool.fetch(sql, *writing.arguments)
    lines, about = [], dict[tuple[str | None, Any], None]()
    for each in rows:
        body = bytes(each["body"])
        # The index knows the newest version only: an older one is judged by what it said.
        if each["is_newest"] or (is_within(asked, body, "r") and is_within(asked, body, "s")):
            lines.append(body)
            about[each["patient"], each["writer_id"]] = None
    for patient, writer in about:
        asked.note("", "", patient=patient, writer=writer, query=f"$export/{job['id']}/{number}")
    if not about:
        asked.note("", "", query=f"$export/{job['id']}/{number}")
    body = b"".join(line + b"\n" for line in lines)
    return Reply(200, "application/fhir+ndjson", body)


async def _deletions(asked: Asked, job: Any, number: int) -> Reply:
    """削除の一覧 — of those still deleted, as far as they may be seen now.

    Cite: HL7 FHIR Bulk Data Access 2.0.0 (complete status: deleted)
    """
    writing = Writing(asked.sight, [job["id"], number])
    rows = await asked.room.pool.fetch(_GONE.format(seen=writing.visible("r", "rs")), *writing.arguments)
    about = dict.fromkeys((each["patient"], each["writer_id"]) for each in rows) or {(None, None): None}
    for patient, writer in about:
        asked.note("", "", patient=patient, writer=writer, query=f"$export/{job['id']}/{number}")
    lines = [
        write_value({
            "resourceType": "Bundle", "type": "transaction",
            "entry": [{"request": {"method": "DELETE", "url": f"{each['type']}/{each['id']}"}}],
        })
        for each in rows
    ]  # fmt: skip
    return Reply(200, "application/fhir+ndjson", b"".join(line + b"\n" for line in lines))
