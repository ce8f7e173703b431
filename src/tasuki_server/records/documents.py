# SPDX-License-Identifier: Apache-2.0
"""文書の一覧・受取り・取消 — for the sender, and for the one addressee while the person's consent lasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import asyncpg
import msgspec

from tasuki.sharing.permission import Act, Decision, PermissionEvent, RecordKind, Viewer, decide
from tasuki_server.institutions.ids import new_id
from tasuki_server.records.asked import Asked
from tasuki_server.records.informations import withdraw_unit
from tasuki_server.records.messages import (
    Attachment,
    DocumentContent,
    DocumentList,
    DocumentState,
    DocumentStatus,
    DocumentTold,
    Step,
)
from tasuki_server.records.permitting import histories, hold_person, new_event, next_moment, write_event
from tasuki_server.records.refusals import refuse
from tasuki_server.records.rules import Rules
from tasuki_server.records.views import denied_of

MOST = 200
_COLUMNS = """
    d.id, d.sender_id, d.sender_number, d.receiver_number, d.kind, d.number, d.person, d.consent, d.answers_id, d.sent_at,
    d.changed_at, d.fetched_at, d.answered_at, d.cancelled_at, d.removed_at, d.body IS NOT NULL AS has_body,
    d.discharge IS NOT NULL AS has_discharge,
    (SELECT a.id::text FROM records_document a WHERE a.answers_id = d.id AND a.cancelled_at IS NULL
     ORDER BY a.sent_at DESC LIMIT 1) AS answered_by,
    (SELECT c.name FROM platform_connectedinstitution c WHERE c.id = d.sender_id) AS sender_name,
    (SELECT c.name FROM platform_connectedinstitution c WHERE c.prefecture = substr(d.receiver_number, 1, 2)
     AND c.fee_table = substr(d.receiver_number, 3, 1) AND c.code = substr(d.receiver_number, 4)
     ORDER BY c.revoked_at IS NOT NULL LIMIT 1) AS receiver_name,
    ARRAY(SELECT t.name FROM records_attachment t WHERE t.document_id = d.id ORDER BY t.id) AS attachments
"""
_ROW = f"SELECT {_COLUMNS} FROM records_document d WHERE d.id = $1"  # noqa: S608 - columns of our own
_BOXES = {
    box: f"SELECT {_COLUMNS} FROM records_document d WHERE d.{column} = $1"  # noqa: S608 - columns of our own
    " AND ($2::timestamptz IS NULL OR d.changed_at >= $2) ORDER BY d.changed_at, d.id LIMIT $3"
    for box, column in (("in", "receiver_number"), ("out", "sender_number"))
}
_STEP = "INSERT INTO records_step (id, document_id, at, act, institution) VALUES ($1, $2, $3, $4, $5)"
_STEPS = "SELECT at, act, institution FROM records_step WHERE document_id = $1 ORDER BY at, id"
_BODY = "SELECT body, discharge FROM records_document WHERE id = $1"
_ATTACHED = "SELECT name, data, media_type FROM records_attachment WHERE document_id = $1 ORDER BY id"
_FETCHED = "UPDATE records_document SET fetched_at = $2, changed_at = $2 WHERE id = $1"
_CANCEL = """
    UPDATE records_document SET cancelled_at = $2, changed_at = $2, body = NULL, discharge = NULL WHERE id = $1
"""
_LOCK = "SELECT 1 FROM records_document WHERE id = $1 FOR UPDATE"
_DROP = "DELETE FROM records_attachment WHERE document_id = $1"
_UNITS = """
    SELECT id FROM records_unit WHERE institution = $1 AND person = $2 AND number = $3 AND source = 'document'
      AND deleted_at IS NULL
"""
_GRANTS = "SELECT DISTINCT number FROM records_permission WHERE person = $1 AND document = $2 AND act IN ('oral', 'portal', 'proxy')"


async def listed(asked: Asked) -> DocumentList:
    """文書の一覧 — ``GET documents``: ``box`` in or out, from a moment on (that moment included)."""
    box, state = asked.call.query.get("box", "in"), asked.call.query.get("state", "")
    if box not in _BOXES:
        raise refuse("parameter", place="box", found=box, wanted="in か out")
    if state and state not in get_args(DocumentState):
        raise refuse("parameter", place="state", found=state, wanted="・".join(get_args(DocumentState)))
    since = asked.moment("since")
    async with asked.piece() as connection:
        rows = await connection.fetch(_BOXES[box], asked.number, since, MOST + 1)
        asked.detail |= {"box": box, "count": len(rows[:MOST])}
        told = await _told(connection, asked, rows[:MOST])
    shown = tuple(each for each in told if state in ("", each.state))
    return DocumentList(shown, rows[MOST]["changed_at"].isoformat() if len(rows) > MOST else "")


async def status(asked: Asked) -> DocumentStatus:
    """文書の経過 — ``GET documents/{id}/status``."""
    async with asked.piece() as connection:
        row = await _own_row(connection, asked)
        (told,) = await _told(connection, asked, [row])
        steps = [Step(*each) for each in await connection.fetch(_STEPS, row["id"])]
    return DocumentStatus(told, tuple(steps))


async def read(asked: Asked) -> DocumentContent:
    """文書の受取り — ``GET documents/{id}``: by the sender, or by the addressee with consent, which then has received it."""
    async with asked.piece() as connection:
        await connection.execute(_LOCK, UUID(asked.id))
        row = await _own_row(connection, asked)
        asked.people, asked.detail["document"] = [row["person"]], asked.id
        is_sender = has_summary = row["sender_number"] == asked.number
        if not row["has_body"] or is_past(row, asked.rules, asked.at):
            raise refuse("removed", found=asked.id)
        if not is_sender:
            if await denied_of(connection, asked.people):
                raise refuse("denied")
            history = (await histories(connection, [row["person"]])).get(row["person"], [])
            decision = _decided(history, row, RecordKind(row["kind"]), asked.at)
            if not decision.is_open:
                raise refuse("consent", reason=decision.reason)
            has_summary = _decided(history, row, RecordKind.DISCHARGE, asked.at).is_open
            if row["fetched_at"] is None:
                await connection.execute(_FETCHED, row["id"], asked.at)
                await note_step(connection, row["id"], asked, "fetched")
                row = await row_of(connection, row["id"])
        (told,) = await _told(connection, asked, [row])
        body = await connection.fetchrow(_BODY, row["id"])
        attached = [Attachment(*each) for each in await connection.fetch(_ATTACHED, row["id"])]
    return DocumentContent(
        told,
        msgspec.Raw(bytes(body[0])),
        msgspec.Raw(bytes(body[1]) if has_summary and body[1] else b"null"),
        tuple(attached),
    )


async def cancel(asked: Asked) -> DocumentTold:
    """文書の取消 — ``POST documents/{id}/cancel`` by the sender, until it was received; its informations go with it."""
    async with asked.piece() as connection:
        row = await _own_row(connection, asked)
        asked.people, asked.detail["document"] = [row["person"]], asked.id
        if row["sender_number"] != asked.number:
            raise refuse("not-yours", term=asked.address.term)
        # The person first, then the document: in the order of every other act.
        await hold_person(connection, asked.people)
        await connection.execute(_LOCK, row["id"])
        row = await row_of(connection, row["id"])
        if row["fetched_at"] is not None or row["removed_at"] is not None:
            raise refuse("state", found="受領済みか保存期間を過ぎた文書", act="取消")
        if row["cancelled_at"] is None:
            asked.at = await next_moment(connection, asked.people, asked.at)
            await connection.execute(_CANCEL, row["id"], asked.at)
            await connection.execute(_DROP, row["id"])
            for each in await connection.fetch(_GRANTS, row["person"], asked.id):
                event = new_event(Act.EXPIRY, asked.at, ends=str(each["number"]))
                await write_event(connection, asked.caller, asked.people, event)
            for each in await connection.fetch(_UNITS, asked.number, row["person"], row["number"]):
                await withdraw_unit(connection, asked, each["id"], row["person"])
            await note_step(connection, row["id"], asked, "cancelled")
        return await told_document(connection, asked, await row_of(connection, row["id"]))


async def row_of(connection: asyncpg.Connection, document: UUID | str) -> Any:
    """文書の行 — None when there is none."""
    try:
        return await connection.fetchrow(_ROW, document if isinstance(document, UUID) else UUID(document))
    except ValueError:
        return None


async def told_document(connection: asyncpg.Connection, asked: Asked, row: Any) -> DocumentTold:
    """文書の状態 — of one row."""
    (told,) = await _told(connection, asked, [row])
    return told


async def note_step(connection: asyncpg.Connection, document: UUID, asked: Asked, act: str) -> None:
    """経過の記録 — in the transaction of what it tells."""
    await connection.execute(_STEP, new_id(), document, asked.at, act, asked.number)


def is_past(row: Any, rules: Rules, at: datetime) -> bool:
    """保存期間を過ぎたか — counted from receipt, or from sending while nobody received it."""
    if row["fetched_at"] is not None:
        return bool(row["fetched_at"] + timedelta(days=rules.letter_days_after_receipt) < at)
    return bool(row["sent_at"] + timedelta(days=rules.letter_days_waiting) < at)


def state_of(row: Any, decision: Decision, rules: Rules, at: datetime) -> DocumentState:
    """状態 — of a row at a moment; what was received stays so when the consent ends."""
    if row["cancelled_at"] is not None:
        return "cancelled"
    if row["answered_at"] is not None:
        return "answered"
    if row["fetched_at"] is not None:
        return "fetched"
    if row["removed_at"] is not None or is_past(row, rules, at):
        return "expired"
    return "readable" if decision.is_open else "waiting"


async def _own_row(connection: asyncpg.Connection, asked: Asked) -> Any:
    """One's own as sender or receiver; anybody else learns nothing, not even that it is there."""
    row = await row_of(connection, asked.id)
    if row is None or asked.number not in (row["sender_number"], row["receiver_number"]):
        raise refuse("unknown", found=asked.id)
    return row


def _decided(history: Sequence[PermissionEvent], row: Any, kind: RecordKind, at: datetime) -> Decision:
    """The letter and the summary beside it are permitted each by itself."""
    return decide(history, Viewer(row["receiver_number"], str(row["id"])), kind, at)


async def _told(connection: asyncpg.Connection, asked: Asked, rows: Sequence[Any]) -> list[DocumentTold]:
    people = [row["person"] for row in rows]
    known = await histories(connection, people)
    denied = await denied_of(connection, people)
    told = []
    for row in rows:
        history = known.get(row["person"], [])
        decision = _decided(history, row, RecordKind(row["kind"]), asked.at)
        # What is in a letter is for its addressee as the letter is, and no sooner.
        is_sender = row["sender_number"] == asked.number
        is_told = is_sender or (decision.is_open and row["person"] not in denied)
        has_summary = is_sender or _decided(history, row, RecordKind.DISCHARGE, asked.at).is_open
        told.append(
            DocumentTold(
                id=str(row["id"]),
                kind=row["kind"],
                number=row["number"] if is_told else "",
                state=state_of(row, decision, asked.rules, asked.at),
                sender=row["sender_number"],
                sender_name=row["sender_name"] or "",
                receiver=row["receiver_number"],
                receiver_name=row["receiver_name"] or "",
                sent_at=row["sent_at"],
                changed_at=row["changed_at"],
                consent=row["consent"],
                reason=decision.reason,
                answers=str(row["answers_id"] or ""),
                answered_by=row["answered_by"] or "",
                has_discharge=row["has_discharge"] and is_told and has_summary,
                attachments=tuple(row["attachments"]) if is_told else (),
            )
        )
    return told
