# SPDX-License-Identifier: Apache-2.0
"""条件付きの作成・更新・削除・修正 — as FHIR's table of matches says: none, one, or too many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg

from tasuki_server.exchange.acting import TRIES, check_id, commit, give_keys, keep, refuse_unstorable
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.checking import check
from tasuki_server.exchange.conditions import Condition, condition_by, condition_of, found_by, hold
from tasuki_server.exchange.fhirpath_patch import apply_steps, is_probing, read_steps
from tasuki_server.exchange.outcome import Refused, refuse
from tasuki_server.exchange.patching import apply_patch, read_patch
from tasuki_server.exchange.replies import resource_reply, written_reply
from tasuki_server.exchange.sight import scope_missing
from tasuki_server.exchange.storing import Change, held
from tasuki_server.institutions.ids import new_name
from tasuki_server.platform.engine import Reply

# 読む手順: what a value is shows by where it may stand.
_READING = frozenset(("test", "copy", "move"))
Settle = Callable[[asyncpg.Connection, str | None], Awaitable[Change | Reply]]


async def create_if_none(asked: Asked, value: dict, warnings: tuple, condition: Condition) -> Reply:  # type: ignore[type-arg]
    """条件付きの作成 — one that is there already is the answer, unchanged."""
    change = Change("POST", asked.type, new_name(), value, asked.interaction, is_new=True, warnings=warnings)

    async def settle(connection: asyncpg.Connection, found: str | None) -> Change | Reply:
        if found is None:
            return change
        row = (await held(connection, asked.sight, [(asked.type, found)]))[asked.type, found]
        asked.note(
            asked.type, found, interaction="read", version=row["version"], patient=row["patient"], writer=row["writer_id"]
        )  # fmt: skip
        place = (("location", f"{asked.base}/{asked.type}/{found}/_history/{row['version']}"),)
        return resource_reply(row["body"], row["version"], row["updated"], 200, place)

    return await _conditional(asked, condition, change, settle)


async def update_if(asked: Asked) -> Reply:
    """条件付きの更新 — none is made, one is changed."""
    value = asked.resource
    refuse_unstorable(asked.type)
    warnings = check(value)
    given = value.get("id")
    change = Change(
        "PUT", asked.type, "", value, asked.interaction, if_match=asked.if_match, warnings=warnings
    )

    async def settle(_: asyncpg.Connection, found: str | None) -> Change | Reply:
        change.id, change.is_new = identified(found, given)
        return change

    return await _conditional(asked, condition_by(asked.type, asked.pairs), change, settle)


async def delete_if(asked: Asked) -> Reply:
    """条件付きの削除 — of one; several are refused."""
    refuse_unstorable(asked.type)
    change = Change("DELETE", asked.type, "", None, asked.interaction, if_match=asked.if_match)

    async def settle(_: asyncpg.Connection, found: str | None) -> Change | Reply:
        if found is None:
            asked.note(asked.type, status=204)
            return Reply(204, "application/fhir+json", b"")
        change.id = found
        return change

    return await _conditional(asked, condition_by(asked.type, asked.pairs), change, settle)


async def patch(asked: Asked) -> Reply:
    """修正 — a JSON Patch or a FHIRPath Patch of what is there."""
    change = patching_change(asked)
    change.id = asked.id
    await commit(asked, [change])
    return written_reply(asked, change, change.warnings)


async def patch_if(asked: Asked) -> Reply:
    """条件付きの修正 — of the one that the condition finds."""
    condition = condition_by(asked.type, asked.pairs)
    change = patching_change(asked)

    async def settle(_: asyncpg.Connection, found: str | None) -> Change | Reply:
        if found is None:
            raise refuse("none", found=condition.text)
        change.id = found
        return change

    return await _conditional(asked, condition, change, settle)


def patching_change(asked: Asked) -> Change:
    """修正の変更 — checked like any other write when it has been applied."""
    refuse_unstorable(asked.type)
    change = Change("PATCH", asked.type, "", None, asked.interaction, if_match=asked.if_match)
    patch_into(asked, change, asked.value)
    return change


def patch_into(asked: Asked, change: Change, value: object) -> None:
    """修正の手順 — what the change does with the resource that it finds."""
    act, is_asking = _patching(value)
    if is_asking:
        # Whether it can be done tells what is there.
        asked.need(change.type, "r")

    def applied(resource: dict) -> dict:  # type: ignore[type-arg]
        may_read = asked.grant.holds(resource, "r")
        if is_asking and not may_read:
            raise scope_missing(change.type, "r")
        try:
            made = act(resource)
            if made.get("resourceType") != change.type or made.get("id") != change.id:
                raise refuse("patch", "/id", found="種類と識別子は変えられません")
            change.warnings = check(made)
        except Refused:
            if may_read:
                raise
            # What was there stands in the reasons.
            raise refuse("patch-unread", change.place) from None
        return made

    change.patch = applied


def _patching(value: object) -> tuple[Callable[[dict], dict], bool]:  # type: ignore[type-arg]
    """JSON Patch is a list, FHIRPath Patch a Parameters resource; and whether it asks what is there."""
    if isinstance(value, dict) and value.get("resourceType") == "Parameters":
        steps = read_steps(value)
        return (lambda resource: apply_steps(resource, steps)), is_probing(steps)
    plain = read_patch(value)
    return (lambda resource: apply_patch(resource, plain)), any(step["op"] in _READING for step in plain)


def identified(found: str | None, given: object) -> tuple[str, bool]:
    """条件付きの更新の識別子 — and whether it is a new one of ours."""
    if found is not None:
        if given is not None and given != found:
            raise refuse("other-id", found=given, wanted=found)
        return found, False
    if given is None:
        return new_name(), True
    return check_id(str(given)), False


async def create(asked: Asked) -> Reply:
    """作成 — under an identifier of ours; with If-None-Exist only when nothing is found by it."""
    for name, given in asked.pairs:
        # A condition here would be passed over and make a second one.
        raise refuse("parameter", name, found=given, wanted="作成の条件は If-None-Exist ヘッダ")
    value = asked.resource
    refuse_unstorable(asked.type)
    warnings = check(value)
    text = asked.call.headers.get("if-none-exist", "")
    if text:
        return await create_if_none(asked, value, warnings, condition_of(asked.type, text))
    change = Change("POST", asked.type, new_name(), value, asked.interaction, is_new=True)
    await commit(asked, [change])
    return written_reply(asked, change, warnings)


async def _conditional(asked: Asked, condition: Condition, change: Change, settle: Settle) -> Reply:
    await give_keys(asked, [change])
    for _ in range(TRIES):
        try:
            async with asked.room.pool.acquire() as connection, connection.transaction():
                await hold(connection, [condition])
                settled = await settle(connection, await found_by(connection, asked, condition))
                if isinstance(settled, Reply):
                    return settled
                await keep(connection, asked, [settled])
            return written_reply(asked, settled, settled.warnings)
        except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
            continue
    raise refuse("busy")
