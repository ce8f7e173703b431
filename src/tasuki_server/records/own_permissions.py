# SPDX-License-Identifier: Apache-2.0
"""本人の同意 — what a person permits and withdraws in a portal, and the whole of what they permitted before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from tasuki.sharing.permission import DOCUMENTS, Act, PermissionEvent, RecordKind, Viewer, decide
from tasuki_server.exchange.consent import denials
from tasuki_server.records.asked import Asked, keys_of
from tasuki_server.records.documents import row_of
from tasuki_server.records.messages import Denial, Grant, Permission, Permissions, Withdrawal
from tasuki_server.records.permitting import (
    all_keys,
    history_of,
    hold_person,
    new_event,
    next_moment,
    write_event,
)
from tasuki_server.records.refusals import refuse

_NUMBER = re.compile(r"[0-9]{10}")
_NAMES = """
    SELECT prefecture || fee_table || code AS number, name FROM platform_connectedinstitution
    WHERE prefecture || fee_table || code = ANY($1::text[]) ORDER BY revoked_at IS NULL
"""
# 提供の拒否: who wrote the Consent.
_DENIALS = f"""
    SELECT DISTINCT c.prefecture || c.fee_table || c.code, c.name, x.updated, d.since, d.until
    FROM unnest($1::text[]) AS a(person), LATERAL {denials("a.person")} JOIN exchange_resource x ON x.key = d.key
    JOIN platform_connectedinstitution c ON c.id = x.writer_id ORDER BY x.updated DESC
"""  # noqa: S608 - tables and columns of our own


async def permissions(asked: Asked) -> Permissions:
    """本人の同意の一覧 — ``GET person/permissions``."""
    asked.people = asked.persons()
    async with asked.piece() as connection:
        asked.people = await all_keys(connection, asked.people)
        history = await history_of(connection, asked.people)
        told = await _told(connection, history, asked.at)
        denied = [Denial(*row) for row in await connection.fetch(_DENIALS, asked.people)]
    told.reverse()
    return Permissions(tuple(each for each in told if each.is_open), tuple(told), tuple(denied))


async def grant(asked: Asked) -> Permission:
    """同意 — ``POST person/permissions``; a proxy's name makes it a proxy's."""
    told = asked.message(Grant)
    asked.people = keys_of(told.insured)
    if not told.kinds:
        raise refuse("kinds")
    _check_period(asked, told)
    async with asked.piece() as connection:
        asked.people = await all_keys(connection, asked.people)
        await _check_target(connection, asked, told)
        await hold_person(connection, asked.people)
        asked.at = await next_moment(connection, asked.people, asked.at)
        event = new_event(
            Act.PROXY_GRANT if told.proxy.strip() else Act.PORTAL_GRANT, asked.at, institution=told.institution,
            kinds=frozenset(told.kinds), since=told.since, until=told.until, document=told.document,
            proxy=told.proxy.strip()[:100],
        )  # fmt: skip
        await write_event(connection, asked.caller, asked.people, event)
        asked.detail |= {"institution": told.institution, "kinds": sorted(told.kinds)}
        (permission,) = await _told(connection, [event], asked.at)
    return permission


async def withdraw(asked: Asked) -> Permission:
    """撤回 — ``POST person/withdrawals``: whatever was open of it is closed when this is answered."""
    told = asked.message(Withdrawal)
    asked.people = keys_of(told.insured)
    if told.institution and not _NUMBER.fullmatch(told.institution):
        raise refuse("institution-unknown", found=told.institution)
    async with asked.piece() as connection:
        asked.people = await all_keys(connection, asked.people)
        await hold_person(connection, asked.people)
        asked.at = await next_moment(connection, asked.people, asked.at)
        event = new_event(
            Act.WITHDRAWAL, asked.at, institution=told.institution, kinds=frozenset(told.kinds),
            document=told.document[:80], reason=told.reason.strip()[:200],
        )  # fmt: skip
        await write_event(connection, asked.caller, asked.people, event)
        asked.detail |= {"institution": told.institution, "kinds": sorted(told.kinds)}
        (permission,) = await _told(connection, [event], asked.at)
    return permission


def _check_period(asked: Asked, told: Grant) -> None:
    since, until = told.since or asked.at, told.until
    for each in (told.since, told.until):
        if each is not None and each.tzinfo is None:
            raise refuse("period", reason="日時に時差（+09:00）がありません。")
    if until is not None and until <= max(since, asked.at):
        raise refuse("period", reason="終わりは、始まりと今より後にしてください。")
    longest = asked.rules.portal_longest_days
    # 文書一通の同意 needs no period: the document itself ends.
    if not told.document and (until is None or until > since + timedelta(days=longest)):
        raise refuse("period", reason=f"期間は{longest}日までです。終わりを入れてください。")


async def _check_target(connection: asyncpg.Connection, asked: Asked, told: Grant) -> None:
    if not await connection.fetch(_NAMES, [told.institution]):
        raise refuse("institution-unknown", found=told.institution)
    if not told.document:
        return
    row = await row_of(connection, told.document)
    if row is None or row["person"] not in asked.people or row["receiver_number"] != told.institution:
        raise refuse("unknown", found=told.document)
    if not set(told.kinds) <= DOCUMENTS:
        raise refuse("kinds")


async def _told(
    connection: asyncpg.Connection, history: Sequence[PermissionEvent], at: datetime
) -> list[Permission]:
    numbers = list({each.institution for each in history if each.institution})
    names = {row["number"]: row["name"] for row in await connection.fetch(_NAMES, numbers)}
    return [
        Permission(
            id=each.id,
            act=each.act.value,
            label=each.act.label,
            at=each.at,
            institution=each.institution,
            institution_name=names.get(each.institution, ""),
            kinds=tuple(sorted(each.kinds)),
            is_open=_is_open(history, each, at),
            since=each.since,
            until=each.until,
            ended_at=_ended_at(history, each, at),
            document=each.document,
            reason=each.reason,
            proxy=each.proxy,
        )
        for each in history
    ]


def _is_open(history: Sequence[PermissionEvent], grant: PermissionEvent, at: datetime) -> bool:
    """Whether this very grant opens anything now."""
    if not grant.act.is_opening:
        return False
    alone = [each for each in history if each is grant or not each.act.is_opening]
    viewer = Viewer(grant.institution, grant.document)
    return any(decide(alone, viewer, kind, at).is_open for kind in grant.kinds)


def _ended_at(history: Sequence[PermissionEvent], grant: PermissionEvent, at: datetime) -> datetime | None:
    """When the last of its kinds was closed by somebody; None while any is open, or when it ended by itself."""
    if not grant.act.is_opening or _is_open(history, grant, at):
        return None
    ends: dict[RecordKind, datetime] = {}
    for each in history:
        if each.act.is_opening or each.at <= grant.at:
            continue
        for kind in grant.kinds - set(ends):
            if each.ends_grant(grant, kind):
                ends[kind] = each.at
    return max(ends.values()) if len(ends) == len(grant.kinds) else None
