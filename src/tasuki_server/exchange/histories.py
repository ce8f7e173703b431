# SPDX-License-Identifier: Apache-2.0
"""履歴 — every version of a resource, a type or everything, the newest first, page by page.

Cite: HL7 FHIR R4 http.html 3.1.0.9 (history)
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from tasuki_server.exchange.acting import is_within
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.batches import status_line
from tasuki_server.exchange.bodies import entry_bytes, instant
from tasuki_server.exchange.moments import first_moment, last_moment
from tasuki_server.exchange.outcome import refuse
from tasuki_server.exchange.replies import bundle_reply, next_address
from tasuki_server.exchange.scopes import ANY
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.sight import scope_missing
from tasuki_server.platform.engine import Reply

USUAL, MOST = 50, 500
_ALL = """
    SELECT v.key, v.version, v.updated, v.method, v.body, r.type, r.id, r.patient, r.writer_id
    FROM exchange_resource r JOIN LATERAL (
      SELECT r.key, r.version, r.updated, r.method, r.body
      UNION ALL SELECT o.key, o.version, o.updated, o.method, o.body FROM exchange_version o WHERE o.key = r.key
    ) v ON true
    WHERE ($1::text IS NULL OR r.type = $1) AND ($2::text IS NULL OR r.id = $2) AND {seen}
      AND {as_it_was}
      AND ($3::timestamptz IS NULL OR v.updated >= $3)
      AND ($4::timestamptz IS NULL OR (v.updated, v.key, v.version) < ($4, $5::bigint, $6::int))
      AND ($8::timestamptz IS NULL OR (v.updated < $9 AND NOT EXISTS (
        SELECT 1 FROM (
          SELECT r.version, r.updated
          UNION ALL SELECT n.version, n.updated FROM exchange_version n WHERE n.key = r.key
        ) n WHERE n.version > v.version AND n.updated <= $8)))
    ORDER BY v.updated DESC, v.key DESC, v.version DESC LIMIT $7
"""  # fmt: skip
_IS_THERE = "SELECT 1 FROM exchange_resource r WHERE type = $1 AND id = $2 AND {seen}"


async def history(asked: Asked) -> Reply:
    """履歴 — of what the address names."""
    given = dict(asked.pairs)
    count = _count(given.get("_count", str(USUAL)))
    since = first_moment(given.get("_since"))
    if "_since" in given and since is None:
        raise refuse(
            "parameter", "_since", found=given["_since"], wanted="2026-11-30T09:00:00+09:00 のような日時"
        )
    low, high = _moments(given.get("_at", ""))
    cursor = _read_cursor(given.get("_cursor", ""))
    pool = asked.room.pool
    letter = "r" if asked.id else "s"
    if not asked.type and not asked.grant.some(letter):
        raise scope_missing(ANY, letter)
    there = Writing(asked.sight, [asked.type, asked.id])
    if (
        asked.id
        and await pool.fetchval(
            _IS_THERE.format(seen=there.visible("r", letter, asked.type)), *there.arguments
        )
        is None
    ):
        raise refuse("unknown", asked.place)
    writing = Writing(
        asked.sight, [asked.type or None, asked.id or None, since, *cursor, count + 1, low, high]
    )
    sql = _ALL.format(
        seen=writing.visible("r", letter, asked.type), as_it_was=writing.as_it_was("r", "v.version")
    )
    rows = await pool.fetch(sql, *writing.arguments)
    # A page may be shorter than asked: versions outside of the scope's conditions are left out.
    shown = [each for each in rows[:count] if is_within(asked, each["body"], letter)]
    for row in {(each["type"], each["id"]): each for each in shown}.values():
        asked.note(row["type"], row["id"], patient=row["patient"], writer=row["writer_id"])
    if not shown:
        asked.note(asked.type, asked.id)
    links = [{"relation": "self", "url": next_address(asked, asked.pairs)}]
    if len(rows) > count:
        links.append({"relation": "next", "url": next_address(asked, asked.pairs, _cursor(rows[count - 1]))})
    head: dict[str, Any] = {"type": "history", "link": links}
    if len(rows) <= count and cursor[0] is None:
        head["total"] = len(shown)
    return bundle_reply(asked, head, [_entry(asked.base, each) for each in shown])


def _entry(base: str, row: Any) -> bytes:
    place = f"{row['type']}/{row['id']}"
    is_first = row["version"] == 1
    status = 204 if row["body"] is None else 201 if is_first else 200
    return entry_bytes(
        f"{base}/{place}",
        row["body"],
        request={"method": row["method"], "url": row["type"] if row["method"] == "POST" else place},
        response={
            "status": status_line(status),
            "etag": f'W/"{row["version"]}"',
            "lastModified": instant(row["updated"]),
        },
    )


def _moments(text: str) -> tuple[datetime | None, datetime | None]:
    """_atの期間 — what was current at some moment of it is told."""
    if not text:
        return None, None
    low, high = first_moment(text), last_moment(text)
    if low is None or high is None:
        raise refuse("parameter", "_at", found=text, wanted="2026-11-30 のような日時")
    return low, high


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise refuse("parameter", "_count", found=text, wanted="1以上の数")
    return max(1, min(MOST, int(text)))


def _cursor(row: Any) -> str:
    text = f"{row['updated'].isoformat()}|{row['key']}|{row['version']}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime | None, int | None, int | None]:
    if not text:
        return None, None, None
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        updated, key, version = plain.split("|")
        at = datetime.fromisoformat(updated)
        if at.tzinfo is None or not 0 <= int(key) < 2**63 or not 0 <= int(version) < 2**31:
            raise ValueError
    except (ValueError, binascii.Error) as wrong:
        raise refuse("parameter", "_cursor", found=text, wanted="前の頁の next のまま") from wrong
    return at, int(key), int(version)
