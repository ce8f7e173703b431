# SPDX-License-Identifier: Apache-2.0
"""6情報の閲覧 — opened by the consent at the reader or in an emergency, and read: the newest of each other institution.

Each resource told is a row of the exchange's record of use, in the transaction that reads it.
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from tasuki.sharing.permission import (
    DOCUMENTS,
    INFORMATIONS,
    Act,
    Basis,
    Decision,
    PermissionEvent,
    RecordKind,
    Viewer,
    decide,
)
from tasuki_server.eligibility.consents import consents_of
from tasuki_server.exchange.access_log import Access, write_accesses
from tasuki_server.exchange.consent import denials, visible
from tasuki_server.platform.models import FeeTable
from tasuki_server.records.asked import CLOSED, Asked, keys_of
from tasuki_server.records.messages import (
    InformationItem,
    Informations,
    InformationSet,
    Opened,
    Viewing,
    ViewingAnswer,
)
from tasuki_server.records.permitting import (
    history_of,
    hold_person,
    new_event,
    next_moment,
    one_person,
    write_event,
)
from tasuki_server.records.refusals import refuse
from tasuki_server.records.retention import Limits, kept

LEAST_REASON = 5
INTERACTION = "view"
# 顔認証付きカードリーダーの同意の項目: official prefixes, by the kind that each opens.
READER_CONSENTS = {
    "DiagnosisName": RecordKind.CONDITION,
    "InfectiousInfo": RecordKind.INFECTION,
    "AllergyInfo": RecordKind.ALLERGY,
    "TestInfo": RecordKind.LABORATORY,
    "PrescriptionInfo": RecordKind.PRESCRIPTION,
    "SpecificHealthCheckupsInfo": RecordKind.CHECKUP,
}
_REGISTERED = """
    SELECT DISTINCT q.person_id FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS a(insurer, symbol, number, branch)
    JOIN eligibility_heldqualification q ON q.insurer_number IN (a.insurer, ltrim(a.insurer, '0'), substr(a.insurer, 3))
      AND lpad(q.insurer_number, 8, '0') = a.insurer AND q.number_key = a.number AND q.symbol_key = a.symbol
      AND q.branch = a.branch
"""
_DENIED = f"""
    SELECT a.person FROM unnest($1::text[]) AS a(person) WHERE EXISTS (SELECT 1 FROM {denials("a.person")})
"""
_READ = f"""
    SELECT i.kind, i.is_long_kept, i.is_uninformed, i.registered_at, u.id AS unit, u.institution, u.source, u.number,
      u.changed_at, r.type, r.id, r.version, r.body, r.patient, r.writer_id, c.name
    FROM records_unit u JOIN records_item i ON i.unit_id = u.id
    JOIN exchange_resource r ON r.type = i.type AND r.id = i.logical_id
    JOIN platform_connectedinstitution c ON c.id = u.caller_id
    WHERE u.person = ANY($1::text[]) AND u.deleted_at IS NULL AND u.institution <> $2 AND i.kind = ANY($3::text[])
      AND NOT i.is_undelivered AND NOT r.is_deleted AND {visible("r", "$4::uuid")} AND {kept("i", 5)}
    ORDER BY u.institution, i.kind, u.changed_at DESC, u.id, i.type, i.logical_id
"""


async def open_view(asked: Asked) -> ViewingAnswer:
    """閲覧の開始 — ``POST views``; what stays closed is told with its reason."""
    told = asked.message(Viewing)
    asked.people = keys_of([told.insured])
    _refuse_pharmacy(asked)
    kinds = frozenset(told.kinds) or INFORMATIONS | {RecordKind.CHECKUP}
    asked.detail |= {"basis": told.basis, "kinds": sorted(kinds)}
    if told.basis == "emergency":
        _check_emergency(asked, told, kinds)
        asked.detail["reason"] = told.reason.strip()[:200]
    async with asked.piece() as connection:
        keys = asked.people = await one_person(connection, asked.people)
        await hold_person(connection, keys)
        asked.at = await next_moment(connection, keys, asked.at)
        # What is refused is not opened for the day on which the refusal ends, either.
        if not await denied_of(connection, keys):
            for event in await _opening_events(connection, asked, told, kinds):
                await write_event(connection, asked.caller, keys, event)
        answer = ViewingAnswer(tuple(await opened(connection, asked, kinds)))
        _note_closed(asked, answer.kinds)
    return answer


async def informations(asked: Asked) -> Informations:
    """6情報の閲覧 — ``GET informations``."""
    asked.people = asked.persons()
    _refuse_pharmacy(asked)
    kinds = asked.kinds("kind", INFORMATIONS) & INFORMATIONS
    asked.detail["kinds"] = sorted(kinds)
    async with asked.piece() as connection:
        asked.people = await one_person(connection, asked.people)
        told = await opened(connection, asked, kinds)
        _note_closed(asked, told)
        readable = [each.kind.value for each in told if each.is_open]
        limits = Limits(asked.rules, asked.at)
        rows = (
            await connection.fetch(
                _READ, asked.people, asked.number, readable, asked.caller, *limits.arguments
            )
            if readable
            else []
        )
        shown = _newest(rows, asked.rules.laboratory_newest)
        asked.detail["items"] = len(shown)
        await write_accesses(connection, [_access(asked, row) for row in shown])
    return Informations(tuple(told), tuple(_sets(shown)))


async def opened(connection: asyncpg.Connection, asked: Asked, kinds: Iterable[RecordKind]) -> list[Opened]:
    """閲覧の可否 — of each kind, for whoever asks: a refusal of the person first, then permissions."""
    if await denied_of(connection, asked.people):
        words = refuse("denied").issues[0].text
        return [Opened(kind, kind.label, False, words, "HL7 FHIR R4 Consent") for kind in sorted(kinds)]
    if asked.rules.policy == "open":
        words = "地域の方針により、本人が拒まないかぎり閲覧できます。"
        return [Opened(kind, kind.label, True, words, "運用の設定（policy）") for kind in sorted(kinds)]
    history = await history_of(connection, asked.people)
    return [_told(kind, decide(history, Viewer(asked.number), kind, asked.at)) for kind in sorted(kinds)]


def _note_closed(asked: Asked, told: Iterable[Opened]) -> None:
    """Nothing was open, so nothing is shown: the person reads of a look that was refused."""
    if not any(each.is_open for each in told):
        asked.outcome = CLOSED


async def denied_of(connection: asyncpg.Connection, keys: Sequence[str]) -> set[str]:
    """提供の拒否がある番号 — by any institution's Patient of the person, under any of their numbers, at this moment."""
    return {row[0] for row in await connection.fetch(_DENIED, list(dict.fromkeys(keys)))} if keys else set()


def _told(kind: RecordKind, decision: Decision) -> Opened:
    return Opened(kind, kind.label, decision.is_open, decision.reason, decision.cite, decision.until)


async def _opening_events(
    connection: asyncpg.Connection, asked: Asked, told: Viewing, kinds: frozenset[RecordKind]
) -> list[PermissionEvent]:
    if told.basis != "emergency":
        return await _reader_events(connection, asked, kinds)
    until = asked.at + timedelta(hours=asked.rules.emergency_hours)
    event = new_event(
        Act.EMERGENCY, asked.at, institution=asked.number, kinds=kinds, until=until, reason=told.reason.strip()[:200]
    )  # fmt: skip
    history = await history_of(connection, asked.people)
    return [] if any(_stands(each, event, history) for each in history) else [event]


def _stands(earlier: PermissionEvent, event: PermissionEvent, history: Sequence[PermissionEvent]) -> bool:
    """Whether the same emergency runs already: asked again after a lost answer it is no second one."""
    if earlier.act is not Act.EMERGENCY or earlier.until is None or earlier.until <= event.at:
        return False
    if (earlier.institution, earlier.reason) != (event.institution, event.reason):
        return False
    ends = [each for each in history if each.at > earlier.at and not each.act.is_opening]
    return event.kinds <= earlier.kinds and not any(
        each.ends_grant(earlier, kind) for each in ends for kind in event.kinds
    )


async def _reader_events(
    connection: asyncpg.Connection, asked: Asked, kinds: frozenset[RecordKind]
) -> list[PermissionEvent]:
    """What the person consented to at this institution's reader, as far as it is asked for and not open already."""
    parts = [each.split(":") for each in asked.people if not each.startswith("public/")]
    people = (
        [row[0] for row in await connection.fetch(_REGISTERED, *zip(*parts, strict=True))] if parts else []
    )
    if not people:
        raise refuse("register")
    history = await history_of(connection, asked.people)
    events = []
    for person in people:
        for given in await consents_of(connection, asked.caller, person, asked.at):
            until = given.until(asked.at)
            meant = {READER_CONSENTS[each] for each in given.kinds if each in READER_CONSENTS}
            if asked.rules.reader_document_consent in given.kinds:
                meant |= DOCUMENTS
            wanted = frozenset(
                kind
                for kind in meant & kinds
                if until > asked.at and _is_news(history, asked, kind, given.given_at, until)
            )
            if wanted:
                events.append(
                    new_event(Act.READER_GRANT, asked.at, institution=asked.number, kinds=wanted, until=until)
                )
    return events


def _is_news(
    history: Sequence[PermissionEvent], asked: Asked, kind: RecordKind, given_at: datetime, until: datetime
) -> bool:
    """Not when it is open as long already, nor when the person withdrew after the consent at the reader."""
    for event in history:
        is_withdrawn = event.act is Act.WITHDRAWAL and event.at >= given_at and not event.document
        if (
            is_withdrawn
            and event.institution in ("", asked.number)
            and (not event.kinds or kind in event.kinds)
        ):
            return False
    now = decide(history, Viewer(asked.number), kind, asked.at)
    return not (now.is_open and now.basis is Basis.READER and now.until == until)


def _check_emergency(asked: Asked, told: Viewing, kinds: frozenset[RecordKind]) -> None:
    if asked.call.caller.fee_table != FeeTable.MEDICAL:
        raise refuse("emergency-caller")
    if len(told.reason.strip()) < LEAST_REASON:
        raise refuse("emergency-reason", least=LEAST_REASON)
    for kind in sorted(kinds & DOCUMENTS):
        raise refuse("emergency-kind", found=kind.label)


def _refuse_pharmacy(asked: Asked) -> None:
    if asked.call.caller.fee_table == FeeTable.PHARMACY and not asked.rules.may_pharmacies_read:
        raise refuse("pharmacy")


def _newest(rows: Sequence[Any], laboratory_newest: int) -> list[Any]:
    """Of results so many reports, of drugs all within their days; of diseases and allergies the newest complete set, and
    what a document said since."""
    order: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows:
        units = order.setdefault((row["institution"], row["kind"], row["source"]), [])
        if row["unit"] not in [unit for unit, _ in units]:
            units.append((row["unit"], row["changed_at"]))
    shown = []
    for row in rows:
        institution, kind, source = row["institution"], row["kind"], row["source"]
        units = order[institution, kind, source]
        most = {"condition": 1, "allergy": 1, "prescription": len(units)}.get(kind, laboratory_newest)
        complete = order.get((institution, kind, "unit"), ())
        is_older = kind in ("condition", "allergy") and any(at > row["changed_at"] for _, at in complete[:1])
        if row["unit"] in [unit for unit, _ in units[:most]] and not is_older:
            shown.append(row)
    return shown


def _sets(rows: Sequence[Any]) -> list[InformationSet]:
    grouped: dict[tuple[str, str, Any], list[Any]] = {}
    for row in rows:
        grouped.setdefault((row["institution"], row["kind"], row["unit"]), []).append(row)
    return [
        InformationSet(
            RecordKind(kind),
            institution,
            items[0]["name"],
            items[0]["changed_at"],
            items[0]["source"],
            items[0]["number"],
            tuple(
                InformationItem(msgspec.Raw(bytes(each["body"])), each["is_uninformed"], each["is_long_kept"])
                for each in items
            ),
        )
        for (institution, kind, _), items in grouped.items()
    ]


def _access(asked: Asked, row: Any) -> Access:
    return Access(
        asked.at,
        asked.caller,
        INTERACTION,
        row["type"],
        row["id"],
        row["version"],
        row["patient"],
        row["writer_id"],
    )
