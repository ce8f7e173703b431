# SPDX-License-Identifier: Apache-2.0
"""一括出力の受付（$export） — what is asked is read and refused at the door, then a job that anyone's look keeps going.

Cite: HL7 FHIR Bulk Data Access 2.0.0 (kick-off, status, delete)
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from tasuki.sharing.search import is_resource_type
from tasuki.sharing.search.parameters import search_table
from tasuki_server.exchange.acting import NOT_STORABLE, check_id
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.bodies import read_kept
from tasuki_server.exchange.conditions import need_for, parsed
from tasuki_server.exchange.export_running import NDJSON, SILENT_SECONDS, keep_running
from tasuki_server.exchange.exported import EXPIRY, job_of, manifest
from tasuki_server.exchange.moments import first_moment, last_moment
from tasuki_server.exchange.outcome import FHIR_JSON, Refused, refuse
from tasuki_server.exchange.replies import next_address
from tasuki_server.exchange.scopes import ANY
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.sight import scope_missing
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.engine import Reply
from tasuki_server.platform.removal_clock import BELIEVED

FORMATS = frozenset((NDJSON, "application/ndjson", "ndjson"))
NAMES = frozenset(("_outputFormat", "_since", "_type", "_typeFilter", "patient"))
# 遅れて確定する書込み: a write is stamped before it is committed, never longer ago than this. The time that is told is
# so much earlier than the kick-off, so that whoever asks again with _since misses nothing; some may come twice.
LATE = timedelta(seconds=120)
MOST_RUNNING, MOST_KEPT, MOST_FILTERS, MOST_PATIENTS = 5, 100, 20, 100_000
_FILTERS = re.compile(r",(?=[A-Z][A-Za-z]+\?)")
_COUNTS = (
    "SELECT count(*) FILTER (WHERE status = 'running'), count(*) FROM exchange_export WHERE caller_id = $1"
)
_FORGET = f"""
    WITH gone AS (SELECT id FROM exchange_export WHERE expires_at < now() AND {BELIEVED} FOR UPDATE SKIP LOCKED),
    files AS (DELETE FROM exchange_exportfile WHERE job_id IN (SELECT id FROM gone))
    DELETE FROM exchange_export WHERE id IN (SELECT id FROM gone)
"""  # noqa: S608 - made of constants
_BEGIN = """
    INSERT INTO exchange_export (id, caller_id, client_id, scopes, request, types, filters, since, in_compartment,
      patients, transaction_time, status, place, cursor, beat_at, tries, made_at, expires_at)
    VALUES ($1, $2, $3, $4::jsonb, $5, $6::jsonb, $7::jsonb, $8, $9, $10::jsonb, $11, 'running', 0, 0,
      $12, 0, $12, $13)
"""
_GROUP = "SELECT r.body, r.patient, r.writer_id FROM exchange_resource r WHERE r.type = 'Group' AND r.id = $1 AND {seen}"
_PEOPLE = "SELECT count(*) FROM exchange_resource r WHERE r.type = 'Patient' AND r.id = ANY($1) AND {seen}"
Pairs = list[tuple[str, str]]


class Wish(NamedTuple):
    """求め — the parameters of a kick-off, read."""

    types: list[str]
    filters: dict[str, list[Pairs]]
    since: datetime | None
    patients: list[str] | None


async def export_all(asked: Asked) -> Reply:
    """全体の一括出力 — every type that may be read."""
    return await _begun(asked, await _wish(asked), in_compartment=False)


async def export_patients(asked: Asked) -> Reply:
    """患者の一括出力 — what is in the compartment of any patient, or of those named in a POST."""
    return await _begun(asked, await _wish(asked), in_compartment=True)


async def export_group(asked: Asked) -> Reply:
    """集団の一括出力 — of the active members of a Group, as they are now."""
    writing = Writing(asked.sight, [asked.id])
    row = await asked.room.pool.fetchrow(
        _GROUP.format(seen=writing.seen("r", "r", "Group")), *writing.arguments
    )
    if row is None:
        raise refuse("unknown", asked.place)
    asked.note("Group", asked.id, patient=row["patient"], writer=row["writer_id"])
    members = list(_members(read_kept(row["body"]), asked.at))
    if len(members) > MOST_PATIENTS:
        raise refuse("large", count=len(members), most=MOST_PATIENTS)
    wish = await _wish(asked)
    if wish.patients is not None:
        members = [each for each in members if each in set(wish.patients)]
    return await _begun(asked, wish._replace(patients=members), in_compartment=True)


async def export_status(asked: Asked) -> Reply:
    """一括出力の状態 — how far it is, or the list of files; work that nobody goes on with is taken up by who looks."""
    job = await job_of(asked)
    asked.note("", "", query=f"$export/{job['id']}")
    if job["status"] == "failed":
        raise refuse("export-failed")
    if job["status"] == "done":
        return await manifest(asked, job)
    if job["guard"] is None or (asked.at - job["beat_at"]).total_seconds() > SILENT_SECONDS:
        _go_on(asked, job["id"])
    types = msgspec.json.decode(job["types"])
    now = types[job["place"]] if job["place"] < len(types) else "-"
    told = f"{job['place']}/{len(types)} {now}"
    return Reply(202, FHIR_JSON, b"", (("x-progress", told), ("retry-after", "1")))


async def export_stop(asked: Asked) -> Reply:
    """一括出力の取消し — whoever runs it finds it gone, and its files are gone at once."""
    job = await job_of(asked)
    asked.note("", "", status=202, query=f"$export/{job['id']}")
    async with asked.room.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT 1 FROM exchange_export WHERE id = $1 FOR UPDATE", job["id"])
        await connection.execute("DELETE FROM exchange_exportfile WHERE job_id = $1", job["id"])
        await connection.execute("DELETE FROM exchange_export WHERE id = $1", job["id"])
    return Reply(202, FHIR_JSON, b"")


async def _wish(asked: Asked) -> Wish:
    if "respond-async" not in asked.call.headers.get("prefer", "").lower():
        raise refuse(
            "parameter", "Prefer", found=asked.call.headers.get("prefer", ""), wanted="respond-async"
        )
    pairs = list(asked.pairs) + _posted(asked)
    for name, value in pairs:
        if name not in NAMES and asked.preference("handling") != "lenient":
            raise refuse("parameter", name, found=value, wanted="・".join(sorted(NAMES)) + " のどれか")
    given = dict(pairs)
    if given.get("_outputFormat", NDJSON) not in FORMATS:
        raise refuse("parameter", "_outputFormat", found=given["_outputFormat"], wanted=NDJSON)
    since = first_moment(given.get("_since"))
    if "_since" in given and (since is None or last_moment(given["_since"]) is None):
        raise refuse(
            "parameter", "_since", found=given["_since"], wanted="2026-11-30T09:00:00+09:00 のような日時"
        )
    types = _types(asked, [value for name, value in pairs if name == "_type"])
    filters = _filters(asked, [value for name, value in pairs if name == "_typeFilter"], types)
    named = [value for name, value in pairs if name == "patient"]
    if named and asked.type not in ("Patient", "Group"):
        raise refuse("parameter", "patient", found=named[0], wanted="Patient か Group の $export への POST")
    people = [check_id(each.removeprefix("Patient/")) for each in named]
    if people:
        writing = Writing(asked.sight, [people])
        sql = _PEOPLE.format(seen=writing.seen("r", "r", "Patient"))
        if await asked.room.pool.fetchval(sql, *writing.arguments) != len(set(people)):
            raise refuse("unknown", "patient に書かれた患者")
    return Wish(types, filters, since, people or None)


def _posted(asked: Asked) -> Pairs:
    """A POST says the same as a Parameters resource."""
    if asked.call.method != "POST":
        return []
    value = asked.value
    parts = value.get("parameter", []) if isinstance(value, dict) else None
    if not isinstance(parts, list) or value.get("resourceType") != "Parameters":
        raise refuse("parameter", "本文", found="", wanted="Parameters")
    pairs = []
    for each in parts:
        name = each.get("name") if isinstance(each, dict) else None
        said = [inner for key, inner in each.items() if key.startswith("value")] if name else []
        text = said[0].get("reference") if said and isinstance(said[0], dict) else said[0] if said else None
        if not isinstance(name, str) or not isinstance(text, str) or "\0" in text:
            raise refuse("parameter", str(name or "parameter"), found="", wanted="名前と値のあるパラメータ")
        pairs.append((name, text))
    return pairs


def _types(asked: Asked, given: list[str]) -> list[str]:
    named = [each for text in given for each in text.split(",") if each]
    for each in named:
        if not is_resource_type(each) or each in NOT_STORABLE:
            raise refuse("parameter", "_type", found=each, wanted="登録できるリソースの種類")
        asked.need(each, "rs")
    if named:
        return list(dict.fromkeys(named))
    every = [each for each in sorted(search_table().shapes) if each not in NOT_STORABLE]
    may = [each for each in every if asked.grant.may(each, "r") and asked.grant.may(each, "s")]
    if not may:
        raise scope_missing(ANY, "rs")
    return may


def _filters(asked: Asked, given: Iterable[str], types: list[str]) -> dict[str, list[Pairs]]:
    """Each filter is a search; it is read now, so that a wrong one is refused before anything begins."""
    found: dict[str, list[Pairs]] = {}
    for text in (each for one in given for each in _FILTERS.split(one)):
        type_name, _, asked_of = text.partition("?")
        if type_name not in types:
            raise refuse("parameter", "_typeFilter", found=text, wanted="_type にある型の検索（型?条件）")
        pairs = parse_qsl(asked_of)
        query = parsed(type_name, pairs, asked.base)
        need_for(asked.sight, query)
        if not pairs or len(query.conditions) != len(pairs):
            raise refuse("parameter", "_typeFilter", found=text, wanted="検索の条件だけのもの（型?条件）")
        found.setdefault(type_name, []).append(pairs)
    if sum(map(len, found.values())) > MOST_FILTERS:
        raise refuse("parameter", "_typeFilter", found="", wanted=f"{MOST_FILTERS}個まで")
    return found


def _members(group: dict[str, Any], at: datetime) -> Iterable[str]:
    for each in group.get("member", ()):
        place = str((each.get("entity") or {}).get("reference", ""))
        ends = last_moment((each.get("period") or {}).get("end"))
        is_over = ends is not None and ends <= at
        if place.startswith("Patient/") and not each.get("inactive") and not is_over:
            yield place.split("/")[1]


async def _begun(asked: Asked, wish: Wish, *, in_compartment: bool) -> Reply:
    pool, call = asked.room.pool, asked.call
    await pool.execute(_FORGET)
    running, kept = await pool.fetchrow(_COUNTS, asked.caller)
    if running >= MOST_RUNNING or kept >= MOST_KEPT:
        refused = refuse("export-many", running=running, kept=kept)
        raise Refused(refused.status, refused.issues, (("retry-after", "60"),))
    job = new_id()
    request = next_address(asked, asked.pairs)
    await pool.execute(
        _BEGIN, job, asked.caller, call.caller.client, _json(call.caller.scopes), request, _json(wish.types),
        _json(wish.filters), wish.since, in_compartment, _json(wish.patients), asked.at - LATE, asked.at,
        asked.at + EXPIRY,
    )  # fmt: skip
    asked.note(asked.type, asked.id, status=202, query=f"$export/{job}")
    _go_on(asked, job)
    return Reply(202, FHIR_JSON, b"", (("content-location", f"{asked.base}/$export/{job}"),))


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _go_on(asked: Asked, job: UUID) -> None:
    """In the loop that serves, once in this process; the row says how far it is, whoever goes on."""
    running = asked.room.exports
    if job not in running:
        running[job] = asyncio.ensure_future(keep_running(asked.room, job))
        running[job].add_done_callback(lambda _: running.pop(job, None))
