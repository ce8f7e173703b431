# SPDX-License-Identifier: Apache-2.0
"""感染症発生届 — a QuestionnaireResponse to the 保健所 of the place, its receipt or return; told to nobody else.

The forms are the library's; here a response is kept as it came and handed over.

Cite: 感染症の予防及び感染症の患者に対する医療に関する法律 第12条
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from tasuki_server.exchange.bodies import read_body
from tasuki_server.exchange.checking import check
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.models import FeeTable
from tasuki_server.records.asked import Asked
from tasuki_server.records.messages import Notification, NotificationAct, NotificationList, NotificationTold
from tasuki_server.records.refusals import refuse

MOST = 200
DONE = frozenset(("completed", "amended"))
_CENTER = """
    SELECT 1 FROM platform_connectedinstitution WHERE prefecture = $1 AND fee_table = $2 AND code = $3 AND revoked_at IS NULL
"""
_SAVE = """
    INSERT INTO records_notification
      (id, sender_id, receiver_number, questionnaire, body, state, reason, sent_at, changed_at)
    VALUES ($1, $2, $3, $4, $5, 'sent', '', $6, $6)
"""
_TOLD = """
    SELECT n.id, n.sender_id, c.prefecture || c.fee_table || c.code AS sender, c.name, n.receiver_number, n.sent_at,
      n.changed_at, n.state, n.questionnaire, n.reason, n.body
    FROM records_notification n JOIN platform_connectedinstitution c ON c.id = n.sender_id
"""
_ONE = _TOLD + " WHERE n.id = $1 FOR UPDATE OF n"
_LIST = _TOLD + (
    " WHERE (n.sender_id = $1 OR n.receiver_number = $2) AND ($3::timestamptz IS NULL OR n.changed_at >= $3)"
    " ORDER BY n.changed_at, n.id LIMIT $4"
)
# 再送: the same response to the same 保健所 again is the same notification, unless it was returned.
_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended($1, 13))"
_SAME = """
    SELECT id FROM records_notification WHERE sender_id = $1 AND receiver_number = $2 AND body = $3 AND state <> 'returned'
"""
_SETTLE = "UPDATE records_notification SET state = $2, reason = $3, changed_at = $4 WHERE id = $1"


async def notify(asked: Asked) -> NotificationTold:
    """届出 — ``POST notifications``."""
    told = asked.message(Notification)
    value = read_body(bytes(told.response))
    if not isinstance(value, dict) or value.get("resourceType") != "QuestionnaireResponse":
        raise refuse("questionnaire", reason="resourceType を確かめてください。")
    check(value)
    form = value.get("questionnaire")
    if not isinstance(form, str) or not form or len(form) > 200:
        raise refuse("questionnaire", reason="questionnaire に様式のURLを入れてください。")
    if value.get("status") not in DONE:
        raise refuse("questionnaire", reason="記入が終わっていません（status を completed にしてください）。")
    number = told.receiver
    async with asked.piece() as connection:
        is_center = number[2:3] == FeeTable.HEALTH_CENTER.value
        if not is_center or not await connection.fetchval(_CENTER, number[:2], number[2:3], number[3:]):
            raise refuse("receiver", found=number, reason="接続している保健所ではありません。")
        await connection.execute(_HOLD, f"{asked.caller}|{number}")
        made = await connection.fetchval(_SAME, asked.caller, number, bytes(told.response))
        if made is None:
            made = new_id()
            await connection.execute(_SAVE, made, asked.caller, number, form, bytes(told.response), asked.at)
        asked.detail |= {"notification": str(made), "receiver": number}
        return _told(await connection.fetchrow(_ONE, made))


async def listed(asked: Asked) -> NotificationList:
    """届出の一覧 — ``GET notifications``; without the responses."""
    since = asked.moment("since")
    async with asked.piece() as connection:
        rows = await connection.fetch(_LIST, asked.caller, asked.number, since, MOST + 1)
        asked.detail["count"] = len(rows[:MOST])
    after = rows[MOST]["changed_at"].isoformat() if len(rows) > MOST else ""
    return NotificationList(tuple(_told(row) for row in rows[:MOST]), after)


async def read(asked: Asked) -> NotificationTold:
    """届出の受取り — ``GET notifications/{id}``, with its response."""
    async with asked.piece() as connection:
        row = await _own_row(connection, asked)
        asked.detail["notification"] = asked.id
    return msgspec.structs.replace(_told(row), response=msgspec.Raw(bytes(row["body"])))


async def settle(asked: Asked) -> NotificationTold:
    """受理・返戻 — ``POST notifications/{id}/state`` by the 保健所, once; a return says why."""
    act = asked.message(NotificationAct)
    reason = act.reason.strip()[:200]
    if act.state == "returned" and not reason:
        raise refuse("message", found="reason")
    async with asked.piece() as connection:
        row = await _own_row(connection, asked)
        if row["receiver_number"] != asked.number:
            raise refuse("not-yours", term=asked.address.term)
        if row["state"] != "sent":
            raise refuse("state", found="受理か返戻が済んだ届出", act="変更")
        await connection.execute(_SETTLE, row["id"], act.state, reason, asked.at)
        asked.detail |= {"notification": asked.id, "state": act.state}
        return _told(await connection.fetchrow(_ONE, row["id"]))


async def _own_row(connection: asyncpg.Connection, asked: Asked) -> Any:
    row = await connection.fetchrow(_ONE, UUID(asked.id))
    if row is None or (row["sender_id"] != asked.caller and row["receiver_number"] != asked.number):
        raise refuse("unknown", found=asked.id)
    return row


def _told(row: Any) -> NotificationTold:
    return NotificationTold(
        str(row["id"]), row["sender"], row["name"], row["receiver_number"], row["sent_at"], row["changed_at"],
        row["state"], row["questionnaire"], row["reason"], msgspec.Raw(b"null"),
    )  # fmt: skip
