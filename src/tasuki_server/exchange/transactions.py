# SPDX-License-Identifier: Apache-2.0
"""トランザクション — all entries or none: identifiers first, then references, then the checks, then one write.

What is conditional is settled before anything is written; reads come after everything was.

Cite: HL7 FHIR R4 http.html 3.1.0.11 (batch/transaction)
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import asyncpg

from tasuki_server.exchange.acting import TRIES, give_keys, keep, keep_at_once, refuse_unstorable
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.batches import batch_reply, entry_told, read_after
from tasuki_server.exchange.checking import check
from tasuki_server.exchange.conditional import identified, patch_into
from tasuki_server.exchange.conditions import Condition, condition_of, found_by, hold
from tasuki_server.exchange.entries import Entry, patch_of, placed, read_entries, target
from tasuki_server.exchange.outcome import Refused, refuse
from tasuki_server.exchange.references import conditional_references, rewrite
from tasuki_server.exchange.replies import bundle_reply
from tasuki_server.exchange.storing import LETTER, Change
from tasuki_server.institutions.ids import new_name, new_names
from tasuki_server.platform.engine import Reply

# A condition has a question mark, as it is or written otherwise in JSON (\u003f) or XML.
_MAY_ASK = (b"?", b"\\u003", b"&#")


@dataclass(slots=True)
class Step:
    """手順 — an entry, the change it became, and its condition; an existing one of a conditional create is no change."""

    entry: Entry
    change: Change
    condition: Condition | None
    is_kept: bool = False


async def take_bundle(asked: Asked) -> Reply:
    """Bundleの処理 — a transaction or a batch."""
    bundle = asked.resource
    if bundle["resourceType"] != "Bundle" or bundle.get("type") not in ("transaction", "batch"):
        raise refuse(
            "bundle",
            "Bundle.type",
            found="transactionかbatchにしてください。文書などは /Bundle へ送ってください",
        )
    entries = read_entries(bundle, asked.base)
    asked.interaction = bundle["type"]
    if bundle["type"] == "batch":
        return await batch_reply(asked, entries)
    return await _transaction(asked, entries)


async def _transaction(asked: Asked, entries: list[Entry]) -> Reply:
    steps = [
        _step(asked, each, name)
        for each, name in zip(entries, new_names(len(entries)), strict=True)
        if each.method != "GET"
    ]
    links: set[str] = set()
    if any(mark in asked.call.body for mark in _MAY_ASK):
        links.update(*(conditional_references(step.change.value) for step in steps))
    conditions = [step.condition for step in steps if step.condition is not None]
    if not conditions and not links:
        # Nothing to look for: checked before a connection is held.
        _settle(steps, {})
    changes = [step.change for step in steps]
    await give_keys(asked, changes)
    if conditions or links or not await keep_at_once(asked, changes):
        await _write(asked, steps, conditions, links)
    by_place = {step.entry.place: step for step in steps}
    told: list[bytes] = []
    size = 0
    for each in entries:
        step = by_place.get(each.place)
        told.append(await read_after(asked, each, size) if step is None else entry_told(asked, step.change))
        size += len(told[-1])
    return bundle_reply(asked, {"type": "transaction-response"}, told)


async def _write(asked: Asked, steps: list[Step], conditions: list[Condition], links: set[str]) -> None:
    """In one transaction, begun anew when another has made meanwhile what this would make."""
    for _ in range(TRIES):
        try:
            async with asked.room.pool.acquire() as connection, connection.transaction():
                if conditions or links:
                    await hold(connection, conditions)
                    await _resolve(connection, asked, steps)
                    # What the conditions find may be another when this is tried again.
                    _settle(steps, await _linked(connection, asked, links), is_copied=True)
                await keep(connection, asked, [step.change for step in steps if not step.is_kept])
            return
        except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
            continue
    raise refuse("busy")


def _step(asked: Asked, entry: Entry, name: str) -> Step:
    """What an entry asks for; what is new gets that name."""
    try:
        type_name, logical_id = target(entry)
        refuse_unstorable(type_name)
        asked.need(type_name, LETTER[entry.method])
        if entry.method in ("POST", "PUT") and entry.resource is not None:
            if entry.resource["resourceType"] != type_name:
                raise refuse("other-type", found=entry.resource["resourceType"], wanted=type_name)
            if logical_id and entry.resource.get("id") != logical_id:
                raise refuse("other-id", found=entry.resource.get("id", ""), wanted=logical_id)
        condition = None
        if entry.method == "POST":
            text = entry.headers.get("if-none-exist", "")
            condition = condition_of(type_name, text) if text else None
        elif not logical_id:
            condition = condition_of(type_name, entry.query)
        value = None if entry.method in ("PATCH", "DELETE") else entry.resource
        interaction = {"POST": "create", "PUT": "update"}.get(entry.method, entry.method.lower())
        change = Change(entry.method, type_name, logical_id, value, interaction, if_match=entry.if_match)
        if entry.method == "POST":
            change.id, change.is_new = name, True
        elif entry.method == "PATCH":
            patch_into(asked, change, patch_of(entry))
        return Step(entry, change, condition)
    except Refused as refused:
        raise placed(refused, entry.place) from refused


async def _resolve(connection: asyncpg.Connection, asked: Asked, steps: list[Step]) -> None:
    for step in steps:
        if step.condition is None:
            continue
        change = step.change
        try:
            found = await found_by(connection, asked, step.condition)
            if change.method == "POST":
                step.is_kept = found is not None
                change.id, change.is_new = found or new_name(), True
                change.status = 200
            elif change.method == "PUT":
                given = (step.entry.resource or {}).get("id")
                change.id, change.is_new = identified(found, given)
            elif found is None and change.method == "PATCH":
                raise refuse("none", found=step.condition.text)
            else:
                step.is_kept, change.id, change.status = found is None, found or "", 204
        except Refused as refused:
            raise placed(refused, step.entry.place) from refused


async def _linked(connection: asyncpg.Connection, asked: Asked, links: set[str]) -> dict[str, str]:
    """Where the conditional references point: each to exactly one."""
    places = {}
    for link in sorted(links):
        type_name, _, query = link.partition("?")
        try:
            found = await found_by(connection, asked, condition_of(type_name, query))
        except Refused as refused:
            raise placed(refused, f"reference（{link[:200]}）") from refused
        if found is None:
            raise refuse("condition-reference", found=link, count=0)
        places[link] = f"{type_name}/{found}"
    return places


def _settle(steps: list[Step], places: dict[str, str], *, is_copied: bool = False) -> None:
    """References to what the entries became, then the checks of everything that will be written."""
    seen: set[tuple[str, str]] = set()
    for step in steps:
        change = step.change
        if change.id and (change.type, change.id) in seen:
            raise refuse("bundle", step.entry.place, found=f"二度あります: {change.place}")
        seen.add((change.type, change.id))
        if step.entry.full_url and change.id:
            if step.entry.full_url in places:
                raise refuse("bundle", f"{step.entry.place}.fullUrl", found="同じ fullUrl が二度あります")
            places[step.entry.full_url] = change.place
    for step in steps:
        change = step.change
        if step.is_kept or change.method in ("PATCH", "DELETE"):
            continue
        try:
            if is_copied:
                change.value = copy.deepcopy(step.entry.resource)
            rewrite(change.value, places)
            change.warnings = check(change.value)
        except Refused as refused:
            raise placed(refused, f"{step.entry.place}.resource") from refused
