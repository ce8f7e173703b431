# SPDX-License-Identifier: Apache-2.0
"""読み書きの一件 — read, vread, update and delete of one resource."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

import asyncpg

from tasuki.sharing.search import shown
from tasuki_server.exchange.asked import ID, Asked
from tasuki_server.exchange.bodies import read_kept
from tasuki_server.exchange.checking import check
from tasuki_server.exchange.conditions import parsed
from tasuki_server.exchange.outcome import FHIR_JSON, Refused, refuse
from tasuki_server.exchange.provenances import with_provenance
from tasuki_server.exchange.raw_binaries import told
from tasuki_server.exchange.replies import resource_reply, version_headers, written_reply
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.storing import Change, store
from tasuki_server.exchange.storing_at_once import store_at_once
from tasuki_server.platform.engine import Reply

# Two that make the same identifier at once: the second finds what the first made.
TRIES = 3
# 保存しないもの: parameters of a call, results, and what this side writes itself.
NOT_STORABLE = frozenset(("AuditEvent", "OperationOutcome", "Parameters"))
_VERSIONS = """
    SELECT v.version, v.updated, v.method, v.body, r.patient, r.writer_id FROM exchange_resource r
    JOIN LATERAL (
      SELECT r.version, r.updated, r.method, r.body
      UNION ALL SELECT o.version, o.updated, o.method, o.body FROM exchange_version o WHERE o.key = r.key
    ) v ON true
    WHERE r.type = $1 AND r.id = $2 AND v.version = $3 AND {seen} AND {as_it_was}
"""  # fmt: skip
_READ = """
    SELECT r.version, r.updated, r.body, r.patient, r.writer_id FROM exchange_resource r
    WHERE r.type = $1 AND r.id = $2 AND {seen}
"""


async def read(asked: Asked) -> Reply:
    """読取り — the current version, or 304 when the caller has it."""
    if not asked.grant.is_open(asked.type, "r"):
        return await _read_within(asked)
    found = await asked.room.reads.read(asked.type, asked.id, asked.caller, asked.at)
    if found.status == 410:
        raise _recorded(refuse("gone", asked.place))
    if found.body is None or found.version is None or found.updated is None:
        raise _recorded(refuse("unknown", asked.place))
    if _is_known(asked, found.version, found.updated):
        return Reply(304, FHIR_JSON, b"", version_headers(found.version, found.updated))
    return _read_reply(asked, found.body, found.version, found.updated)


async def _read_within(asked: Asked) -> Reply:
    """A token whose scope has conditions: what they do not meet is as if it were not there, what was deleted too."""
    writing = Writing(asked.sight, [asked.type, asked.id])
    sql = _READ.format(seen=writing.seen("r", "r", asked.type))
    row = await asked.room.pool.fetchrow(sql, *writing.arguments)
    if row is None:
        raise refuse("unknown", asked.place)
    asked.note(asked.type, asked.id, version=row["version"], patient=row["patient"], writer=row["writer_id"])
    if _is_known(asked, row["version"], row["updated"]):
        return Reply(304, FHIR_JSON, b"", version_headers(row["version"], row["updated"]))
    return _read_reply(asked, row["body"], row["version"], row["updated"])


async def vread(asked: Asked) -> Reply:
    """版の読取り — of a version as it was."""
    number = int(asked.version) if asked.version.isdecimal() and len(asked.version) < 10 else 0
    writing = Writing(asked.sight, [asked.type, asked.id, number])
    sql = _VERSIONS.format(
        seen=writing.visible("r", "r", asked.type), as_it_was=writing.as_it_was("r", "v.version")
    )
    row = await asked.room.pool.fetchrow(sql, *writing.arguments)
    if row is None or not is_within(asked, row["body"], "r"):
        raise refuse("version", asked.place, found=asked.version)
    is_gone = row["body"] is None
    asked.note(
        asked.type, asked.id, version=number, patient=row["patient"], writer=row["writer_id"],
        status=410 if is_gone else 200,
    )  # fmt: skip
    if is_gone:
        raise _recorded(refuse("gone", asked.place))
    return _read_reply(asked, row["body"], row["version"], row["updated"])


def is_within(asked: Asked, body: bytes | None, letter: str) -> bool:
    """版に及ぶか — the conditions of the scope hold for what this version said, not only for the newest."""
    if body is None or not asked.grant.sets:
        return True
    return asked.grant.holds(read_kept(body), letter)


async def update(asked: Asked) -> Reply:
    """更新 — of the version in If-Match, when one is stated; makes what is not there."""
    value = asked.resource
    refuse_unstorable(asked.type)
    if value.get("id") != asked.id:
        raise refuse("other-id", found=value.get("id", ""), wanted=asked.id)
    warnings = check(value)
    change = Change("PUT", asked.type, asked.id, value, asked.interaction, if_match=asked.if_match)
    await commit(asked, [change])
    return written_reply(asked, change, warnings)


async def delete(asked: Asked) -> Reply:
    """削除 — the versions stay readable in the history."""
    refuse_unstorable(asked.type)
    change = Change("DELETE", asked.type, asked.id, None, asked.interaction, if_match=asked.if_match)
    await commit(asked, [change])
    return written_reply(asked, change)


async def commit(asked: Asked, changes: Sequence[Change]) -> None:
    """変更の確定 — all of them or none, with their records."""
    await give_keys(asked, changes)
    if await keep_at_once(asked, changes):
        return
    for _ in range(TRIES):
        try:
            async with asked.room.pool.acquire() as connection, connection.transaction():
                await keep(connection, asked, changes)
            return
        except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
            continue
    raise refuse("busy")


async def give_keys(asked: Asked, changes: Sequence[Change]) -> None:
    """鍵の付与 — before a connection is held."""
    *keys, asked.spare_key = await asked.room.keys.take(len(changes) + 1)
    for change, key in zip(changes, keys, strict=True):
        change.key = key


async def keep_at_once(asked: Asked, changes: Sequence[Change]) -> bool:
    """一度の保存 — of what is new and acts on nobody; False when nothing was written and it takes a transaction."""
    written = with_provenance(asked, changes)
    return await store_at_once(asked.room, asked.sight, written, asked.at, asked.base)


async def keep(connection: asyncpg.Connection, asked: Asked, changes: Sequence[Change]) -> None:
    """変更の保存 — with the Provenance that came with them."""
    await store(connection, asked.sight, with_provenance(asked, changes), asked.at, asked.base)


def refuse_unstorable(type_name: str) -> None:
    """保存しない種類の断り — see ``NOT_STORABLE``."""
    if type_name in NOT_STORABLE:
        raise refuse("not-storable", found=type_name)


def check_id(text: str) -> str:
    """識別子の確認 — as FHIR allows it."""
    if not ID.fullmatch(text):
        raise refuse("id", found=text)
    return text


def _read_reply(asked: Asked, body: bytes, version: int, updated: datetime) -> Reply:
    if asked.raw_accept:
        kind, data, more = told(bytes(body), asked.raw_accept)
        return Reply(200, kind, data, (*version_headers(version, updated), *more))
    if asked.call.query:
        body = _part(asked, bytes(body))
    return resource_reply(body, version, updated)


def _part(asked: Asked, body: bytes) -> bytes:
    """Of a read with _summary or _elements; other parameters say nothing here."""
    pairs = [pair for pair in asked.pairs if pair[0] in ("_summary", "_elements")]
    if not pairs:
        return body
    query = parsed(asked.type, pairs, asked.base)
    if query.is_count_only:
        raise refuse("part")
    return shown(body, query)


def _is_known(asked: Asked, version: int, updated: datetime) -> bool:
    headers = asked.call.headers
    tag = headers.get("if-none-match")
    if tag is not None:
        return f'"{version}"' in tag or tag.strip() == "*"
    since = headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return updated.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


def _recorded(refused: Refused) -> Refused:
    refused.is_recorded = True
    return refused
