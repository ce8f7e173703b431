# SPDX-License-Identifier: Apache-2.0
"""同意の記録と参照 — events of a person, and what they open for every search of the exchange, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from tasuki.sharing.permission import DOCUMENTS, Act, PermissionEvent, RecordKind, is_of_one_person
from tasuki_server.institutions.ids import new_name
from tasuki_server.records.refusals import refuse

_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended(k, 7)) FROM (SELECT k FROM unnest($1::text[]) k ORDER BY 1) s"
_WRITE = """
    INSERT INTO records_permission
      (id, number, person, act, at, institution, kinds, since, until, document, reason, proxy, ends, caller_id)
    SELECT gen_random_uuid(), $1, person, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, $12, $13 FROM unnest($2::text[]) person
"""
_OPEN = """
    INSERT INTO records_opening (id, number, person, institution, kind, document, since, until)
    SELECT gen_random_uuid(), $1, person, $3, kind, $5, $6, $7 FROM unnest($2::text[]) person, unnest($4::text[]) kind
"""
_WITHDRAW = """
    UPDATE records_opening SET until = $5 WHERE person = ANY($1::text[]) AND (until IS NULL OR until > $5)
      AND ($2 = '' OR institution = $2) AND (cardinality($3::text[]) = 0 OR kind = ANY($3))
      AND ($4 = '' OR number IN (SELECT number FROM records_opening WHERE document = $4))
"""
_LAST = "SELECT max(at) FROM records_permission WHERE person = ANY($1::text[])"
_EXPIRE = "UPDATE records_opening SET until = $2 WHERE number = $1 AND (until IS NULL OR until > $2)"
# 届いた文書: whoever asks what changed since learns that it may be read now, or no longer.
_TOUCH = """
    UPDATE records_document SET changed_at = $4 WHERE person = ANY($1::text[]) AND ($2 = '' OR receiver_number = $2)
      AND ($3 = '' OR id::text = $3) AND fetched_at IS NULL AND cancelled_at IS NULL AND removed_at IS NULL
"""
_HISTORY = """
    SELECT DISTINCT ON (p.at, p.number) p.number, p.act, p.at, p.institution, p.kinds::text AS kinds, p.since, p.until,
      p.document, p.reason, p.proxy, p.ends, p.person
    FROM records_permission p WHERE p.person = ANY($1::text[]) ORDER BY p.at, p.number
"""
# 同じ人の番号: those of insurers before and after, as the register of eligibility knows them.
_SAME = """
    SELECT DISTINCT lpad(o.insurer_number, 8, '0') || ':' || o.symbol_key || ':' || o.number_key || ':' || o.branch
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS a(insurer, symbol, number, branch)
    JOIN eligibility_heldqualification q ON q.insurer_number IN (a.insurer, ltrim(a.insurer, '0'), substr(a.insurer, 3))
      AND lpad(q.insurer_number, 8, '0') = a.insurer AND q.number_key = a.number AND q.symbol_key = a.symbol
      AND q.branch = a.branch
    JOIN eligibility_heldqualification o ON o.person_id = q.person_id
"""


async def hold_person(connection: asyncpg.Connection, keys: Sequence[str]) -> None:
    """本人の占有 — permissions of one person are written one after the other, so that their order is their time."""
    await connection.execute(_HOLD, list(keys))


async def next_moment(connection: asyncpg.Connection, keys: Sequence[str], at: datetime) -> datetime:
    """次の時 — later than everything that is on record of this person, so that the order of events is never in doubt."""
    last = await connection.fetchval(_LAST, list(keys))
    return at if last is None or last < at else last + timedelta(microseconds=1)


async def all_keys(connection: asyncpg.Connection, keys: Sequence[str]) -> list[str]:
    """本人の番号のすべて — those given, and those the register of eligibility has of the same person."""
    parts = [each.split(":") for each in keys if not each.startswith("public/")]
    if not parts:
        return list(keys)
    found = [row[0] for row in await connection.fetch(_SAME, *zip(*parts, strict=True))]
    # A number that a family shares joins nobody.
    return list(dict.fromkeys((*keys, *(each for each in found if is_of_one_person(each)))))


async def one_person(connection: asyncpg.Connection, keys: Sequence[str]) -> list[str]:
    """一人の番号のすべて — events name no person, so those of two must never be judged together.

    Raises when a number given is not, by the register, of the person of the first.
    """
    found = await all_keys(connection, keys[:1])
    if not set(keys) <= set(found):
        raise refuse("one-person")
    return found


async def write_event(
    connection: asyncpg.Connection, caller: UUID, keys: Sequence[str], event: PermissionEvent
) -> PermissionEvent:
    """同意の記録 — for each number of the person, with what it opens or closes."""
    number = UUID(event.id)
    await connection.execute(
        _WRITE, number, list(keys), event.act.value, event.at, event.institution,
        msgspec.json.encode(sorted(event.kinds)).decode(), event.since, event.until, event.document, event.reason,
        event.proxy, event.ends, caller,
    )  # fmt: skip
    if event.act.is_opening:
        await connection.execute(
            _OPEN, number, list(keys), event.institution, sorted(event.kinds), event.document, event.opens_at,
            event.until,
        )  # fmt: skip
    elif event.act is Act.WITHDRAWAL:
        await connection.execute(
            _WITHDRAW, list(keys), event.institution, sorted(event.kinds), event.document, event.at
        )
    else:
        await connection.execute(_EXPIRE, UUID(event.ends), event.at)
    if event.act is not Act.EXPIRY and (not event.kinds or event.kinds & DOCUMENTS):
        await connection.execute(_TOUCH, list(keys), event.institution, event.document, event.at)
    return event


def new_event(act: Act, at: datetime, **facts: Any) -> PermissionEvent:
    """同意の記録の一件 — with a number of its own."""
    return PermissionEvent(new_name(), act, at, **facts)


async def histories(connection: asyncpg.Connection, keys: Iterable[str]) -> dict[str, list[PermissionEvent]]:
    """同意の履歴 — by insured number, in order."""
    found: dict[str, list[PermissionEvent]] = {}
    wanted = list(dict.fromkeys(keys))
    for row in await connection.fetch(_BY_PERSON, wanted) if wanted else ():
        found.setdefault(row["person"], []).append(_event(row))
    return found


async def history_of(connection: asyncpg.Connection, keys: Sequence[str]) -> list[PermissionEvent]:
    """本人の同意の履歴 — over all numbers, each event once, in order."""
    return [_event(row) for row in await connection.fetch(_HISTORY, list(keys))]


_BY_PERSON = _HISTORY.replace("DISTINCT ON (p.at, p.number) ", "")


def _event(row: Any) -> PermissionEvent:
    return PermissionEvent(
        id=str(row["number"]),
        act=Act(row["act"]),
        at=row["at"],
        institution=row["institution"],
        kinds=frozenset(RecordKind(each) for each in msgspec.json.decode(row["kinds"])),
        since=row["since"],
        until=row["until"],
        document=row["document"],
        reason=row["reason"],
        proxy=row["proxy"],
        ends=row["ends"],
    )
