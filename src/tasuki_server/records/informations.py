# SPDX-License-Identifier: Apache-2.0
"""6情報の登録 — a unit replaced as a whole under its key, or deleted; kept in the exchange, where every search sees it.

The key is the insured person with system and value of the Bundle's identifier. All of it or nothing.

Cite: JP-CLINS 送信単位（Bundle.identifier による更新・削除）
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import asyncpg

from tasuki.sharing.build.names import INFORMATION_BUNDLE
from tasuki_server.exchange.bodies import read_body
from tasuki_server.exchange.references import rewrite
from tasuki_server.exchange.storing import Change, store
from tasuki_server.institutions.ids import new_id
from tasuki_server.records.asked import Asked
from tasuki_server.records.bundles import (
    PROFILES,
    Held,
    Information,
    informations_in,
    read_bundle,
    tagged_type,
)
from tasuki_server.records.messages import InformationAnswer
from tasuki_server.records.refusals import refuse

SERVICE_TYPES = frozenset(PROFILES) | {"Patient"}
REQUESTED = "検査結果（{number}）に{what}がありません。付けて送ることが求められています。"
# 送信単位の版: of an institution's own counting; optional.
VERSION, MOST_VERSION = "Unit-Version", 10**9 - 1
UNIT, DOCUMENT = "unit", "document"
_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended($1, 11))"
_UNIT = """
    SELECT id, deleted_at IS NOT NULL AS is_deleted, version FROM records_unit
    WHERE institution = $1 AND person = $2 AND system = $3 AND number = $4
"""
_ITEMS = "SELECT type, logical_id FROM records_item WHERE unit_id = $1"
# 他の単位にもある情報は残す。
_ELSEWHERE = """
    SELECT i.type, i.logical_id FROM unnest($1::text[], $2::text[]) AS a(type, logical_id)
    JOIN records_item i USING (type, logical_id) WHERE i.unit_id <> $3
"""
_SAVE_UNIT = """
    INSERT INTO records_unit
      (id, caller_id, institution, person, system, number, kind, source, registered_at, changed_at, deleted_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)
    ON CONFLICT (institution, person, system, number)
    DO UPDATE SET kind = $7, source = $8, changed_at = $9, deleted_at = $10, version = coalesce($11, records_unit.version),
      registered_at = CASE WHEN records_unit.deleted_at IS NULL THEN records_unit.registered_at ELSE $9 END
"""
_CLEAR = "DELETE FROM records_item WHERE unit_id = $1"
_SAVE_ITEMS = """
    INSERT INTO records_item
      (id, unit_id, type, logical_id, kind, registered_at, is_long_kept, is_uninformed, is_undelivered)
    SELECT gen_random_uuid(), $1, a.type, a.logical_id, a.kind, $2, a.long, a.uninformed, a.undelivered
    FROM unnest($3::text[], $4::text[], $5::text[], $6::boolean[], $7::boolean[], $8::boolean[])
      AS a(type, logical_id, kind, long, uninformed, undelivered)
"""


class Outcome(NamedTuple):
    """登録の結果 — how many were written and deleted, and whether a unit of this key was there."""

    written: int
    deleted: int
    is_replacement: bool


class Prepared(NamedTuple):
    """登録の用意 — what one unit becomes in the exchange: the person first, then the informations."""

    held: Held
    source: str
    kind: str
    informations: Sequence[Information]
    changes: Sequence[Change]
    version: int | None = None


async def write(asked: Asked) -> InformationAnswer:
    """6情報の登録 — ``POST informations``."""
    asked.refuse_large()
    body = read_body(asked.call.body)
    sent = body.get("entry") if isinstance(body, dict) else None
    held = read_bundle(asked, asked.call.body, INFORMATION_BUNDLE, SERVICE_TYPES)
    dropped = (len(sent) if isinstance(sent, list) else 0) - len(held.value["entry"])
    prepared = (await prepare(asked, held, UNIT, tagged_type(held)))._replace(version=_version(asked))
    async with asked.piece() as connection:
        done = await register(connection, asked, prepared)
        asked.detail |= {"written": done.written, "deleted": done.deleted, "kind": prepared.kind}
    questions = (*held.questions, *(text for each in prepared.informations for text in _requested(each)))
    return InformationAnswer(
        held.number, prepared.kind, done.written, done.deleted, dropped, done.is_replacement, questions
    )


def _version(asked: Asked) -> int | None:
    """送信単位の版 — as whoever sends counts it; none where they do not, and then the last to arrive counts."""
    headers = asked.call.headers
    text = headers.get(VERSION.lower()) or headers.get(VERSION, "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_VERSION))
    if text and not (is_number and 0 < int(text) <= MOST_VERSION):
        raise refuse("parameter", place=VERSION, found=text[:20], wanted=f"1から{MOST_VERSION}までの整数")
    return int(text) if text else None


def _requested(information: Information) -> Iterable[str]:
    """Unit and reference range are asked for with every value that is measured; their lack refuses nothing."""
    value = information.resource.get("valueQuantity")
    if isinstance(value, dict) and not value.get("unit"):
        yield REQUESTED.format(number=information.number, what="単位")
    if isinstance(value, dict) and not information.resource.get("referenceRange"):
        yield REQUESTED.format(number=information.number, what="基準値")


async def prepare(asked: Asked, held: Held, source: str, kind: str) -> Prepared:
    """登録の用意 — before a connection is held; a unit with the person alone writes nothing and deletes what was there."""
    found = informations_in(asked, held)
    changes = []
    if found:
        patient = str(uuid5(asked.caller, f"Patient|{held.person}"))
        changes.append(_change(held.patient, patient, {}))
        places = {held.patient_url: f"Patient/{patient}"}
        for each in found:
            logical_id = str(
                uuid5(asked.caller, f"{each.resource['resourceType']}|{held.person}|{each.number}")
            )
            changes.append(_change(each.resource, logical_id, places))
        keys = await asked.room.keys.take(len(changes))
        for change, key in zip(changes, keys, strict=True):
            change.key = key
    return Prepared(held, source, kind, found, changes)


async def register(connection: asyncpg.Connection, asked: Asked, prepared: Prepared) -> Outcome:
    """登録 — in the transaction of this connection."""
    held = prepared.held
    key = (asked.number, held.person, held.system, held.number)
    # Of one person one after the other: two units of somebody new make one Patient.
    await connection.execute(_HOLD, f"{asked.number}|{held.person}")
    row = await connection.fetchrow(_UNIT, *key)
    if row is not None and prepared.version is not None and prepared.version < (row["version"] or 0):
        # 遅れて届いた古い版: it was sent before what stands here, and would undo it.
        raise refuse("older", expression=str(row["version"]), found=prepared.version, held=row["version"])
    unit = row["id"] if row is not None else new_id()
    places = [(each.type, each.id) for each in prepared.changes[1:]]
    gone = await _leaving(connection, unit, places) if row is not None else []
    changes = [*prepared.changes, *(Change("DELETE", kind, each, None, "delete") for kind, each in gone)]
    await store(connection, asked.caller, changes, asked.at, asked.base)
    is_empty = not prepared.informations
    await connection.execute(
        _SAVE_UNIT, unit, asked.caller, *key, prepared.kind, prepared.source, asked.at, asked.at if is_empty else None,
        prepared.version,
    )  # fmt: skip
    await connection.execute(_CLEAR, unit)
    if not is_empty:
        rows = [
            (*place, each.kind.value, each.is_long_kept, each.is_uninformed, each.is_undelivered)
            for place, each in zip(places, prepared.informations, strict=True)
        ]
        await connection.execute(_SAVE_ITEMS, unit, asked.at, *zip(*rows, strict=True))
    return Outcome(len(places), len(gone), row is not None and not row["is_deleted"])


async def withdraw_unit(connection: asyncpg.Connection, asked: Asked, unit: UUID, person: str) -> int:
    """送信単位の取消 — what was taken out of a document goes with it."""
    await connection.execute(_HOLD, f"{asked.number}|{person}")
    gone = await _leaving(connection, unit, [])
    changes = [Change("DELETE", kind, each, None, "delete") for kind, each in gone]
    await store(connection, asked.caller, changes, asked.at, asked.base)
    await connection.execute(_CLEAR, unit)
    await connection.execute(
        "UPDATE records_unit SET deleted_at = $2, changed_at = $2 WHERE id = $1", unit, asked.at
    )
    return len(gone)


async def _leaving(
    connection: asyncpg.Connection, unit: UUID, staying: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """What was in this unit, is no more, and stands in no other."""
    were = {(row["type"], row["logical_id"]) for row in await connection.fetch(_ITEMS, unit)} - set(staying)
    if not were:
        return []
    rows = await connection.fetch(_ELSEWHERE, *zip(*were, strict=True), unit)
    return sorted(were - {(row["type"], row["logical_id"]) for row in rows})


def _change(resource: dict[str, Any], logical_id: str, places: dict[str, str]) -> Change:
    value = rewrite(copy.deepcopy(resource), places)
    value["id"] = logical_id
    return Change("PUT", value["resourceType"], logical_id, value, "update")
