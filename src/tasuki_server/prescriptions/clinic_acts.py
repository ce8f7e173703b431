# SPDX-License-Identifier: Apache-2.0
"""医療機関の処理 — cancelling, changing and taking both back; the same for drugs given in the house.

Cite: 電子処方箋管理サービス EPS-IF-203〜210, 403〜406
"""

from __future__ import annotations

import asyncpg

from tasuki.eligibility.message import Message
from tasuki.prescriptions.service.refusals import Refused
from tasuki.prescriptions.service.states import ACTS, Act, PrescriptionState
from tasuki_server.platform.engine import Reply
from tasuki_server.prescriptions.asked import Asked
from tasuki_server.prescriptions.registering import INHOUSE, OUTSIDE, intake_of, write
from tasuki_server.prescriptions.rows import Row, locked_prescription, move, note, own_prescription


async def cancel(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋取消 — while no pharmacy has it."""
    row = await own_prescription(connection, asked)
    _refuse_begun(row, Act.CANCEL)
    state = await move(connection, asked, row, Act.CANCEL, reason=asked.value("CancelReason"))
    return await _done(connection, asked, row, state)


async def undo_cancel(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋取消UNDO — the same id and 引換番号 are good again, within the days of use."""
    row = await own_prescription(connection, asked)
    if row["replaced_by"] is not None:
        raise Refused("TSKE020")
    _refuse_past(row, asked)
    state = await move(connection, asked, row, Act.RESTORE)
    return await _done(connection, asked, row, state)


async def change(connection: asyncpg.Connection, asked: Asked) -> Reply:
    """処方箋変更 — a new id and a new 引換番号; the old ones open nothing any more."""
    row = await own_prescription(connection, asked)
    _refuse_begun(row, Act.REPLACE)
    made = await write(connection, asked, await intake_of(asked), OUTSIDE, replaces=row["id"])
    await move(connection, asked, row, Act.REPLACE, replaced_by=made.id, reason=asked.value("CancelReason"))
    return made.reply


async def undo_change(connection: asyncpg.Connection, asked: Asked) -> Message:
    """処方箋変更UNDO — asked with the new id: it is cancelled, and the one before is good again."""
    row = await own_prescription(connection, asked)
    if row["replaces"] is None:
        raise Refused("TSKE007")
    _refuse_begun(row, Act.CANCEL)
    before = await locked_prescription(connection, asked, row["replaces"])
    _refuse_past(before, asked)
    await move(
        connection, asked, row, Act.CANCEL, reason=ACTS[Act.RESTORE_REPLACED].term, replaced_by=before["id"]
    )
    state = await move(connection, asked, before, Act.RESTORE_REPLACED)
    return await _done(connection, asked, before, state)


async def cancel_inhouse(connection: asyncpg.Connection, asked: Asked) -> Message:
    """院内処方等情報取消 — what the house gave is no longer counted."""
    row = await own_prescription(connection, asked, INHOUSE)
    state = await move(
        connection,
        asked,
        row,
        Act.CANCEL,
        since=PrescriptionState.DISPENSED,
        reason=asked.value("CancelReason"),
    )
    return await _done(connection, asked, row, state)


async def change_inhouse(connection: asyncpg.Connection, asked: Asked) -> Reply:
    """院内処方等情報変更 — a new id; the old one is no longer counted."""
    row = await own_prescription(connection, asked, INHOUSE)
    made = await write(connection, asked, await intake_of(asked, INHOUSE), INHOUSE, replaces=row["id"])
    await move(connection, asked, row, Act.REPLACE, since=PrescriptionState.DISPENSED, replaced_by=made.id)
    return made.reply


def _refuse_begun(row: Row, act: Act) -> None:
    if row["rounds_done"] and row["state"] == PrescriptionState.WAITING:
        raise Refused("TSKE021", act=ACTS[act].term)


def _refuse_past(row: Row, asked: Asked) -> None:
    if row["usable_until"] is not None and row["usable_until"] < asked.today:
        raise Refused("TSKE010", until=row["usable_until"])


async def _done(connection: asyncpg.Connection, asked: Asked, row: Row, state: PrescriptionState) -> Message:
    await note(connection, asked, row["patient_id"], prescription=row["id"], state=state.value)
    return asked.answer(
        (
            ("PrescriptionId", str(row["id"])),
            ("AccessCode", row["access_code"] or ""),
            ("PrescriptionStatus", state.label),
        )
    )
